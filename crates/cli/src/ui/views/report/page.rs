//! A report as a page and as a comment.
use super::at;
use super::facts::{Integrity, Outcome, Report, Run, RunInfo, Subject};
use super::rows::{self, Row};
use crate::ui::page::{Notice, Page, PageField, PageGroup, PageRow, PageTable, RowMark, Tone, Untrusted};
use crate::ui::text::count;

/// The gravest first.
const OUTCOMES: [(Outcome, &str, Tone); 5] = [
    (Outcome::Failed, "!", Tone::Bad),
    (Outcome::InDoubt, "?", Tone::Warn),
    (Outcome::NotDone, "-", Tone::Warn),
    (Outcome::Done, "+", Tone::Good),
    (Outcome::LeftAlone, "=", Tone::Quiet),
];

/// `everything`: the command that shows the report as a page.
pub(crate) fn page(report: &Report, everything: &str) -> Page {
    let runs = &report.runs;
    let mark = |(outcome, sign, tone): (Outcome, &'static str, Tone)| RowMark {
        value: outcome.as_str(),
        sign,
        tone,
        label: outcome.as_str(),
    };
    let edited = runs.iter().filter(|run| run.log == Integrity::Edited);
    let edited = edited.map(|run| format!("run {}: {}", run.run, run.log.as_str()));
    let notices =
        [Notice::of("Edited logs", edited), Notice::of("Logs that cannot be read", report.unreadable.clone())];
    Page {
        title: report.without_runs().unwrap_or_else(|| format!("Report of {}", count(runs.len(), "run"))).into(),
        noun: "resource",
        facets: &["outcome", "run", "account", "region", "action", "verdict"],
        marks: OUTCOMES.map(mark).into(),
        tables: vec![overview(runs)].into_iter().filter(|table| !table.rows.is_empty()).collect(),
        notices: notices.into_iter().flatten().collect(),
        groups: runs.iter().map(group).collect(),
        everything: everything.to_owned(),
        ..Page::default()
    }
}

fn overview(runs: &[Run]) -> PageTable {
    let row = |run: &Run| -> Vec<Untrusted> {
        let about = |of: fn(&RunInfo) -> String| run.about.as_ref().map(of).unwrap_or_default();
        [
            run.run.to_string(),
            about(|about| at(about.began_at)),
            about(|about| about.command().to_owned()),
            about(|about| about.approved_by.clone().unwrap_or_else(|| "unknown".to_owned())),
            run.subjects.len().to_string(),
            run.writes(None).to_string(),
            run.end().to_owned(),
        ]
        .map(Untrusted::from)
        .into()
    };
    let columns = ["run", "began", "mode", "approved by", "resources", "writes to AWS", "end"];
    PageTable { columns: columns.map(Untrusted::from).into(), rows: runs.iter().map(row).collect() }
}

fn group(run: &Run) -> PageGroup {
    let line = |Row { label, value, .. }: Row| format!("{label}: {value}").into();
    let about = run.about.iter().flat_map(rows::of_run).map(line);
    let tally = run.tally().into_iter().map(|((verdict, action, outcome), number)| {
        [verdict.to_owned(), action.to_owned(), outcome.to_owned(), number.to_string()].map(Untrusted::from).into()
    });
    let columns = ["verdict", "action", "outcome", "resources"].map(Untrusted::from).into();
    PageGroup {
        heading: format!("Run {}: {}", run.run, run.end()).into(),
        about: about.chain([format!("log: {}", run.log.as_str()).into()]).collect(),
        table: Some(PageTable { columns, rows: tally.collect() }),
        rows: run.subjects.iter().map(|of| subject(run, of)).collect(),
        ..PageGroup::default()
    }
}

fn subject(run: &Run, subject: &Subject) -> PageRow {
    let or = |words: &str, otherwise: &str| if words.is_empty() { otherwise } else { words }.to_owned();
    let values = [
        subject.outcome.as_str().to_owned(),
        run.run.to_string(),
        subject.account.as_ref().map_or("unknown", |account| account.as_str()).to_owned(),
        subject.place().to_owned(),
        or(subject.action(), "none"),
        or(subject.verdict(), "none"),
    ];
    let field = |Row { label, value, .. }: Row| PageField::of(label, value);
    PageRow {
        values: values.map(Untrusted::from).into(),
        name: subject.address.to_string().into(),
        text: super::in_short(subject).into(),
        fields: rows::of_subject(subject).into_iter().map(field).collect(),
        ..PageRow::default()
    }
}
