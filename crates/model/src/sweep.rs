//! The options and findings of a sweep: which roles of an account still serve a Pinpoint app, which serve something
//! else, and which are no longer used.
use crate::digest::Digest;
use crate::ids::display_as_str;
use crate::{
    AccountAlias, AccountId, AccountRegion, Address, Evidence, EvidenceSource, Fact, LastUsed, Purpose, Region,
    RoleArn, RoleId, RoleName,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The inline policy that quarantines a role: it denies everything.
pub const QUARANTINE_POLICY: &str = "pinpoint-streams-quarantine";
/// The tag with the time of a role's quarantine.
pub const QUARANTINED_AT: &str = "pinpoint-streams:quarantined-at";
/// The tag with the run that quarantined it.
pub const QUARANTINED_BY: &str = "pinpoint-streams:quarantined-by";
/// The tag with the id of the quarantined role: a new role with the same name has another id.
pub const QUARANTINED_ID: &str = "pinpoint-streams:quarantined-id";

/// Whether an inline policy or a tag of this name is part of a quarantine, and not of the role as it was.
pub fn is_quarantine(name: &str) -> bool {
    [QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID].contains(&name)
}

/// Part of the plan's options, and so of its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepOptions {
    pub action: SweepAction,
    /// When the sweep was planned. A saved sweep plan expires 24 hours later.
    pub now: Timestamp,
    /// For the quarantine's tag.
    pub run: String,
    /// The regions that are read; others are unknown, not absent.
    pub regions: BTreeSet<Region>,
    /// A role used since then is alive.
    pub unused_since: Timestamp,
    /// A role younger than this is left alone, in days.
    pub min_age_days: u32,
    /// For each account.
    pub max_delete: usize,
    /// Whether all roles that trust only Pinpoint are examined, or only those for event streams.
    pub all_purposes: bool,
    /// Globs of role names that are left alone.
    pub exclude: BTreeSet<String>,
    /// Globs of regions where, by the manifest, Pinpoint was never used.
    pub no_pinpoint_in: BTreeSet<String>,
    /// Where the user asserts that no event streams remain.
    pub event_streams_gone: BTreeSet<AccountRegion>,
    /// Account and region where a person asserts that no CloudFormation stack contains a role.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub no_stacks_in: BTreeSet<AccountRegion>,
    /// Unmanaged attachments that may be removed.
    pub allow_detach: BTreeSet<Detach>,
    /// Roles in a Terraform state, by ARN, with its file.
    pub terraform: BTreeMap<String, String>,
    /// The sources that are asked besides IAM, Pinpoint and CloudFormation.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sources: BTreeSet<EvidenceSource>,
    /// The bundles of evidence that complete the answers of AWS, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bundles: Vec<BundleFile>,
}

impl SweepOptions {
    /// The options of what only reads roles and decides nothing.
    pub fn to_read(now: Timestamp, regions: BTreeSet<Region>, sources: BTreeSet<EvidenceSource>) -> SweepOptions {
        SweepOptions {
            action: SweepAction::Quarantine,
            now,
            run: String::new(),
            regions,
            unused_since: now,
            min_age_days: 0,
            max_delete: 0,
            all_purposes: true,
            exclude: BTreeSet::new(),
            no_pinpoint_in: BTreeSet::new(),
            event_streams_gone: BTreeSet::new(),
            no_stacks_in: BTreeSet::new(),
            allow_detach: BTreeSet::new(),
            terraform: BTreeMap::new(),
            sources,
            bundles: Vec::new(),
        }
    }
}

/// A bundle of evidence, by its file and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleFile {
    pub file: String,
    pub digest: Digest,
    pub finished: Timestamp,
}

/// What `--allow-detach` allows to be removed from a role before it is deleted, although it is not managed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detach {
    Managed,
    /// Unmanaged inline policies.
    Inline,
    Profile,
}

/// What a sweep does with the roles it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepAction {
    /// Denies everything to obsolete roles; reversible.
    Quarantine,
    /// Removes quarantines.
    Release,
    /// Deletes roles that were quarantined and unused for this many days.
    Reap { after_days: u32 },
    /// Deletes obsolete roles with strong evidence, without quarantine.
    Delete,
}

/// An account of a sweep, and whether it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweptAccount {
    pub alias: AccountAlias,
    /// None if it is not known.
    pub id: Option<AccountId>,
    /// Why it could not be read.
    pub unreachable: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// The roles that trust Pinpoint, ordered by account and name.
    pub roles: Vec<Finding>,
    /// What may contain more of them and could not be read.
    pub unread: Vec<Unread>,
}

impl Findings {
    pub fn count(&self, verdict: Verdict) -> usize {
        self.roles.iter().filter(|finding| finding.verdict == verdict).count()
    }

    /// Whether a verdict is unknown or something was not read at all.
    pub fn has_unknown(&self) -> bool {
        !self.unread.is_empty() || self.count(Verdict::Unknown) > 0
    }
}

/// An account, or a role in it, whose trust policies could not be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    pub account: AccountId,
    /// None for all roles of the account.
    pub role: Option<RoleName>,
    pub why: Evidence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub role: RoleArn,
    pub role_id: RoleId,
    pub verdict: Verdict,
    /// By its permissions.
    pub purpose: Purpose,
    /// None if it was not read.
    pub created: Option<Timestamp>,
    pub last_used: LastUsed,
    /// What the verdict rests on; first what decides it.
    pub evidence: Vec<Evidence>,
    /// What prevents the action although the verdict allows it: `--exclude`, too young, an unmanaged policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_by: Vec<Fact>,
    /// The advice of a run log of format 1. No longer written, since it follows from the verdict and the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    pub fn address(&self) -> Address {
        Address::Undeclared(self.role.in_account())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In this workspace's state, or with the tags of another workspace or lineage.
    Managed,
    /// In a CloudFormation stack or a Terraform state, or made from a role template.
    ManagedElsewhere,
    /// An app's event stream names it.
    InUse,
    /// Used recently, after the service ended; or its quarantine was removed outside pinpoint-streams.
    Alive,
    /// Trusts others besides Pinpoint, is service-linked or AWS's own, or has another purpose than those examined
    /// (see [`SweepOptions::all_purposes`]).
    NotOurs,
    /// A read that the verdict needs failed, was not done, or proves nothing.
    Unknown,
    /// Has our quarantine.
    Quarantined,
    /// Has our quarantine and was used since.
    Tripped,
    /// None of these: no longer used.
    Obsolete,
}

impl Verdict {
    pub const ALL: [Verdict; 9] = [
        Verdict::Managed,
        Verdict::ManagedElsewhere,
        Verdict::InUse,
        Verdict::Alive,
        Verdict::NotOurs,
        Verdict::Unknown,
        Verdict::Quarantined,
        Verdict::Tripped,
        Verdict::Obsolete,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Managed => "managed",
            Verdict::ManagedElsewhere => "managed elsewhere",
            Verdict::InUse => "in use",
            Verdict::Alive => "alive",
            Verdict::NotOurs => "not ours",
            Verdict::Unknown => "unknown",
            Verdict::Quarantined => "quarantined",
            Verdict::Tripped => "tripped",
            Verdict::Obsolete => "obsolete",
        }
    }
}

display_as_str!(Verdict);
