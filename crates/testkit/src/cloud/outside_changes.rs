//! Changes made outside of the program: not logged, not checked, and seen by Pinpoint at once.
use super::FakeCloud;
use super::account::{Accounts, Role};
use super::spelling;
use jiff::Timestamp;
use pinpoint_streams_model::arn::{AppArn, PolicyArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::{PolicyName, RoleId};
use pinpoint_streams_model::live::{LastUsed, LiveEventStream};
use pinpoint_streams_model::region::Region;
use std::sync::MutexGuard;

/// What somebody else changes in the same accounts. Every method panics if what it is about is not there.
#[derive(Debug)]
pub struct OutsideChanges<'a>(&'a FakeCloud);

impl FakeCloud {
    /// Changes made outside of the program.
    pub fn outside(&self) -> OutsideChanges<'_> {
        OutsideChanges(self)
    }
}

impl OutsideChanges<'_> {
    /// Writes any text as trust policy, a policy or not.
    #[track_caller]
    pub fn put_trust_policy(&self, role: &RoleArn, text: &str) {
        self.change_role(role, |role| role.change_settled(|grants| grants.trust = text.to_owned()));
    }

    /// Writes any text as inline policy, a policy or not.
    #[track_caller]
    pub fn put_inline_policy(&self, role: &RoleArn, name: &PolicyName, text: &str) {
        self.change_role(role, |role| {
            role.change_settled(|grants| {
                grants.inline.insert(name.clone(), text.to_owned());
            });
        });
    }

    /// Takes an inline policy off.
    #[track_caller]
    pub fn delete_inline_policy(&self, role: &RoleArn, name: &PolicyName) {
        self.change_role(role, |role| {
            role.change_settled(|grants| {
                grants.inline.remove(name).unwrap_or_else(|| panic!("no inline policy {name}"));
            });
        });
    }

    /// Attaches a managed policy.
    #[track_caller]
    pub fn attach_policy(&self, role: &RoleArn, policy: &PolicyArn) {
        self.change_role(role, |role| {
            role.change_settled(|grants| {
                grants.attached.insert(policy.clone());
            });
        });
    }

    /// Sets the permissions boundary, or takes it off.
    #[track_caller]
    pub fn set_boundary(&self, role: &RoleArn, boundary: Option<&PolicyArn>) {
        self.change_role(role, |role| role.change_settled(|grants| grants.boundary = boundary.cloned()));
    }

    /// Puts the role in an instance profile, which is made if it is not there.
    #[track_caller]
    pub fn put_in_instance_profile(&self, role: &RoleArn, profile: &str) {
        let mut hand = self.accounts();
        let account =
            hand.accounts.get_mut(&role.account).unwrap_or_else(|| panic!("no account {}", role.account));
        account.profiles.insert(profile.to_owned(), Some(role.name.clone()));
    }

    /// Sets the description and maximum session duration.
    #[track_caller]
    pub fn update_role(&self, role: &RoleArn, description: &str, max_session_duration: u32) {
        self.change_role(role, |role| {
            role.description = description.to_owned();
            role.max_session_duration = max_session_duration;
        });
    }

    /// Writes a tag.
    #[track_caller]
    pub fn tag_role(&self, role: &RoleArn, key: &str, value: &str) {
        self.change_role(role, |role| role.tags.insert(key.to_owned(), value.to_owned()));
    }

    /// Takes a tag off, if it is there.
    #[track_caller]
    pub fn untag_role(&self, role: &RoleArn, key: &str) {
        self.change_role(role, |role| role.tags.remove(key));
    }

    /// Uses the role.
    #[track_caller]
    pub fn use_role(&self, role: &RoleArn, at: Timestamp, region: &Region) {
        self.change_role(role, |role| role.last_used = LastUsed::At(at, Some(region.clone())));
    }

    /// Spells the role's policies otherwise: strings for lists of one, lists turned round, other letter case where
    /// IAM ignores it, new `Sid`s. Nothing of their meaning changes.
    #[track_caller]
    pub fn respell_policies(&self, role: &RoleArn) {
        self.change_role(role, |role| {
            role.change_settled(|grants| {
                grants.trust = spelling::respelled(&grants.trust);
                grants.inline.values_mut().for_each(|text| *text = spelling::respelled(text));
            });
        });
    }

    /// Deletes the role with all that hangs on it.
    #[track_caller]
    pub fn delete_role(&self, role: &RoleArn) {
        let mut hand = self.accounts();
        let account =
            hand.accounts.get_mut(&role.account).unwrap_or_else(|| panic!("no account {}", role.account));
        account
            .profiles
            .values_mut()
            .filter(|held| held.as_ref() == Some(&role.name))
            .for_each(|held| *held = None);
        account.roles.remove(&role.name).unwrap_or_else(|| panic!("no role {role}"));
    }

    /// Deletes the role and makes it again, the same in all but its identity.
    #[track_caller]
    pub fn recreate_role(&self, role: &RoleArn) -> RoleId {
        let id = self.accounts().new_role_id();
        self.change_role(role, |role| role.id = id.clone());
        id
    }

    /// Leaves the role out of answers in bulk from now on, though it is there.
    #[track_caller]
    pub fn hide_from_bulk(&self, role: &RoleArn) {
        self.change_role(role, |role| role.hidden_from_bulk = true);
    }

    /// Points the app's event stream anywhere, or makes it.
    #[track_caller]
    pub fn put_event_stream(&self, app: &AppArn, destination: impl ToString, role_arn: impl ToString) {
        let event_stream =
            LiveEventStream { destination: destination.to_string(), role_arn: role_arn.to_string() };
        self.change_app(app, |app| app.event_stream = Some(event_stream));
    }

    /// Deletes the app's event stream.
    #[track_caller]
    pub fn delete_event_stream(&self, app: &AppArn) {
        let gone = self.change_app(app, |app| app.event_stream.take());
        assert!(gone.is_some(), "{app} has no event stream");
    }

    /// Writes a tag.
    #[track_caller]
    pub fn tag_app(&self, app: &AppArn, key: &str, value: &str) {
        self.change_app(app, |app| app.tags.insert(key.to_owned(), value.to_owned()));
    }

    /// Takes a tag off, if it is there.
    #[track_caller]
    pub fn untag_app(&self, app: &AppArn, key: &str) {
        self.change_app(app, |app| app.tags.remove(key));
    }

    /// Turns a channel on.
    #[track_caller]
    pub fn enable_channel(&self, app: &AppArn, channel: &str) {
        self.change_app(app, |app| app.channels.insert(channel.to_owned()));
    }

    /// Deletes the app, its event stream with it.
    #[track_caller]
    pub fn delete_app(&self, app: &AppArn) {
        let mut hand = self.accounts();
        let account = hand.accounts.get_mut(&app.account);
        let gone = account.and_then(|account| account.apps.remove(&(app.region.clone(), app.id.clone())));
        assert!(gone.is_some(), "no app {app}");
    }

    /// Deletes a stream.
    #[track_caller]
    pub fn delete_stream(&self, stream: &StreamArn) {
        let gone = self.accounts().streams.remove(stream);
        assert!(gone.is_some(), "no stream {stream}");
    }

    #[track_caller]
    fn change_role<T>(&self, arn: &RoleArn, change: impl FnOnce(&mut Role) -> T) -> T {
        let mut hand = self.accounts();
        let account = hand.accounts.get_mut(&arn.account);
        let role = account.and_then(|account| account.roles.get_mut(&arn.name));
        change(role.unwrap_or_else(|| panic!("no role {arn}")))
    }

    #[track_caller]
    fn change_app<T>(&self, arn: &AppArn, change: impl FnOnce(&mut super::account::App) -> T) -> T {
        let mut hand = self.accounts();
        let account = hand.accounts.get_mut(&arn.account);
        let app = account.and_then(|account| account.apps.get_mut(&(arn.region.clone(), arn.id.clone())));
        change(app.unwrap_or_else(|| panic!("no app {arn}")))
    }

    fn accounts(&self) -> Hand<'_> {
        Hand(self.0.lock())
    }
}

/// The accounts, while a hand is on them.
struct Hand<'a>(MutexGuard<'a, super::Inner>);

impl std::ops::Deref for Hand<'_> {
    type Target = Accounts;
    fn deref(&self) -> &Accounts {
        &self.0.accounts
    }
}

impl std::ops::DerefMut for Hand<'_> {
    fn deref_mut(&mut self) -> &mut Accounts {
        &mut self.0.accounts
    }
}
