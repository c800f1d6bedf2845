//! How an app goes back: its tags to their former values, or away with all its data if the run created it and that is
//! asked for. One that the run deleted is gone.
use super::event_stream::changed_since;
use super::reversed::Reversed;
use crate::app::delete_steps;
use crate::change::{change, forget, identity, refuse_owned_elsewhere};
use crate::context::Context;
use crate::differences::{Differences, Field};
use crate::draft::{Draft, Handle};
use crate::usage::Usage;
use pinpoint_streams_model::ownership::PREFIX;
use pinpoint_streams_model::{
    Action, Address, AppKey, AppOp, AppRecord, Fact, LiveApp, Problem, Reason, RecordOp, Resource, Tags,
};
use std::collections::{BTreeMap, BTreeSet};

/// `deletes`: the steps that delete roles, which go before the apps that they trust.
pub(super) fn revert(
    context: &Context<'_>,
    draft: &mut Draft,
    reversed: &BTreeMap<Address, Reversed<'_>>,
    usage: &Usage<'_>,
    deletes: &[Handle],
) {
    let mut to_delete: Vec<(Address, Resource)> = Vec::new();
    for (address, reversed) in reversed {
        let recorded = context.resource(address).and_then(|found| Some((found, found.object.as_app()?)));
        let Some((resource, record)) = recorded else { continue };
        match reversed.created_app() {
            Some(created) if *created == record.id && context.options.delete_apps => {
                to_delete.push((address.clone(), resource.clone()));
            }
            Some(created) if *created == record.id => {
                draft.keep += 1;
                draft.warn(address, Fact::AppKept { app: record.id.clone() });
            }
            Some(_) => draft.problem(changed_since(address, "the app")),
            None => {
                if let Err(problem) = revert_tags(context, draft, address, reversed, resource, record) {
                    draft.problem(problem);
                }
            }
        }
    }
    let steps_of = |key: &AppKey| {
        let (_, resource) = to_delete.iter().find(|(address, _)| *address == Address::App(key.clone()))?;
        let app = resource.object.as_app()?.arn(&resource.account);
        usage.get(&app).map(|known| known.steps.clone())
    };
    let after = |key: &AppKey| {
        let event_stream = steps_of(key).unwrap_or_default();
        deletes.iter().copied().chain(event_stream).collect()
    };
    delete_steps(context, draft, &to_delete, usage, after);
}

fn revert_tags(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    reversed: &Reversed<'_>,
    resource: &Resource,
    record: &AppRecord,
) -> Result<(), Problem> {
    // What the run stopped managing is not this workspace's to change.
    if reversed.app_ops().is_empty() || reversed.is_forgotten() {
        return Ok(());
    }
    let app = record.arn(&resource.account);
    let Some(live): Option<&LiveApp> = context.app(address, &app)? else {
        return Err(changed_since(address, "the app"));
    };
    let tags = context.tags_of(address, &app.place(), live)?;
    refuse_owned_elsewhere(context, address, &tags)?;
    let mut fields = Differences::default();
    let (mut set, mut unset) = (Tags::default(), BTreeSet::new());
    for field in reversed.change.into_iter().flat_map(|change| &change.fields) {
        let Some(key) = field.path.strip_prefix("tags.") else { continue };
        let before = field.before.as_ref().and_then(|before| before.json().as_str().map(str::to_owned));
        let there = tags.get(key);
        let path = &field.path;
        if fields.compare(Field { path, live: there, wanted: before.as_ref(), recorded: None }) {
            match before {
                Some(value) => drop(set.insert(key.to_owned(), value)),
                None => drop(unset.insert(key.to_owned())),
            }
        }
    }
    let mut after = Vec::new();
    if !set.is_empty() {
        after.push(draft.step(address, [], AppOp::tag(&app, set, None)));
    }
    if reversed.was_unowned() {
        // Forgetting it takes the ownership tags off.
        unset.retain(|key| !key.starts_with(PREFIX));
    }
    if !unset.is_empty() {
        after.push(draft.step(address, after.clone(), AppOp::untag(&app, unset)));
    }
    if !fields.is_empty() {
        draft.change(change(address, resource, Action::Update, Reason::Restored, fields.fields));
    }
    if reversed.was_unowned() {
        forget(context, draft, address, resource, Reason::Restored, after);
    } else if reversed.is_adopted() {
        draft.change(change(address, resource, Action::Forget, Reason::Restored, identity(&resource.object)));
        draft.step(address, after, RecordOp::Forget {});
    }
    Ok(())
}
