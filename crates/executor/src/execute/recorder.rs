//! Writes the journal: numbers records, appends them in batches with one fsync each, and then applies them in memory.
use super::shared::{JournalEntry, JournalLost};
use pinpoint_streams_store::journal::{Archived, Begin, End, Fold, Link, Log, Record, line};
use pinpoint_streams_store::state::State;
use std::io;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

type Acknowledge = oneshot::Sender<Result<u64, JournalLost>>;

/// Records, each with the link of its line and its waiting worker.
type Batch = Vec<(Record, Link, Acknowledge)>;

/// A pending write; returns the log with the result.
type Writing<L> = JoinHandle<(L, io::Result<()>)>;

/// The one writer of a run's journal.
#[derive(Debug)]
pub(super) struct Recorder<L> {
    fold: Fold,
    next: u64,
    /// Of the last line that was taken.
    link: Link,
    /// `None` while a batch is being written, and once the journal is lost.
    log: Option<L>,
    waiting: Batch,
    lines: Vec<u8>,
    writing: Option<(Writing<L>, Batch)>,
    lost: Option<JournalLost>,
}

impl<L: Log> Recorder<L> {
    /// `header` is the link of the journal's first line.
    pub(super) fn new(log: L, header: Link, fold: Fold) -> Recorder<L> {
        let (waiting, lines) = (Vec::new(), Vec::new());
        Recorder { fold, next: 1, link: header, log: Some(log), waiting, lines, writing: None, lost: None }
    }

    /// Numbers a record and adds it to the next batch.
    pub(super) fn take(&mut self, draft: JournalEntry, acknowledge: Acknowledge) {
        let seq = self.next;
        self.next += 1;
        let record = match draft {
            JournalEntry::Begin { step, address, op, time } => {
                Record::Begin(Begin { seq, step, address, op, time })
            }
            JournalEntry::End { begin, result, request_id, time } => {
                Record::End(End { seq, begin, result, request_id, time })
            }
            JournalEntry::Archived { step, path, digest, time } => {
                Record::Archived(Archived { seq, step, path, digest, time })
            }
        };
        match line(&record) {
            Ok(line) if self.lost.is_none() => {
                self.link = self.link.then(&line);
                self.lines.extend(line);
                self.waiting.push((record, self.link, acknowledge));
            }
            Ok(_) => self.refuse(record, acknowledge),
            Err(error) => {
                self.lose(&error);
                self.refuse(record, acknowledge);
            }
        }
    }

    /// Starts writing the next batch, unless one is being written.
    pub(super) fn start_writing(&mut self) {
        if self.writing.is_some() || self.waiting.is_empty() {
            return;
        }
        let Some(mut log) = self.log.take() else { return };
        let (lines, batch) = (std::mem::take(&mut self.lines), std::mem::take(&mut self.waiting));
        let write = tokio::task::spawn_blocking(move || {
            let result = log.append(&lines);
            (log, result)
        });
        self.writing = Some((write, batch));
    }

    /// Waits for the batch being written; forever if there is none.
    pub(super) async fn written(&mut self) {
        let Some((write, _)) = &mut self.writing else { return std::future::pending().await };
        let result = write.await;
        let batch = self.writing.take().map(|(_, batch)| batch).unwrap_or_default();
        let failed = match result {
            Ok((log, Ok(()))) => {
                self.log = Some(log);
                None
            }
            Ok((_, Err(error))) => Some(error),
            Err(panicked) => Some(io::Error::other(panicked)),
        };
        if let Some(error) = failed {
            self.lose(&error);
        }
        for (record, link, acknowledge) in batch {
            match self.lost {
                None => {
                    let seq = record.seq();
                    self.fold.take(record, Some(link));
                    // A cancelled worker no longer waits for this.
                    let _ = acknowledge.send(Ok(seq));
                }
                Some(_) => self.refuse(record, acknowledge),
            }
        }
        if self.lost.is_some() {
            self.lines.clear();
            for (record, _, acknowledge) in std::mem::take(&mut self.waiting) {
                self.refuse(record, acknowledge);
            }
        }
    }

    /// Writes everything that is left.
    pub(super) async fn finish(&mut self) {
        self.start_writing();
        while self.is_writing() {
            self.written().await;
            self.start_writing();
        }
    }

    pub(super) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Why the journal can no longer be written.
    pub(super) fn lost(&self) -> Option<&JournalLost> {
        self.lost.as_ref()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fold.last() == 0
    }

    /// The number of the last record on disk.
    pub(super) fn last(&self) -> u64 {
        self.fold.last()
    }

    /// The state after `before`, with every record on disk.
    pub(super) fn state(&self, before: &State) -> State {
        self.fold.state(before)
    }

    fn lose(&mut self, error: &io::Error) {
        self.lost.get_or_insert_with(|| JournalLost(error.to_string()));
        self.fold.lose_log();
    }

    /// A record that will not be on disk. An outcome is still true, so the final state includes it; a begin is
    /// dropped.
    fn refuse(&mut self, record: Record, acknowledge: Acknowledge) {
        let lost = self.lost.clone().unwrap_or_else(|| JournalLost("it is closed".to_owned()));
        if let Record::End(_) = record {
            self.fold.take(record, None);
        }
        let _ = acknowledge.send(Err(lost));
    }
}
