//! The counts of a plan: resources, then calls.
use crate::ui::text::count;
use pinpoint_streams_model::live::question::Service;
use pinpoint_streams_model::plan::{Action, Mode, Plan, Summary};
use std::collections::BTreeMap;

/// `3 to create, 1 to delete`, without what is zero. What is lost comes first. For drift, which changes nothing,
/// `1 missing, 2 changed`.
pub(crate) fn counts(mode: Mode, actions: impl Iterator<Item = Action>) -> String {
    let mut summary = Summary::default();
    actions.for_each(|action| summary.count(action));
    if mode == Mode::Drift {
        let found = [(summary.create + summary.delete, "missing"), (summary.update, "changed")];
        let some = found.into_iter().filter(|(count, _)| *count > 0);
        return some.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ");
    }
    let parts = parts(&summary);
    let (named, others) = parts.split_at(4);
    let [create, update, replace, delete] = [named[0], named[1], named[2], named[3]];
    let in_order = [delete, replace, create, update].into_iter().chain(others.iter().copied());
    let some = in_order.filter(|(count, _)| *count > 0);
    some.map(|(count, what)| format!("{count} to {what}")).collect::<Vec<_>>().join(", ")
}

/// The number of changes of each kind.
pub(crate) fn parts(summary: &Summary) -> [(usize, &'static str); 8] {
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

/// `5 resources change, with 9 calls: 6 to IAM, 3 to Pinpoint.` None where no step is a call.
pub(crate) fn calls(plan: &Plan) -> Option<String> {
    let mut services: BTreeMap<Service, usize> = BTreeMap::new();
    for (operation, _) in plan.steps.iter().filter_map(|step| step.op.operation()) {
        *services.entry(operation.service).or_default() += 1;
    }
    let resources = match plan.changes.len() {
        0 => return None,
        1 => "1 resource changes".to_owned(),
        more => format!("{more} resources change"),
    };
    let all: usize = services.values().sum();
    if all == 0 {
        return (!plan.steps.is_empty()).then(|| format!("{resources}, in the state alone: no calls to AWS."));
    }
    let each = services.iter().map(|(service, calls)| format!("{calls} to {}", name(*service)));
    Some(format!("{resources}, with {}: {}.", count(all, "call"), each.collect::<Vec<_>>().join(", ")))
}

fn name(service: Service) -> &'static str {
    match service {
        Service::Iam => "IAM",
        Service::Pinpoint => "Pinpoint",
        other => other.action_prefix(),
    }
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
