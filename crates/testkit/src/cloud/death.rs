//! The moment at which the program dies: nothing that it has asked is answered any more, and what the cloud did by
//! then stays done.
use super::faults::When;

/// Where the program dies, relative to one call. It dies once.
#[derive(Debug, Clone)]
pub struct Cut {
    pub(crate) when: When,
    pub(crate) side: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

impl Cut {
    /// Before the call is carried out.
    pub fn before(when: When) -> Cut {
        Cut { when, side: Side::Before }
    }

    /// After the call was carried out, before its answer arrives.
    pub fn after(when: When) -> Cut {
        Cut { when, side: Side::After }
    }

    /// Before the nth write, from 1.
    pub fn before_write(n: usize) -> Cut {
        Cut::before(When::write().nth(n))
    }

    /// After the nth write, from 1, before its answer arrives.
    pub fn after_write(n: usize) -> Cut {
        Cut::after(When::write().nth(n))
    }
}
