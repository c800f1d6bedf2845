//! Desired: what the manifest asks for, fully resolved. Only two things are still unknown: the id of an app that does
//! not exist yet, and the key in a role's name, which a move does not change.
use crate::error::InvalidText;
use crate::sorted_set::SortedSet;
use crate::{
    AccountAlias, AccountId, AccountRegion, Address, AppArn, AppId, AppKey, Partition, PolicyArn, PolicyName,
    Region, RoleArn, RoleKey, RoleKind, StreamTarget, Tags, Workspace,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Desired {
    /// The owner of everything that is created.
    pub workspace: Workspace,
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    pub apps: BTreeMap<AppKey, DesiredApp>,
    /// Shared and own roles that at least one app uses.
    pub roles: BTreeMap<RoleKey, DesiredRole>,
    pub moved: Vec<Moved>,
    pub forget: BTreeSet<Address>,
    pub safety: Safety,
}

impl Desired {
    /// For commands without a manifest: only the accounts are declared.
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
    pub identity: AppIdentity,
    pub event_stream: Option<DesiredEventStream>,
    /// The app, its role and its event stream are never deleted or replaced.
    pub protect: bool,
    /// Adopt existing resources with these names.
    pub adopt: bool,
}

impl DesiredApp {
    pub fn place(&self) -> AccountRegion {
        AccountRegion::of(&self.account, &self.region)
    }

    /// The ARN of the app with this id in its account and region.
    pub fn arn(&self, id: &AppId) -> AppArn {
        AppArn::of(&self.account, &self.region, id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AppIdentity {
    /// `id`: an existing app, never created or deleted by this workspace.
    Existing(AppId),
    /// `name`: created and owned by this workspace.
    Owned {
        /// Names are not unique in Pinpoint.
        name: String,
        /// Declared tags, without the ownership tags.
        tags: Tags,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesiredEventStream {
    pub target: StreamTarget,
    pub role: RoleRef,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleRef {
    Managed(RoleKey),
    /// `role = { arn = "…" }`: a role managed elsewhere. It is never recorded, written or tagged.
    Elsewhere(RoleArn),
}

/// A role managed by this workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesiredRole {
    pub kind: RoleKind,
    pub account: AccountId,
    pub partition: Partition,
    pub path: KeyedText,
    pub name: KeyedText,
    /// The name of the managed inline policy.
    pub policy_name: PolicyName,
    /// Empty means none.
    pub description: String,
    /// In seconds, 3600 to 43200.
    pub max_session_duration: u32,
    pub permissions_boundary: Option<PolicyArn>,
    /// Declared tags, without the ownership tags.
    pub tags: Tags,
    pub trust: TrustScope,
    pub apps: SortedSet<AppKey>,
    pub targets: SortedSet<StreamTarget>,
    /// True if any of its apps is protected.
    pub protect: bool,
    /// True if all of its apps set `adopt`.
    pub adopt: bool,
}

impl DesiredRole {
    /// The ARN of this role if it is named after `key`.
    pub fn arn_under(&self, key: &RoleKey) -> Result<RoleArn, InvalidText> {
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
    /// The exact ARN of each app that uses the role.
    Apps,
    /// `apps/*` in each region with an app that uses the role.
    Region,
}

/// A text with a placeholder for the role's key. A `[[moved]]` role keeps the key it was named after, so a move
/// never replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyedText(pub Vec<KeyedPart>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyedPart {
    Literal(String),
    Key,
}

impl KeyedText {
    /// A text without placeholders.
    pub fn literal(text: impl Into<String>) -> KeyedText {
        KeyedText(vec![KeyedPart::Literal(text.into())])
    }

    /// The text with the placeholders replaced by `key`.
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
    /// The number of deletes and replaces a plan may contain.
    pub max_delete: MaxDelete,
    /// Tag keys required on every app and role.
    pub required_tags: BTreeSet<String>,
    /// Forbids all writes to AWS.
    pub read_only: bool,
}

/// The number of deletes and replaces a plan may contain without `--allow-mass-delete`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxDelete {
    /// The lesser of 20 and 30 % of the owned resources (at least 6).
    #[default]
    Default,
    Count(usize),
    /// Percentage of the owned resources, 0 to 100.
    Percent(u8),
}

impl MaxDelete {
    /// The limit for a workspace that owns `owned` resources.
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
