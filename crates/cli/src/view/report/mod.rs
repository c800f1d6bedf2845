//! What runs did, for whoever must answer for it: each role's verdict and evidence, who approved, the plan's
//! digest, the archive, and AWS's request id of each write. One set of values, in five forms.
mod csv;
mod html;
mod markdown;
mod text;

pub(crate) use csv::csv;
pub(crate) use html::html;
pub(crate) use markdown::markdown;
pub(crate) use text::text;

use jiff::Timestamp;
use pinpoint_streams_executor::journal::{Archived, EndResult, RunLog, Write};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{Lineage, RunId, Workspace};
use pinpoint_streams_model::plan::{Action, Mode, Reason};
use pinpoint_streams_model::sweep::Finding;
use serde::Serialize;
use std::collections::BTreeMap;

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 1;

/// One run.
#[derive(Debug, Serialize)]
pub(crate) struct RunReport {
    run: RunId,
    lineage: Lineage,
    about: Option<About>,
    subjects: Vec<Subject>,
}

/// What the run was about; runs of older versions do not say it.
#[derive(Debug, Serialize)]
struct About {
    began_at: Timestamp,
    approved_by: Option<String>,
    workspace: Workspace,
    mode: Mode,
    plan_digest: Digest,
}

/// One role, app or event stream that the run found or wrote.
#[derive(Debug, Serialize)]
struct Subject {
    address: Address,
    action: Option<Action>,
    reason: Option<Reason>,
    finding: Option<Finding>,
    archives: Vec<Archive>,
    writes: Vec<Written>,
}

#[derive(Debug, Serialize)]
struct Archive {
    path: String,
    digest: Digest,
}

/// One call.
#[derive(Debug, Serialize)]
struct Written {
    operation: &'static str,
    began_at: Timestamp,
    ended_at: Option<Timestamp>,
    result: WriteResult,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum WriteResult {
    Done,
    Failed,
    /// Nobody saw the end, or the answer leaves it open.
    InDoubt,
}

impl WriteResult {
    fn words(self) -> &'static str {
        match self {
            WriteResult::Done => "done",
            WriteResult::Failed => "failed",
            WriteResult::InDoubt => "in doubt",
        }
    }
}

/// What a run's log says.
pub(crate) fn of(log: &RunLog) -> RunReport {
    let mut subjects: BTreeMap<Address, Subject> = BTreeMap::new();
    let mut subject = |address: &Address, change: &mut dyn FnMut(&mut Subject)| {
        change(subjects.entry(address.clone()).or_insert_with(|| Subject {
            address: address.clone(),
            action: None,
            reason: None,
            finding: None,
            archives: Vec::new(),
            writes: Vec::new(),
        }));
    };
    if let Some(about) = &log.header.about {
        for finding in &about.findings {
            subject(&finding.address(), &mut |of| of.finding = Some(finding.clone()));
        }
        for change in &about.plan.changes {
            subject(&change.address, &mut |of| {
                (of.action, of.reason) = (Some(change.action), Some(change.reason))
            });
        }
    }
    for write in log.writes() {
        subject(&write.begin.address, &mut |of| of.writes.push(written(write)));
    }
    let addresses: BTreeMap<_, _> =
        log.writes().map(|write| (write.begin.step, write.begin.address.clone())).collect();
    for Archived { step, path, digest, .. } in log.archived() {
        if let Some(address) = addresses.get(step) {
            let archive = || Archive { path: path.clone(), digest: digest.clone() };
            subject(address, &mut |of| of.archives.push(archive()));
        }
    }
    let about = log.header.about.as_ref().map(|about| About {
        began_at: about.began_at,
        approved_by: about.approved_by.clone(),
        workspace: about.plan.workspace.clone(),
        mode: about.plan.mode,
        plan_digest: about.plan.plan_digest.clone(),
    });
    let (run, lineage) = (log.header.run.clone(), log.header.lineage.clone());
    RunReport { run, lineage, about, subjects: subjects.into_values().collect() }
}

fn written(Write { begin, end }: Write<'_>) -> Written {
    let failed = end.and_then(|end| match &end.result {
        EndResult::Error(failed) => Some(failed),
        EndResult::Output(_) => None,
    });
    let result = match (end, failed) {
        (None, _) => WriteResult::InDoubt,
        (_, Some(failed)) if failed.in_doubt => WriteResult::InDoubt,
        (_, Some(_)) => WriteResult::Failed,
        (Some(_), None) => WriteResult::Done,
    };
    Written {
        operation: begin.op.name(),
        began_at: begin.time,
        ended_at: end.map(|end| end.time),
        result,
        code: failed.map(|failed| failed.code.clone()),
        message: failed.map(|failed| failed.message.clone()),
        request_id: end.and_then(|end| end.request_id.clone()),
    }
}

/// All of it as JSON.
pub(crate) fn json(runs: &[RunReport]) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format_version: u32,
        runs: &'a [RunReport],
    }
    super::json(&Document { format_version: FORMAT_VERSION, runs })
}

impl RunReport {
    /// When, what and on whose word, each with its name.
    fn head(&self) -> Vec<(&'static str, String)> {
        let mut head = vec![("run", self.run.to_string())];
        if let Some(About { began_at, approved_by, workspace, mode, plan_digest }) = &self.about {
            head.push(("began at", began_at.to_string()));
            head.push(("what", mode_words(*mode).to_owned()));
            head.push(("workspace", workspace.to_string()));
            head.push(("approved by", approved_by.clone().unwrap_or_else(|| "not said".to_owned())));
            head.push(("plan digest", plan_digest.to_string()));
        }
        head.push(("lineage", self.lineage.to_string()));
        head
    }
}

impl Subject {
    fn verdict(&self) -> &'static str {
        self.finding.as_ref().map_or("", |finding| finding.verdict.words())
    }

    fn purpose(&self) -> &'static str {
        self.finding.as_ref().map_or("", |finding| finding.purpose.words())
    }

    fn evidence(&self) -> Vec<String> {
        let facts = self.finding.iter().flat_map(|finding| &finding.evidence);
        facts
            .map(|evidence| match &evidence.call {
                Some(call) => format!("{} ({call})", evidence.fact),
                None => evidence.fact.clone(),
            })
            .collect()
    }

    fn action(&self) -> &'static str {
        match self.action {
            None => "",
            Some(Action::Create) => "create",
            Some(Action::Update) => "update",
            Some(Action::Replace) => "replace",
            Some(Action::Delete) => "delete",
            Some(Action::Adopt) => "adopt",
            Some(Action::Forget) => "forget",
            Some(Action::Quarantine) => "quarantine",
            Some(Action::Release) => "release",
            Some(Action::Keep) => "keep",
        }
    }

    fn reason(&self) -> &'static str {
        self.reason.map_or("", Reason::words)
    }
}

fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Converge => "apply",
        Mode::Destroy => "destroy",
        Mode::Drift => "drift",
        Mode::Sweep => "sweep",
        Mode::Restore => "restore",
    }
}
