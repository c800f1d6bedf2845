//! The moment at which the program dies: nothing that it has asked is answered any more, and what the cloud did by
//! then stays done, as does what the program had kept.
use super::FakeCloud;
use super::faults::{Watch, When};

/// Where the program dies, relative to one call or to one write to what it keeps. It dies once.
#[derive(Debug, Clone)]
pub struct Cut {
    pub(crate) at: At,
    pub(crate) side: Side,
}

/// What the program dies of.
#[derive(Debug, Clone)]
pub(crate) enum At {
    Call(When),
    /// The nth write to what is kept, from 1.
    Keeping(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    /// Half-way; a call has no such thing.
    Within,
    After,
}

impl Cut {
    /// Before the call is carried out.
    pub fn before(when: When) -> Cut {
        Cut { at: At::Call(when), side: Side::Before }
    }

    /// After the call was carried out, before its answer arrives.
    pub fn after(when: When) -> Cut {
        Cut { at: At::Call(when), side: Side::After }
    }

    /// Before the nth write, from 1.
    pub fn before_write(n: usize) -> Cut {
        Cut::before(When::write().nth(n))
    }

    /// After the nth write, from 1, before its answer arrives.
    pub fn after_write(n: usize) -> Cut {
        Cut::after(When::write().nth(n))
    }

    /// Before the nth write to what is kept (state, journal, archives), from 1. See [`crate::Mortal`].
    pub fn before_keeping(n: usize) -> Cut {
        Cut { at: At::Keeping(n), side: Side::Before }
    }

    /// In the middle of that write, where it can be torn; before it, where it is made as a whole or not at all.
    pub fn within_keeping(n: usize) -> Cut {
        Cut { at: At::Keeping(n), side: Side::Within }
    }

    /// After that write, before the program knows of it.
    pub fn after_keeping(n: usize) -> Cut {
        Cut { at: At::Keeping(n), side: Side::After }
    }
}

/// A cut that counts.
#[derive(Debug)]
pub(crate) enum Armed {
    Call(Watch, Side),
    /// How many writes to what is kept are still to come, and the side.
    Keeping(usize, Side),
}

impl Armed {
    pub(crate) fn new(cut: Cut) -> Armed {
        match cut.at {
            At::Call(when) => Armed::Call(Watch::new(when), cut.side),
            At::Keeping(n) => Armed::Keeping(n, cut.side),
        }
    }
}

/// One life of the program. What an earlier one asked is never answered, and what it was about to keep is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life(pub(crate) usize);

impl FakeCloud {
    /// The life that the program is in.
    pub fn life(&self) -> Life {
        Life(self.lock().deaths)
    }

    /// Lets the program die now.
    pub fn kill(&self) {
        let inner = &mut *self.lock();
        if !*self.dead.borrow() {
            self.die(inner);
        }
    }

    /// One write to what the program keeps, in one piece; none if that life is over, or ends with it. `torn` does
    /// the half of it.
    pub(crate) fn keeps<T>(&self, life: Life, whole: impl FnOnce() -> T, torn: impl FnOnce()) -> Option<T> {
        let inner = &mut *self.lock();
        if inner.deaths != life.0 || *self.dead.borrow() {
            return None;
        }
        let side = match &mut inner.cut {
            Some(Armed::Keeping(left, side)) => {
                *left = left.saturating_sub(1);
                (*left == 0).then_some(*side)
            }
            Some(Armed::Call(..)) | None => None,
        };
        let kept = match side {
            None | Some(Side::After) => Some(whole()),
            Some(Side::Within) => {
                torn();
                None
            }
            Some(Side::Before) => None,
        };
        if side.is_some() {
            self.die(inner);
            return None;
        }
        kept
    }
}
