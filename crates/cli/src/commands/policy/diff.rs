//! `policy diff`: compares policies by meaning.
use super::source::Policies;
use crate::commands::Format;
use crate::ui::escape::escape;
use crate::ui::style::{STRONG, paint};
use crate::ui::views::diff::{self, Context as Around};
use crate::ui::{CommandContext, Error, Exit, views};
use pinpoint_streams_model::policy::{Direction, Document, direction, lines_to_compare, same_meaning, union};
use serde::Serialize;
use std::collections::BTreeMap;

/// The format of the comparison in JSON.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Comparison {
    format_version: u32,
    equal: bool,
    direction: Direction,
    /// Left out if a single document was compared.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parts: BTreeMap<&'static str, PartComparison>,
}

#[derive(Serialize)]
struct PartComparison {
    equal: bool,
    direction: Direction,
}

/// One document of either source.
struct Part {
    name: &'static str,
    before: Document,
    after: Document,
}

const TRUST: &str = "trust_policy";
const PERMISSIONS: &str = "permissions";

pub(super) fn compare(
    before: &Policies,
    after: &Policies,
    format: Format,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let parts = parts(before, after, context)?;
    let equal = parts.iter().all(|part| same_meaning(&part.before, &part.after));
    let of = |part: &Part| direction(&part.before, &part.after);
    let direction = parts.iter().map(of).reduce(both).unwrap_or(Direction::Same);
    context.show(&match format {
        Format::Json => {
            let by_part = |part: &Part| {
                let equal = same_meaning(&part.before, &part.after);
                (part.name, PartComparison { equal, direction: of(part) })
            };
            let parts = if parts.len() > 1 { parts.iter().map(by_part).collect() } else { BTreeMap::new() };
            views::json(&Comparison { format_version: FORMAT_VERSION, equal, direction, parts })
        }
        Format::Text if equal => "The policies are equivalent.\n".to_owned(),
        Format::Text => text(&parts, direction),
    })?;
    Ok(if equal { Exit::Done } else { Exit::Differs })
}

fn text(parts: &[Part], direction: Direction) -> String {
    let mut text = String::new();
    for part in parts.iter().filter(|part| !same_meaning(&part.before, &part.after)) {
        if parts.len() > 1 {
            text.push_str(&format!("{}\n", paint(STRONG, part.name)));
        }
        let (before, after) = lines_to_compare(&part.before, &part.after);
        text.push_str(&diff::lines(&before, &after, Around::Near, ""));
        text.push('\n');
    }
    let conclusion = match direction {
        Direction::Same => "The second grants the same in another form.",
        Direction::Widens => "The second widens the first.",
        Direction::Narrows => "The second narrows the first.",
        Direction::Both => "The second both widens and narrows the first.",
    };
    format!("{text}{conclusion}\n")
}

/// The parts that both sources have. For a part that only one has, a note is printed.
fn parts(before: &Policies, after: &Policies, context: &CommandContext<'_>) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    match (&before.trust, &after.trust) {
        (Some(old), Some(new)) => parts.push(Part { name: TRUST, before: old.clone(), after: new.clone() }),
        (Some(_), None) => not_compared(TRUST, before, after, context),
        (None, Some(_)) => not_compared(TRUST, after, before, context),
        (None, None) => {}
    }
    match (&before.permissions, &after.permissions) {
        (Some(old), Some(new)) => {
            parts.push(Part { name: PERMISSIONS, before: together(old), after: together(new) });
        }
        (Some(_), None) => not_compared(PERMISSIONS, before, after, context),
        (None, Some(_)) => not_compared(PERMISSIONS, after, before, context),
        (None, None) => {}
    }
    if parts.is_empty() {
        return Err(Error::Usage {
            message: format!(
                "{} and {} have no policy of the same kind",
                escape(&before.name),
                escape(&after.name)
            ),
            hint: "compare a trust policy with a trust policy, or permissions with permissions".to_owned(),
        });
    }
    Ok(parts)
}

fn not_compared(part: &str, only: &Policies, other: &Policies, context: &CommandContext<'_>) {
    let (only, other) = (escape(&only.name), escape(&other.name));
    context.printer.note(&format!("note: {part} of {only} is not compared: {other} has none\n"));
}

/// All permissions of a role as one document, since IAM takes them together. One document stays as it is.
fn together(permissions: &BTreeMap<String, Document>) -> Document {
    let mut documents = permissions.values();
    let first = documents.next().cloned().unwrap_or_else(|| Document::new(Vec::new()));
    documents.fold(first, |all, next| {
        let has_deny = |document: &Document| {
            document.statements.iter().any(|one| one.effect == pinpoint_streams_model::policy::Effect::Deny)
        };
        // A union keeps only what both deny; a role is denied what one of its policies denies.
        if has_deny(&all) || has_deny(next) {
            let statements = all.statements.iter().chain(next.statements.iter()).cloned().collect();
            Document { version: all.version, ..Document::new(statements) }
        } else {
            union(&all, next)
        }
    })
}

/// The direction of two changes together.
fn both(one: Direction, other: Direction) -> Direction {
    match (one, other) {
        (Direction::Same, other) => other,
        (one, Direction::Same) => one,
        (one, other) if one == other => one,
        _ => Direction::Both,
    }
}
