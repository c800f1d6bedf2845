//! A plan as text: a line a change with sign, address and reason, followed by the fields that change.
use super::field::{Detail, Fields, Unknowns};
use crate::ui::escape::escape;
use crate::ui::facts;
use crate::ui::style::{QUIET, STRONG, of_action, paint};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::plan::{Action, Change, Mode, Options, Plan, Summary};
use pinpoint_streams_model::region::Region;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// With at least this many changes, a plan is grouped by account and region.
const LONG: usize = 21;

pub(crate) fn plan(plan: &Plan, detail: Detail) -> String {
    let mut text = String::new();
    if plan.options.is_partial() {
        let _ = writeln!(text, "This plan is partial: {}.\n", selection(&plan.options));
    }
    // In a sweep, the notes of a change are all its evidence.
    let with_notes = plan.mode != Mode::Sweep || plan.changes.len() < LONG || detail == Detail::Everything;
    let fields = Fields { unknowns: Unknowns::of(plan), detail, with_notes };
    if plan.changes.len() >= LONG {
        for (place, changes) in grouped(&plan.changes) {
            let heading = format!("{}: {}", place.label(), counts(changes.iter().map(|change| change.action)));
            let _ = writeln!(text, "{}", paint(STRONG, heading));
            for change in changes {
                text.push_str(&one(change, None, &fields));
            }
            text.push('\n');
        }
    } else if !plan.changes.is_empty() {
        let several = plan.changes.iter().map(Place::of).collect::<BTreeSet<_>>().len() > 1;
        for change in &plan.changes {
            text.push_str(&one(change, several.then(|| Place::of(change)), &fields));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", paint(QUIET, format_args!("digest {}", escape(&plan.plan_digest.to_string()))));
    let _ = writeln!(text, "{}", paint(STRONG, last_line(plan)));
    text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    account: &'a AccountId,
    region: Option<&'a Region>,
}

impl<'a> Place<'a> {
    fn of(change: &'a Change) -> Place<'a> {
        Place { account: &change.account, region: change.region.as_ref() }
    }

    fn label(self) -> String {
        match self.region {
            Some(region) => format!("{} {region}", self.account),
            None => format!("{} global", self.account),
        }
    }
}

fn grouped(changes: &[Change]) -> BTreeMap<Place<'_>, Vec<&Change>> {
    let mut groups: BTreeMap<Place<'_>, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        groups.entry(Place::of(change)).or_default().push(change);
    }
    groups
}

fn one(change: &Change, place: Option<Place<'_>>, fields: &Fields<'_>) -> String {
    let Change { address, kind: _, account: _, region: _, action, reason, fields: changed, notes } = change;
    let notes = if fields.with_notes { notes.as_slice() } else { &[] };
    let (_, sign, style) = of_action(*action);
    let sign = paint(style, format!("{sign:>3}"));
    let place =
        place.map(|place| format!(" {}", paint(QUIET, format!("({})", place.label())))).unwrap_or_default();
    let mut text = format!("{sign} {address}{place}: {reason}\n");
    for note in notes {
        let _ = writeln!(text, "      ! {}", escape(&facts::evidence(note)));
    }
    text.push_str(&fields.of(*action, changed));
    text
}

fn selection(options: &Options) -> String {
    let list = |flag: &str, values: Vec<String>| {
        (!values.is_empty()).then(|| format!("{flag} {}", escape(&values.join(", "))))
    };
    let parts = [
        list("--target", options.targets.clone()),
        list("--exclude", options.excludes.clone()),
        list("--accounts", options.accounts.iter().map(ToString::to_string).collect()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn counts(actions: impl Iterator<Item = Action>) -> String {
    let mut summary = Summary::default();
    actions.for_each(|action| summary.count(action));
    let some = parts(&summary).into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, what)| format!("{count} to {what}")).collect::<Vec<_>>().join(", ")
}

/// The number of changes of each kind.
fn parts(summary: &Summary) -> [(usize, &'static str); 8] {
    let Summary { create, update, replace, delete, adopt, forget, quarantine, release, keep: _ } = *summary;
    [
        (create, "create"),
        (update, "update"),
        (replace, "replace"),
        (delete, "delete"),
        (adopt, "adopt"),
        (forget, "forget"),
        (quarantine, "quarantine"),
        (release, "release"),
    ]
}

/// `Plan: 3 to create, …` or `No changes.`; for drift its own counts.
pub(crate) fn last_line(plan: &Plan) -> String {
    let Summary { create, update, delete, keep, .. } = plan.summary;
    if plan.mode == Mode::Drift {
        return if plan.changes.is_empty() {
            "No drift.".to_owned()
        } else {
            format!("Drift: {update} changed, {} missing, {keep} unchanged.", delete + create)
        };
    }
    if plan.is_empty() {
        return "No changes.".to_owned();
    }
    // The first four are always named.
    let named = parts(&plan.summary).into_iter().enumerate().filter(|(at, (count, _))| *at < 4 || *count > 0);
    let named: Vec<String> = named.map(|(_, (count, what))| format!("{count} to {what}")).collect();
    format!("Plan: {}, {keep} unchanged.", named.join(", "))
}
