//! The moment at which the program crashes: nothing that it has asked is answered any more, and what the cloud did by
//! then stays done, as does what the program had kept.
use super::FakeCloud;
use super::faults::{Watch, When};

/// Where the program crashes, relative to one call or to one write to what it keeps. It crashes once, counted from when
/// it is set.
#[derive(Debug, Clone)]
pub struct Cut {
    pub(crate) at: At,
    pub(crate) side: Side,
}

#[derive(Debug, Clone)]
pub(crate) enum At {
    Call(Watch),
    /// The nth write to what is kept from now, from 1.
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
    pub fn before(when: When) -> Cut {
        Cut { at: At::Call(Watch::new(when)), side: Side::Before }
    }

    /// After the call was carried out, before its answer arrives.
    pub fn after(when: When) -> Cut {
        Cut { at: At::Call(Watch::new(when)), side: Side::After }
    }

    /// Before the nth write, from 1.
    pub fn before_write(n: usize) -> Cut {
        Cut::before(When::write().nth(n))
    }

    /// After the nth write, from 1, before its answer arrives.
    pub fn after_write(n: usize) -> Cut {
        Cut::after(When::write().nth(n))
    }

    /// Before the nth write to what is kept (state, journal, archives), from 1.
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

/// One start of the program. What an earlier one asked is never answered, and what it was about to keep is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessId(pub(crate) usize);

impl FakeCloud {
    pub fn process(&self) -> ProcessId {
        ProcessId(self.lock().crashes)
    }

    pub fn crash(&self) {
        let inner = &mut *self.lock();
        if !*self.crashed.borrow() {
            self.crash_in(inner);
        }
    }

    /// Counts a write to what the program keeps. None if that program has crashed already; otherwise the side of the
    /// write on which it crashes, if it does. The caller then calls [`FakeCloud::crash`].
    pub(crate) fn begins_keeping(&self, process: ProcessId) -> Option<Option<Side>> {
        let inner = &mut *self.lock();
        if inner.crashes != process.0 || *self.crashed.borrow() {
            return None;
        }
        Some(match &mut inner.cut {
            Some(Cut { at: At::Keeping(left), side }) => {
                *left = left.saturating_sub(1);
                (*left == 0).then_some(*side)
            }
            _ => None,
        })
    }
}
