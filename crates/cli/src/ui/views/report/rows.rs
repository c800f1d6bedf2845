//! A run and a resource as rows of a label and a value, for the text, Markdown and HTML forms.
use super::facts::{Archive, Coverage, Outcome, Planned, RunInfo, Subject, SweepFacts};
use super::{accounts_read, at, evidence, not_read, write};
use crate::ui::facts::Words;
use crate::ui::views::sweep::{self, used};
use pinpoint_streams_model::sweep::Detach;

pub(super) struct Row {
    pub(super) label: &'static str,
    /// Not escaped.
    pub(super) value: String,
    /// The outcome of a write.
    pub(super) outcome: Option<Outcome>,
}

#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, label: &'static str, value: impl ToString) {
        self.0.push(Row { label, value: value.to_string(), outcome: None });
    }
}

pub(super) fn of_run(about: &RunInfo) -> Vec<Row> {
    let RunInfo {
        workspace,
        mode: _,
        is_undo: _,
        began_at,
        approved_by,
        plan_digest,
        tool_version,
        accounts,
        event_streams_gone,
        allow_detach,
        bundles,
        reading,
    } = about;
    let mut rows = Rows::default();
    rows.add("mode", about.command());
    rows.add("workspace", workspace);
    rows.add("began", at(*began_at));
    rows.add("approved by", approved_by.as_deref().unwrap_or("unknown"));
    rows.add("plan digest", plan_digest);
    rows.add("tool", format!("pinpoint-streams {tool_version}"));
    for (alias, id) in accounts {
        // An account without an alias is called by its ID.
        let alias = if alias.as_str() == id.as_str() { String::new() } else { format!(" ({alias})") };
        rows.add("account", format!("{id}{alias}"));
    }
    for place in event_streams_gone {
        rows.add("asserted", format!("no event stream remains in {place}"));
    }
    for detach in allow_detach {
        let what = match detach {
            Detach::Managed => "managed policies",
            Detach::Inline => "inline policies that are not managed here",
            Detach::Profile => "instance profiles",
        };
        rows.add("allowed", format!("detaching {what}"));
    }
    bundles.iter().for_each(|bundle| rows.add("evidence", sweep::bundle(bundle)));
    if let Some(Coverage { at: read_at, accounts, unread }) = reading {
        rows.add("read", format!("{} at {}", accounts_read(accounts), at(*read_at)));
        not_read(accounts, unread).iter().for_each(|what| rows.add("not read", what));
    }
    rows.0
}

pub(super) fn of_subject(subject: &Subject) -> Vec<Row> {
    let Subject {
        address: _,
        arn,
        account: _,
        region: _,
        planned,
        outcome: _,
        found,
        notes,
        archives,
        writes,
        not_begun,
    } = subject;
    let Planned { action: _, reason, why } = planned;
    let SweepFacts { verdict: _, purpose: _, created, last_used, evidence: found, held_by, advice } = found;
    let mut rows = Rows::default();
    rows.add("where", subject.place());
    arn.iter().for_each(|arn| rows.add("ARN", arn));
    reason.iter().for_each(|_| rows.add("reason", why));
    created.iter().for_each(|time| rows.add("created", at(*time)));
    last_used.iter().for_each(|last| rows.add("last used", used(last)));
    found.iter().for_each(|one| rows.add("evidence", evidence(one)));
    notes.iter().for_each(|note| rows.add("note", evidence(note)));
    held_by.iter().for_each(|fact| rows.add("skipped", Words(fact)));
    advice.iter().for_each(|advice| rows.add("advice", advice));
    for Archive { path, digest, time } in archives {
        rows.add("archived", format!("{} {path} ({digest})", at(*time)));
    }
    for one in writes {
        rows.0.push(Row { label: "write", value: write(one), outcome: Some(one.result) });
    }
    not_begun.iter().for_each(|op| rows.add("not started", op));
    rows.0
}
