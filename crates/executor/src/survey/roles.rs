//! Which way roles are read: all of an account in bulk, or those that are wanted one by one, whichever
//! takes fewer calls.
use super::{Ask, Hint};
use crate::cloud::{AllRoles, CloudError};
use pinpoint_streams_model::ids::{AccountId, RoleName};
use pinpoint_streams_model::live::{FailureKind, Live, LiveRole, Question, Quotas, Read};
use pinpoint_streams_model::role_kind::RoleKind;
use std::collections::{BTreeMap, BTreeSet};

/// How many roles one page of a bulk read is taken to hold. IAM allows 1,000 and may give fewer: the default is
/// 100. Taking it for that errs towards single reads, so a small workspace never pays for a big account.
const PAGE: usize = 100;
/// The two operations that a bulk read pages through: each lacks what the other has.
const OPERATIONS: usize = 2;
/// What one role costs by itself: GetRole and the lists of its policies and profiles.
const CALLS_A_ROLE: usize = 4;
/// How many roles an account is taken to have where that cannot be read. Source: IAM quotas page (the default).
const USUAL_QUOTA: usize = 1000;

/// What is wanted of the roles of each account, and what a bulk read gave.
#[derive(Debug, Default)]
pub(super) struct Roles {
    wanted: BTreeMap<AccountId, BTreeSet<RoleName>>,
    in_bulk: BTreeMap<AccountId, Bulk>,
}

/// What became of an account's bulk read.
#[derive(Debug)]
enum Bulk {
    Read(AllRoles),
    Denied,
    Failed(CloudError),
}

impl Roles {
    /// These are wanted too.
    pub(super) fn want(&mut self, account: AccountId, names: BTreeSet<RoleName>) {
        self.wanted.entry(account).or_default().extend(names);
    }

    /// How to read the roles that are wanted, now that it is known how many there are. What an earlier bulk
    /// read holds is answered at once.
    pub(super) fn decide(&mut self, account: &AccountId, quotas: &Read<Quotas>, live: &mut Live) -> Vec<Ask> {
        let Some(names) = self.wanted.get(account).filter(|names| !names.is_empty()) else { return Vec::new() };
        match self.in_bulk.get(account) {
            None => {}
            Some(Bulk::Denied) => return self.one_by_one(account),
            Some(Bulk::Read(_) | Bulk::Failed(_)) => {
                self.answer_from_bulk(account, live);
                return Vec::new();
            }
        }
        let roles = quotas.present().map_or(USUAL_QUOTA, |quotas| quotas.roles);
        if names.len() * CALLS_A_ROLE <= roles.div_ceil(PAGE).max(1) * OPERATIONS {
            self.one_by_one(account)
        } else {
            vec![Ask::AllRoles(account.clone())]
        }
    }

    /// Takes in what a bulk read gave: every role that was wanted or whose trust names a service of ours.
    pub(super) fn take_all(
        &mut self,
        account: &AccountId,
        all: Result<AllRoles, CloudError>,
        live: &mut Live,
    ) -> (Vec<Ask>, Option<Hint>) {
        match all {
            Ok(all) => {
                for (name, role) in &all {
                    if let Ok(role) = role
                        && trusts_a_kind(role)
                    {
                        live.roles.insert((account.clone(), name.clone()), Read::Present(role.clone()));
                    }
                }
                self.in_bulk.insert(account.clone(), Bulk::Read(all));
                self.answer_from_bulk(account, live);
                (Vec::new(), None)
            }
            Err(error) if error.kind == FailureKind::Denied => {
                self.in_bulk.insert(account.clone(), Bulk::Denied);
                let asks = self.one_by_one(account);
                let hint =
                    Hint::BulkDenied { account: account.clone(), denied: error.unreadable(), roles: asks.len() };
                (asks, Some(hint))
            }
            Err(error) => {
                self.in_bulk.insert(account.clone(), Bulk::Failed(error));
                self.answer_from_bulk(account, live);
                (Vec::new(), None)
            }
        }
    }

    fn one_by_one(&mut self, account: &AccountId) -> Vec<Ask> {
        let names = self.wanted.remove(account).unwrap_or_default();
        names.into_iter().map(|name| Ask::One(Question::Role(account.clone(), name))).collect()
    }

    fn answer_from_bulk(&mut self, account: &AccountId, live: &mut Live) {
        for name in self.wanted.remove(account).unwrap_or_default() {
            let role = match self.in_bulk.get(account) {
                Some(Bulk::Read(all)) => match all.get(&name) {
                    Some(Ok(role)) => Read::Present(role.clone()),
                    Some(Err(error)) => Read::Unreadable(error.unreadable()),
                    None => Read::Absent,
                },
                Some(Bulk::Failed(error)) => Read::Unreadable(error.unreadable()),
                Some(Bulk::Denied) | None => continue,
            };
            live.roles.insert((account.clone(), name), role);
        }
    }
}

/// Whether the role's trust policy names a service that one of our kinds of role is for.
fn trusts_a_kind(role: &LiveRole) -> bool {
    RoleKind::all().any(|kind| kind.is_named(&role.trust_policy))
}
