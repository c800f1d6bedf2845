//! The version of the state object that the next write is conditional on.
use super::objects::Over;
use pinpoint_streams_model::ids::{Lineage, Serial};
use pinpoint_streams_store::state::State;

/// The state that was last read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Nothing,
    State { etag: String, lineage: Lineage, serial: Serial },
}

impl Seen {
    pub(super) fn of(state: &State, etag: String) -> Seen {
        Seen::State { etag, lineage: state.lineage.clone(), serial: state.serial }
    }

    pub(super) fn predecessor(&self) -> Option<(&Lineage, Serial)> {
        match self {
            Seen::Nothing => None,
            Seen::State { etag: _, lineage, serial } => Some((lineage, *serial)),
        }
    }

    pub(super) fn over(&self) -> Over {
        match self {
            Seen::Nothing => Over::Nothing,
            Seen::State { etag, .. } => Over::ETag(etag.clone()),
        }
    }
}
