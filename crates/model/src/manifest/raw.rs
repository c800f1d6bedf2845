//! The manifest as it was written: decoded and joined from its files, but without defaults, placeholders and
//! references resolved. What could not be decoded is marked, so that one mistake is reported once.
use super::source::{Place, Placed};
use super::state::StateAt;
use super::template::{Part, Template};
use super::{AccountSpec, Notices, Sweep};
use crate::desired::Safety;
use crate::{
    AccountAlias, AccountId, Address, AppId, AppKey, Region, RoleKey, StreamKey, StreamService, TrustScope,
    Workspace,
};
use std::collections::BTreeMap;

/// A value that may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Given<T> {
    #[default]
    Absent,
    /// Invalid, which was reported.
    Broken,
    Value(Placed<T>),
}

impl<T> Given<T> {
    pub(super) fn value(&self) -> Option<&Placed<T>> {
        match self {
            Given::Value(value) => Some(value),
            Given::Absent | Given::Broken => None,
        }
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Given::Absent)
    }

    /// This one, or the other if this is absent.
    pub(super) fn or<'a>(&'a self, other: &'a Given<T>) -> &'a Given<T> {
        if self.is_absent() { other } else { self }
    }
}

/// A text with placeholders, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// Its key with all tables before it: `role_defaults.name`.
    pub(super) path: String,
    pub(super) template: Template,
    /// Whether the text has no escapes and one pair of quotes, so that its bytes are those of the source.
    pub(super) verbatim: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct RawManifest {
    pub(super) workspace: Option<Workspace>,
    pub(super) default_account: Given<String>,
    pub(super) default_region: Given<Region>,
    /// None where there is no `[accounts]`.
    pub(super) accounts: Option<BTreeMap<AccountAlias, Account>>,
    pub(super) role_defaults: RoleSettings,
    pub(super) streams: BTreeMap<StreamKey, Stream>,
    pub(super) roles: BTreeMap<RoleKey, SharedRole>,
    pub(super) apps: BTreeMap<AppKey, App>,
    pub(super) moved: Vec<MovedKeys>,
    pub(super) forget: Vec<Placed<Address>>,
    pub(super) safety: Safety,
    pub(super) sweep: Sweep,
    pub(super) notices: Notices,
    pub(super) state: Option<StateAt>,
}

impl Text {
    /// The account that a text names, where it is an ARN; its other fields may be open.
    fn named_account(&self) -> Option<AccountId> {
        let parts = self.template.parts().iter().map(|part| match part {
            Part::Literal(literal) => literal.as_str(),
            Part::Open(..) => "?",
        });
        let text: String = parts.collect();
        text.strip_prefix("arn:")?.split(':').nth(3)?.parse().ok()
    }
}

impl RawManifest {
    /// Of `[accounts]`.
    pub(super) fn account_specs(&self) -> Option<BTreeMap<AccountAlias, AccountSpec>> {
        let specs = |(alias, account): (&AccountAlias, &Account)| (alias.clone(), account.spec.clone());
        Some(self.accounts.as_ref()?.iter().map(specs).collect())
    }

    /// The accounts that apps' streams, roles and boundaries name by their ARNs.
    pub(super) fn named_accounts(&self) -> impl Iterator<Item = AccountId> {
        let streams = self.apps.values().filter_map(|app| {
            let stream = self.streams.get(&app.stream.value()?.value.parse().ok()?)?;
            stream.destination.as_ref()?.1.value.named_account()
        });
        let roles = self.apps.values().filter_map(|app| match &app.role.value()?.value {
            RoleChoice::Elsewhere(text) => text.value.named_account(),
            RoleChoice::Own(settings) => settings.permissions_boundary.value()?.value.named_account(),
            RoleChoice::Shared(_) => None,
        });
        let settings = self.roles.values().map(|role| &role.settings).chain([&self.role_defaults]);
        let boundaries =
            settings.filter_map(|settings| settings.permissions_boundary.value()?.value.named_account());
        streams.chain(roles).chain(boundaries)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) key: Place,
    /// Its id is none where it could not be decoded.
    pub(super) spec: AccountSpec,
}

#[derive(Debug, Clone)]
pub(super) struct MovedKeys {
    pub(super) from: Placed<AppKey>,
    pub(super) to: Placed<AppKey>,
}

#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) key: Place,
    /// None where it could not be decoded.
    pub(super) destination: Option<(StreamService, Placed<Text>)>,
    pub(super) kms_key: Given<Text>,
}

/// The keys that `[role_defaults]`, `[roles.*]` and an app's own `role` have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct RoleSettings {
    pub(super) name: Given<Text>,
    pub(super) path: Given<Text>,
    pub(super) policy_name: Given<Text>,
    pub(super) description: Given<Text>,
    pub(super) max_session_duration: Given<u32>,
    pub(super) permissions_boundary: Given<Text>,
    pub(super) tags: TagTexts,
}

/// Tags by key, each with the place of the key and the text of the value.
pub(super) type TagTexts = BTreeMap<String, (Place, Placed<Text>)>;

#[derive(Debug, Clone)]
pub(super) struct SharedRole {
    pub(super) key: Place,
    pub(super) trust: TrustScope,
    pub(super) settings: RoleSettings,
}

#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) key: Place,
    pub(super) identity: Option<Identity>,
    pub(super) account: Given<String>,
    pub(super) region: Given<Region>,
    pub(super) stream: Given<String>,
    pub(super) role: Given<RoleChoice>,
    pub(super) tags: TagTexts,
    pub(super) protect: bool,
    pub(super) adopt: bool,
}

/// An app's `id` or `name`.
#[derive(Debug, Clone)]
pub(super) enum Identity {
    Id(Placed<AppId>),
    Name(Placed<Text>),
}

/// An app's `role`.
#[derive(Debug, Clone)]
pub(super) enum RoleChoice {
    /// The key of one of `[roles.*]`.
    Shared(String),
    /// The ARN of a role that is managed elsewhere.
    Elsewhere(Placed<Text>),
    Own(Box<RoleSettings>),
}
