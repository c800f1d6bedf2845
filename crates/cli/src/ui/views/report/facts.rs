//! What a report shows: by run, and within a run by resource. The JSON of [`Report`] is a contract.
mod collect;

use crate::ui::style::of_action;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId, Workspace};
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::plan::{Action, Mode, Reason};
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::role_kind::Purpose;
use pinpoint_streams_model::sweep::{BundleFile, Detach, SweptAccount, Unread, Verdict};
use pinpoint_streams_store::journal::RunLog;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 4;

/// The newest run first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    pub(super) format_version: u32,
    pub(super) runs: Vec<Run>,
    /// The errors of the logs that cannot be read.
    #[serde(skip)]
    pub(crate) unreadable: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ended {
    /// The run ended and its log was kept.
    Kept,
    /// The run is still going, or was interrupted: the next run completes it.
    NotSeen,
}

/// Whether a log is the one that its run wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Integrity {
    /// The state holds its digest.
    Verified,
    /// The state holds its digest, but the run was interrupted, and the next one took its journal as it was found.
    TakenAsFound,
    /// The state holds another digest of this run's log.
    Edited,
    /// The state was not read or holds no digest: the run is unfinished, or an older version wrote the log.
    NotVerified,
}

impl Integrity {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Integrity::Verified => "verified: the state holds its digest",
            Integrity::TakenAsFound => {
                "not verified: the run was interrupted, and its journal was taken as it was found"
            }
            Integrity::Edited => "EDITED after the run: the state holds another digest",
            Integrity::NotVerified => "not verified: no digest of it in the state",
        }
    }
}

/// A run log as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundLog {
    pub(crate) log: RunLog,
    pub(crate) ended: Ended,
    pub(crate) integrity: Integrity,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Run {
    pub(super) run: RunId,
    pub(super) ended: Ended,
    pub(super) log: Integrity,
    /// The time of the last record.
    pub(super) last_at: Option<Timestamp>,
    /// `None` if the log does not say.
    pub(super) about: Option<RunInfo>,
    /// What was changed first, then what was left alone.
    pub(super) subjects: Vec<Subject>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct RunInfo {
    pub(super) workspace: Workspace,
    pub(super) mode: Mode,
    /// The mode of an undo is that of a restore.
    #[serde(skip)]
    pub(super) is_undo: bool,
    pub(super) began_at: Timestamp,
    pub(super) approved_by: Option<String>,
    pub(super) plan_digest: Digest,
    pub(super) tool_version: String,
    pub(super) accounts: BTreeMap<AccountAlias, AccountId>,
    /// Where an operator asserted that no event stream remains.
    pub(super) event_streams_gone: BTreeSet<AccountRegion>,
    pub(super) allow_detach: BTreeSet<Detach>,
    /// The bundles of evidence that a sweep was based on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) bundles: Vec<BundleFile>,
    /// What a sweep read.
    pub(super) reading: Option<Coverage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Coverage {
    pub(super) at: Timestamp,
    pub(super) accounts: Vec<SweptAccount>,
    pub(super) unread: Vec<Unread>,
}

/// A role, app or event stream: what was found, planned and done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Subject {
    pub(super) address: Address,
    pub(super) arn: Option<String>,
    pub(super) account: Option<AccountId>,
    /// `None` for roles, which are global.
    pub(super) region: Option<Region>,
    #[serde(flatten)]
    pub(super) planned: Planned,
    pub(super) outcome: Outcome,
    #[serde(flatten)]
    pub(super) found: SweepFacts,
    /// The plan's notes, unless they repeat the evidence.
    pub(super) notes: Vec<Evidence>,
    pub(super) archives: Vec<Archive>,
    pub(super) writes: Vec<Write>,
    /// The operations of steps that did not start.
    pub(super) not_begun: Vec<&'static str>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Planned {
    pub(super) action: Option<Action>,
    pub(super) reason: Option<Reason>,
    /// The reason in words; empty if nothing was planned.
    #[serde(skip)]
    pub(super) why: &'static str,
}

/// What a sweep found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct SweepFacts {
    pub(super) verdict: Option<Verdict>,
    pub(super) purpose: Option<Purpose>,
    pub(super) created: Option<Timestamp>,
    pub(super) last_used: Option<LastUsed>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) held_by: Vec<Fact>,
    pub(super) advice: Option<String>,
}

/// The outcome of a write or a resource; the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    LeftAlone,
    Done,
    NotDone,
    Failed,
    /// Unknown.
    InDoubt,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Archive {
    pub(super) path: String,
    pub(super) digest: Digest,
    pub(super) time: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Write {
    pub(super) op: &'static str,
    /// The API operation as in CloudTrail; `None` if only the state was written.
    pub(super) call: Option<&'static str>,
    pub(super) began_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) result: Outcome,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
}

impl Report {
    /// When each role was deleted, by ARN: the last time.
    pub(crate) fn deletions(&self) -> BTreeMap<String, Timestamp> {
        let mut deletions = BTreeMap::new();
        for subject in self.runs.iter().flat_map(|run| &run.subjects) {
            let Some(arn) = &subject.arn else { continue };
            let is_delete = |write: &&Write| write.call == Some("DeleteRole") && write.result == Outcome::Done;
            for write in subject.writes.iter().filter(is_delete) {
                let last = deletions.entry(arn.clone()).or_insert(write.began_at);
                *last = (*last).max(write.began_at);
            }
        }
        deletions
    }

    /// Takes back what was advised about roles that this or a later run changed or deleted.
    pub(crate) fn without_stale_advice(mut self, deletions: &BTreeMap<String, Timestamp>) -> Report {
        for run in &mut self.runs {
            let began = run.about.as_ref().map(|about| about.began_at);
            for subject in &mut run.subjects {
                let deleted = subject.arn.as_ref().and_then(|arn| deletions.get(arn));
                let is_gone = deleted.is_some_and(|at| began.is_none_or(|began| *at >= began));
                if is_gone || subject.outcome == Outcome::Done {
                    subject.found.advice = None;
                }
            }
        }
        self
    }

    /// The runs whose logs were edited.
    pub(crate) fn edited(&self) -> Vec<RunId> {
        let edited = self.runs.iter().filter(|run| run.log == Integrity::Edited);
        edited.map(|run| run.run.clone()).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Why there is nothing to show.
    pub(super) fn without_runs(&self) -> Option<String> {
        match &self.unreadable[..] {
            _ if !self.runs.is_empty() => None,
            [] => Some("No runs recorded: nothing has been applied here yet.".to_owned()),
            errors => Some(format!("No run log can be read: {}.", errors.join("; "))),
        }
    }
}

impl Run {
    /// The number of writes to AWS with this result, or of all.
    pub(super) fn writes(&self, result: Option<Outcome>) -> usize {
        let writes = self.subjects.iter().flat_map(|subject| &subject.writes);
        writes.filter(|write| write.call.is_some() && result.is_none_or(|result| write.result == result)).count()
    }

    pub(super) fn end(&self) -> &'static str {
        match self.ended {
            Ended::NotSeen => "no end recorded",
            Ended::Kept if self.subjects.iter().any(|one| one.outcome > Outcome::Done) => "partial",
            Ended::Kept => "complete",
        }
    }

    /// The number of subjects by verdict, action and outcome.
    pub(super) fn tally(&self) -> BTreeMap<(&'static str, &'static str, &'static str), usize> {
        let mut tally = BTreeMap::new();
        for one in &self.subjects {
            *tally.entry((one.verdict(), one.action(), one.outcome.as_str())).or_default() += 1;
        }
        tally
    }
}

impl RunInfo {
    /// The command that made the plan.
    pub(super) fn command(&self) -> &'static str {
        super::command(self.mode, self.is_undo)
    }
}

impl Subject {
    pub(super) fn verdict(&self) -> &'static str {
        self.found.verdict.map_or("", Verdict::as_str)
    }

    pub(super) fn purpose(&self) -> &'static str {
        self.found.purpose.map_or("", Purpose::as_str)
    }

    /// The action as in JSON.
    pub(super) fn action(&self) -> &'static str {
        self.planned.action.map_or("", |action| of_action(action).0)
    }

    pub(super) fn place(&self) -> &str {
        self.region.as_ref().map_or("global", Region::as_str)
    }
}

impl Outcome {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Outcome::LeftAlone => "skipped",
            Outcome::Done => "done",
            Outcome::NotDone => "not done",
            Outcome::Failed => "failed",
            Outcome::InDoubt => "outcome unknown",
        }
    }

    /// Since format 1 of the CSV.
    pub(super) fn in_csv(self) -> &'static str {
        match self {
            Outcome::LeftAlone => "left alone",
            Outcome::Done | Outcome::NotDone | Outcome::Failed | Outcome::InDoubt => self.as_str(),
        }
    }
}

impl Write {
    /// The API operation, or the operation on the state.
    pub(super) fn what(&self) -> String {
        self.call.map_or_else(|| format!("{}, state only", self.op), str::to_owned)
    }
}
