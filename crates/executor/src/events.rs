//! The stream of events, numbered and timestamped in one place.
use crate::clock::Clock;
use pinpoint_streams_model::event::FORMAT;
use pinpoint_streams_model::{Ending, Event, EventKind, Problem};
use tokio::time::Instant;

/// Numbers and timestamps events and passes them to the sink.
#[derive(Debug)]
pub struct RunEvents<'a, K, F> {
    clock: &'a K,
    began: Instant,
    next: u64,
    sink: F,
}

impl<'a, K: Clock, F: FnMut(&Event)> RunEvents<'a, K, F> {
    /// Starts the stream with the version.
    pub fn begin(clock: &'a K, tool_version: &str, sink: F) -> Self {
        let mut stream = RunEvents { clock, began: Instant::now(), next: 0, sink };
        stream.emit(EventKind::Version { format: FORMAT, tool_version: tool_version.to_owned() });
        stream
    }

    pub fn emit(&mut self, what: EventKind) {
        let elapsed_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let event = Event { what, seq: self.next, time: self.clock.now(), elapsed_ms };
        self.next += 1;
        (self.sink)(&event);
    }

    /// Ends a stream whose plan is not carried out, with the problems, if any, and the summary.
    pub fn refuse(&mut self, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.emit(EventKind::Problems { problems });
        }
        self.end(Ending::Refused);
    }

    /// The summary of a run that began no step.
    pub fn end(&mut self, outcome: Ending) {
        let (done, failed, unfinished, skipped, not_started) = (0, 0, 0, 0, 0);
        self.emit(EventKind::Summary { outcome, done, failed, unfinished, skipped, not_started });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    struct Frozen;
    impl Clock for Frozen {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }
    }

    #[test]
    fn events_are_numbered_without_a_gap_and_begin_with_the_version() {
        let mut seen = Vec::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut stream = RunEvents::begin(&Frozen, "0.1.0", |event: &Event| seen.push(event.clone()));
            stream.emit(EventKind::Heartbeat { done: 0, total: 1, running: 1 });
            stream.refuse(Vec::new());
        });
        assert_eq!(seen.iter().map(|event| event.seq).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(matches!(seen[0].what, EventKind::Version { .. }));
        assert!(matches!(seen[2].what, EventKind::Summary { outcome: Ending::Refused, .. }));
    }
}
