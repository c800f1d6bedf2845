//! A manifest that the program writes for a person to go on with: its tables, with comments, in the order
//! in which they are written. How it becomes TOML is `write`.
use super::AccountSpec;
use super::tag;
use crate::{
    AccountAlias, AppId, AppKey, KmsKeyArn, Region, RoleArn, RoleKey, StreamKey, StreamService, Tags, TrustScope,
    Workspace,
};
use std::collections::BTreeMap;

pub use super::resolve::{BUILT_IN, BuiltIn, can_describe};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftManifest {
    pub preface: Vec<String>,
    pub workspace: Workspace,
    pub default_account: Option<AccountAlias>,
    pub default_region: Option<Region>,
    pub accounts: BTreeMap<AccountAlias, AccountSpec>,
    pub role_defaults: DraftRole,
    pub streams: BTreeMap<StreamKey, DraftStream>,
    pub roles: BTreeMap<RoleKey, DraftSharedRole>,
    /// `[apps]`, in the order in which they are to be read.
    pub groups: Vec<DraftGroup>,
}

/// A text in which braces may stand for placeholders.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftText(String);

impl DraftText {
    /// Literal text, braces included.
    pub fn literal(text: &str) -> DraftText {
        DraftText(text.replace('{', "{{").replace('}', "}}"))
    }

    /// `{app}` between a literal prefix and a literal suffix.
    pub fn around_key(before: &str, after: &str) -> DraftText {
        let dollar = if before.ends_with('$') { "$" } else { "" };
        DraftText(format!("{}{dollar}{{app}}{}", DraftText::literal(before).0, DraftText::literal(after).0))
    }

    /// As it stands in the manifest.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The settings of a role that differ from what is set already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftRole {
    pub name: Option<DraftText>,
    pub path: Option<DraftText>,
    pub policy_name: Option<DraftText>,
    pub description: Option<DraftText>,
    /// `max_session_duration`, in seconds.
    pub max_session_duration: Option<u32>,
    pub permissions_boundary: Option<DraftText>,
    /// `tags`, with literal values.
    pub tags: Tags,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftStream {
    pub service: StreamService,
    /// The stream's name, in the account and region of each app that uses it.
    pub name: String,
    pub kms_key: Option<KmsKeyArn>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftSharedRole {
    pub comments: Vec<String>,
    pub trust: TrustScope,
    pub settings: DraftRole,
}

/// Apps that are read together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftGroup {
    pub title: Option<String>,
    pub apps: Vec<(AppKey, DraftApp)>,
    /// Comments below them: what is not declared, and why.
    pub left_out: Vec<String>,
}

/// One of `[apps]`: an app that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftApp {
    pub comments: Vec<String>,
    pub id: AppId,
    /// `account`, where it is not the default.
    pub account: Option<AccountAlias>,
    /// `region`, where it is not the default.
    pub region: Option<Region>,
    pub stream: StreamKey,
    pub role: DraftRoleChoice,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftRoleChoice {
    /// Its own, with what differs from the defaults.
    Own(DraftRole),
    Shared(RoleKey),
    /// One that is managed elsewhere.
    Elsewhere {
        /// Comments above it: why it is.
        comments: Vec<String>,
        arn: RoleArn,
    },
}

/// Whether a manifest can declare this tag: AWS's own and ownership tags cannot be.
pub fn can_declare(key: &str, value: &str) -> bool {
    tag::wrong_with_key(key).is_none() && tag::wrong_with_value(value).is_none()
}

/// How many tags a manifest can declare of one object: what AWS takes, but for those that mark it as ours.
pub const MOST_TAGS: usize = tag::MOST;
