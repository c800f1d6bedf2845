//! Changes made outside of the program: not logged, not checked, and seen by Pinpoint at once.
use super::account::{Account, App, Grants, Role};
use super::{FakeCloud, spelling};
use jiff::Timestamp;
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{AccountId, PolicyName, RoleId};
use pinpoint_streams_model::live::{LastUsed, LiveEventStream};
use pinpoint_streams_model::region::Region;

/// What is changed outside of the program in the same accounts. Every method panics if its subject does not exist.
#[derive(Debug)]
pub struct OutsideChanges<'a>(&'a FakeCloud);

impl FakeCloud {
    pub fn outside(&self) -> OutsideChanges<'_> {
        OutsideChanges(self)
    }
}

impl OutsideChanges<'_> {
    #[track_caller]
    pub fn put_trust_policy(&self, role: &RoleArn, text: &str) {
        self.change_grants(role, |grants| grants.trust = text.to_owned());
    }

    #[track_caller]
    pub fn put_inline_policy(&self, role: &RoleArn, name: &PolicyName, text: &str) {
        self.change_grants(role, |grants| grants.inline.insert(name.clone(), text.to_owned()));
    }

    #[track_caller]
    pub fn delete_inline_policy(&self, role: &RoleArn, name: &PolicyName) {
        self.change_grants(role, |grants| {
            grants.inline.remove(name).unwrap_or_else(|| panic!("no inline policy {name}"))
        });
    }

    #[track_caller]
    pub fn attach_policy(&self, role: &RoleArn, policy: &PolicyArn) {
        self.change_grants(role, |grants| grants.attached.insert(policy.clone()));
    }

    #[track_caller]
    pub fn set_boundary(&self, role: &RoleArn, boundary: Option<&PolicyArn>) {
        self.change_grants(role, |grants| grants.boundary = boundary.cloned());
    }

    #[track_caller]
    pub fn put_in_instance_profile(&self, role: &RoleArn, profile: &str) {
        self.change_account(&role.account, |account| {
            account.profiles.insert(profile.to_owned(), Some(role.name.clone()))
        });
    }

    #[track_caller]
    pub fn update_role(&self, role: &RoleArn, description: &str, max_session_duration: u32) {
        self.change_role(role, |role| {
            role.description = description.to_owned();
            role.max_session_duration = max_session_duration;
        });
    }

    #[track_caller]
    pub fn tag_role(&self, role: &RoleArn, key: &str, value: &str) {
        self.change_role(role, |role| role.tags.insert(key.to_owned(), value.to_owned()));
    }

    #[track_caller]
    pub fn untag_role(&self, role: &RoleArn, key: &str) {
        self.change_role(role, |role| role.tags.remove(key));
    }

    #[track_caller]
    pub fn use_role(&self, role: &RoleArn, at: Timestamp, region: &Region) {
        self.change_role(role, |role| role.last_used = LastUsed::At(at, Some(region.clone())));
    }

    /// Spells the role's policies otherwise: strings for lists of one, lists turned round, other letter case where
    /// IAM ignores it, new `Sid`s. Nothing of their meaning changes.
    #[track_caller]
    pub fn respell_policies(&self, role: &RoleArn) {
        self.change_grants(role, |grants| {
            grants.trust = spelling::respelled(&grants.trust);
            grants.inline.values_mut().for_each(|text| *text = spelling::respelled(text));
        });
    }

    #[track_caller]
    pub fn delete_role(&self, role: &RoleArn) {
        self.change_account(&role.account, |account| {
            account.profiles.values_mut().for_each(|held| drop(held.take_if(|held| *held == role.name)));
            account.roles.remove(&role.name).unwrap_or_else(|| panic!("no role {role}"))
        });
    }

    #[track_caller]
    pub fn recreate_role(&self, role: &RoleArn) -> RoleId {
        let id = self.0.lock().accounts.new_role_id();
        self.change_role(role, |role| role.id = id.clone());
        id
    }

    #[track_caller]
    pub fn hide_from_bulk(&self, role: &RoleArn) {
        self.change_role(role, |role| role.hidden_from_bulk = true);
    }

    #[track_caller]
    pub fn put_event_stream(&self, app: &AppArn, destination: impl ToString, role_arn: impl ToString) {
        let event_stream =
            LiveEventStream { destination: destination.to_string(), role_arn: role_arn.to_string() };
        self.change_app(app, |app| app.event_stream = Some(event_stream));
    }

    #[track_caller]
    pub fn delete_event_stream(&self, app: &AppArn) {
        let gone = self.change_app(app, |app| app.event_stream.take());
        assert!(gone.is_some(), "{app} has no event stream");
    }

    #[track_caller]
    pub fn tag_app(&self, app: &AppArn, key: &str, value: &str) {
        self.change_app(app, |app| app.tags.insert(key.to_owned(), value.to_owned()));
    }

    #[track_caller]
    pub fn untag_app(&self, app: &AppArn, key: &str) {
        self.change_app(app, |app| app.tags.remove(key));
    }

    #[track_caller]
    pub fn enable_channel(&self, app: &AppArn, channel: &str) {
        self.change_app(app, |app| app.channels.insert(channel.to_owned()));
    }

    #[track_caller]
    pub fn delete_app(&self, app: &AppArn) {
        let key = (app.region.clone(), app.id.clone());
        let gone = self.change_account(&app.account, |account| account.apps.remove(&key));
        assert!(gone.is_some(), "no app {app}");
    }

    #[track_caller]
    pub fn delete_stream(&self, stream: &StreamArn) {
        let gone = self.0.lock().accounts.streams.remove(stream);
        assert!(gone.is_some(), "no stream {stream}");
    }

    /// Pinpoint sees the change at once.
    #[track_caller]
    fn change_grants<T>(&self, arn: &RoleArn, change: impl FnOnce(&mut Grants) -> T) {
        self.change_role(arn, |role| role.change_settled(|grants| drop(change(grants))));
    }

    #[track_caller]
    fn change_role<T>(&self, arn: &RoleArn, change: impl FnOnce(&mut Role) -> T) -> T {
        self.change_account(&arn.account, |account| {
            change(account.roles.get_mut(&arn.name).unwrap_or_else(|| panic!("no role {arn}")))
        })
    }

    #[track_caller]
    fn change_app<T>(&self, arn: &AppArn, change: impl FnOnce(&mut App) -> T) -> T {
        self.change_account(&arn.account, |account| {
            let app = account.apps.get_mut(&(arn.region.clone(), arn.id.clone()));
            change(app.unwrap_or_else(|| panic!("no app {arn}")))
        })
    }

    #[track_caller]
    fn change_account<T>(&self, id: &AccountId, change: impl FnOnce(&mut Account) -> T) -> T {
        let accounts = &mut self.0.lock().accounts;
        change(accounts.accounts.get_mut(id).unwrap_or_else(|| panic!("no account {id}")))
    }
}
