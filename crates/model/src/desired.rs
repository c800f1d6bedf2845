//! Desired: what the manifest asks for, fully resolved. Only two things are still open here: the id of
//! an app that does not exist yet, and the key in a role's name, which a move does not change.
use crate::address::Address;
use crate::arn::{PolicyArn, RoleArn};
use crate::ids::{AccountAlias, AccountId, AppId, AppKey, InvalidId, PolicyName, RoleKey, Workspace};
use crate::ownership::Tags;
use crate::region::{Partition, Region};
use crate::role_kind::{RoleKind, StreamTarget};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the manifest asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Desired {
    /// Who owns what is created.
    pub workspace: Workspace,
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    pub apps: BTreeMap<AppKey, DesiredApp>,
    /// The roles that at least one app uses, shared or its own, by key.
    pub roles: BTreeMap<RoleKey, DesiredRole>,
    pub moved: Vec<Moved>,
    pub forget: BTreeSet<Address>,
    pub safety: Safety,
}

impl Desired {
    /// What a command without a manifest goes by: nothing is declared but where to look.
    pub fn nothing(workspace: Workspace, accounts: BTreeMap<AccountAlias, AccountId>) -> Desired {
        Desired {
            workspace,
            accounts,
            apps: BTreeMap::new(),
            roles: BTreeMap::new(),
            moved: Vec::new(),
            forget: BTreeSet::new(),
            safety: Safety::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesiredApp {
    pub account: AccountId,
    pub region: Region,
    /// Whether it exists, or is made and owned here.
    pub identity: AppIdentity,
    pub event_stream: Option<DesiredEventStream>,
    /// Its app, role and event stream are never deleted or replaced.
    pub protect: bool,
    /// Take over what exists under these names.
    pub adopt: bool,
}

/// How the manifest names an app: by `id` or by `name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AppIdentity {
    /// It exists and is never created or deleted here.
    Existing(AppId),
    /// This workspace creates and owns it.
    Owned {
        /// Its name in Pinpoint, where names are not unique.
        name: String,
        /// Tags declared for it, ownership not among them.
        tags: Tags,
    },
}

/// Where an app's events go, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesiredEventStream {
    pub target: StreamTarget,
    pub role: RoleRef,
}

/// The role an event stream names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleRef {
    Managed(RoleKey),
    /// A role managed elsewhere, `role = { arn = "…" }`: nothing of it is recorded, written or tagged.
    Elsewhere(RoleArn),
}

/// A role this workspace makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesiredRole {
    /// What makes it a role of its kind.
    pub kind: RoleKind,
    pub account: AccountId,
    pub partition: Partition,
    /// Its path, in which `{app}` and `{role}` are still open.
    pub path: KeyedText,
    pub name: KeyedText,
    /// The name of the one inline policy that is ours.
    pub policy_name: PolicyName,
    /// Empty is none.
    pub description: String,
    /// In seconds, 3600 to 43200.
    pub max_session_duration: u32,
    pub permissions_boundary: Option<PolicyArn>,
    /// Tags declared for it, ownership not among them.
    pub tags: Tags,
    pub trust: TrustScope,
    pub apps: BTreeSet<AppKey>,
    pub targets: BTreeSet<StreamTarget>,
    /// Set where one of its apps is protected.
    pub protect: bool,
    /// Set where all of its apps ask for adoption.
    pub adopt: bool,
}

impl DesiredRole {
    /// The ARN of this role under the key that it was, or is to be, named after.
    pub fn arn_under(&self, key: &RoleKey) -> Result<RoleArn, InvalidId> {
        Ok(RoleArn {
            partition: self.partition,
            account: self.account.clone(),
            path: self.path.under(key).parse()?,
            name: self.name.under(key).parse()?,
        })
    }
}

/// Which apps a role's trust policy names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustScope {
    /// The exact ARN of each app that uses it.
    Apps,
    /// `apps/*` of each region with an app that uses it.
    Region,
}

/// A text in which only the role's own key is still open: an `[[moved]]` role keeps the key it was
/// named after, so that a move never replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyedText(pub Vec<KeyedPart>);

/// A piece of a [`KeyedText`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyedPart {
    /// As it stands.
    Literal(String),
    /// The role's key.
    Key,
}

impl KeyedText {
    /// A text with nothing open.
    pub fn literal(text: impl Into<String>) -> KeyedText {
        KeyedText(vec![KeyedPart::Literal(text.into())])
    }

    /// The text with this key put in.
    pub fn under(&self, key: &RoleKey) -> String {
        self.0
            .iter()
            .map(|part| match part {
                KeyedPart::Literal(text) => text.as_str(),
                KeyedPart::Key => key.as_str(),
            })
            .collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub from: AppKey,
    pub to: AppKey,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Safety {
    /// How many deletes and replaces a plan may hold.
    pub max_delete: MaxDelete,
    /// Tag keys that every app and role must bear.
    pub required_tags: BTreeSet<String>,
    /// Nothing may be written to AWS.
    pub read_only: bool,
}

/// How many deletes and replaces a plan may hold before `--allow-mass-delete` is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxDelete {
    /// 20, or 30 % of what is owned but at least 6, whichever is less.
    #[default]
    Default,
    Count(usize),
    /// This part of what is owned, in percent, 0 to 100.
    Percent(u8),
}

impl MaxDelete {
    /// The limit for a workspace that owns this many resources.
    pub fn limit(self, owned: usize) -> usize {
        let percent = |part: usize| owned * part / 100;
        match self {
            MaxDelete::Default => percent(30).clamp(6, 20),
            MaxDelete::Count(count) => count,
            MaxDelete::Percent(part) => percent(usize::from(part)),
        }
    }
}

/// The alias of the account when no `[accounts]` are declared.
pub const DEFAULT_ALIAS: &str = "default";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_limit_is_twenty_or_thirty_percent_but_at_least_six() {
        assert_eq!(MaxDelete::Default.limit(0), 6);
        assert_eq!(MaxDelete::Default.limit(20), 6);
        assert_eq!(MaxDelete::Default.limit(40), 12);
        assert_eq!(MaxDelete::Default.limit(1000), 20);
        assert_eq!(MaxDelete::Percent(50).limit(10), 5);
    }

    #[test]
    fn a_role_is_named_under_the_key_that_it_is_given() {
        let text = KeyedText(vec![KeyedPart::Literal("Stream-".into()), KeyedPart::Key]);
        assert_eq!(text.under(&"shop".parse().unwrap()), "Stream-shop");
    }
}
