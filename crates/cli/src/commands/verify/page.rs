//! A verification as a page and as a comment.
use super::view::{NOT_COVERED, Summary, result};
use crate::ui::page::{
    NextStep, Page, PageField, PageGroup, PageLine, PageRow, PageTable, RowMark, Tone, Untrusted,
};
use crate::ui::text::count;
use crate::ui::views::plan::few;
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_planner::verify::{Check, CheckKind, CheckResult, Verification, VerifiedApp, VerifyFinding};
use std::collections::BTreeSet;

/// The commands that follow a verification, as they are typed.
#[derive(Debug, Clone, Default)]
pub(super) struct VerifyCommands {
    pub(super) apply: String,
    pub(super) again: String,
    /// Prints the permissions that a verification needs.
    pub(super) permissions: String,
    /// Shows the verification as a page.
    pub(super) everything: String,
}

/// The gravest first.
const RESULTS: [CheckResult; 3] = [CheckResult::Fault, CheckResult::Unknown, CheckResult::Ok];

pub(super) fn page(workspace: &Workspace, verification: &Verification, commands: &VerifyCommands) -> Page {
    let Verification { apps, without_event_stream } = verification;
    let about = [PageLine::plain(format!("Workspace {workspace}."))];
    let without = (*without_event_stream > 0).then(|| {
        PageLine::plain(format!(
            "{} without an event stream in the manifest.",
            count(*without_event_stream, "app")
        ))
    });
    Page {
        title: Summary::of(verification).sentence().trim_end_matches('.').into(),
        about: about.into_iter().chain(without).collect(),
        noun: "event stream",
        facets: &["result", "account", "region"],
        marks: RESULTS.map(mark).into(),
        tables: if apps.is_empty() { Vec::new() } else { vec![checks(apps)] },
        grave: "Faults",
        groups: RESULTS.iter().filter_map(|of| group(*of, apps)).collect(),
        next: next(verification, commands),
        closing: NOT_COVERED.map(PageLine::plain).into(),
        everything: commands.everything.clone(),
        ..Page::default()
    }
}

fn mark(result: CheckResult) -> RowMark {
    let (value, sign, tone) = match result {
        CheckResult::Fault => ("cannot work", "!", Tone::Bad),
        CheckResult::Unknown => ("unknown", "?", Tone::Warn),
        CheckResult::Ok | CheckResult::NotApplicable => ("can work", "+", Tone::Good),
    };
    RowMark { value, sign, tone, label: value }
}

/// How many event streams have each result of each check.
fn checks(apps: &[VerifiedApp]) -> PageTable {
    let results = [CheckResult::Fault, CheckResult::Unknown, CheckResult::Ok, CheckResult::NotApplicable];
    let row = |kind: CheckKind| -> Vec<Untrusted> {
        let checks = || apps.iter().flat_map(|app| &app.checks).filter(|check| check.kind == kind);
        let number = |result: &CheckResult| checks().filter(|check| check.result() == *result).count();
        let cell = |result| match number(result) {
            0 => "-".to_owned(),
            some => some.to_string(),
        };
        [kind.as_str().to_owned()].into_iter().chain(results.iter().map(cell)).map(Untrusted::from).collect()
    };
    let columns = ["check", "fault", "unknown", "ok", "not applicable"];
    PageTable { columns: columns.map(Untrusted::from).into(), rows: CheckKind::ALL.map(row).into() }
}

fn group(of: CheckResult, apps: &[VerifiedApp]) -> Option<PageGroup> {
    let rows: Vec<PageRow> = apps.iter().filter(|app| result(app) == of).map(row).collect();
    let heading = match of {
        CheckResult::Fault => "Cannot work",
        CheckResult::Unknown => "Unknown",
        CheckResult::Ok | CheckResult::NotApplicable => "Can work",
    };
    (!rows.is_empty()).then(|| PageGroup {
        heading: heading.into(),
        counts: count(rows.len(), "event stream").into(),
        is_grave: of == CheckResult::Fault,
        rows,
        ..PageGroup::default()
    })
}

fn row(app: &VerifiedApp) -> PageRow {
    let VerifiedApp { address, account, region, app_id, role, stream, checks } = app;
    let id = app_id.as_ref().map_or_else(|| "app not created".to_owned(), |id| format!("app {id}"));
    let found = checks.iter().flat_map(|check| check.findings.iter().map(move |finding| (check.kind, finding)));
    let note = |(kind, finding): (CheckKind, &VerifyFinding)| format!("{}: {}", kind.as_str(), finding.message);
    let about = [PageField::of("role ARN", role.to_string()), PageField::of("stream ARN", stream.to_string())];
    PageRow {
        values: vec![mark(result(app)).value.into(), account.to_string().into(), region.to_string().into()],
        name: address.to_string().into(),
        text: format!("{id} → {}, as role {}", stream.name(), role.name).into(),
        aside: Some(format!("{account}/{region}").into()),
        notes: found.map(note).map(Untrusted::from).collect(),
        fields: about.into_iter().chain(checks.iter().map(of_check)).collect(),
        ..PageRow::default()
    }
}

/// Its result, and what to do about it. The notes of the row say what was found.
fn of_check(check: &Check) -> PageField {
    let word = match check.result() {
        CheckResult::Ok => "ok",
        CheckResult::NotApplicable => "not applicable",
        CheckResult::Fault => "FAULT",
        CheckResult::Unknown => "unknown",
    };
    let hints: BTreeSet<&str> = check.findings.iter().filter_map(|finding| finding.hint).collect();
    let words: Vec<&str> = [word].into_iter().chain(hints).collect();
    PageField::of(format!("{} check", check.kind.as_str()), words.join("; "))
}

/// How to fix each finding, then the same verification again.
fn next(verification: &Verification, commands: &VerifyCommands) -> Vec<NextStep> {
    let VerifyCommands { apply, again, permissions, everything: _ } = commands;
    // In the order in which they are found, each once.
    let mut hints: Vec<(&str, Vec<String>)> = Vec::new();
    for app in &verification.apps {
        let of_app: BTreeSet<&str> =
            app.checks.iter().flat_map(|check| &check.findings).filter_map(|finding| finding.hint).collect();
        for hint in of_app {
            let address = app.address.to_string();
            match hints.iter_mut().find(|(known, _)| *known == hint) {
                Some((_, addresses)) => addresses.push(address),
                None => hints.push((hint, vec![address])),
            }
        }
    }
    // Such a hint begins with the command, which is the same for all of them.
    let (by_apply, by_hand): (Vec<_>, Vec<_>) =
        hints.into_iter().partition(|(hint, _)| hint.starts_with("`apply`"));
    let mut steps = Vec::new();
    if !by_apply.is_empty() {
        let addresses: BTreeSet<String> = by_apply.into_iter().flat_map(|(_, addresses)| addresses).collect();
        let addresses: Vec<String> = addresses.into_iter().collect();
        steps.push(NextStep::of(format!("Apply the manifest, for {}", few(&addresses, " and ")), apply.as_str()));
    }
    let by_hand = by_hand.into_iter().map(|(hint, addresses)| NextStep {
        what: format!("{}: {hint}", few(&addresses, " and ")).into(),
        command: Vec::new(),
    });
    steps.extend(by_hand);
    if verification.has_unknown() {
        steps.push(NextStep::of(
            "What is unknown says why; if a call was denied, allow what this prints",
            permissions.as_str(),
        ));
    }
    steps.push(NextStep::of("Verify again", again.as_str()));
    steps
}
