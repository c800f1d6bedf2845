//! A plan as a page and as a comment.
use super::rows::{FieldRow, Group, Row, Values, effect_label, groups};
use super::statements::StatementRow;
use super::{selection, summary};
use crate::ui::page::{
    NextStep, Notice, Page, PageField, PageGroup, PageLine, PageRow, RowMark, Sign, SignedLine, Tone, Untrusted,
};
use crate::ui::style::of_action;
use crate::ui::text::count;
use crate::ui::views::diff;
use pinpoint_streams_model::plan::{Action, Mode, Plan};
use pinpoint_streams_model::problem::Problem;

/// The commands that follow a plan, as they are typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) apply: Option<String>,
    pub(crate) plan_again: Option<String>,
    /// Shows the plan as a page.
    pub(crate) everything: String,
}

/// What is lost first.
const ACTIONS: [(Action, Tone, &str); 9] = [
    (Action::Delete, Tone::Bad, "to delete"),
    (Action::Replace, Tone::Bad, "to replace"),
    (Action::Quarantine, Tone::Bad, "to quarantine"),
    (Action::Create, Tone::Good, "to create"),
    (Action::Update, Tone::Warn, "to update"),
    (Action::Adopt, Tone::Info, "to adopt"),
    (Action::Release, Tone::Info, "to release"),
    (Action::Forget, Tone::Info, "to forget"),
    (Action::Keep, Tone::Quiet, "to keep"),
];

pub(crate) fn page(plan: &Plan, Next { apply, plan_again, everything }: &Next) -> Page {
    let mark = |(action, tone, label)| {
        let ((name, sign, _), value) = (of_action(action), action_value(action, plan.mode));
        RowMark { value, sign, tone, label: if value == name { label } else { value } }
    };
    let partial = selection(&plan.options).map(|partial| PageLine::of("This plan is partial", partial));
    let about = [format!("Workspace {}, {} unchanged.", plan.workspace, plan.summary.keep)];
    let about = about.into_iter().chain(summary::calls(plan)).map(PageLine::plain);
    let next = [
        ("Apply this plan", apply.as_ref().filter(|_| !plan.steps.is_empty())),
        ("Plan again", plan_again.as_ref()),
    ];
    Page {
        title: verdict(plan).into(),
        about: about.chain(partial).collect(),
        noun: "change",
        facets: &["action", "kind", "place"],
        marks: ACTIONS.map(mark).into(),
        notices: Notice::warnings(&plan.warnings).into_iter().collect(),
        grave: "Destructive or widening changes",
        groups: groups(plan).iter().map(|of| group(of, plan.mode)).collect(),
        next: next.into_iter().filter_map(|(what, command)| Some(NextStep::of(what, command?.as_str()))).collect(),
        closing: vec![PageLine::of("Digest", plan.plan_digest.to_string())],
        everything: everything.clone(),
        ..Page::default()
    }
}

/// A plan with problems: these, and what would be done without what has them.
pub(crate) fn problems_page(problems: &[Problem], standing: Option<&Plan>, next: &Next) -> Page {
    let standing = standing.filter(|plan| !plan.changes.is_empty());
    let rest = standing.map(|plan| page(plan, next)).unwrap_or_default();
    let would_be =
        standing.map(|plan| format!("Excluding what has problems, the plan would be: {}.", verdict(plan)));
    let again = next.plan_again.as_ref().map(|command| NextStep::of("Plan again", command.as_str()));
    Page {
        title: format!("{}: nothing was done", count(problems.len(), "problem")).into(),
        about: would_be.map(PageLine::plain).into_iter().collect(),
        notices: Notice::problems(problems).into_iter().chain(rest.notices).collect(),
        next: again.into_iter().collect(),
        // The digest of half a plan approves nothing.
        closing: Vec::new(),
        ..rest
    }
}

/// `3 to delete, 2 to create`, what is lost first.
fn verdict(plan: &Plan) -> String {
    let counts = summary::counts(plan.mode, plan.changes.iter().map(|change| change.action));
    match counts.is_empty() || plan.mode == Mode::Drift {
        true => super::last_line(plan).trim_end_matches('.').to_owned(),
        false => counts,
    }
}

/// The action, or what was found where nothing is to be done: drift.
fn action_value(action: Action, mode: Mode) -> &'static str {
    match (mode, action) {
        (Mode::Drift, Action::Delete) => "missing",
        (Mode::Drift, Action::Update) => "changed",
        _ => of_action(action).0,
    }
}

fn group(Group { is_lost, place, rows }: &Group<'_>, mode: Mode) -> PageGroup {
    let lost = if *is_lost { "Destructive or widening changes in " } else { "" };
    PageGroup {
        heading: format!("{lost}{place}").into(),
        counts: summary::counts(mode, rows.iter().map(|row| row.change.action)).into(),
        is_grave: *is_lost,
        rows: rows.iter().map(|of| row(of, place, mode)).collect(),
        ..PageGroup::default()
    }
}

fn row(row: &Row<'_>, place: &str, mode: Mode) -> PageRow {
    let Row { change, what, why, notes, fields } = row;
    PageRow {
        values: vec![action_value(change.action, mode).into(), change.kind.as_str().into(), place.into()],
        name: change.address.to_string().into(),
        text: what.as_str().into(),
        aside: why.map(Untrusted::from),
        effects: fields.iter().filter_map(|field| field.effect).map(effect_label).collect(),
        notes: notes.iter().map(|note| note.as_str().into()).collect(),
        fields: fields.iter().map(|of| field(of, row.is_in_place())).collect(),
    }
}

fn field(FieldRow { path, effect, values }: &FieldRow, in_place: bool) -> PageField {
    let field =
        PageField { label: path.as_str().into(), effect: effect.map(effect_label), ..PageField::default() };
    match values {
        Values::Plain { before, after } => {
            let value = |value: &Option<String>| value.as_deref().unwrap_or("none").to_owned();
            let change = match (before, after) {
                (None, Some(_)) if !in_place => value(after),
                (Some(_), None) if !in_place => value(before),
                _ => format!("{} → {}", value(before), value(after)),
            };
            PageField { text: Some(change.into()), ..field }
        }
        Values::Policy(policy) => {
            let [before, after] = policy.lines();
            PageField {
                statements: policy.statements.iter().flat_map(statement).collect(),
                example: policy.example.as_deref().map(Untrusted::from),
                document: diff::plain_lines(&before, &after).lines().map(Untrusted::from).collect(),
                ..field
            }
        }
    }
}

fn statement(row: &StatementRow) -> Vec<SignedLine> {
    let whole = |sign, text: &str| SignedLine { sign, text: text.into(), is_value: false };
    match row {
        StatementRow::Added(text) => vec![whole(Sign::Added, text)],
        StatementRow::Removed(text) => vec![whole(Sign::Removed, text)],
        StatementRow::Changed { statement, added, removed } => {
            let value =
                |sign| move |text: &String| SignedLine { sign, text: text.as_str().into(), is_value: true };
            let values = added.iter().map(value(Sign::Added)).chain(removed.iter().map(value(Sign::Removed)));
            [whole(Sign::Changed, statement)].into_iter().chain(values).collect()
        }
    }
}
