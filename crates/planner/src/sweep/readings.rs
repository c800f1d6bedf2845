//! What was read, indexed for judging: which regions answered, and which event streams name which role.
use super::kept::{Origins, place_in_pinpoint};
use super::named_roles::NamedRoles;
use super::recorded_users::RecordedUsers;
use super::{Sweep, api_fact, local_fact, read_failed};
use crate::settle::settle;
use jiff::Timestamp;
use pinpoint_streams_model::{
    AccountId, AccountRegion, AccountRole, AppArn, AppId, Evidence, Fact, ListedRole, Live, Read, Recorded,
    RoleArn, RoleName, Subject, Unread,
};
use std::collections::{BTreeMap, BTreeSet};

/// What was read, indexed.
pub(super) struct Readings<'a> {
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
    /// As what all event streams, recorded ones included, name roles.
    pub(super) named: NamedRoles<'a>,
    /// What AWS Config and CloudTrail say of them.
    pub(super) recorded_users: RecordedUsers<'a>,
    /// The oldest answer of Pinpoint about each place that was kept in a bundle.
    oldest: BTreeMap<AccountRegion, Timestamp>,
    /// Which answers were kept in a bundle.
    pub(super) origins: &'a Origins,
}

impl<'a> Readings<'a> {
    pub(super) fn of(sweep: &'a Sweep, live: &'a Live, origins: &'a Origins) -> Readings<'a> {
        let (mut controls, mut unlisted) = (BTreeMap::new(), BTreeMap::new());
        let mut users: BTreeMap<RoleArn, Vec<&AppArn>> = BTreeMap::new();
        let mut named = NamedRoles::default();
        for (app, read) in &live.event_streams {
            let Read::Present(stream) = read else { continue };
            let list = live.apps.get(&app.place()).and_then(Read::present);
            if list.is_some_and(|list| !list.contains_key(&app.id)) {
                unlisted.entry(app.place()).or_insert(&app.id);
            }
            // Without an ARN it is no control either.
            if let Some(role) = named.add(app, &stream.role_arn, "GetEventStream") {
                controls.entry(app.place()).or_insert(&app.id);
                users.entry(role).or_default().push(app);
            }
        }
        let mut oldest = BTreeMap::<AccountRegion, Timestamp>::new();
        for (question, (_, at)) in origins {
            if let Some(place) = place_in_pinpoint(question) {
                let known = oldest.entry(place).or_insert(*at);
                *known = (*known).min(*at);
            }
        }
        let recorded_users = RecordedUsers::of(live, &controls, origins, &mut named);
        let recorded = settle(&sweep.recorded, live);
        Readings { sweep, live, recorded, controls, unlisted, users, named, recorded_users, oldest, origins }
    }

    pub(super) fn accounts(&self) -> BTreeSet<&'a AccountId> {
        self.sweep.accounts.values().collect()
    }

    /// The accounts of which something can be known. What credentials of another account read is that account's.
    pub(super) fn read_accounts(&self) -> BTreeSet<&'a AccountId> {
        let is_another = |account: &&AccountId| {
            self.live.callers.get(*account).and_then(Read::present).is_some_and(|caller| caller != *account)
        };
        self.accounts().into_iter().filter(|account| !is_another(account)).collect()
    }

    /// Whether what is known of the place was kept before the role was created, so that it cannot speak of the role.
    pub(super) fn is_older_than(&self, place: &AccountRegion, created: Option<Timestamp>) -> bool {
        self.oldest.get(place).is_some_and(|at| created.is_none_or(|created| *at < created))
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

    pub(super) fn users(&self, role: &RoleArn) -> &[&'a AppArn] {
        self.users.get(role).map(Vec::as_slice).unwrap_or_default()
    }

    /// The accounts whose roles were listed, with the list.
    pub(super) fn role_lists(
        &self,
    ) -> impl Iterator<Item = (&'a AccountId, &'a BTreeMap<RoleName, Read<ListedRole>>)> {
        let accounts = self.accounts().into_iter().filter(|account| self.why_unread(account).is_none());
        accounts.filter_map(|account| Some((account, self.live.role_lists.get(account)?.present()?)))
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
                    && self
                        .live
                        .roles_in_part
                        .get(&AccountRole::of(account, name))
                        .and_then(Read::present)
                        .is_none()
                {
                    let why = read_failed(Subject::TrustPolicy, why);
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
            Some(Read::Unreadable(why)) => return Some(read_failed(Subject::Caller, why)),
            Some(Read::Present(caller)) if caller != account => {
                return Some(api_fact("GetCallerIdentity", Fact::WrongCaller { caller: caller.clone() }));
            }
            Some(Read::Present(_)) => {}
        }
        match self.live.role_lists.get(account) {
            None => Some(local_fact(Fact::NotRead { what: Subject::Roles })),
            Some(Read::Absent) => Some(api_fact("ListRoles", Fact::RolesNotFound {})),
            Some(Read::Unreadable(why)) => Some(read_failed(Subject::Roles, why)),
            Some(Read::Present(_)) => None,
        }
    }
}
