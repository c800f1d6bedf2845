//! A verification as text and JSON.
use crate::ui::escape;
use crate::ui::style::{ADDED, HELP, QUIET, REMOVED, STRONG, WARNING, paint};
use crate::ui::views::sweep::wrapped;
use crate::ui::views::{self, count};
use crate::ui::wrap::shortened_middle;
use anstyle::Style;
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_planner::verify::{Check, CheckKind, CheckResult, Verification, VerifiedApp};
use serde::Serialize;
use std::fmt::Write as _;

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 1;

pub(super) const NOT_COVERED: [&str; 2] = [
    "IAM simulated the policies of roles, their boundaries and service control policies. The policies of streams and \
     keys themselves were read and evaluated here, not simulated.",
    "Not covered: resource control policies and grants of keys. No event was sent.",
];

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    workspace: &'a Workspace,
    #[serde(flatten)]
    verification: &'a Verification,
    summary: Summary,
    not_covered: [&'a str; 3],
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Summary {
    ok: usize,
    fault: usize,
    unknown: usize,
}

impl Summary {
    pub(super) fn of(verification: &Verification) -> Summary {
        let mut summary = Summary::default();
        for app in &verification.apps {
            match result(app) {
                CheckResult::Ok | CheckResult::NotApplicable => summary.ok += 1,
                CheckResult::Fault => summary.fault += 1,
                CheckResult::Unknown => summary.unknown += 1,
            }
        }
        summary
    }

    pub(super) fn sentence(self) -> String {
        let Summary { ok, fault, unknown } = self;
        match (ok, fault, unknown) {
            (0, 0, 0) => "The manifest declares no event stream.".to_owned(),
            (ok, 0, 0) => format!("{} can work.", count(ok, "event stream")),
            (ok, fault, 0) => format!("{} cannot work, {ok} can.", count(fault, "event stream")),
            (ok, fault, unknown) => {
                format!("{} cannot work, {ok} can, {unknown} unknown.", count(fault, "event stream"))
            }
        }
    }
}

/// The gravest result: a fault, then what is unknown.
pub(super) fn result(app: &VerifiedApp) -> CheckResult {
    let results = || app.checks.iter().map(Check::result);
    if results().any(|result| result == CheckResult::Fault) {
        CheckResult::Fault
    } else if results().any(|result| result == CheckResult::Unknown) {
        CheckResult::Unknown
    } else {
        CheckResult::Ok
    }
}

fn word(result: CheckResult) -> (&'static str, Style) {
    match result {
        CheckResult::Ok => ("ok", ADDED),
        CheckResult::NotApplicable => ("-", QUIET),
        CheckResult::Fault => ("FAULT", REMOVED),
        CheckResult::Unknown => ("unknown", WARNING),
    }
}

/// One line for an app; below the table, what is wrong with each.
pub(super) fn text(verification: &Verification, width: usize) -> String {
    let mut text = String::new();
    if !verification.apps.is_empty() {
        text.push_str(&table(verification, width));
    }
    for app in verification.apps.iter().filter(|app| app.checks.iter().any(|check| !check.findings.is_empty())) {
        let VerifiedApp { address, account, region, app_id, .. } = app;
        let id = app_id.as_ref().map(|id| format!("app {id}, ")).unwrap_or_default();
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "\n{} {}", paint(STRONG, address), paint(QUIET, format!("{id}{account}/{region}")));
        for check in &app.checks {
            for finding in &check.findings {
                let message = format!("{}: {}", check.kind.as_str(), escape(&finding.message));
                text.push_str(&wrapped(&message, 2, width, "", Style::new()));
                if let Some(hint) = finding.hint {
                    text.push_str(&wrapped(hint, 4, width, "help: ", HELP));
                }
            }
        }
    }
    text.push('\n');
    if verification.without_event_stream > 0 {
        let apps = count(verification.without_event_stream, "app");
        let note = format!("{apps} without an event stream in the manifest.");
        text.push_str(&wrapped(&note, 0, width, "", Style::new()));
    }
    for note in NOT_COVERED {
        text.push_str(&wrapped(note, 0, width, "", QUIET));
    }
    let _ = writeln!(text, "\n{}", paint(STRONG, Summary::of(verification).sentence()));
    text
}

/// The least room for the name of an app in the table.
const LEAST_NAME: usize = 12;

/// Columns are padded before they are painted: a style has no width.
fn table(verification: &Verification, width: usize) -> String {
    let cell_width = |kind: CheckKind| kind.as_str().chars().count().max("unknown".len());
    let checks: usize = CheckKind::ALL.into_iter().map(|kind| cell_width(kind) + 2).sum();
    // What is wrong with an app is below, under its whole address.
    let room = width.saturating_sub(checks).max(LEAST_NAME);
    let name = |app: &VerifiedApp| shortened_middle(app.address.key().unwrap_or_default(), room);
    let widest = verification.apps.iter().map(|app| name(app).chars().count()).max().unwrap_or(0).max(3);
    let heading = |kind: CheckKind| format!("{:<1$}", kind.as_str(), cell_width(kind));
    let headings = CheckKind::ALL.map(heading).join("  ");
    // The first column is the app, and so is the first check.
    let mut text =
        format!("{}\n", paint(QUIET, format!("{:<widest$}  {headings}", "", widest = widest).trim_end()));
    for app in &verification.apps {
        let _ = write!(text, "{:<widest$}", name(app), widest = widest);
        let last = app.checks.len();
        for (at, check) in app.checks.iter().enumerate() {
            let (word, style) = word(check.result());
            let padded =
                if at + 1 == last { word.to_owned() } else { format!("{word:<0$}", cell_width(check.kind)) };
            let _ = write!(text, "  {}", paint(style, padded));
        }
        text.push('\n');
    }
    text
}

pub(super) fn json(workspace: &Workspace, verification: &Verification) -> String {
    views::json(&Document {
        format_version: FORMAT_VERSION,
        workspace,
        verification,
        summary: Summary::of(verification),
        not_covered: ["resource_control_policies", "key_grants", "delivery"],
    })
}
