//! Interrupts of a run: signals, and the loss of the state lock.
use crate::ui::CommandContext;
use crate::ui::signals::Signals;
use crate::workspace::HeldLock;
use pinpoint_streams_executor::{Interrupt, Interrupts, Level};
use pinpoint_streams_store::lock::LockCheck;
use std::sync::Arc;
use tokio::time::Instant;

/// The signals of this process and the lock that it holds.
pub(super) struct RunInterrupts<'a> {
    signals: &'a mut Signals,
    held: &'a HeldLock,
    context: &'a CommandContext<'a>,
    is_lock_lost: bool,
    abandoned_at: Option<Instant>,
}

impl<'a> RunInterrupts<'a> {
    pub(super) fn new(
        signals: &'a mut Signals,
        held: &'a HeldLock,
        context: &'a CommandContext<'a>,
    ) -> RunInterrupts<'a> {
        RunInterrupts { signals, held, context, is_lock_lost: false, abandoned_at: None }
    }

    pub(super) fn is_lock_lost(&self) -> bool {
        self.is_lock_lost
    }

    /// When the second signal arrived.
    pub(super) fn abandoned_at(&self) -> Option<Instant> {
        self.abandoned_at
    }
}

impl<'a> Interrupts for RunInterrupts<'a> {
    async fn signal(&mut self) {
        self.signals.next().await;
    }

    fn lock_lost(&self) -> impl Future<Output = ()> + use<'a> {
        self.held.lost()
    }

    fn lock(&self) -> Option<Arc<dyn LockCheck>> {
        Some(self.held.check())
    }

    fn stopping(&mut self, because: Interrupt, level: Level) {
        let printer = self.context.printer;
        match (because, level) {
            (Interrupt::LockLost, _) => {
                self.is_lock_lost = true;
                printer.message("lost the state lock; finishing running steps\n");
            }
            (Interrupt::Signal, Level::Run | Level::Drain) => {
                printer.note("stopping; finishing running steps\n");
            }
            (Interrupt::Signal, Level::Abandon) => {
                self.abandoned_at = Some(Instant::now());
                printer.note("aborting without waiting; writing state\n");
            }
            (Interrupt::Signal, Level::ExitNow) => {
                printer.note("exiting immediately; completed steps are in the journal\n")
            }
        }
    }
}
