//! The journal in a file next to the state.
use super::{Contents, JournalError, JournalStore, Log, parse};
use crate::disk::{self, DiskError, FileId, Locked, Taken};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Its file is locked from when it is created, or found, until it is removed: the lock of the state may be removed while
/// a run works. Clones share what they have locked.
#[derive(Debug, Clone)]
pub struct FileJournal {
    path: PathBuf,
    runs: Option<PathBuf>,
    ours: Arc<Mutex<Ours>>,
}

/// The journal that this process may remove.
#[derive(Debug, Default)]
enum Ours {
    #[default]
    None,
    /// An earlier run has left it.
    Left(Locked),
    /// Its [`FileLog`] has locked it.
    Created(FileId),
}

impl FileJournal {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        FileJournal { path: path.into(), runs: None, ours: Arc::default() }
    }

    /// The same, moved to this folder when it is removed: `<time>-<run>.ndjson`.
    pub fn kept_in(self, runs: impl Into<PathBuf>) -> Self {
        FileJournal { runs: Some(runs.into()), ..self }
    }

    /// The journal of the state at this path: `<state>.journal`.
    pub fn beside(state: &Path) -> Self {
        let mut path = state.as_os_str().to_owned();
        path.push(".journal");
        FileJournal::new(path)
    }

    fn ours(&self) -> MutexGuard<'_, Ours> {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn in_use(&self) -> JournalError {
        JournalError::InUse { place: self.path.display().to_string() }
    }

    /// Locks a journal that an earlier run has left.
    fn take(&self) -> Result<(), JournalError> {
        let mut ours = self.ours();
        *ours = Ours::None;
        match disk::take(&self.path)? {
            Taken::Absent => {}
            Taken::Locked(file) => *ours = Ours::Left(file),
            Taken::InUse => return Err(self.in_use()),
        }
        Ok(())
    }

    /// Whether the journal is the one that this process has created or locked.
    fn is_ours(&self) -> Result<bool, DiskError> {
        let id = match &*self.ours() {
            Ours::None => return Ok(false),
            Ours::Left(file) => disk::file_id(&file.metadata().map_err(DiskError::at("look at", &self.path))?),
            Ours::Created(id) => *id,
        };
        Ok(disk::is_in_place(&self.path, id))
    }
}

#[derive(Debug)]
pub struct FileLog {
    file: Locked,
}

impl Log for FileLog {
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.file.write_all(lines)?;
        self.file.sync_data()
    }
}

impl JournalStore for FileJournal {
    type Log = FileLog;

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    async fn read(&self) -> Result<Option<Contents>, JournalError> {
        let path = self.path.clone();
        disk::blocking(move || match disk::read_trusted(&path, disk::LARGEST)? {
            Some(text) => parse(&path.display().to_string(), &text).map(Some),
            None => Ok(None),
        })
        .await
    }

    async fn create(&self, first_line: Vec<u8>) -> Result<FileLog, JournalError> {
        let journal = self.clone();
        disk::blocking(move || {
            let path = &journal.path;
            disk::make_folder(disk::folder_of(path))?;
            let file = Locked::try_new(disk::create_new(path, 0o600)?);
            let mut log = FileLog { file: file.map_err(|error| DiskError::at("lock", path)(error.into()))? };
            let id = disk::file_id(&log.file.metadata().map_err(DiskError::at("look at", path))?);
            if !disk::is_in_place(path, id) {
                // Removed between the two calls.
                return Err(journal.in_use());
            }
            *journal.ours() = Ours::Created(id);
            log.append(&first_line).map_err(DiskError::at("write", path))?;
            disk::sync_folder(disk::folder_of(path))?;
            Ok(log)
        })
        .await
    }

    async fn must_be_removable(&self) -> Result<(), JournalError> {
        let journal = self.clone();
        disk::blocking(move || {
            journal.runs.as_deref().map_or(Ok(()), disk::must_not_be_file)?;
            journal.take()
        })
        .await
    }

    async fn remove(&self) -> Result<(), JournalError> {
        let journal = self.clone();
        disk::blocking(move || {
            if !journal.is_ours()? {
                journal.take()?;
            }
            match &journal.runs {
                Some(runs) => super::runs::keep(&journal.path, runs)?,
                None => disk::remove(&journal.path)?,
            }
            *journal.ours() = Ours::None;
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{End, EndResult, FORMAT, Header, Record, line};
    use pinpoint_streams_model::ids::Serial;
    use pinpoint_streams_model::recorded::Output;

    fn header() -> Header {
        let (lineage, run) = ("3f2a".parse().unwrap(), "r1".parse().unwrap());
        Header { format: FORMAT, lineage, serial: Serial(7), run, about: None }
    }

    fn record(seq: u64) -> Record {
        let result = EndResult::Output(Output::Done);
        Record::End(End { seq, begin: 1, result, request_id: None, time: jiff::Timestamp::UNIX_EPOCH })
    }

    fn journal(lines: &[Vec<u8>]) -> Result<Contents, JournalError> {
        parse("j", &[vec![line(&header()).unwrap()], lines.to_vec()].concat().concat())
    }

    #[tokio::test]
    async fn what_is_appended_is_read_back_and_a_second_journal_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileJournal::beside(&folder.path().join("state.json"));
        let mut log = store.create(line(&header()).unwrap()).await.unwrap();
        log.append(&line(&record(1)).unwrap()).unwrap();
        assert!(store.create(line(&header()).unwrap()).await.is_err());
        let contents = store.read().await.unwrap();
        let lines = [line(&header()).unwrap(), line(&record(1)).unwrap()];
        assert_eq!(contents, Some(parse("j", &lines.concat()).unwrap()));
        assert_eq!(contents.unwrap().records, [record(1)]);
        store.remove().await.unwrap();
        assert_eq!(store.read().await.unwrap(), None);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_journal_of_a_running_run_is_neither_applied_nor_removed() {
        use crate::session::{self, SessionError};
        use crate::state::FileStateStore;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let (state, journal) = (FileStateStore::new(&path, "growth".parse().unwrap()), FileJournal::beside(&path));
        let log = journal.create(line(&header()).unwrap()).await.unwrap();
        let refused = session::open(&state, &journal, jiff::Timestamp::UNIX_EPOCH).await.unwrap_err();
        assert!(matches!(refused, SessionError::Journal(JournalError::InUse { .. })), "{refused:?}");
        assert!(journal.read().await.unwrap().is_some(), "it can be read");
        // The run is killed.
        drop(log);
        journal.must_be_removable().await.unwrap();
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_run_removes_no_journal_of_another_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        let (ours, theirs) = (FileJournal::beside(&path), FileJournal::beside(&path));
        // A journal that is left is of the run that found it first, until it is removed.
        drop(ours.create(line(&header()).unwrap()).await.unwrap());
        ours.must_be_removable().await.unwrap();
        for refused in [theirs.must_be_removable().await, theirs.remove().await] {
            assert!(matches!(refused, Err(JournalError::InUse { .. })), "{refused:?}");
        }
        ours.remove().await.unwrap();
        theirs.must_be_removable().await.unwrap();
        // Then the journal of the other run is in its place.
        let mut log = theirs.create(line(&header()).unwrap()).await.unwrap();
        log.append(&line(&record(1)).unwrap()).unwrap();
        assert!(matches!(ours.remove().await, Err(JournalError::InUse { .. })));
        assert_eq!(theirs.read().await.unwrap().unwrap().records, [record(1)]);
        theirs.remove().await.unwrap();
    }

    #[test]
    fn a_torn_last_line_is_cut_wherever_it_is_torn() {
        let last = line(&record(2)).unwrap();
        for end in 0..last.len() {
            let found = journal(&[line(&record(1)).unwrap(), last[..end].to_vec()]).unwrap();
            assert_eq!(found.records, [record(1)], "cut at {end}");
        }
        let whole = line(&header()).unwrap();
        for end in 0..whole.len() {
            assert_eq!(parse("j", &whole[..end]).unwrap().header, None);
            // As a power cut leaves what was not written.
            assert_eq!(parse("j", &[&whole[..end], &[0; 9]].concat()).unwrap().header, None);
        }
    }

    /// It may have been a whole journal, of which nobody can say what was done.
    #[test]
    fn a_text_without_a_line_break_that_is_no_beginning_of_a_journal_is_an_error() {
        let (first, second) = (line(&header()).unwrap(), line(&record(1)).unwrap());
        let joined = [first.trim_ascii(), second.trim_ascii()].concat();
        for text in [&joined[..], b"#!/bin/sh", b"[]", b"[", b"\"", b"  "] {
            assert!(matches!(parse("j", text), Err(JournalError::Broken { line: 1, .. })), "{text:?}");
        }
    }

    #[test]
    fn a_torn_middle_or_a_gap_is_an_error_with_its_line() {
        let torn = journal(&[b"{\"end\":\n".to_vec(), line(&record(2)).unwrap()]);
        assert!(matches!(torn, Err(JournalError::Broken { line: 2, .. })));
        let gap = journal(&[line(&record(2)).unwrap()]);
        assert!(gap.unwrap_err().to_string().contains("line 2: record 2 where record 1 was expected"));
    }
}
