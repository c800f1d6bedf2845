//! How two plans differ, in words.
use pinpoint_streams_model::plan::{Action, Change, FieldChange, Options, Step};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// Of more differences, the number is shown.
const MOST: usize = 12;

/// The steps that only one of two plans has, and those that differ.
pub(super) fn of_steps(planned: &[Step], now: &[Step]) -> String {
    let of = |steps: &[Step]| -> BTreeMap<(String, &'static str), Vec<String>> {
        let mut by_name: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for step in steps {
            let Step { id: _, address, after: _, op } = step;
            // Only compared: what differs is named, not shown.
            let op_json = serde_json::to_string(op).unwrap_or_default();
            by_name.entry((address.to_string(), op.name())).or_default().push(op_json);
        }
        by_name
    };
    let (old, new) = (of(planned), of(now));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let mut lines = Vec::new();
    for name in names {
        let (address, op) = name;
        match (old.get(name), new.get(name)) {
            (Some(_), None) => lines.push(format!("{address}: {op} is no longer needed")),
            (None, Some(_)) => lines.push(format!("{address}: {op} is now needed")),
            (Some(old), Some(new)) if old != new => lines.push(format!("{address}: {op} now has other values")),
            _ => {}
        }
    }
    if lines.is_empty() {
        lines.push("the steps are in another order".to_owned());
    }
    listed(&lines)
}

/// The changes that only one of two plans has, and the fields in which the others differ.
pub(super) fn of_changes(planned: (&Options, &[Change]), now: (&Options, &[Change])) -> String {
    let of = |changes: &'_ [Change]| -> BTreeMap<String, Change> {
        changes.iter().map(|change| (change.address.to_string(), change.clone())).collect()
    };
    let (old, new) = (of(planned.1), of(now.1));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut lines = Vec::new();
    if planned.0 != now.0 {
        lines.push("the flags in the plan are not those that were given".to_owned());
    }
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(old), None) => lines.push(format!("{name}: would no longer be {}", done(old.action))),
            (None, Some(new)) => lines.push(format!("{name}: would now be {}", done(new.action))),
            (Some(old), Some(new)) if old != new => lines.push(format!("{name}: {}", change(old, new))),
            _ => {}
        }
    }
    if lines.is_empty() {
        lines.push("the changes are in another order".to_owned());
    }
    listed(&lines)
}

fn change(old: &Change, new: &Change) -> String {
    let Change { address: _, kind: _, account, region, action, reason, fields, notes } = old;
    if *action != new.action {
        return format!("was to be {}, would now be {}", done(*action), done(new.action));
    }
    if (account, region) != (&new.account, &new.region) {
        return "is now in another account or region".to_owned();
    }
    let differing = fields_that_differ(fields, &new.fields);
    if !differing.is_empty() {
        return format!(
            "{} {} now",
            differing.join(", "),
            if differing.len() == 1 { "differs" } else { "differ" }
        );
    }
    let what = match (*reason != new.reason, *notes != new.notes) {
        (true, _) => "now has another reason",
        (_, true) => "is now based on other evidence",
        _ => "is now different",
    };
    what.to_owned()
}

/// The paths of fields that only one has, or with other values.
fn fields_that_differ(old: &[FieldChange], new: &[FieldChange]) -> Vec<String> {
    let paths: BTreeSet<&String> = old.iter().chain(new).map(|field| &field.path).collect();
    let find = |fields: &'_ [FieldChange], path: &str| fields.iter().find(|field| field.path == path).cloned();
    paths.into_iter().filter(|path| find(old, path) != find(new, path)).cloned().collect()
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
        Action::Adopt => "adopted",
        Action::Forget => "forgotten",
        Action::Quarantine => "quarantined",
        Action::Release => "released",
        Action::Keep => "kept",
    }
}

/// An indented line each.
fn listed(lines: &[impl Display]) -> String {
    let mut text: Vec<String> = lines.iter().take(MOST).map(|line| format!("  {line}")).collect();
    if lines.len() > MOST {
        text.push(format!("  and {} more", lines.len() - MOST));
    }
    text.join("\n")
}
