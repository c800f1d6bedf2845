//! The plan: changes for people, steps for the executor. Its JSON is a contract.
use crate::address::{Address, Kind};
use crate::digest::{self, Digest};
use crate::ids::{AccountAlias, AccountId, Lineage, Serial, StepId, Workspace};
use crate::op::{Op, Planned};
use crate::policy::Direction;
use crate::region::Region;
use crate::sweep::SweepOptions;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The format of a saved plan. A newer one is refused unread.
pub const FORMAT_VERSION: u32 = 1;

/// What is to be done, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub format_version: u32,
    /// Which version of the program made it.
    pub tool_version: String,
    pub workspace: Workspace,
    pub mode: Mode,
    /// Over mode, options, basis and steps.
    pub plan_digest: Digest,
    pub options: Options,
    pub basis: Basis,
    /// What changes, for people. Unchanged resources are left out.
    pub changes: Vec<Change>,
    pub steps: Vec<Step>,
    pub summary: Summary,
    pub warnings: Vec<Warning>,
}

/// Which question the plan answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Make live what is desired.
    Converge,
    /// Take away what this workspace made.
    Destroy,
    /// Only show what differs between record and life; has no steps.
    Drift,
    /// Quarantine, release, reap or delete roles that nothing uses.
    Sweep,
    /// Put back what is in an archive.
    Restore,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    pub targets: Vec<String>,
    pub excludes: Vec<String>,
    pub accounts: Vec<AccountAlias>,
    pub replace: BTreeSet<Address>,
    pub adopt: bool,
    pub allow_mass_delete: bool,
    pub delete_apps: bool,
    pub include_adopted: bool,
    pub allow_detach: BTreeSet<Detach>,
    /// `--event-streams-gone`: account and region where a person vouches for absence.
    pub event_streams_gone: BTreeSet<AccountRegion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<SweepOptions>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<RestoreOptions>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreOptions {
    pub archives: BTreeSet<Digest>,
    /// Whether entries that neither state nor journal vouches for are accepted.
    pub unverified: bool,
}

impl Options {
    /// Whether the plan covers a part of the manifest only.
    pub fn is_partial(&self) -> bool {
        !(self.targets.is_empty() && self.excludes.is_empty() && self.accounts.is_empty())
    }
}

/// What `--allow-detach` allows to be taken off a role that is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detach {
    Managed,
    /// Inline policies that are not ours.
    Inline,
    Profile,
}

/// One account and region: `123456789012/eu-west-1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountRegion {
    pub account: AccountId,
    pub region: Region,
}

impl std::fmt::Display for AccountRegion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

impl std::str::FromStr for AccountRegion {
    type Err = crate::ids::InvalidId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (account, region) = text.split_once('/').ok_or_else(|| crate::ids::InvalidId {
            kind: "account and region",
            text: text.to_owned(),
            rule: "it looks like 123456789012/eu-west-1",
        })?;
        Ok(AccountRegion { account: account.parse()?, region: region.parse()? })
    }
}

impl TryFrom<String> for AccountRegion {
    type Error = crate::ids::InvalidId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AccountRegion> for String {
    fn from(value: AccountRegion) -> String {
        value.to_string()
    }
}

/// What a plan was made from; if any of it has changed, the plan is stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Over the resolved manifest: comments do not matter, variables do.
    pub manifest_digest: Digest,
    /// Null before the first apply.
    pub lineage: Option<Lineage>,
    /// 0 before the first apply.
    pub serial: Serial,
    pub accounts: BTreeMap<AccountAlias, AccountId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub address: Address,
    pub kind: Kind,
    pub account: AccountId,
    /// The region that it is in; null for roles.
    pub region: Option<Region>,
    pub action: Action,
    pub reason: Reason,
    /// What changes in it, where that is more than all of it.
    pub fields: Vec<FieldChange>,
    /// What a person should know of this change: `stops streaming until the role is ready`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Update,
    /// It is deleted and made anew, or the other way round.
    Replace,
    Delete,
    /// It is there and becomes ours.
    Adopt,
    /// It stays and is ours no longer.
    Forget,
    /// It stays, and everything is denied to it.
    Quarantine,
    /// Its quarantine is taken off.
    Release,
    /// It stays as it is. Counted, not listed.
    Keep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    New,
    /// The manifest asks for something else than was last written.
    ManifestChanged,
    /// Another hand changed it.
    Drifted,
    /// Both of these.
    ManifestChangedAndDrifted,
    /// It was ours and is gone.
    Vanished,
    /// Something that it depends on changes.
    DependsOn,
    Moved,
    /// It is ours by its tags and the state did not know it.
    LostRecord,
    /// `adopt = true`, `--adopt`, or nothing but our tags is written.
    AdoptionAsked,
    ReplaceAsked,
    RemovedFromManifest,
    DestroyAsked,
    ForgetAsked,
    /// Nothing uses it any more.
    Obsolete,
    /// It was quarantined long enough and not used since.
    Reaped,
    Released,
    Restored,
}

impl Reason {
    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Reason::New => "new",
            Reason::ManifestChanged => "manifest changed",
            Reason::Drifted => "drifted: changed by another hand",
            Reason::ManifestChangedAndDrifted => "manifest changed, and drifted",
            Reason::Vanished => "vanished: it was ours and is gone",
            Reason::DependsOn => "depends on something that changes",
            Reason::Moved => "moved",
            Reason::LostRecord => "ours by its tags, but not in the state",
            Reason::AdoptionAsked => "exists, and is taken over",
            Reason::ReplaceAsked => "replace asked for",
            Reason::RemovedFromManifest => "removed from the manifest",
            Reason::DestroyAsked => "destroy asked for",
            Reason::ForgetAsked => "forget asked for",
            Reason::Obsolete => "obsolete: nothing uses it any more",
            Reason::Reaped => "quarantined, and not used since",
            Reason::Released => "release asked for",
            Reason::Restored => "put back from the archive",
        }
    }
}

/// One field that changes. Before and after are JSON; an unknown is `{"after_step": 1}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// `trust_policy`, `inline_policies.NAME`, `tags.KEY`, `destination`, …
    pub path: String,
    /// As it is; null where it is not there.
    pub before: Option<Value>,
    /// As it will be; null where it goes.
    pub after: Option<Value>,
    /// For policies: which way the change goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Direction>,
}

/// One call, or one write to the record, with the steps that must be done before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its number, from 1. Dependencies have smaller ones.
    pub id: StepId,
    pub address: Address,
    pub after: Vec<StepId>,
    pub op: Op<Planned>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub create: usize,
    pub update: usize,
    pub replace: usize,
    pub delete: usize,
    pub adopt: usize,
    pub forget: usize,
    pub quarantine: usize,
    pub release: usize,
    pub keep: usize,
}

impl Summary {
    pub fn count(&mut self, action: Action) {
        match action {
            Action::Create => self.create += 1,
            Action::Update => self.update += 1,
            Action::Replace => self.replace += 1,
            Action::Delete => self.delete += 1,
            Action::Adopt => self.adopt += 1,
            Action::Forget => self.forget += 1,
            Action::Quarantine => self.quarantine += 1,
            Action::Release => self.release += 1,
            Action::Keep => self.keep += 1,
        }
    }
}

/// What a person should know, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// None where it is about the plan as a whole.
    pub address: Option<Address>,
    pub message: String,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.steps.is_empty()
    }

    /// The digest that the plan's content has. It differs from `plan_digest` only when a saved plan was
    /// edited by hand.
    pub fn digest(&self) -> Digest {
        #[derive(Serialize)]
        struct Covered<'a> {
            mode: Mode,
            options: &'a Options,
            basis: &'a Basis,
            steps: &'a [Step],
        }
        let Plan { mode, options, basis, steps, .. } = self;
        digest::of(&Covered { mode: *mode, options, basis, steps })
    }
}
