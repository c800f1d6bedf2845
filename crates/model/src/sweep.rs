//! What a sweep looks for and what it finds: which roles of an account still serve a Pinpoint app, which
//! serve something else, and which nothing uses any more.
use crate::address::Address;
use crate::arn::RoleArn;
use crate::fact::{Evidence, Fact};
use crate::ids::{AccountAlias, AccountId, RoleId, RoleName, display_as_str};
use crate::live::LastUsed;
use crate::region::{AccountRegion, Region};
use crate::role_kind::Purpose;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The inline policy that quarantines a role: it denies everything.
pub const QUARANTINE_POLICY: &str = "pinpoint-streams-quarantine";
/// The tag that says when a role was quarantined.
pub const QUARANTINED_AT: &str = "pinpoint-streams:quarantined-at";
/// The tag that says which run quarantined it.
pub const QUARANTINED_BY: &str = "pinpoint-streams:quarantined-by";
/// The tag that says which role was quarantined, by its id: a role made anew under the name is another.
pub const QUARANTINED_ID: &str = "pinpoint-streams:quarantined-id";

/// Whether an inline policy or a tag of this name is part of a quarantine, and not of the role as it was.
pub fn is_quarantine(name: &str) -> bool {
    [QUARANTINE_POLICY, QUARANTINED_AT, QUARANTINED_BY, QUARANTINED_ID].contains(&name)
}

/// What a sweep is asked to do. Part of the plan's options, and so of its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepOptions {
    /// What is done with what is found.
    pub action: SweepAction,
    /// When the sweep was asked for. A saved sweep plan expires 24 hours later.
    pub now: Timestamp,
    /// The run that asks, for the quarantine's tag.
    pub run: String,
    /// The regions that are read; others are unknown, not absent.
    pub regions: BTreeSet<Region>,
    /// A role used since then is alive.
    pub unused_since: Timestamp,
    /// A role younger than this is left alone, in days.
    pub min_age_days: u32,
    /// At most so many deletes an account.
    pub max_delete: usize,
    /// Whether all roles that trust only Pinpoint are judged, or only those for event streams.
    pub all_purposes: bool,
    /// Names, as globs, that are left alone.
    pub exclude: BTreeSet<String>,
    /// Regions, as globs, of which the manifest says that Pinpoint was never used there.
    pub no_pinpoint_in: BTreeSet<String>,
    /// Account and region where a person asserts that no event stream remains.
    pub event_streams_gone: BTreeSet<AccountRegion>,
    /// What may be taken off a role although it is not ours.
    pub allow_detach: BTreeSet<Detach>,
    /// Roles that a Terraform state names, by ARN, with the file that does.
    pub terraform: BTreeMap<String, String>,
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

/// What a sweep does with what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepAction {
    /// Denies everything to obsolete roles, reversibly.
    Quarantine,
    /// Takes quarantines off.
    Release,
    /// Deletes what has been quarantined and unused for so many days.
    Reap {
        /// Days since the quarantine.
        after_days: u32,
    },
    /// Deletes obsolete roles whose evidence is strong, without quarantine.
    Delete,
}

/// An account that a sweep reads, and whether it could.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweptAccount {
    /// How it is called here.
    pub alias: AccountAlias,
    /// Its id, where it is known.
    pub id: Option<AccountId>,
    /// Why it could not be read; none where it was.
    pub unreachable: Option<String>,
}

/// What a sweep found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// The roles that trust Pinpoint, by account and name.
    pub roles: Vec<Finding>,
    /// What may hold more of them and could not be read.
    pub unread: Vec<Unread>,
}

impl Findings {
    /// How many roles got this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.roles.iter().filter(|finding| finding.verdict == verdict).count()
    }

    /// Whether something is not known: a verdict, or what was not read at all.
    pub fn has_unknown(&self) -> bool {
        !self.unread.is_empty() || self.count(Verdict::Unknown) > 0
    }
}

/// An account, or one role of it, of which not even the trust policy is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unread {
    /// The account.
    pub account: AccountId,
    /// The role; none where all of the account's are meant.
    pub role: Option<RoleName>,
    /// Why, with the call that failed.
    pub why: Evidence,
}

/// What is to be said of one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The role.
    pub role: RoleArn,
    /// Its identity.
    pub role_id: RoleId,
    /// What it is.
    pub verdict: Verdict,
    /// What it was made for, by its permissions.
    pub purpose: Purpose,
    /// When it was made, where that was read.
    pub created: Option<Timestamp>,
    /// When it was last used.
    pub last_used: LastUsed,
    /// What the verdict rests on; first what decides it.
    pub evidence: Vec<Evidence>,
    /// What keeps a sweep from doing to it what it was asked to, though the verdict would let it: `--exclude`,
    /// too young, a foreign policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_by: Vec<Fact>,
    /// What to do about it, as format 1 of a run log says it. Nothing writes it today: it follows from the verdict
    /// and the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    /// How plans and people name the role.
    pub fn address(&self) -> Address {
        Address::Undeclared(self.role.in_account())
    }
}

/// What a role is to a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In this workspace's state, or bearing another workspace's or lineage's tags.
    Managed,
    /// In a CloudFormation stack or a Terraform state, or made from a role template.
    ManagedElsewhere,
    /// An app's event stream names it.
    InUse,
    /// It was used lately, after the service ended; or its quarantine was
    /// removed outside pinpoint-streams.
    Alive,
    /// It trusts others beside Pinpoint, is service-linked or AWS's own, or is for something else than what is
    /// judged (see [`SweepOptions::all_purposes`]).
    NotOurs,
    /// Some read that the verdict rests on failed, was not done, or proves nothing.
    Unknown,
    /// It carries our quarantine.
    Quarantined,
    /// It carries our quarantine and was used since.
    Tripped,
    /// None of these: nothing uses it any more.
    Obsolete,
}

impl Verdict {
    /// All of them, the ones to act on last.
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
