//! Every view with hostile text in every place: a terminal, a spreadsheet, a page and JSON see only text.
mod input;
pub(crate) mod pages;
mod plans;
mod reports;
mod results;

use crate::testing::{self, app_arn, change, trust};
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::invisible_chars::is_invisible;
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use pinpoint_streams_store::journal::{Header, Record, parse};
use pinpoint_streams_testkit::hostile::FORGED;
use serde_json::{Value, json};

/// A run log with every kind of content.
const RUN: &str = include_str!("../../../../tests/formats/run/v2.ndjson");

fn run() -> (Header, Vec<Record>) {
    let contents = parse("v2.ndjson", RUN.as_bytes()).unwrap();
    (contents.header.unwrap(), contents.records)
}

/// The text contains no control characters except colors and line breaks, and no forged line.
#[track_caller]
fn is_safe(text: &str) {
    assert_eq!(text, crate::ui::escape::escape_styled(text), "a terminal would interpret what is escaped here");
    let plain = testing::plain(text);
    let found = plain.chars().find(|c| is_invisible(*c) && *c != '\n');
    assert_eq!(found, None, "{plain}");
    let forged = plain.lines().find(|line| line.trim_start().starts_with(FORGED));
    assert_eq!(forged, None, "a forged line: {plain}");
}

/// The same for wrapped text; no line may begin with a command for GitHub's runner.
#[track_caller]
fn is_safe_where_wrapped(text: &str) {
    is_safe(text);
    let plain = testing::plain(text);
    assert_eq!(plain.lines().find(|line| line.trim_start().starts_with("::")), None, "{plain}");
}

/// One JSON document, or one per line.
#[track_caller]
fn is_safe_json(text: &str) {
    is_safe(text);
    let documents = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    assert!(documents.map(Result::unwrap).count() > 0);
}

fn rich_plan() -> Plan {
    let mut plan = testing::plan(&[
        change("app.blog", "create", "new", json!([{"path": "name", "before": null, "after": "Blog"}])),
        change(
            "role.shop",
            "update",
            "drifted",
            json!([
                {"path": "trust_policy", "before": trust(&[]), "after": trust(&[app_arn("a1")]), "effect": "widens"},
                {"path": "inline_policies.P", "before": "no policy", "after": null},
                {"path": "description", "before": "a", "after": "b"},
                {"path": "tags.team", "before": null, "after": {"after_step": 1, "format": "x{}"}},
            ]),
        ),
    ]);
    plan.changes[1].notes =
        vec![Fact::NotRecordable { destination: "a".to_owned(), role_arn: "b".to_owned() }.into()];
    plan.options.targets = vec!["role.*".to_owned()];
    plan
}

fn problem(text: &str) -> Problem {
    let (message, hint) = (text.to_owned(), Some(text.to_owned()));
    Problem { code: ProblemCode::NotOurs, address: Some("role.shop".parse().unwrap()), message, hint }
}
