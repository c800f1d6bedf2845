//! The facts of a report, drawn together from the logs of runs: by run, and within a run by what it is about.
use super::words;
use crate::ui::facts;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::fact::{Evidence, Fact};
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId, StepId, Workspace};
use pinpoint_streams_model::live::LastUsed;
use pinpoint_streams_model::plan::{Action, Change, Mode, Plan, Reason};
use pinpoint_streams_model::region::{AccountRegion, Region};
use pinpoint_streams_model::role_kind::Purpose;
use pinpoint_streams_model::sweep::Detach;
use pinpoint_streams_model::sweep::{Finding, SweptAccount, Unread, Verdict};
use pinpoint_streams_store::journal::{About, Archived, EndResult, Reading, Record, RunLog, Write};
use serde::Serialize;
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 2;

/// What runs found and did, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    pub(super) format_version: u32,
    pub(super) runs: Vec<Run>,
    /// The errors of the logs that cannot be read.
    #[serde(skip)]
    pub(crate) unreadable: Vec<String>,
}

/// Whether a run's end was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ended {
    /// The state holds all that it did.
    Kept,
    /// It goes on still, or broke off: the next run looks at what it left.
    NotSeen,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Run {
    pub(super) run: RunId,
    pub(super) ended: Ended,
    /// The last that was written down.
    pub(super) last_at: Option<Timestamp>,
    /// None of a log that says nothing of it.
    pub(super) about: Option<Purport>,
    /// What was changed first, then what was left alone.
    pub(super) subjects: Vec<Subject>,
}

/// What a run was about, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Purport {
    pub(super) workspace: Workspace,
    pub(super) mode: Mode,
    pub(super) began_at: Timestamp,
    pub(super) approved_by: Option<String>,
    pub(super) plan_digest: Digest,
    pub(super) tool_version: String,
    pub(super) accounts: BTreeMap<AccountAlias, AccountId>,
    /// Where a person vouched that no event stream was left.
    pub(super) event_streams_gone: BTreeSet<AccountRegion>,
    /// What a person allowed to be taken off roles.
    pub(super) allow_detach: BTreeSet<Detach>,
    /// When a sweep had read all, of which accounts, and what it could not read.
    pub(super) reading: Option<Coverage>,
}

/// How far a sweep's reading reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Coverage {
    pub(super) at: Timestamp,
    pub(super) accounts: Vec<SweptAccount>,
    pub(super) unread: Vec<Unread>,
}

/// A role, app or event stream: what was found of it, what was to be done, and what was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Subject {
    pub(super) address: Address,
    pub(super) arn: Option<String>,
    pub(super) account: Option<AccountId>,
    /// None for roles, which are global.
    pub(super) region: Option<Region>,
    pub(super) action: Option<Action>,
    pub(super) reason: Option<Reason>,
    pub(super) outcome: Outcome,
    pub(super) verdict: Option<Verdict>,
    pub(super) purpose: Option<Purpose>,
    pub(super) created: Option<Timestamp>,
    pub(super) last_used: Option<LastUsed>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) held_by: Vec<Fact>,
    pub(super) advice: Option<String>,
    /// Of the plan, where no finding says the same.
    pub(super) notes: Vec<Evidence>,
    pub(super) archives: Vec<Kept>,
    pub(super) writes: Vec<Done>,
    /// Steps of the plan that were not begun, by their operation.
    pub(super) not_begun: Vec<&'static str>,
}

/// What became of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    LeftAlone,
    Done,
    NotDone,
    Failed,
    InDoubt,
}

/// An archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) digest: Digest,
    pub(super) time: Timestamp,
}

/// One write, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Done {
    pub(super) op: &'static str,
    /// The call as CloudTrail names it; none where only the record was written.
    pub(super) call: Option<&'static str>,
    pub(super) began_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) result: Outcome,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
}

impl Report {
    /// Of these runs. One log at a time is held.
    pub(crate) fn of<L: Borrow<(RunLog, Ended)>>(logs: impl IntoIterator<Item = L>) -> Report {
        let one = |(log, ended): &(RunLog, Ended)| run(log, *ended);
        let mut runs: Vec<Run> = logs.into_iter().map(|log| one(log.borrow())).collect();
        runs.sort_by_key(|run| {
            let began = run.about.as_ref().map(|about| about.began_at);
            (std::cmp::Reverse(began.or(run.last_at)), run.run.clone())
        });
        Report { format_version: FORMAT_VERSION, runs, unreadable: Vec::new() }
    }

    /// Why there is nothing to show.
    pub(super) fn without_runs(&self) -> Option<String> {
        match &self.unreadable[..] {
            _ if !self.runs.is_empty() => None,
            [] => Some("No run was kept here: nothing was applied yet.".to_owned()),
            errors => Some(format!("No run log can be read: {}.", errors.join("; "))),
        }
    }
}

impl Run {
    /// How many writes to AWS came to this end; all of them without one.
    pub(super) fn writes(&self, result: Option<Outcome>) -> usize {
        let writes = self.subjects.iter().flat_map(|subject| &subject.writes);
        writes.filter(|done| done.call.is_some() && result.is_none_or(|result| done.result == result)).count()
    }

    /// How it ended, in words.
    pub(super) fn end_words(&self) -> &'static str {
        match self.ended {
            Ended::NotSeen => "its end was not seen",
            Ended::Kept if self.subjects.iter().any(|one| one.outcome > Outcome::Done) => {
                "ended with a part not done"
            }
            Ended::Kept => "ended",
        }
    }

    /// How many subjects came to this verdict, action and outcome.
    pub(super) fn tally(&self) -> BTreeMap<(&'static str, &'static str, &'static str), usize> {
        let mut tally = BTreeMap::new();
        for one in &self.subjects {
            *tally.entry((one.verdict_words(), one.action_words(), one.outcome.words())).or_default() += 1;
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
            action: None,
            reason: None,
            outcome: Outcome::LeftAlone,
            verdict: None,
            purpose: None,
            created: None,
            last_used: None,
            evidence: Vec::new(),
            held_by: Vec::new(),
            advice: None,
            notes: Vec::new(),
            archives: Vec::new(),
            writes: Vec::new(),
            not_begun: Vec::new(),
        }
    }

    pub(super) fn verdict_words(&self) -> &'static str {
        self.verdict.map_or("", Verdict::as_str)
    }

    pub(super) fn purpose_words(&self) -> &'static str {
        self.purpose.map_or("", Purpose::as_str)
    }

    pub(super) fn action_words(&self) -> &'static str {
        self.action.map_or("", words::action)
    }

    pub(super) fn region_words(&self) -> &str {
        self.region.as_ref().map_or("global", Region::as_str)
    }

    fn becomes(&mut self) {
        let worst = self.writes.iter().map(|done| done.result).max();
        let not_begun = (!self.not_begun.is_empty()).then_some(Outcome::NotDone);
        let planned = self.action.map(|_| Outcome::Done);
        self.outcome = [worst, not_begun, planned].into_iter().flatten().max().unwrap_or(Outcome::LeftAlone);
    }
}

impl Outcome {
    pub(super) fn words(self) -> &'static str {
        match self {
            Outcome::LeftAlone => "left alone",
            Outcome::Done => "done",
            Outcome::NotDone => "not done",
            Outcome::Failed => "failed",
            Outcome::InDoubt => "in doubt",
        }
    }
}

impl Done {
    /// The call, or what was written to the record.
    pub(super) fn what(&self) -> String {
        self.call.map_or_else(|| format!("{}, in the record alone", self.op), str::to_owned)
    }
}

fn run(log: &RunLog, ended: Ended) -> Run {
    let RunLog { path: _, header, records } = log;
    let about = header.about.as_deref();
    let mut subjects = Subjects::default();
    if let Some(about) = about {
        about.findings.iter().for_each(|finding| subjects.found(finding));
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
            subjects.kept(address, archived);
        }
    }
    let last_at = records.iter().map(time).max();
    Run { run: header.run.clone(), ended, last_at, about: about.map(purport), subjects: subjects.finished() }
}

fn time(record: &Record) -> Timestamp {
    match record {
        Record::Begin(begin) => begin.time,
        Record::End(end) => end.time,
        Record::Archived(archived) => archived.time,
    }
}

fn purport(about: &About) -> Purport {
    let About { began_at, approved_by, findings: _, reading, plan } = about;
    let Plan { workspace, mode, plan_digest, tool_version, options, basis, .. } = plan;
    let swept = options.sweep.as_ref();
    let gone = swept.map(|sweep| &sweep.event_streams_gone).into_iter().chain([&options.event_streams_gone]);
    let detach = swept.map(|sweep| &sweep.allow_detach).into_iter().chain([&options.allow_detach]);
    Purport {
        workspace: workspace.clone(),
        mode: *mode,
        began_at: *began_at,
        approved_by: approved_by.clone(),
        plan_digest: plan_digest.clone(),
        tool_version: tool_version.clone(),
        accounts: basis.accounts.clone(),
        event_streams_gone: gone.flatten().cloned().collect(),
        allow_detach: detach.flatten().copied().collect(),
        reading: reading.clone().map(|Reading { at, accounts, unread }| Coverage { at, accounts, unread }),
    }
}

/// What is being said of each address.
#[derive(Debug, Default)]
struct Subjects(BTreeMap<Address, Subject>);

impl Subjects {
    fn of(&mut self, address: &Address) -> &mut Subject {
        self.0.entry(address.clone()).or_insert_with(|| Subject::new(address.clone()))
    }

    fn found(&mut self, finding: &Finding) {
        let Finding { role, role_id: _, verdict, purpose, created, last_used, evidence, held_by, advice: _ } =
            finding;
        let subject = self.of(&finding.address());
        subject.arn = Some(role.to_string());
        subject.verdict = Some(*verdict);
        subject.purpose = Some(*purpose);
        subject.created = *created;
        subject.last_used = Some(last_used.clone());
        subject.evidence = evidence.clone();
        subject.held_by = held_by.clone();
        subject.advice = facts::advice(finding);
    }

    fn planned(&mut self, change: &Change) {
        let Change { address, kind: _, account, region, action, reason, fields: _, notes } = change;
        let subject = self.of(address);
        subject.account = Some(account.clone());
        subject.region = region.clone();
        subject.action = Some(*action);
        subject.reason = Some(*reason);
        // A sweep's notes are its evidence.
        if subject.verdict.is_none() {
            subject.notes = notes.clone();
        }
    }

    fn written(&mut self, Write { begin, end }: &Write<'_>) {
        let subject = self.of(&begin.address);
        subject.account = subject.account.take().or_else(|| begin.op.account().cloned());
        subject.arn = subject.arn.take().or_else(|| begin.op.role().map(ToString::to_string));
        let mut done = Done {
            op: begin.op.name(),
            call: begin.op.call().map(|call| call.api),
            began_at: begin.time,
            ended_at: end.map(|end| end.time),
            result: Outcome::InDoubt,
            code: None,
            message: end.is_none().then(|| "its end was not seen".to_owned()),
            request_id: end.and_then(|end| end.request_id.clone()),
        };
        match end.map(|end| &end.result) {
            Some(EndResult::Output(_)) => done.result = Outcome::Done,
            Some(EndResult::Error(failed)) => {
                done.result = if failed.in_doubt { Outcome::InDoubt } else { Outcome::Failed };
                done.code = Some(failed.code.clone());
                done.message = Some(failed.message.clone());
            }
            None => {}
        }
        subject.writes.push(done);
    }

    fn kept(&mut self, address: &Address, Archived { seq: _, step: _, path, digest, time }: &Archived) {
        self.of(address).archives.push(Kept { path: path.clone(), digest: digest.clone(), time: *time });
    }

    fn finished(self) -> Vec<Subject> {
        let mut subjects: Vec<Subject> = self.0.into_values().collect();
        subjects.iter_mut().for_each(Subject::becomes);
        // Stable: within an account by address.
        subjects.sort_by_key(|one| (one.outcome == Outcome::LeftAlone, one.account.clone()));
        subjects
    }
}
