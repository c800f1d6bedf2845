//! A verification as text, JSON and Markdown.
use crate::ui::escape;
use crate::ui::style::{ADDED, HELP, QUIET, REMOVED, STRONG, WARNING, paint};
use crate::ui::views::sweep::wrapped;
use crate::ui::views::{self, count};
use anstyle::Style;
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_planner::verify::{Check, CheckKind, CheckResult, Verification, VerifiedApp};
use serde::Serialize;
use std::fmt::Write as _;

/// The format of the document in JSON.
const FORMAT_VERSION: u32 = 1;

const NOT_COVERED: [&str; 2] = [
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
struct Summary {
    ok: usize,
    fault: usize,
    unknown: usize,
}

impl Summary {
    fn of(verification: &Verification) -> Summary {
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

    fn sentence(self) -> String {
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
fn result(app: &VerifiedApp) -> CheckResult {
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
        text.push_str(&table(verification));
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

/// Columns are padded before they are painted: a style has no width.
fn table(verification: &Verification) -> String {
    let name = |app: &VerifiedApp| app.address.key().unwrap_or_default().to_owned();
    let widest = verification.apps.iter().map(|app| name(app).chars().count()).max().unwrap_or(0).max(3);
    let width = |kind: CheckKind| kind.as_str().chars().count().max("unknown".len());
    let heading = |kind: CheckKind| format!("{:<1$}", kind.as_str(), width(kind));
    let headings = CheckKind::ALL.map(heading).join("  ");
    // The first column is the app, and so is the first check.
    let mut text =
        format!("{}\n", paint(QUIET, format!("{:<widest$}  {headings}", "", widest = widest).trim_end()));
    for app in &verification.apps {
        let _ = write!(text, "{:<widest$}", name(app), widest = widest);
        let last = app.checks.len();
        for (at, check) in app.checks.iter().enumerate() {
            let (word, style) = word(check.result());
            let padded = if at + 1 == last { word.to_owned() } else { format!("{word:<0$}", width(check.kind)) };
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

pub(super) fn markdown(workspace: &Workspace, verification: &Verification) -> String {
    let mut text = format!("### {}\n\n", Summary::of(verification).sentence());
    let _ = writeln!(text, "Workspace {}.\n", code(workspace.as_str()));
    if !verification.apps.is_empty() {
        let headings = CheckKind::ALL.map(|kind| kind.as_str()).join(" | ");
        let _ = writeln!(text, "| | {headings} |\n|---|{}", "---|".repeat(CheckKind::ALL.len()));
        for app in &verification.apps {
            let cells: Vec<_> = app.checks.iter().map(|check| word(check.result()).0).collect();
            let _ = writeln!(text, "| {} | {} |", code(&app.address.to_string()), cells.join(" | "));
        }
    }
    for app in &verification.apps {
        for check in &app.checks {
            for finding in &check.findings {
                let hint = finding.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
                let (address, kind) = (code(&app.address.to_string()), check.kind.as_str());
                let _ = write!(text, "\n- {address} {kind}: {}{hint}", code(&finding.message));
            }
        }
    }
    text.push_str("\n\n");
    let _ = writeln!(text, "{}", NOT_COVERED.join(" "));
    text
}

/// As code, so that nothing in it is taken for Markdown or HTML. A line break would end it.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", escape(text))
}
