//! Changes of what is recorded, as people see them.
use crate::differences::Differences;
use crate::draft::Draft;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::plan::{Action, Change, FieldChange, Reason};
use pinpoint_streams_model::recorded::Resource;

/// A change of something recorded.
pub(crate) fn change(
    address: &Address,
    resource: &Resource,
    action: Action,
    reason: Reason,
    fields: Vec<FieldChange>,
) -> Change {
    Change {
        address: address.clone(),
        kind: resource.object.kind(),
        account: resource.account.clone(),
        region: resource.object.region().cloned(),
        action,
        reason,
        fields,
        notes: Vec::new(),
    }
}

/// Notes that nothing but the record is brought up to date, where nothing else changes.
pub(crate) fn record_change(draft: &mut Draft, address: &Address, resource: &Resource) {
    if !draft.changes.contains_key(address) {
        draft.keep = draft.keep.saturating_sub(1);
        draft.change(change(address, resource, Action::Update, Reason::LostRecord, Vec::new()));
    }
}

/// An update if anything differs, else one more that is kept.
pub(crate) fn settle_change(draft: &mut Draft, address: &Address, resource: &Resource, differences: Differences) {
    if !differences.is_empty() {
        let moved = draft.changes.get(address).map(|change| change.reason);
        let reason = moved.unwrap_or_else(|| differences.reason());
        draft.change(change(address, resource, Action::Update, reason, differences.fields));
    } else if !draft.changes.contains_key(address) {
        draft.keep += 1;
    }
}
