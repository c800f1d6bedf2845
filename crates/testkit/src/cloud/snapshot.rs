//! All that is in the cloud at one moment, to look at and to compare.
use super::FakeCloud;
use super::account::{Account, Accounts, App, Role};
use pinpoint_streams_model::arn::{AppArn, RoleArn};
use pinpoint_streams_model::live::{LiveApp, LiveEventStream, LiveRole};
use std::collections::BTreeMap;

/// What is there, without asking through the ports. Two are equal when nothing has changed by IAM's meaning of a
/// document's parts; the order of statements and `Sid`s count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub roles: BTreeMap<RoleArn, LiveRole>,
    pub apps: BTreeMap<AppArn, LiveApp>,
    pub event_streams: BTreeMap<AppArn, LiveEventStream>,
}

impl Snapshot {
    /// The role of this name, whatever its account and path.
    #[track_caller]
    pub fn role(&self, name: &str) -> &LiveRole {
        let found: Vec<_> =
            self.roles.values().filter(|role| role.name().as_str().eq_ignore_ascii_case(name)).collect();
        match found[..] {
            [role] => role,
            _ => panic!("there are {} roles called {name}", found.len()),
        }
    }
}

impl FakeCloud {
    pub fn role_now(&self, arn: &RoleArn) -> Option<LiveRole> {
        let accounts = &self.lock().accounts;
        let role = accounts.role(arn).filter(|role| role.arn == *arn)?;
        Some(live_role(&accounts.accounts[&arn.account], role))
    }

    pub fn event_streams_now(&self) -> BTreeMap<AppArn, LiveEventStream> {
        self.lock().accounts.live_event_streams()
    }

    pub fn apps_now(&self) -> BTreeMap<AppArn, LiveApp> {
        self.lock().accounts.live_apps()
    }

    pub fn snapshot(&self) -> Snapshot {
        let all = &self.lock().accounts;
        let roles =
            all.accounts.values().flat_map(|account| account.roles.values().map(move |role| (account, role)));
        Snapshot {
            roles: roles.map(|(account, role)| (role.arn.clone(), live_role(account, role))).collect(),
            apps: all.live_apps(),
            event_streams: all.live_event_streams(),
        }
    }
}

#[track_caller]
fn live_role(account: &Account, role: &Role) -> LiveRole {
    account.live_role(role).unwrap_or_else(|error| panic!("{}: {error}", role.arn))
}

impl Accounts {
    fn apps(&self) -> impl Iterator<Item = (AppArn, &App)> {
        self.accounts.iter().flat_map(|(account, Account { apps, .. })| {
            apps.iter().map(|((region, id), app)| (AppArn::of(account, region, id), app))
        })
    }

    fn live_apps(&self) -> BTreeMap<AppArn, LiveApp> {
        self.apps().map(|(arn, app)| (arn.clone(), app.live(&arn.id, true))).collect()
    }

    fn live_event_streams(&self) -> BTreeMap<AppArn, LiveEventStream> {
        self.apps().filter_map(|(arn, app)| Some((arn, app.event_stream.clone()?))).collect()
    }
}
