//! What ownership tags say of the lineage of a state: this one, or another checkout's.
use crate::context::Context;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ownership::{self, Origin, Tags};

/// Whether a run of this very state made the role for this address, whatever became of its record: workspace, lineage
/// and address are those of its tags. That lets it be recorded and brought up to date, never deleted.
pub(crate) fn is_made_here(context: &Context<'_>, address: &Address, tags: &Tags) -> bool {
    ownership::read(tags).is_some_and(|owner| {
        owner.origin == Origin::Created
            && owner.workspace.as_deref() == Some(context.desired.workspace.as_str())
            && owner.lineage.is_some()
            && owner.lineage.as_deref() == context.lineage().map(|lineage| lineage.as_str())
            && owner.address.as_deref() == Some(&address.to_string())
    })
}

/// What to do about something of this workspace under a lineage that is not that of the state.
pub(crate) fn lost_lineage(context: &Context<'_>, lineage: &str, what: &str) -> String {
    match context.lineage() {
        None => format!(
            "if the state file was lost, `state recover` makes it again and takes lineage {lineage} over; if it is \
             elsewhere, put it back beside the manifest"
        ),
        Some(_) => format!(
            "another checkout of this workspace manages it: plan there; if its state is lost, `state recover` makes \
             it again where there is none yet, or take the pinpoint-streams tags off the {what}"
        ),
    }
}
