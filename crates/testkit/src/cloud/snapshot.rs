//! All that is in the cloud at one moment, to look at and to compare.
use super::FakeCloud;
use super::account::{Account, Accounts};
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
        let Accounts { accounts, .. } = &self.lock().accounts;
        let account = accounts.get(&arn.account)?;
        let role = account.roles.get(&arn.name).filter(|role| role.arn == *arn)?;
        Some(account.live_role(role).unwrap_or_else(|error| panic!("{arn}: {error}")))
    }

    pub fn event_streams_now(&self) -> BTreeMap<AppArn, LiveEventStream> {
        let Accounts { accounts, .. } = &self.lock().accounts;
        let apps = accounts.iter().flat_map(|(id, account)| apps_of(id, account));
        apps.filter_map(|(arn, app)| Some((arn, app.event_stream.clone()?))).collect()
    }

    pub fn apps_now(&self) -> BTreeMap<AppArn, LiveApp> {
        let Accounts { accounts, .. } = &self.lock().accounts;
        let apps = accounts.iter().flat_map(|(id, account)| apps_of(id, account));
        apps.map(|(arn, app)| (arn.clone(), app.live(&arn.id, true))).collect()
    }

    pub fn snapshot(&self) -> Snapshot {
        let Accounts { accounts, .. } = &self.lock().accounts;
        let roles = accounts.values().flat_map(|account| account.roles.values().map(move |role| (account, role)));
        let roles = roles.map(|(account, role)| {
            let live = account.live_role(role).unwrap_or_else(|error| panic!("{}: {error}", role.arn));
            (role.arn.clone(), live)
        });
        let apps = || accounts.iter().flat_map(|(id, account)| apps_of(id, account));
        let streams = apps().filter_map(|(arn, app)| Some((arn, app.event_stream.clone()?)));
        Snapshot {
            roles: roles.collect(),
            event_streams: streams.collect(),
            apps: apps().map(|(arn, app)| (arn.clone(), app.live(&arn.id, true))).collect(),
        }
    }
}

fn apps_of<'a>(
    id: &'a pinpoint_streams_model::ids::AccountId,
    account: &'a Account,
) -> impl Iterator<Item = (AppArn, &'a super::account::App)> {
    account.apps.iter().map(move |((region, app_id), app)| {
        (AppArn { region: region.clone(), account: id.clone(), id: app_id.clone() }, app)
    })
}
