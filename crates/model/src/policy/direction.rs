//! Which way a change of a policy goes.
use super::coverage::grants_all_of;
use super::document::Document;
use super::text::ConditionValue;

/// What a new document grants compared with an old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The same requests.
    Same,
    /// All that the old one does, and perhaps more.
    Widens,
    /// Nothing that the old one does not, and perhaps less.
    Narrows,
    /// More here and less there; or it could not be told.
    Both,
}

impl Direction {
    /// Whether something may be granted that was not before.
    pub fn may_widen(self) -> bool {
        matches!(self, Direction::Widens | Direction::Both)
    }

    /// Whether something may no longer be granted.
    pub fn may_narrow(self) -> bool {
        matches!(self, Direction::Narrows | Direction::Both)
    }
}

/// What `to` grants compared with `from`. `Narrows` is said only where it is proven that nothing is
/// added, `Widens` only where nothing goes.
pub fn direction<V: ConditionValue>(from: &Document<V>, to: &Document<V>) -> Direction {
    let (keeps, adds_nothing) = (grants_all_of(to, from), grants_all_of(from, to));
    match (keeps, adds_nothing) {
        (true, true) => Direction::Same,
        (true, false) => Direction::Widens,
        (false, true) => Direction::Narrows,
        (false, false) => Direction::Both,
    }
}
