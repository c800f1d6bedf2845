//! How an event stream goes back: to what it was before the run, or away.
use super::reversed::Reversed;
use crate::change::{change, identity, refuse_protected};
use crate::context::Context;
use crate::differences::{Differences, Field};
use crate::draft::{Draft, Handle};
use crate::event_stream::EventStreamOwnership;
use crate::restore::{Ready, not_restored};
use crate::usage::Usage;
use pinpoint_streams_model::{
    Action, Address, AppArn, Change, EventStreamOp, Fact, LiveEventStream, Op, Planned, Problem, ProblemCode,
    PutEventStream, Reason, RecordOp, Resource, RoleArn, Slot,
};
use std::borrow::Cow;

/// Plans it, if the run put or adopted an event stream here.
pub(super) fn revert(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    reversed: &Reversed<'_>,
    ready: &Ready,
    usage: &mut Usage<'_>,
) -> Result<(), Problem> {
    let Address::EventStream(_) = address else { return Ok(()) };
    let resource = context.resource(address);
    let Some(put) = reversed.put() else {
        if let Some(resource) = resource.filter(|_| reversed.is_adopted()) {
            forget(draft, address, resource, []);
        }
        return Ok(());
    };
    let PutEventStream { account, region, app_id, destination, role_arn, .. } = put;
    let place = AppArn::of(account, region, app_id);
    let left = LiveEventStream { destination: destination.to_string(), role_arn: role_arn.to_string() };
    let Some(resource) = resource else {
        draft.warn(address, not_restored("the state does not record it any more, so it is left alone"));
        return Ok(());
    };
    let Some(live) = context.event_stream(address, &place)? else {
        draft.warn(address, not_restored("the event stream does not exist any more"));
        return Ok(());
    };
    let former = reversed.former(&left);
    // An undo that was cut short has put it back already.
    if *live != left && former.as_ref() != Some(live) {
        return Err(changed_since(address, "the event stream"));
    }
    if reversed.comes_from_another_app() {
        let message = "the run moved it from another app, which undo does not reverse";
        let hint = "restore the former manifest and apply it";
        return Err(Problem::new(ProblemCode::Immutable, message.to_owned(), hint).at(address));
    }
    EventStreamOwnership { context, address, app: &place, live }.refuse_change()?;
    match former {
        None => delete(draft, address, resource, &place, live, usage),
        Some(former) if former == *live => {
            if reversed.is_adopted() {
                forget(draft, address, resource, []);
            }
            Ok(())
        }
        Some(former) => {
            let step = put_back(draft, address, resource, put, &former, ready, usage)?;
            if reversed.is_adopted() {
                draft.step(address, [step], RecordOp::Forget {});
            }
            Ok(())
        }
    }
}

fn delete(
    draft: &mut Draft,
    address: &Address,
    resource: &Resource,
    place: &AppArn,
    live: &LiveEventStream,
    usage: &mut Usage<'_>,
) -> Result<(), Problem> {
    refuse_protected(address, resource, "deleted")?;
    let mut lost = Differences::default();
    lost.lost("app_id", &place.id);
    lost.lost("destination", &live.destination);
    lost.lost("role_arn", &live.role_arn);
    let mut deletion = change(address, resource, Action::Delete, Reason::DestroyAsked, lost.fields);
    deletion.notes.push(Fact::EventsStop { app: place.id.clone() }.into());
    draft.change(deletion);
    let step = draft.step(address, [], EventStreamOp::delete(place, live));
    let known = usage.entry(place.clone());
    known.after = None;
    known.steps.push(step);
    Ok(())
}

fn put_back(
    draft: &mut Draft,
    address: &Address,
    resource: &Resource,
    left: &PutEventStream<pinpoint_streams_model::Resolved>,
    former: &LiveEventStream,
    ready: &Ready,
    usage: &mut Usage<'_>,
) -> Result<Handle, Problem> {
    let not_an_arn = |what: &str| {
        let message = format!("it went to {what} before, which cannot be written back");
        Problem::new(ProblemCode::Immutable, message, "point it there by hand, or leave it as it is").at(address)
    };
    let destination = former.destination.parse().map_err(|_| not_an_arn(&former.destination))?;
    let role_arn: RoleArn = former.role_arn.parse().map_err(|_| not_an_arn(&former.role_arn))?;
    let PutEventStream { account, region, app_id, .. } = left;
    let mut differences = Differences::default();
    let fields = [
        ("destination", left.destination.to_string(), &former.destination),
        ("role_arn", left.role_arn.to_string(), &former.role_arn),
    ];
    for (path, live, wanted) in fields {
        differences.compare(Field { path, live: Some(&live), wanted: Some(wanted), recorded: None });
    }
    let after: Vec<Handle> = ready.get(&role_arn).cloned().unwrap_or_default();
    let op: PutEventStream<Planned> = PutEventStream {
        account: account.clone(),
        region: region.clone(),
        app_id: Slot::Known(app_id.clone()),
        destination,
        role_arn,
        protect: resource.protect,
        record: true,
    };
    let step = draft.step(address, after, Op::EventStream(EventStreamOp::Put(op)));
    let known = usage.entry(AppArn::of(account, region, app_id));
    known.after = Some(Cow::Owned(former.clone()));
    known.steps.push(step);
    let back: Change = change(address, resource, Action::Update, Reason::Restored, differences.fields);
    draft.change(back);
    Ok(step)
}

/// It was adopted and not changed: it runs on, and is no longer managed.
fn forget(draft: &mut Draft, address: &Address, resource: &Resource, after: impl IntoIterator<Item = Handle>) {
    draft.change(change(address, resource, Action::Forget, Reason::Restored, identity(&resource.object)));
    draft.step(address, after, RecordOp::Forget {});
}

pub(super) fn changed_since(address: &Address, what: &str) -> Problem {
    let message = format!("{what} has changed since the run");
    let hint = "undo later runs first; or change the manifest, and apply it";
    Problem::new(ProblemCode::IdentityChanged, message, hint).at(address)
}
