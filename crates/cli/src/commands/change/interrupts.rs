//! What ends a run early: signals, and the loss of the lock.
use crate::ui::CommandContext;
use crate::ui::signals::Signals;
use crate::workspace::Held;
use pinpoint_streams_executor::{Interrupt, Interrupts, Level};

/// The signals of this process and the lock that it holds.
pub(super) struct RunInterrupts<'a> {
    signals: &'a mut Signals,
    held: &'a Held,
    context: &'a CommandContext<'a>,
    is_lock_lost: bool,
}

impl<'a> RunInterrupts<'a> {
    pub(super) fn new(
        signals: &'a mut Signals,
        held: &'a Held,
        context: &'a CommandContext<'a>,
    ) -> RunInterrupts<'a> {
        RunInterrupts { signals, held, context, is_lock_lost: false }
    }

    pub(super) fn is_lock_lost(&self) -> bool {
        self.is_lock_lost
    }
}

impl<'a> Interrupts for RunInterrupts<'a> {
    async fn signal(&mut self) {
        self.signals.next().await;
    }

    fn lock_lost(&self) -> impl Future<Output = ()> + use<'a> {
        self.held.lost()
    }

    fn stopping(&mut self, because: Interrupt, level: Level) {
        let printer = self.context.printer;
        match (because, level) {
            (Interrupt::LockLost, _) => {
                self.is_lock_lost = true;
                printer.message("the lock is no longer ours: nothing new is started, what runs is finished\n");
            }
            (Interrupt::Signal, Level::Run | Level::Drain) => {
                printer.aside("stopping: nothing new is started, what runs is finished\n");
            }
            (Interrupt::Signal, Level::Abandon) => {
                printer.aside("stopping now: nothing is waited for, the state is written\n");
            }
            (Interrupt::Signal, Level::Leave) => printer.aside("leaving: the journal has what was done\n"),
        }
    }
}
