//! Drift alone: Live against Recorded. No steps, not to be applied.
use crate::change::{change, identity};
use crate::context::Context;
use crate::differences::{ComparedPolicy, Differences, Field};
use crate::draft::Draft;
use pinpoint_streams_model::{
    Action, Address, AppRecord, EventStreamRecord, LiveRole, Object, Problem, Reason, Resource, RoleRecord, Step,
    Tags,
};

/// Notes what differs between the record and what is live. There is nothing to do about it.
pub(crate) fn decide(context: &Context<'_>, draft: &mut Draft) -> Vec<Step> {
    for (address, resource) in &context.recorded.resources {
        if !context.selection.covers(address) {
            continue;
        }
        match look(context, address, resource) {
            Err(problem) => draft.problem(problem),
            Ok(None) => {
                let fields = identity(&resource.object);
                draft.change(change(address, resource, Action::Delete, Reason::Missing, fields));
            }
            Ok(Some(differences)) if differences.is_empty() => draft.keep += 1,
            Ok(Some(differences)) => {
                draft.change(change(address, resource, Action::Update, Reason::Drifted, differences.fields));
            }
        }
    }
    Vec::new()
}

/// What differs; none where the object is gone, or another has its name.
fn look(context: &Context<'_>, address: &Address, resource: &Resource) -> Result<Option<Differences>, Problem> {
    let account = &resource.account;
    let mut differences = Differences::default();
    match &resource.object {
        Object::App(app) => {
            let AppRecord { region: _, id: _, name, tags } = app;
            let arn = app.arn(account);
            let Some(live) = context.app(address, &arn)? else { return Ok(None) };
            differences.compare(was("name", Some(name), Some(&live.name)));
            let live_tags = context.tags_of(address, &arn.place(), live)?;
            compare_tags(&mut differences, tags, &live_tags);
        }
        Object::Role(record) => {
            let live = context.role(address, &record.arn.in_account())?;
            let Some(live) = live.filter(|live| live.id == record.id) else { return Ok(None) };
            compare_role(&mut differences, record, live);
        }
        Object::EventStream(stream) => {
            let EventStreamRecord { region: _, app_id: _, destination, role_arn } = stream;
            let Some(live) = context.event_stream(address, &stream.app(account))? else { return Ok(None) };
            differences.compare(was("destination", Some(destination.to_string()), Some(live.destination.clone())));
            if !live.uses(role_arn) {
                differences.compare(was("role_arn", Some(role_arn.to_string()), Some(live.role_arn.clone())));
            }
        }
    }
    Ok(Some(differences))
}

/// A field as it was written and as it is now: before is the record, after is life.
fn was<T: Clone>(path: &str, recorded: Option<T>, live: Option<T>) -> Field<'_, T> {
    Field { path, live: recorded, wanted: live, recorded: None }
}

fn compare_tags(differences: &mut Differences, recorded: &Tags, live: &Tags) {
    for (key, value) in recorded {
        differences.compare(was(&format!("tags.{key}"), Some(value), live.get(key)));
    }
}

fn compare_role(differences: &mut Differences, record: &RoleRecord, live: &LiveRole) {
    let RoleRecord {
        arn: _,
        id: _,
        trust_policy,
        inline_policies,
        description,
        max_session_duration,
        permissions_boundary,
        tags,
    } = record;
    let (before, now) = (ComparedPolicy::Known(trust_policy), ComparedPolicy::Known(&live.trust_policy));
    differences.compare_policies(was("trust_policy", Some(before), Some(now)));
    for (name, document) in inline_policies {
        let path = format!("inline_policies.{name}");
        let now = live.inline_policies.get(name).map(ComparedPolicy::Known);
        differences.compare_policies(was(&path, Some(ComparedPolicy::Known(document)), now));
    }
    differences.compare(was("description", Some(description), Some(&live.description)));
    differences.compare(was("max_session_duration", Some(max_session_duration), Some(&live.max_session_duration)));
    let (before, now) = (permissions_boundary.as_ref(), live.permissions_boundary.as_ref());
    differences.compare(was("permissions_boundary", before, now));
    compare_tags(differences, tags, &live.tags);
}
