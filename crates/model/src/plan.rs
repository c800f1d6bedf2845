//! The plan: changes to show, steps to execute. The JSON is a public contract.
mod created;
mod digested;
mod field_value;
mod view;

pub use field_value::FieldValue;
pub use view::ViewMismatch;

use crate::digest::Digest;
use crate::ids::display_as_str;
use crate::{
    AccountAlias, AccountId, AccountRegion, Address, Detach, Direction, Evidence, Fact, Kind, Lineage, Op,
    Partition, Planned, Region, RoleArn, Serial, StepId, SweepOptions, Workspace, digest,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The format of a saved plan. A newer format is refused. Since 2, notes and warnings are facts; the sentences of
/// format 1 are read. Since 3, a change that creates something has every field of it, and the digest of a sweep is the
/// same for the same plan.
pub const FORMAT_VERSION: u32 = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub format_version: u32,
    pub tool_version: String,
    pub workspace: Workspace,
    pub mode: Mode,
    /// Covers all other fields; but of a sweep's time only the date, and neither its run nor the request IDs of failed
    /// reads. In format 2 it covers these too; in format 1 mode, options, basis and steps.
    pub plan_digest: Digest,
    pub options: Options,
    pub basis: Basis,
    /// Without unchanged resources.
    pub changes: Vec<Change>,
    pub steps: Vec<Step>,
    pub summary: Summary,
    pub warnings: Vec<Warning>,
    /// Of a sweep or restore; none where the manifest alone says how to connect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
}

/// How an apply of a saved sweep or restore connects to its accounts. Contains no secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Whether the plan was made from a manifest and belongs to its workspace.
    pub manifest: bool,
    /// `None` if the manifest declares the accounts.
    pub accounts: Option<BTreeMap<AccountAlias, CredentialSource>>,
    /// The location of the archives of a restore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialSource {
    pub partition: Partition,
    pub profile: Option<String>,
    pub assume_role: Option<RoleArn>,
}

/// Which question the plan answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Make AWS match the manifest.
    Converge,
    /// Delete what this workspace created.
    Destroy,
    /// Show differences between the record and AWS. Has no steps.
    Drift,
    /// Quarantine, release or delete unused roles.
    Sweep,
    /// Restore from archives.
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
    /// `--event-streams-gone`: where the user asserts that no event streams remain.
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
    /// Whether to accept archives that neither the state nor the journal knows.
    pub unverified: bool,
}

impl Options {
    /// Whether the plan covers only part of the manifest.
    pub fn is_partial(&self) -> bool {
        !(self.targets.is_empty() && self.excludes.is_empty() && self.accounts.is_empty())
    }
}

/// The inputs of a plan. If any of them has changed, the plan is stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Covers the resolved manifest, so comments do not matter but variables do.
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
    /// Null for roles.
    pub region: Option<Region>,
    pub action: Action,
    pub reason: Reason,
    /// The changed fields of an update; every field of what is created, and what tells what is deleted or forgotten.
    pub fields: Vec<FieldChange>,
    /// For example that streaming stops until the role is ready. Of a sweep: its evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Evidence>,
}

impl Change {
    /// A change that needs no note; of a role without a region.
    pub fn new(address: Address, place: (&AccountId, Option<&Region>), action: Action, reason: Reason) -> Change {
        let (account, region) = (place.0.clone(), place.1.cloned());
        let kind = address.kind();
        Change { address, kind, account, region, action, reason, fields: Vec::new(), notes: Vec::new() }
    }

    pub fn with(self, fields: Vec<FieldChange>) -> Change {
        Change { fields, ..self }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Create,
    Update,
    /// Delete and create, in either order.
    Replace,
    Delete,
    /// Take ownership of an existing resource.
    Adopt,
    /// Give up ownership; the resource stays.
    Forget,
    /// Deny everything; the role stays.
    Quarantine,
    /// Remove the quarantine.
    Release,
    /// Unchanged. Counted, but not listed.
    Keep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    New,
    /// The manifest differs from what was last written.
    ManifestChanged,
    /// Changed outside pinpoint-streams.
    Drifted,
    ManifestChangedAndDrifted,
    /// In the state, but not in AWS.
    #[serde(rename = "vanished")]
    Missing,
    /// A dependency changes.
    DependsOn,
    Moved,
    /// Has the workspace's ownership tags, but is not in the state.
    LostRecord,
    /// `adopt = true`, `--adopt`, or only ownership tags are written.
    AdoptionAsked,
    ReplaceAsked,
    RemovedFromManifest,
    DestroyAsked,
    ForgetAsked,
    /// No longer used.
    Obsolete,
    /// Quarantined long enough, and not used since.
    Reaped,
    Released,
    Restored,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::New => "new",
            Reason::ManifestChanged => "manifest changed",
            Reason::Drifted => "drifted: changed outside pinpoint-streams",
            Reason::ManifestChangedAndDrifted => "manifest changed, and drifted",
            Reason::Missing => "missing: in the state, not in AWS",
            Reason::DependsOn => "a dependency changes",
            Reason::Moved => "moved",
            Reason::LostRecord => "has this workspace's tags, but is not in the state",
            Reason::AdoptionAsked => "exists, and is adopted",
            Reason::ReplaceAsked => "replace requested",
            Reason::RemovedFromManifest => "removed from the manifest",
            Reason::DestroyAsked => "destroy requested",
            Reason::ForgetAsked => "forget requested",
            Reason::Obsolete => "obsolete: no longer used",
            Reason::Reaped => "quarantined, and not used since",
            Reason::Released => "release requested",
            Reason::Restored => "restored from the archive",
        }
    }
}

display_as_str!(Reason);

/// One changed field. An unknown value is `{"after_step": 1}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// `trust_policy`, `inline_policies.NAME`, `tags.KEY`, `destination`, …
    pub path: String,
    /// Null if absent.
    pub before: Option<FieldValue>,
    /// Null if removed.
    pub after: Option<FieldValue>,
    /// For policies only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Direction>,
}

/// One operation with its dependencies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From 1. Dependencies have smaller numbers.
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

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// None if it concerns the whole plan.
    pub address: Option<Address>,
    #[serde(alias = "message")]
    pub fact: Fact,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.steps.is_empty()
    }

    /// Whether it reverses a run. Its mode is that of a restore; but a restore names the place of its archives.
    pub fn is_undo(&self) -> bool {
        self.mode == Mode::Restore && self.access.as_ref().is_some_and(|access| access.archive.is_none())
    }

    /// The digest of the plan's content. It differs from `plan_digest` only if a saved plan was edited.
    pub fn digest(&self) -> Digest {
        #[derive(Serialize)]
        struct Format1<'a> {
            mode: Mode,
            options: &'a Options,
            basis: &'a Basis,
            steps: &'a [Step],
        }
        let Plan { format_version, mode, options, basis, steps, .. } = self;
        if *format_version == 1 {
            return digest::of(&Format1 { mode: *mode, options, basis, steps });
        }
        digested::digest(self)
    }

    /// The digest of everything in the plan, for the file that it is saved in.
    pub fn digest_of_all(&self) -> Digest {
        digested::whole(self)
    }

    /// Sets how to connect to the accounts, which the digest covers.
    pub fn set_access(&mut self, access: Option<Access>) {
        self.access = access;
        self.plan_digest = self.digest();
    }
}
