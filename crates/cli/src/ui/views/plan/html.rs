//! A plan as one self-contained page. It loads nothing, and its Content-Security-Policy allows its own style and script
//! by their digests and nothing else. Without the script it is a page that can be read.
use super::markdown::{Next, verdict};
use super::rows::{FieldRow, Group, Row, Values, effect_label, groups};
use super::statements::StatementRow;
use super::{last_line, selection, summary};
use crate::ui::escape::escape;
use crate::ui::facts::Words;
use crate::ui::style::of_action;
use crate::ui::views::diff;
use askama::Template;
use pinpoint_streams_model::plan::{Plan, Warning};
use std::collections::{BTreeMap, BTreeSet};

const STYLE: &str = include_str!("../../../../templates/plan.css");
const SCRIPT: &str = include_str!("../../../../templates/plan.js");
/// Digests as in a Content-Security-Policy. A test compares them.
const STYLE_HASH: &str = "sha256-GiPwVvmyVtBzRGVvrhZ1rZu+H0ANxE880d5h/rVhltk=";
const SCRIPT_HASH: &str = "sha256-OiPR1LrvDpBBso3yOG+IVIi1bcwKxSKicHFBWgoyVAs=";

/// The width of the bar, in units of its own.
const BAR: usize = 1_000;

/// All text is free of control characters; the template escapes it for HTML.
#[derive(Template)]
#[template(path = "plan.html")]
struct Page {
    style: &'static str,
    script: &'static str,
    style_hash: &'static str,
    script_hash: &'static str,
    verdict: String,
    workspace: String,
    last_line: String,
    calls: Option<String>,
    partial: Option<String>,
    counts: Vec<Count>,
    kinds: BTreeSet<&'static str>,
    places: BTreeSet<String>,
    warnings: Vec<String>,
    groups: Vec<GroupView>,
    digest: String,
    apply: Option<String>,
    again: Option<String>,
}

struct Count {
    action: &'static str,
    sign: &'static str,
    number: usize,
    x: usize,
    width: usize,
}

struct GroupView {
    is_lost: bool,
    place: String,
    counts: String,
    rows: Vec<RowView>,
}

struct RowView {
    action: &'static str,
    sign: &'static str,
    kind: &'static str,
    address: String,
    what: String,
    why: Option<&'static str>,
    effects: BTreeSet<&'static str>,
    notes: Vec<String>,
    fields: Vec<FieldView>,
}

struct FieldView {
    path: String,
    effect: Option<&'static str>,
    change: Option<String>,
    statements: Vec<Part>,
    example: Option<String>,
    diff: Vec<Part>,
}

/// Lines with one sign.
struct Part {
    class: &'static str,
    sign: &'static str,
    text: String,
}

pub(crate) fn html(plan: &Plan, Next { apply, plan_again }: &Next) -> String {
    let groups: Vec<GroupView> = groups(plan).iter().map(GroupView::of).collect();
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let page = Page {
        style: STYLE,
        script: SCRIPT,
        style_hash: STYLE_HASH,
        script_hash: SCRIPT_HASH,
        verdict: verdict(plan),
        workspace: safe(plan.workspace.as_str()),
        last_line: last_line(plan),
        calls: summary::calls(plan),
        partial: selection(&plan.options),
        counts: counts(rows()),
        kinds: rows().map(|row| row.kind).collect(),
        places: groups.iter().map(|group| group.place.clone()).collect(),
        warnings: plan.warnings.iter().map(warning).collect(),
        digest: safe(&plan.plan_digest.to_string()),
        apply: apply.as_deref().filter(|_| !plan.steps.is_empty()).map(safe),
        again: plan_again.as_deref().map(safe),
        groups,
    };
    // Writing to memory cannot fail.
    page.render().unwrap_or_default() + "\n"
}

fn safe(text: &str) -> String {
    escape(text).into_owned()
}

fn warning(Warning { address, fact }: &Warning) -> String {
    let address = address.as_ref().map(|address| format!("{address}: ")).unwrap_or_default();
    safe(&format!("{address}{}", Words(fact)))
}

/// The counts of each action, what is lost first, and where each stands in the bar.
fn counts<'a>(rows: impl Iterator<Item = &'a RowView>) -> Vec<Count> {
    const ORDER: [&str; 8] = ["delete", "replace", "quarantine", "create", "update", "adopt", "release", "forget"];
    let mut numbers: BTreeMap<&str, (&'static str, &'static str, usize)> = BTreeMap::new();
    for row in rows {
        numbers.entry(row.action).or_insert((row.action, row.sign, 0)).2 += 1;
    }
    let all: usize = numbers.values().map(|(_, _, number)| number).sum();
    let mut before = 0;
    let mut counts = Vec::new();
    for (action, sign, number) in ORDER.iter().filter_map(|action| numbers.get(action)) {
        let at = |number: usize| number * BAR / all.max(1);
        let (x, end) = (at(before), at(before + number));
        counts.push(Count { action, sign, number: *number, x, width: end - x });
        before += number;
    }
    counts
}

impl GroupView {
    fn of(Group { is_lost, place, rows }: &Group<'_>) -> GroupView {
        GroupView {
            is_lost: *is_lost,
            place: safe(place),
            counts: summary::counts(rows.iter().map(|row| row.change.action)),
            rows: rows.iter().map(RowView::of).collect(),
        }
    }
}

impl RowView {
    fn of(row: &Row<'_>) -> RowView {
        let (action, sign, _) = of_action(row.change.action);
        RowView {
            action,
            sign,
            kind: row.change.kind.as_str(),
            address: safe(&row.change.address.to_string()),
            what: safe(&row.what),
            why: row.why,
            effects: row.fields.iter().filter_map(|field| field.effect).map(effect_label).collect(),
            notes: row.notes.iter().map(|note| safe(note)).collect(),
            fields: row.fields.iter().map(|field| FieldView::of(field, row.is_in_place())).collect(),
        }
    }
}

impl FieldView {
    fn of(FieldRow { path, effect, values }: &FieldRow, in_place: bool) -> FieldView {
        let (path, effect) = (safe(path), effect.map(effect_label));
        match values {
            Values::Plain { before, after } => {
                let value = |value: &Option<String>| value.as_deref().map_or_else(|| "none".to_owned(), safe);
                let change = match (before, after) {
                    (None, Some(_)) if !in_place => value(after),
                    (Some(_), None) if !in_place => value(before),
                    _ => format!("{} → {}", value(before), value(after)),
                };
                let (statements, example, diff) = (Vec::new(), None, Vec::new());
                FieldView { path, effect, change: Some(change), statements, example, diff }
            }
            Values::Policy(policy) => {
                let [before, after] = policy.lines();
                FieldView {
                    path,
                    effect,
                    change: None,
                    statements: policy.statements.iter().flat_map(statement).collect(),
                    example: policy.example.as_deref().map(safe),
                    diff: parts(&diff::plain_lines(&before, &after)),
                }
            }
        }
    }
}

fn statement(row: &StatementRow) -> Vec<Part> {
    let part = |class, sign, text: &str| Part { class, sign, text: safe(text) };
    match row {
        StatementRow::Added(text) => vec![part("added", "+", text)],
        StatementRow::Removed(text) => vec![part("removed", "-", text)],
        StatementRow::Changed { statement, added, removed } => {
            let added = added.iter().map(|value| part("added", "+", value));
            let removed = removed.iter().map(|value| part("removed", "-", value));
            [part("changed", "~", statement)].into_iter().chain(added).chain(removed).collect()
        }
    }
}

/// The lines of a diff, those of one sign together.
fn parts(diff: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in diff.lines() {
        let (class, sign) = match line.chars().next() {
            Some('+') => ("added", "+"),
            Some('-') => ("removed", "-"),
            _ => ("same", " "),
        };
        match parts.last_mut() {
            Some(last) if last.class == class => last.text.extend([line, "\n"]),
            _ => parts.push(Part { class, sign, text: format!("{line}\n") }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    fn hash(text: &str) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digest = Sha256::digest(text.as_bytes());
        let encoded = digest.chunks(3).flat_map(|chunk| {
            let bits =
                chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..4).map(move |at| match at <= chunk.len() {
                true => char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]),
                false => '=',
            })
        });
        format!("sha256-{}", encoded.collect::<String>())
    }

    #[test]
    fn the_policy_of_the_page_names_its_style_and_script() {
        assert_eq!(hash(STYLE), STYLE_HASH);
        assert_eq!(hash(SCRIPT), SCRIPT_HASH);
    }

    #[test]
    fn neither_style_nor_script_can_end_early_or_load_anything() {
        for text in [STYLE, SCRIPT] {
            assert!(
                !text.contains("</") && !text.contains("<!--") && !text.contains("url(") && !text.contains("http")
            );
        }
    }
}
