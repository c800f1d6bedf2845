//! Which state may follow which: the rule that every store of states holds to.
use super::{State, StateError};
use pinpoint_streams_model::ids::{Lineage, Serial};

/// Whether `next` may be written where `before` stands: only the next serial of the same lineage, and serial 1
/// where nothing is. Anything else is [`StateError::Conflict`]. `place` is where it stands, for people.
pub fn check_successor(place: &str, before: Option<(&Lineage, Serial)>, next: &State) -> Result<(), StateError> {
    let conflict = |reason: String| Err(StateError::Conflict { place: place.to_owned(), reason });
    match before {
        Some((lineage, _)) if *lineage != next.lineage => {
            conflict(format!("it has lineage {lineage}, not {}", next.lineage))
        }
        Some((_, serial)) if serial.next() != next.serial => {
            conflict(format!("it has serial {serial}, and {} was to be written", next.serial))
        }
        None if next.serial.0 != 1 => {
            conflict(format!("it is gone, and serial {} was to be written", next.serial))
        }
        Some(_) | None => Ok(()),
    }
}
