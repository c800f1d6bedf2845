//! Which state may follow which: the rules that every store of states holds to.
use super::{State, StateError};
use pinpoint_streams_model::ids::{Lineage, Serial};

/// A rule: where the state stands, for people; what stands there; what is to follow.
pub type Succession = fn(&str, Option<(&Lineage, Serial)>, &State) -> Result<(), StateError>;

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

/// Whether a state that a person brings may take the place of `before`: it is of the same lineage, and its serial is
/// greater. Where nothing is, any may. Anything else is [`StateError::Conflict`].
pub fn check_later(place: &str, before: Option<(&Lineage, Serial)>, next: &State) -> Result<(), StateError> {
    let conflict = |reason: String| Err(StateError::Conflict { place: place.to_owned(), reason });
    match before {
        Some((lineage, _)) if *lineage != next.lineage => {
            conflict(format!("it has lineage {lineage}, not {}", next.lineage))
        }
        Some((_, serial)) if serial >= next.serial => {
            conflict(format!("it has serial {serial}, and {} is not later", next.serial))
        }
        Some(_) | None => Ok(()),
    }
}
