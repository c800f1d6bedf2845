//! Whether to read the roles of an account in bulk or one by one, whichever takes fewer calls.
use super::Hint;
use pinpoint_streams_model::{
    AccountId, AccountRole, FailureKind, Live, LiveRole, Question, Read, RoleKind, RoleName,
};
use std::collections::{BTreeMap, BTreeSet};

/// The assumed number of roles on one page of a bulk read. IAM allows 1,000 and may return fewer; the default is 100.
/// The low value favors single reads, so a small workspace in a large account stays cheap.
const PAGE: usize = 100;
/// A bulk read pages through two operations: each lacks fields of the other.
const OPERATIONS: usize = 2;
/// Calls to read one role: GetRole and the lists of its policies and profiles.
const CALLS_A_ROLE: usize = 4;
/// The assumed number of roles if the quota cannot be read. Source: IAM quotas page (the default).
const USUAL_QUOTA: usize = 1000;

/// The roles of each account that are asked for and not answered yet.
#[derive(Debug, Default)]
pub(super) struct Roles(BTreeMap<AccountId, BTreeSet<RoleName>>);

impl Roles {
    pub(super) fn want(&mut self, role: AccountRole) {
        self.0.entry(role.account).or_default().insert(role.name);
    }

    /// How to read the roles that are asked for, once their number is known. Answers at once what a bulk read already
    /// has.
    pub(super) fn decide(&mut self, account: &AccountId, live: &mut Live) -> Vec<Question> {
        let Some(names) = self.0.get(account) else { return Vec::new() };
        match live.roles_in_bulk.get(account) {
            None => {}
            Some(Read::Unreadable(why)) if why.kind == FailureKind::Denied => return self.one_by_one(account),
            Some(_) => {
                self.answer_from_bulk(account, live);
                return Vec::new();
            }
        }
        let quotas = live.quotas.get(account).and_then(Read::present);
        let roles = quotas.map_or(USUAL_QUOTA, |quotas| quotas.roles);
        if names.len() * CALLS_A_ROLE <= roles.div_ceil(PAGE).max(1) * OPERATIONS {
            self.one_by_one(account)
        } else {
            vec![Question::Roles(account.clone())]
        }
    }

    /// Records a bulk read: every role that was asked for, and every role that trusts Pinpoint.
    pub(super) fn take_all(&mut self, account: &AccountId, live: &mut Live) -> (Vec<Question>, Option<Hint>) {
        let Live { roles, roles_in_bulk, .. } = live;
        match roles_in_bulk.get(account) {
            Some(Read::Present(all)) => {
                for (name, role) in all {
                    if role.present().is_some_and(|role| trusts_a_kind(role)) {
                        roles.insert(AccountRole::of(account, name), role.clone());
                    }
                }
            }
            Some(Read::Unreadable(why)) if why.kind == FailureKind::Denied => {
                let denied = why.clone();
                let asks = self.one_by_one(account);
                let hint = Hint::BulkDenied { account: account.clone(), denied, roles: asks.len() };
                return (asks, Some(hint));
            }
            Some(Read::Absent | Read::Unreadable(_)) | None => {}
        }
        self.answer_from_bulk(account, live);
        (Vec::new(), None)
    }

    fn one_by_one(&mut self, account: &AccountId) -> Vec<Question> {
        let names = self.0.remove(account).unwrap_or_default();
        names.iter().map(|name| Question::role(account, name)).collect()
    }

    fn answer_from_bulk(&mut self, account: &AccountId, live: &mut Live) {
        let Some(all) = live.roles_in_bulk.get(account) else { return };
        for name in self.0.remove(account).unwrap_or_default() {
            let role = match all {
                Read::Present(all) => all.get(&name).cloned().unwrap_or(Read::Absent),
                Read::Absent => Read::Absent,
                Read::Unreadable(why) => Read::Unreadable(why.clone()),
            };
            live.roles.insert(AccountRole { account: account.clone(), name }, role);
        }
    }
}

/// Whether the role's trust policy names the service of some role kind.
fn trusts_a_kind(role: &LiveRole) -> bool {
    RoleKind::all().any(|kind| kind.is_named(&role.trust_policy))
}
