//! What was read, arranged for judging: the candidates, what is known of each, and who uses which role.
use super::marks::Marks;
use super::purpose::Permissions;
use super::trust::{self, Reach};
use super::{Sweep, api_fact, local_fact, proof};
use crate::settle::settle;
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::fact::{Evidence, Fact, Subject};
use pinpoint_streams_model::ids::{AccountId, AccountRole, AppId, RoleId, RoleName};
use pinpoint_streams_model::live::{ListedRole, Live, LiveRole, Read};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::role_kind::{RoleKind, Users};
use pinpoint_streams_model::sweep::Unread;
use std::collections::{BTreeMap, BTreeSet};

/// What was read, arranged.
pub(super) struct Facts<'a> {
    pub(super) sweep: &'a Sweep,
    pub(super) live: &'a Live,
    /// With what was pending settled as far as it could be.
    pub(super) recorded: Recorded,
    /// An app of each place whose event stream was there: the positive control.
    controls: BTreeMap<AccountRegion, &'a AppId>,
    /// An app of each place whose event stream was there, though the list of apps lacks it.
    unlisted: BTreeMap<AccountRegion, &'a AppId>,
    /// The apps whose event streams name a role.
    users: BTreeMap<RoleArn, Vec<&'a AppArn>>,
    /// Every role that trusts Pinpoint, by account and name.
    pub(super) candidates: Vec<Candidate<'a>>,
}

/// A role that trusts Pinpoint, as far as it is known. What questions and verdict both rest on is derived once.
pub(super) struct Candidate<'a> {
    pub(super) kind: RoleKind,
    pub(super) arn: &'a RoleArn,
    pub(super) id: &'a RoleId,
    pub(super) trust: &'a Document,
    /// None where it was listed and not read yet.
    pub(super) details: Option<&'a Read<LiveRole>>,
    pub(super) listed: Option<&'a ListedRole>,
    /// None where the role was not read.
    pub(super) permissions: Option<Permissions<'a>>,
    pub(super) marks: Option<Marks<'a>>,
    /// None where its trust policy admits no app.
    pub(super) reach: Option<Reach>,
}

impl<'a> Candidate<'a> {
    /// The role with all that hangs on it, if it was read and is still the one that was listed.
    pub(super) fn live(&self) -> Option<&'a LiveRole> {
        self.details.and_then(Read::present).filter(|live| live.id == *self.id && live.arn == *self.arn)
    }
}

impl<'a> Facts<'a> {
    pub(super) fn of(sweep: &'a Sweep, live: &'a Live) -> Facts<'a> {
        let (mut controls, mut unlisted) = (BTreeMap::new(), BTreeMap::new());
        let mut users: BTreeMap<RoleArn, Vec<&AppArn>> = BTreeMap::new();
        for (app, read) in &live.event_streams {
            let Read::Present(stream) = read else { continue };
            let list = live.apps.get(&app.place()).and_then(Read::present);
            if list.is_some_and(|list| !list.contains_key(&app.id)) {
                unlisted.entry(app.place()).or_insert(&app.id);
            }
            controls.entry(app.place()).or_insert(&app.id);
            if let Ok(role) = stream.role_arn.parse() {
                users.entry(role).or_default().push(app);
            }
        }
        let recorded = settle(&sweep.recorded, live);
        let mut facts = Facts { sweep, live, recorded, controls, unlisted, users, candidates: Vec::new() };
        let mut candidates: Vec<Candidate<'_>> = facts.listed().collect();
        for candidate in &mut candidates {
            candidate.permissions = candidate.live().map(|role| Permissions::of(&facts, role));
            candidate.marks = candidate.live().map(Marks::of);
            candidate.reach = trust::reach(&facts, candidate);
        }
        facts.candidates = candidates;
        facts
    }

    /// The accounts that are swept.
    pub(super) fn accounts(&self) -> BTreeSet<&'a AccountId> {
        self.sweep.accounts.values().collect()
    }

    /// An app of the place whose event stream was there.
    pub(super) fn control(&self, place: &AccountRegion) -> Option<&'a AppId> {
        self.controls.get(place).copied()
    }

    /// An app of the place that the list of its apps lacks, though its event stream was there: the list is not
    /// to be believed.
    pub(super) fn unlisted(&self, place: &AccountRegion) -> Option<&'a AppId> {
        self.unlisted.get(place).copied()
    }

    /// The apps whose event streams name the role.
    pub(super) fn users(&self, role: &RoleArn) -> &[&'a AppArn] {
        self.users.get(role).map(Vec::as_slice).unwrap_or_default()
    }

    fn listed(&self) -> impl Iterator<Item = Candidate<'a>> {
        let live = self.live;
        let accounts = self.accounts().into_iter().filter(|account| self.why_unread(account).is_none());
        let lists = accounts.filter_map(|account| Some((account, live.role_lists.get(account)?.present()?)));
        lists.flat_map(move |(account, list)| {
            list.iter().filter_map(move |(name, listed)| candidate(live, account, name, listed.present()))
        })
    }

    /// The accounts and roles of which not even the trust policy is known.
    pub(super) fn unread(&self) -> Vec<Unread> {
        let mut unread = Vec::new();
        for account in self.accounts() {
            if let Some(why) = self.why_unread(account) {
                unread.push(Unread { account: account.clone(), role: None, why });
                continue;
            }
            let Some(Read::Present(list)) = self.live.role_lists.get(account) else { continue };
            for (name, listed) in list {
                let again = self.live.roles.get(&AccountRole::of(account, name));
                if let Read::Unreadable(why) = listed
                    && again.and_then(Read::present).is_none()
                {
                    let why = proof::read_failed(Subject::TrustPolicy, why);
                    unread.push(Unread { account: account.clone(), role: Some(name.clone()), why });
                }
            }
        }
        unread
    }

    /// Why nothing is known of an account's roles. Where the credentials lead elsewhere, what they read is
    /// another account's.
    fn why_unread(&self, account: &AccountId) -> Option<Evidence> {
        match self.live.callers.get(account) {
            None => return Some(local_fact(Fact::NotRead { what: Subject::Caller })),
            Some(Read::Absent) => return Some(local_fact(Fact::NoCaller {})),
            Some(Read::Unreadable(why)) => return Some(proof::read_failed(Subject::Caller, why)),
            Some(Read::Present(caller)) if caller != account => {
                return Some(api_fact("GetCallerIdentity", Fact::WrongCaller { caller: caller.clone() }));
            }
            Some(Read::Present(_)) => {}
        }
        match self.live.role_lists.get(account) {
            None => Some(local_fact(Fact::NotRead { what: Subject::Roles })),
            Some(Read::Absent) => Some(api_fact("ListRoles", Fact::RolesNotFound {})),
            Some(Read::Unreadable(why)) => Some(proof::read_failed(Subject::Roles, why)),
            Some(Read::Present(_)) => None,
        }
    }
}

/// The role, if it trusts Pinpoint by the list or by its own answer. What it says itself is newer.
fn candidate<'a>(
    live: &'a Live,
    account: &AccountId,
    name: &RoleName,
    listed: Option<&'a ListedRole>,
) -> Option<Candidate<'a>> {
    let details = live.roles.get(&AccountRole::of(account, name));
    let own = details.and_then(Read::present);
    let trusts = [listed.map(|listed| &listed.trust_policy), own.map(|own| &own.trust_policy)];
    let is_trusted = |kind: &RoleKind| trusts.into_iter().flatten().any(|trust| kind.is_trusted(trust));
    // Only of these can it be shown that nothing uses them.
    let kind = RoleKind::all().filter(|kind| kind.users() == Users::EventStreams).find(is_trusted)?;
    let (arn, id) = match (listed, own) {
        (Some(listed), _) => (&listed.arn, &listed.id),
        (None, Some(own)) => (&own.arn, &own.id),
        (None, None) => return None,
    };
    let trust = own.map(|own| &own.trust_policy).or(listed.map(|listed| &listed.trust_policy))?;
    Some(Candidate { kind, arn, id, trust, details, listed, permissions: None, marks: None, reach: None })
}
