//! An app that is recorded and no longer wanted as ours: forgotten, kept with a warning, or deleted.
use super::Apps;
use crate::change::{change, forget, identity, refuse_protected, refuse_unowned};
use crate::context::Context;
use crate::draft::{Draft, Handle};
use crate::usage::Usage;
use pinpoint_streams_model::{
    Action, Address, AppArn, AppIdentity, AppKey, AppOp, AppRecord, DesiredApp, Evidence, Fact, FailureKind,
    LiveEventStream, Mode, Object, Origin, Problem, ProblemCode, Read, Reason, Resource, Subject,
};

/// Recorded and no longer wanted as an app of ours.
pub(super) fn unwanted(
    context: &Context<'_>,
    draft: &mut Draft,
    apps: &mut Apps,
    address: &Address,
    resource: &Resource,
    record: &AppRecord,
    wanted: Option<&DesiredApp>,
) -> Result<(), Problem> {
    let problem = |code, message: String, hint: String| Problem::new(code, message, hint).at(address);
    let live = context.app(address, &record.arn(&resource.account))?;
    if let Some(AppIdentity::Existing(id)) = wanted.map(|app| &app.identity) {
        if *id != record.id {
            let message = format!("it is recorded as app {}, and now declared as app {id}", record.id);
            let hint = format!("[[forget]] address = \"{address}\" stops managing the old one");
            return Err(problem(ProblemCode::Immutable, message, hint));
        }
        forget(context, draft, address, resource, Reason::ManifestChanged, Vec::new());
        return Ok(());
    }
    if live.is_none() {
        forget(context, draft, address, resource, Reason::Missing, Vec::new());
        return Ok(());
    }
    if resource.origin == Origin::Adopted && !context.options.include_adopted {
        forget(context, draft, address, resource, context.reason_to_go(), Vec::new());
        return Ok(());
    }
    if context.mode == Mode::Destroy && !context.options.delete_apps {
        draft.keep += 1;
        draft.warn(address, Fact::AppKept { app: record.id.clone() });
        return Ok(());
    }
    refuse_protected(address, resource, "deleted")?;
    if context.options.delete_apps {
        apps.to_delete.push((address.clone(), resource.clone()));
        return Ok(());
    }
    let twin = context.desired.apps.iter().find(|(key, app)| {
        context.resource(&Address::App((*key).clone())).is_none()
            && app.region == record.region
            && matches!(&app.identity, AppIdentity::Owned { name, .. } if *name == record.name)
    });
    let hint = match (twin, address.key()) {
        (Some((to, _)), Some(from)) => {
            format!("if it was renamed, add [[moved]] with from = \"{from}\" and to = \"{to}\"")
        }
        _ => format!(
            "[[forget]] address = \"{address}\" keeps the app and stops managing it; --delete-apps deletes it"
        ),
    };
    let message = format!("its block was removed, and deleting app {} would delete its data", record.id);
    Err(problem(ProblemCode::AppDeletion, message, hint))
}

/// Deletes apps, once nothing depends on them. Their enabled channels are named.
pub(crate) fn delete_steps(
    context: &Context<'_>,
    draft: &mut Draft,
    to_delete: &[(Address, Resource)],
    usage: &Usage<'_>,
    after: impl Fn(&AppKey) -> Vec<Handle>,
) {
    for (address, resource) in to_delete {
        let (Address::App(key), Object::App(record)) = (address, &resource.object) else { continue };
        let app = record.arn(&resource.account);
        let live = context.live.apps.get(&app.place()).and_then(Read::present).and_then(|apps| apps.get(&app.id));
        if let Some(tags) = live.and_then(|live| live.tags.as_ref())
            && let Err(problem) = refuse_unowned(context, address, tags)
        {
            draft.problem(problem);
            continue;
        }
        if let Err(problem) = refuse_with_its_event_stream(context, address, &app, usage) {
            draft.problem(problem);
            continue;
        }
        let note = match context.live.channels.get(&app) {
            Some(Read::Present(channels)) if channels.is_empty() => None,
            Some(Read::Present(channels)) => Some(Fact::ChannelsDeleted { channels: channels.clone() }),
            Some(Read::Absent) => None,
            Some(Read::Unreadable(why)) => Some(Fact::ReadFailed { what: Subject::Channels, why: why.clone() }),
            None => Some(Fact::NotRead { what: Subject::Channels }),
        };
        let fields = identity(&resource.object);
        let mut deletion = change(address, resource, Action::Delete, context.reason_to_go(), fields);
        deletion.notes.push(Fact::DataDeleted {}.into());
        deletion.notes.extend(note.map(Evidence::from));
        draft.change(deletion);
        draft.step(address, after(key), AppOp::delete(&app, record.name.clone()));
    }
}

/// With an app goes its event stream. One that this plan leaves is not ours to delete.
fn refuse_with_its_event_stream(
    context: &Context<'_>,
    address: &Address,
    place: &AppArn,
    usage: &Usage<'_>,
) -> Result<(), Problem> {
    // Where event streams have ended, none can be lost.
    if let Some(Read::Unreadable(why)) = context.live.event_streams.get(place)
        && why.kind == FailureKind::ServiceEnded
    {
        return Ok(());
    }
    context.event_stream(address, place)?;
    let left = usage.get(place).and_then(|known| known.after.as_deref());
    let Some(LiveEventStream { destination, role_arn: role }) = left else { return Ok(()) };
    let id = &place.id;
    let message = format!(
        "app {id} would be deleted, and with it an event stream that this plan leaves: to {destination} as {role}"
    );
    let hint = format!(
        "delete that event stream first, if it is unused; [[forget]] address = \"{address}\" keeps the app \
         and stops managing it"
    );
    Err(Problem::new(ProblemCode::AppDeletion, message, hint).at(address))
}
