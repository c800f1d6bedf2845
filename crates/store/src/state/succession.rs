//! Which state may follow which: the rules for every state store.
use super::{State, StateError};
use pinpoint_streams_model::ids::{Lineage, Serial};

/// A check of the location (for messages), the stored state and its replacement.
pub type Succession = fn(&str, Option<(&Lineage, Serial)>, &State) -> Result<(), StateError>;

/// Allows only the next serial of the same lineage, or serial 1 if there is no state yet. Anything else is a
/// [`StateError::Conflict`]. `place` is for messages.
pub fn check_successor(place: &str, before: Option<(&Lineage, Serial)>, next: &State) -> Result<(), StateError> {
    let conflict = |reason: String| Err(StateError::Conflict { place: place.to_owned(), reason });
    match before {
        Some((lineage, _)) if *lineage != next.lineage => {
            conflict(format!("it has lineage {lineage}, not {}", next.lineage))
        }
        Some((_, serial)) if serial.next() != next.serial => {
            conflict(format!("it has serial {serial}, so serial {} cannot follow", next.serial))
        }
        None if next.serial.0 != 1 => {
            conflict(format!("it does not exist, so serial {} cannot follow", next.serial))
        }
        Some(_) | None => Ok(()),
    }
}

/// Allows any later serial of the same lineage, or any state if there is none yet.
pub fn check_later(place: &str, before: Option<(&Lineage, Serial)>, next: &State) -> Result<(), StateError> {
    let conflict = |reason: String| Err(StateError::Conflict { place: place.to_owned(), reason });
    match before {
        Some((lineage, _)) if *lineage != next.lineage => {
            conflict(format!("it has lineage {lineage}, not {}", next.lineage))
        }
        Some((_, serial)) if serial >= next.serial => {
            conflict(format!("it has serial {serial}, and serial {} is not later", next.serial))
        }
        Some(_) | None => Ok(()),
    }
}
