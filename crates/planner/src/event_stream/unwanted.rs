//! An event stream that is recorded and no longer wanted.
use super::{Streams, delete_op};
use crate::change::change;
use crate::context::Context;
use crate::differences::{Differences, Field};
use crate::draft::Draft;
use crate::protection::refuse_protected;
use crate::usage::{Usage, Use};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::fact::Fact;
use pinpoint_streams_model::ids::AppKey;
use pinpoint_streams_model::op::RecordOp;
use pinpoint_streams_model::ownership::Origin;
use pinpoint_streams_model::plan::{Action, Reason};
use pinpoint_streams_model::problem::Problem;
use pinpoint_streams_model::recorded::{EventStreamRecord, Resource};

/// Recorded and no longer wanted.
#[expect(clippy::too_many_arguments, reason = "one event stream in all its versions, and where they go")]
pub(super) fn unwanted(
    context: &Context<'_>,
    draft: &mut Draft,
    address: &Address,
    key: &AppKey,
    resource: &Resource,
    record: &EventStreamRecord,
    place: AppArn,
    usage: &mut Usage,
    streams: &mut Streams,
) -> Result<(), Problem> {
    let live = context.event_stream(address, &place)?;
    let Some(live) = live else {
        draft.change(change(address, resource, Action::Forget, Reason::Missing, Vec::new()));
        draft.step(address, [], RecordOp::Forget {});
        return Ok(());
    };
    if resource.origin == Origin::Adopted && !context.options.include_adopted {
        let named = live.role_arn.parse().ok();
        streams.forgotten.extend(named.map(|role| (address.clone(), role)));
        draft.change(change(address, resource, Action::Forget, context.reason_to_go(), Vec::new()));
        draft.step(address, [], RecordOp::Forget {});
        return Ok(());
    }
    refuse_protected(address, resource, "deleted")?;
    let mut lost = Differences::default();
    for (path, text) in [("destination", &live.destination), ("role_arn", &live.role_arn)] {
        lost.compare(Field { path, live: Some(text), wanted: None, recorded: None });
    }
    let mut deletion = change(address, resource, Action::Delete, context.reason_to_go(), lost.fields);
    if live.destination != record.destination.to_string() || live.role_arn != record.role_arn.to_string() {
        let (destination, role_arn) = (live.destination.clone(), live.role_arn.clone());
        deletion.notes.push(Fact::EventStreamChanged { destination, role_arn }.into());
    }
    draft.change(deletion);
    let step = draft.step(address, [], delete_op(&place, live));
    let known: &mut Use = usage.entry(place);
    known.after = None;
    known.steps.push(step);
    streams.deletes.entry(key.clone()).or_default().push(step);
    Ok(())
}
