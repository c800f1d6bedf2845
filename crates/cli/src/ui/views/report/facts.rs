//! What a report shows, collected from run logs: by run, and within a run by resource.
use crate::ui::facts;
use crate::ui::style::of_action;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId, StepId, Workspace};
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::plan::{Action, Change, Mode, Plan, Reason};
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::role_kind::Purpose;
use pinpoint_streams_model::sweep::{BundleFile, Detach, Finding, SweepAction, SweptAccount, Unread, Verdict};
use pinpoint_streams_store::journal::{self, About, Archived, EndResult, Failed, Reading, Record, RunLog};
use serde::Serialize;
use std::borrow::Borrow;
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
    /// Holds one log at a time.
    pub(crate) fn of<L: Borrow<FoundLog>>(logs: impl IntoIterator<Item = L>) -> Report {
        let mut runs: Vec<Run> = logs.into_iter().map(|log| Run::of(log.borrow())).collect();
        runs.sort_by_key(|run| {
            let began = run.about.as_ref().map(|about| about.began_at);
            (std::cmp::Reverse(began.or(run.last_at)), run.run.clone())
        });
        Report { format_version: FORMAT_VERSION, runs, unreadable: Vec::new() }
    }

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
    fn of(FoundLog { log, ended, integrity }: &FoundLog) -> Run {
        let RunLog { path: _, header, records, link: _ } = log;
        let about = header.about.as_deref();
        let mut subjects = Subjects::default();
        if let Some(about) = about {
            let action = about.plan.options.sweep.as_ref().map_or(SweepAction::Quarantine, |sweep| sweep.action);
            about.findings.iter().for_each(|finding| subjects.found(finding, action));
            about.plan.changes.iter().for_each(|change| subjects.planned(change));
        }
        log.writes().for_each(|write| subjects.written(&write));
        let places: BTreeMap<StepId, &Address> =
            log.writes().map(|one| (one.begin.step, &one.begin.address)).collect();
        if let Some(about) = about {
            for step in about.plan.steps.iter().filter(|step| !places.contains_key(&step.id)) {
                let subject = subjects.of(&step.address);
                subject.account = subject.account.take().or_else(|| step.op.account().cloned());
                subject.not_begun.push(step.op.name());
            }
        }
        for archived in log.archived() {
            let planned = about.and_then(|about| about.plan.steps.iter().find(|step| step.id == archived.step));
            let address = planned.map(|step| &step.address).or_else(|| places.get(&archived.step).copied());
            if let Some(address) = address {
                subjects.archived(address, archived);
            }
        }
        let last_at = records.iter().map(time).max();
        Run {
            run: header.run.clone(),
            ended: *ended,
            log: *integrity,
            last_at,
            about: about.map(RunInfo::of),
            subjects: subjects.finished(),
        }
    }

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

impl Subject {
    fn new(address: Address) -> Subject {
        let account = match &address {
            Address::Undeclared(role) => Some(role.account.clone()),
            Address::App(_) | Address::Role(_) | Address::EventStream(_) => None,
        };
        Subject {
            address,
            arn: None,
            account,
            region: None,
            planned: Planned::default(),
            outcome: Outcome::LeftAlone,
            found: SweepFacts::default(),
            notes: Vec::new(),
            archives: Vec::new(),
            writes: Vec::new(),
            not_begun: Vec::new(),
        }
    }

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

    fn set_outcome(&mut self) {
        let worst = self.writes.iter().map(|write| write.result).max();
        let not_begun = (!self.not_begun.is_empty()).then_some(Outcome::NotDone);
        let planned = self.planned.action.map(|_| Outcome::Done);
        self.outcome = [worst, not_begun, planned].into_iter().flatten().max().unwrap_or(Outcome::LeftAlone);
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

impl RunInfo {
    fn of(about: &About) -> RunInfo {
        let About { began_at, approved_by, findings: _, reading, plan } = about;
        let Plan { workspace, mode, plan_digest, tool_version, options, basis, .. } = plan;
        let swept = options.sweep.as_ref();
        let gone = swept.map(|sweep| &sweep.event_streams_gone).into_iter().chain([&options.event_streams_gone]);
        let detach = swept.map(|sweep| &sweep.allow_detach).into_iter().chain([&options.allow_detach]);
        RunInfo {
            workspace: workspace.clone(),
            mode: *mode,
            began_at: *began_at,
            approved_by: approved_by.clone(),
            plan_digest: plan_digest.clone(),
            tool_version: tool_version.clone(),
            accounts: basis.accounts.clone(),
            event_streams_gone: gone.flatten().cloned().collect(),
            allow_detach: detach.flatten().copied().collect(),
            bundles: swept.map_or_else(Vec::new, |sweep| sweep.bundles.clone()),
            reading: reading.clone().map(|Reading { at, accounts, unread }| Coverage { at, accounts, unread }),
        }
    }
}

fn time(record: &Record) -> Timestamp {
    match record {
        Record::Begin(begin) => begin.time,
        Record::End(end) => end.time,
        Record::Archived(archived) => archived.time,
    }
}

#[derive(Debug, Default)]
struct Subjects(BTreeMap<Address, Subject>);

impl Subjects {
    fn of(&mut self, address: &Address) -> &mut Subject {
        self.0.entry(address.clone()).or_insert_with(|| Subject::new(address.clone()))
    }

    fn found(&mut self, finding: &Finding, action: SweepAction) {
        let Finding { role, role_id: _, verdict, purpose, created, last_used, evidence, held_by, advice: _ } =
            finding;
        let subject = self.of(&finding.address());
        subject.arn = Some(role.to_string());
        subject.found = SweepFacts {
            verdict: Some(*verdict),
            purpose: Some(*purpose),
            created: *created,
            last_used: Some(last_used.clone()),
            evidence: evidence.clone(),
            held_by: held_by.clone(),
            advice: facts::advice(finding, action),
        };
    }

    fn planned(&mut self, change: &Change) {
        let Change { address, kind: _, account, region, action, reason, fields: _, notes } = change;
        let subject = self.of(address);
        subject.account = Some(account.clone());
        subject.region = region.clone();
        subject.planned = Planned { action: Some(*action), reason: Some(*reason) };
        // A sweep's notes are its evidence.
        if subject.found.verdict.is_none() {
            subject.notes = notes.clone();
        }
    }

    fn written(&mut self, journal::Write { begin, end }: &journal::Write<'_>) {
        let subject = self.of(&begin.address);
        subject.account = subject.account.take().or_else(|| begin.op.account().cloned());
        subject.arn = subject.arn.take().or_else(|| begin.op.role().map(ToString::to_string));
        let (result, code, message) = match end.map(|end| &end.result) {
            None => (Outcome::InDoubt, None, Some("no end recorded".to_owned())),
            Some(EndResult::Output(_)) => (Outcome::Done, None, None),
            Some(EndResult::Error(Failed { code, message, in_doubt })) => {
                let result = if *in_doubt { Outcome::InDoubt } else { Outcome::Failed };
                (result, Some(code.clone()), Some(message.clone()))
            }
        };
        subject.writes.push(Write {
            op: begin.op.name(),
            call: begin.op.call().map(|call| call.api),
            began_at: begin.time,
            ended_at: end.map(|end| end.time),
            result,
            code,
            message,
            request_id: end.and_then(|end| end.request_id.clone()),
        });
    }

    fn archived(&mut self, address: &Address, Archived { seq: _, step: _, path, digest, time }: &Archived) {
        self.of(address).archives.push(Archive { path: path.clone(), digest: digest.clone(), time: *time });
    }

    fn finished(self) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = self.0.into_values().collect();
        subjects.iter_mut().for_each(Subject::set_outcome);
        // Stable: within an account by address.
        subjects.sort_by_key(|one| (one.outcome == Outcome::LeftAlone, one.account.clone()));
        subjects
    }
}
