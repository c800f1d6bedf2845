//! What is known of a run and of a resource as rows of a label and a value, which the forms for people print.
use super::facts::{Coverage, Kept, Outcome, Purport, Subject};
use super::{accounts_read, at, evidence, not_read, words, write};
use crate::ui::facts::Words;
use crate::ui::views::sweep::used;

/// One row. The value is not escaped.
pub(super) struct Row {
    pub(super) label: &'static str,
    pub(super) value: String,
    /// Of a write, how it ended.
    pub(super) outcome: Option<Outcome>,
}

#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, label: &'static str, value: impl ToString) {
        self.0.push(Row { label, value: value.to_string(), outcome: None });
    }
}

pub(super) fn of_run(about: &Purport) -> Vec<Row> {
    let Purport {
        workspace,
        mode,
        began_at,
        approved_by,
        plan_digest,
        tool_version,
        accounts,
        event_streams_gone,
        allow_detach,
        reading,
    } = about;
    let mut rows = Rows::default();
    rows.add("what", words::mode(*mode));
    rows.add("workspace", workspace);
    rows.add("began", at(*began_at));
    rows.add("approved by", approved_by.as_deref().unwrap_or("not written down"));
    rows.add("plan digest", plan_digest);
    rows.add("made with", format!("pinpoint-streams {tool_version}"));
    accounts.iter().for_each(|(alias, id)| rows.add("account", format!("{id} ({alias})")));
    for place in event_streams_gone {
        rows.add("asserted", format!("no event stream remains in {place}"));
    }
    for what in allow_detach {
        rows.add("allowed", format!("{} may be taken off", words::detach(*what)));
    }
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
        action: _,
        reason,
        outcome: _,
        verdict: _,
        purpose: _,
        created,
        last_used,
        evidence: evidences,
        held_by,
        advice,
        notes,
        archives,
        writes,
        not_begun,
    } = subject;
    let mut rows = Rows::default();
    rows.add("where", subject.region_words());
    arn.iter().for_each(|arn| rows.add("ARN", arn));
    reason.iter().for_each(|reason| rows.add("why", reason));
    created.iter().for_each(|time| rows.add("made", at(*time)));
    last_used.iter().for_each(|last| rows.add("last used", used(last)));
    evidences.iter().for_each(|one| rows.add("evidence", evidence(one)));
    notes.iter().for_each(|note| rows.add("note", evidence(note)));
    held_by.iter().for_each(|fact| rows.add("left alone", Words(fact)));
    advice.iter().for_each(|advice| rows.add("advice", advice));
    for Kept { path, digest, time } in archives {
        rows.add("archived", format!("{} {path} ({digest})", at(*time)));
    }
    for done in writes {
        let value = write(done).join(", ");
        rows.0.push(Row { label: "write", value, outcome: Some(done.result) });
    }
    not_begun.iter().for_each(|op| rows.add("not begun", op));
    rows.0
}
