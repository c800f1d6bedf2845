//! A plan as text: destructive and widening changes first, then the rest by account and region. Each change is a line that
//! says what it is and why, with only what changes below it.
//!
//! | module | purpose |
//! | --- | --- |
//! | `rows` | the rows, the same for every form |
//! | `subject`, `names` | what a resource is, in one phrase of short names |
//! | `statements` | the statements that a policy gains and loses |
//! | `unknowns` | values that are known after a step |
//! | `summary` | the counts |
//! | `page` | the same as a page and as a comment |
//! | `review` | the same as items of a review on the terminal |
mod names;
mod page;
mod review;
pub(crate) mod rows;
mod statements;
mod subject;
mod summary;
mod unknowns;

pub(crate) use page::{Next, page, problems_page};
pub(crate) use review::items;
pub(crate) use subject::few;
pub(crate) use summary::last_line;

use super::diff;
use crate::ui::escape::{escape, escape_json};
use crate::ui::reason::of_many;
use crate::ui::style::{ADDED, CHANGED, QUIET, REMOVED, STRONG, of_action, paint};
use crate::ui::wrap::{Overlong, wrapped};
use anstyle::Style;
use pinpoint_streams_model::address::{Address, Kind};
use pinpoint_streams_model::plan::{Action, Change, Mode, Options, Plan};
use rows::{FieldRow, Group, PolicyChange, Row, Values, effect_label, groups};
use statements::StatementRow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// How much of each change is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// What changes of existing resources; policies as the statements that they gain and lose.
    Changes,
    /// Every field and complete policies, also of resources that are created or deleted.
    Everything,
}

impl Detail {
    /// What `--diff` asks for.
    pub(crate) fn of(diff: bool) -> Detail {
        if diff { Detail::Everything } else { Detail::Changes }
    }
}

/// From this many on, the evidence of a sweep's changes is left to the sweep.
const LONG: usize = 21;
/// So many equal changes are one line.
const EQUAL: usize = 3;
/// So many that are equal but for what they are changes of, and whose description is worth a line each until then.
const MANY: usize = 6;
/// The least room for text: a narrower terminal wraps by itself.
const NARROW: usize = 40;

pub(crate) fn plan(plan: &Plan, detail: Detail, width: usize) -> String {
    with_closing_line(plan, detail, width, &last_line(plan))
}

/// The plan, with a last line of the command that shows it.
pub(crate) fn with_closing_line(plan: &Plan, detail: Detail, width: usize, closing: &str) -> String {
    let mut page =
        Page { text: String::new(), width: width.max(NARROW), detail, with_notes: with_notes(plan, detail) };
    if let Some(selection) = selection(&plan.options) {
        page.line("", "", QUIET, &format!("This plan is partial: {selection}."), "");
        page.text.push('\n');
    }
    for group in groups(plan) {
        page.group(&group, plan.mode);
    }
    if let Some(calls) = summary::calls(plan) {
        let _ = writeln!(page.text, "{calls}");
    }
    let _ =
        writeln!(page.text, "{}", paint(QUIET, format_args!("digest {}", escape(&plan.plan_digest.to_string()))));
    page.line("", "", STRONG, closing, "");
    page.text
}

/// The changes that do not depend on the problems of a plan.
pub(crate) fn standing(plan: &Plan, width: usize) -> String {
    let detail = Detail::Changes;
    let mut page =
        Page { text: String::new(), width: width.max(NARROW), detail, with_notes: with_notes(plan, detail) };
    page.line("", "", STRONG, "Excluding what has problems, the plan would be:", "");
    page.text.push('\n');
    for group in groups(plan) {
        page.group(&group, plan.mode);
    }
    page.text
}

/// In a sweep, the notes of a change are all its evidence.
fn with_notes(plan: &Plan, detail: Detail) -> bool {
    plan.mode != Mode::Sweep || plan.changes.len() < LONG || detail == Detail::Everything
}

/// What a partial plan was limited to, escaped.
pub(super) fn selection(options: &Options) -> Option<String> {
    if !options.is_partial() {
        return None;
    }
    let list = |flag: &str, values: Vec<String>| {
        (!values.is_empty()).then(|| format!("{flag} {}", escape(&values.join(", "))))
    };
    let parts = [
        list("--target", options.targets.clone()),
        list("--exclude", options.excludes.clone()),
        list("--accounts", options.accounts.iter().map(ToString::to_string).collect()),
    ];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

struct Page {
    text: String,
    width: usize,
    detail: Detail,
    with_notes: bool,
}

const NOTE: &str = "      ! ";
const FIELD: &str = "      ";
const STATEMENT: &str = "        ";
const VALUE: &str = "            ";

impl Page {
    /// Wrapped text after a lead, which is painted. Lines that follow begin with `hang`.
    fn line(&mut self, before: &str, lead: &str, style: Style, text: &str, hang: &str) {
        let used = before.width() + lead.width();
        let overlong = match self.detail {
            Detail::Changes => Overlong::Shorten,
            Detail::Everything => Overlong::Keep,
        };
        let (first, room) = (self.width.saturating_sub(used), self.width.saturating_sub(hang.width()));
        let lines = wrapped(text, first, room, overlong);
        let is_painted_whole = lead.is_empty();
        for (nth, line) in lines.iter().enumerate() {
            let line = line.as_str();
            let _ = match (nth, is_painted_whole) {
                (0, true) => writeln!(self.text, "{before}{}", paint(style, line)),
                (0, false) => writeln!(self.text, "{before}{}{line}", paint(style, lead)),
                (_, true) => writeln!(self.text, "{hang}{}", paint(style, line)),
                (_, false) => writeln!(self.text, "{hang}{line}"),
            };
        }
    }

    fn plain(&mut self, lead: &str, text: &str, hang: &str) {
        self.line(lead, "", Style::new(), text, hang);
    }

    fn group(&mut self, Group { is_lost, place, rows }: &Group<'_>, mode: Mode) {
        let what = if *is_lost { "Destructive or widening changes in " } else { "" };
        let counts = summary::counts(mode, rows.iter().map(|row| row.change.action));
        self.line("", "", STRONG, &format!("{what}{}: {counts}", escape(place)), "  ");
        let mut equal: HashMap<String, Vec<&Row<'_>>> = HashMap::new();
        if self.detail == Detail::Changes {
            rows.iter().for_each(|row| equal.entry(self.key(row)).or_default().push(row));
            equal.retain(|_, rows| rows.len() >= if rows[0].is_restored() { MANY } else { EQUAL });
        }
        let folded: HashSet<&Address> = equal.values().flatten().map(|row| &row.change.address).collect();
        for row in rows {
            if !folded.contains(&row.change.address) {
                self.row(row);
            } else if let Some(equal) = equal.remove(&self.key(row)) {
                self.folded(row, &equal);
            }
        }
        self.text.push('\n');
    }

    /// The same for changes that differ only in what they are changes of.
    fn key(&self, row: &Row<'_>) -> String {
        let Change { kind, action, reason, fields, .. } = row.change;
        if row.is_forgotten() || row.is_restored() {
            let notes = if self.with_notes { row.shared_notes() } else { Vec::new() };
            let shown: Vec<&FieldRow> = row.fields.iter().filter(|field| field.effect.is_some()).collect();
            return format!("{kind:?} {action:?} {reason:?} {notes:?} {shown:?}");
        }
        let what = if row.is_in_place() { "" } else { row.what.as_str() };
        let notes = if self.with_notes { row.notes.as_slice() } else { &[] };
        format!("{kind:?} {action:?} {reason:?} {what} {notes:?} {fields:?}")
    }

    fn row(&mut self, row: &Row<'_>) {
        let address = row.change.address.to_string();
        let why = row.why.map(|why| format!("({why})"));
        let words: Vec<String> =
            [row.what.clone()].into_iter().filter(|what| !what.is_empty()).chain(why).collect();
        self.headline(row, &address, &words.join("  "));
        self.body(row);
    }

    /// One line for many: `~ 12 roles  (manifest changed): role.a, role.b, role.c and 9 more`.
    fn folded(&mut self, first: &Row<'_>, equal: &[&Row<'_>]) {
        let all: Vec<String> = equal.iter().map(|row| row.change.address.to_string()).collect();
        let kind = match first.change.kind {
            Kind::App => "apps",
            Kind::Role => "roles",
            Kind::EventStream => "event streams",
        };
        let why = first.why.map(|why| format!(" ({})", of_many(why))).unwrap_or_default();
        let is_described = !(first.is_in_place() || first.is_forgotten() || first.is_restored());
        let what = if is_described { first.what.as_str() } else { "" };
        let words = [what, subject::few(&all, " and ").as_str()].join("  ");
        self.headline(first, &format!("{} {kind}{why}", all.len()), words.trim_start());
        self.body_with(first, &first.shared_notes());
    }

    fn headline(&mut self, row: &Row<'_>, address: &str, words: &str) {
        let (_, sign, style) = of_action(row.change.action);
        let before = format!("{sign:>3} ");
        let text = match words.is_empty() {
            true => escape(address).into_owned(),
            false => format!("{}  {}", escape(address), escape(words)),
        };
        self.line("", &before, style, &text, FIELD);
    }

    fn body(&mut self, row: &Row<'_>) {
        self.body_with(row, &row.notes);
    }

    fn body_with(&mut self, row: &Row<'_>, notes: &[String]) {
        if self.with_notes {
            for note in notes {
                self.plain(NOTE, &escape(note), STATEMENT);
            }
        }
        for field in &row.fields {
            let is_replaced = row.change.action == Action::Replace && field.is_change();
            let is_shown = row.is_in_place() || is_replaced || field.effect.is_some();
            if is_shown || self.detail == Detail::Everything {
                self.field(field, row.is_in_place());
            }
        }
    }

    fn field(&mut self, FieldRow { path, effect, values }: &FieldRow, in_place: bool) {
        let path = escape(path);
        let effect = effect.map(effect_label);
        match values {
            Values::Policy(policy) => {
                let effect = effect.map(|effect| format!(" ({effect})")).unwrap_or_default();
                self.line(FIELD, "", CHANGED, &format!("{path}{effect}:"), STATEMENT);
                self.policy(policy);
            }
            Values::Plain { before, after } => {
                let effect = effect.map(|effect| format!(" ({effect})")).unwrap_or_default();
                let text = |value: &Option<String>| {
                    let text = value.as_ref().map(|text| escape_json(text).into_owned());
                    text.unwrap_or_else(|| "none".to_owned())
                };
                let change = match (before, after) {
                    (None, Some(_)) if !in_place => text(after),
                    (Some(_), None) if !in_place => text(before),
                    _ => format!("{} -> {}", text(before), text(after)),
                };
                self.plain(FIELD, &format!("{path}{effect}: {change}"), STATEMENT);
            }
        }
    }

    fn policy(&mut self, policy: &PolicyChange) {
        if self.detail == Detail::Everything {
            let [before, after] = policy.lines();
            self.text.push_str(&diff::lines(&before, &after, diff::Context::Whole, STATEMENT));
        } else {
            for row in &policy.statements {
                self.statement(row);
            }
        }
        if let Some(example) = &policy.example {
            self.plain(STATEMENT, &format!("newly allowed, for example: {}", escape(example)), VALUE);
        }
    }

    fn statement(&mut self, row: &StatementRow) {
        let hang = format!("{STATEMENT}  ");
        match row {
            StatementRow::Added(words) => self.line(STATEMENT, "+ ", ADDED, &escape(words), &hang),
            StatementRow::Removed(words) => self.line(STATEMENT, "- ", REMOVED, &escape(words), &hang),
            StatementRow::Changed { statement, added, removed } => {
                self.line(STATEMENT, "~ ", CHANGED, &escape(statement), &hang);
                for value in added {
                    self.line(VALUE, "+ ", ADDED, &escape(value), &format!("{VALUE}  "));
                }
                for value in removed {
                    self.line(VALUE, "- ", REMOVED, &escape(value), &format!("{VALUE}  "));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
