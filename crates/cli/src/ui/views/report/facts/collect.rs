//! Collects a report from run logs.
use super::{
    Archive, Coverage, FORMAT_VERSION, FoundLog, Outcome, Planned, Report, Run, RunInfo, Subject, SweepFacts,
    Write,
};
use crate::ui::facts;
use crate::ui::reason::why;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::StepId;
use pinpoint_streams_model::plan::{Change, Plan};
use pinpoint_streams_model::sweep::{Finding, SweepAction};
use pinpoint_streams_store::journal::{
    self, About, Archived, EndResult, Failed, Reading, Record, RunLog, STOPPED,
};
use std::borrow::Borrow;
use std::collections::BTreeMap;

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
}

impl Run {
    fn of(FoundLog { log, ended, integrity }: &FoundLog) -> Run {
        let RunLog { path: _, header, records, link: _ } = log;
        let about = header.about.as_deref();
        let mut subjects = Subjects::default();
        if let Some(about) = about {
            let action = about.plan.options.sweep.as_ref().map_or(SweepAction::Quarantine, |sweep| sweep.action);
            about.findings.iter().for_each(|finding| subjects.found(finding, action));
            about.plan.changes.iter().for_each(|change| subjects.planned(change, about.plan.is_undo()));
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

    fn set_outcome(&mut self) {
        let worst = self.writes.iter().map(|write| write.result).max();
        let not_begun = (!self.not_begun.is_empty()).then_some(Outcome::NotDone);
        let planned = self.planned.action.map(|_| Outcome::Done);
        self.outcome = [worst, not_begun, planned].into_iter().flatten().max().unwrap_or(Outcome::LeftAlone);
    }
}

impl RunInfo {
    fn of(about: &About) -> RunInfo {
        let About { began_at, approved_by, findings: _, reading, plan } = about;
        let Plan { workspace, mode, plan_digest, tool_version, options, basis, .. } = &**plan;
        let swept = options.sweep.as_ref();
        let gone = swept.map(|sweep| &sweep.event_streams_gone).into_iter().chain([&options.event_streams_gone]);
        let detach = swept.map(|sweep| &sweep.allow_detach).into_iter().chain([&options.allow_detach]);
        RunInfo {
            workspace: workspace.clone(),
            mode: *mode,
            is_undo: plan.is_undo(),
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

    fn planned(&mut self, change: &Change, is_undo: bool) {
        let Change { address, kind: _, account, region, action, reason, fields: _, notes } = change;
        let subject = self.of(address);
        subject.account = Some(account.clone());
        subject.region = region.clone();
        subject.planned = Planned { action: Some(*action), reason: Some(*reason), why: why(change, is_undo) };
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
                let result = match (in_doubt, code.as_str()) {
                    (true, _) => Outcome::InDoubt,
                    (false, STOPPED) => Outcome::NotDone,
                    (false, _) => Outcome::Failed,
                };
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
