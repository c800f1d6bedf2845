//! Reports, as text, JSON and CSV.
use super::{is_safe, is_safe_json, is_safe_where_wrapped, run};
use crate::ui::text::json as to_json;
use crate::ui::views::report;
use pinpoint_streams_store::journal::{Header, Link, Record, RunLog};
use pinpoint_streams_testkit::hostile::{Places, STRINGS};
use std::sync::Arc;

/// Reports of a run with every kind of content and two planned steps.
pub(super) struct Reports(Places<Header>, Places<Vec<Record>>);

impl Reports {
    pub(super) fn new() -> Reports {
        let (mut header, records) = run();
        if let Some(about) = &mut header.about {
            Arc::make_mut(&mut about.plan).steps.truncate(2);
        }
        Reports(Places::of(&header), Places::of(&records))
    }

    pub(super) fn with(&self, text: &str) -> report::Report {
        let (header, records, link) = (self.0.filled(text), self.1.filled(text), Link::first(b""));
        let log = RunLog { path: "r".into(), header, records, link };
        report::Report::of([report::FoundLog {
            log,
            ended: report::Ended::Kept,
            integrity: report::Integrity::Verified,
        }])
    }
}

#[test]
fn reports() {
    let reports = Reports::new();
    let benign = reports.with("x");
    for text in STRINGS {
        let report = reports.with(text);
        is_safe_where_wrapped(&report::text(&report, 60));
        is_safe_json(&to_json(&report));
        has_no_formula_and_no_added_row(&report, &benign);
    }
}

/// Parses CSV as in RFC 4180.
fn cells(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = csv.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(cell.trim_end_matches('\r').to_owned());
                cell.clear();
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    rows
}

fn has_no_formula_and_no_added_row(report: &report::Report, benign: &report::Report) {
    let benign = cells(&report::csv(benign));
    let csv = report::csv(report);
    is_safe(&csv.replace("\r\n", "\n"));
    let table = cells(&csv);
    assert_eq!(table.len(), benign.len());
    for row in &table {
        assert_eq!(row.len(), benign[0].len());
        for cell in row {
            let first = cell.chars().next().unwrap_or(' ');
            assert!(!"=+-@\t\r\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(first), "{cell}");
        }
    }
}
