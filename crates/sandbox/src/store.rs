//! A durable key-value store shared by processes: one append-only file, one line for each write.
//!
//! ```text
//! {"format":1}                                     the header
//! {"KEY":{…},"OTHER":null}                         one write: values set, `null` for removed
//! ```
//!
//! A write is appended and synced, so its cost does not depend on the size of the world. Once most entries are
//! superseded, the file is compacted. A line is valid once its newline is written. Bytes after the last newline are an
//! unacknowledged write of a crashed process; the next append truncates them.
mod error;
mod file;

pub use error::StoreError;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

const FORMAT: u64 = 2;
const WORLD: &str = "world.jsonl";
const LOCK: &str = "lock";

/// The new value of each changed key; none if removed.
pub(crate) type Changes = BTreeMap<String, Option<Value>>;

/// Writes, of this or another process, that were not read before.
pub(crate) enum Unread {
    None,
    Appended(Vec<Changes>),
    /// The file was replaced or is read for the first time: all its writes.
    All(Vec<Changes>),
}

#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    world: PathBuf,
    lock: File,
    /// None before the first read.
    open: Option<OpenFile>,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    identity: file::Identity,
    /// Offset after the last newline that was read.
    read_to: u64,
    /// Number of values set or removed in the file.
    entries: usize,
    /// The number of entries at which to compact.
    compact_at: usize,
}

/// A file is compacted when it has more entries than twice the valid ones plus this.
const SLACK: usize = 4096;

impl Store {
    /// Opens the folder, creating it and an empty file if missing.
    pub(crate) fn open(folder: &Path) -> Result<Store, StoreError> {
        file::private_folder(folder).map_err(|e| StoreError::io("create", folder, e))?;
        let path = folder.join(LOCK);
        let lock = file::private_file(&path).map_err(|e| StoreError::io("open", &path, e))?;
        let store = Store { folder: folder.to_owned(), world: folder.join(WORLD), lock, open: None };
        // A link that leads nowhere is not replaced either: reading it is an error.
        store.locked(|store| match fs::symlink_metadata(&store.world) {
            Ok(_) => Ok(()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                store.replace_file(&mut std::iter::empty()).map(drop)
            }
            Err(e) => Err(StoreError::io("access", &store.world, e)),
        })?;
        Ok(store)
    }

    /// Removes all entries. Other processes see it at their next call.
    pub(crate) fn reset(folder: &Path) -> Result<(), StoreError> {
        if !fs::exists(folder).map_err(|e| StoreError::io("access", folder, e))? {
            return Ok(());
        }
        let store = Store::open(folder)?;
        store.locked(|store| store.replace_file(&mut std::iter::empty()).map(drop))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.world
    }

    fn locked<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.lock()?;
        let done = work(self);
        self.unlock()?;
        done
    }

    /// Acquires the write lock, waiting for other processes.
    pub(crate) fn lock(&self) -> Result<(), StoreError> {
        self.lock.lock().map_err(|e| StoreError::io("lock", &self.folder, e))
    }

    pub(crate) fn unlock(&self) -> Result<(), StoreError> {
        self.lock.unlock().map_err(|e| StoreError::io("unlock", &self.folder, e))
    }

    /// The writes since the last call; all of them the first time.
    pub(crate) fn read_new(&mut self) -> Result<Unread, StoreError> {
        let metadata = match fs::metadata(&self.world) {
            Ok(metadata) => metadata,
            Err(e) => return Err(StoreError::io("read", &self.world, e)),
        };
        let identity = file::Identity::of(&metadata);
        match &mut self.open {
            Some(open) if open.identity == identity && metadata.len() == open.read_to => Ok(Unread::None),
            Some(open) if open.identity == identity && metadata.len() > open.read_to => {
                let text = file::lines_from(&open.file, open.read_to)
                    .map_err(|e| StoreError::io("read", &self.world, e))?;
                let Ok(writes) = parse(&self.world, &text, 1) else {
                    return self.read_all().map(Unread::All);
                };
                open.read_to += text.len() as u64;
                open.entries += count(&writes);
                Ok(if writes.is_empty() { Unread::None } else { Unread::Appended(writes) })
            }
            _ => self.read_all().map(Unread::All),
        }
    }

    /// Makes the next [`Store::read_new`] read everything.
    pub(crate) fn forget(&mut self) {
        self.open = None;
    }

    fn read_all(&mut self) -> Result<Vec<Changes>, StoreError> {
        self.open = None;
        let fault = |e| StoreError::io("read", &self.world, e);
        let file = file::private_file(&self.world).map_err(fault)?;
        let identity = file::Identity::of(&file.metadata().map_err(fault)?);
        let text = file::lines_from(&file, 0).map_err(fault)?;
        let (header, format) = check_header(&self.world, &text)?;
        let writes = parse(&self.world, &text[header..], 2)?;
        let entries = count(&writes);
        let valid = writes
            .iter()
            .flatten()
            .map(|(key, value)| (key, value.is_some()))
            .collect::<BTreeMap<_, _>>()
            .values()
            .filter(|valid| **valid)
            .count();
        // A file of an older format is replaced with the first write, so that older versions refuse what is new in it.
        let compact_at = if format < FORMAT { 0 } else { 2 * valid + SLACK };
        self.open = Some(OpenFile { file, identity, read_to: text.len() as u64, entries, compact_at });
        Ok(writes)
    }

    /// Appends writes and syncs. Call it under the lock, after [`Store::read_new`].
    pub(crate) fn append(&mut self, writes: &[Changes]) -> Result<(), StoreError> {
        let Some(open) = &mut self.open else {
            return Err(StoreError::io("write", &self.world, std::io::ErrorKind::NotConnected.into()));
        };
        let mut text = Vec::new();
        for write in writes {
            serde_json::to_writer(&mut text, write).map_err(|e| StoreError::io("write", &self.world, e.into()))?;
            text.push(b'\n');
        }
        file::append(&open.file, open.read_to, &text).map_err(|e| StoreError::io("write", &self.world, e))?;
        open.read_to += text.len() as u64;
        open.entries += count(writes);
        Ok(())
    }

    /// Whether enough entries are superseded to call [`Store::compact`].
    pub(crate) fn needs_compaction(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.entries >= open.compact_at)
    }

    /// Replaces the file by one with the current entries. Call it under the lock, with everything read.
    pub(crate) fn compact(
        &mut self,
        entries: &mut dyn Iterator<Item = (String, Value)>,
    ) -> Result<(), StoreError> {
        let count = self.replace_file(entries)?;
        let fault = |e| StoreError::io("read", &self.world, e);
        let file = file::private_file(&self.world).map_err(fault)?;
        let metadata = file.metadata().map_err(fault)?;
        self.open = Some(OpenFile {
            identity: file::Identity::of(&metadata),
            read_to: metadata.len(),
            entries: count,
            compact_at: 2 * count + SLACK,
            file,
        });
        Ok(())
    }

    fn replace_file(&self, entries: &mut dyn Iterator<Item = (String, Value)>) -> Result<usize, StoreError> {
        let mut text = format!("{{\"format\":{FORMAT}}}\n").into_bytes();
        let mut count = 0;
        for (key, value) in entries {
            let write = Changes::from([(key, Some(value))]);
            serde_json::to_writer(&mut text, &write)
                .map_err(|e| StoreError::io("write", &self.world, e.into()))?;
            text.push(b'\n');
            count += 1;
        }
        file::replace(&self.folder, &self.world, &text).map_err(|e| StoreError::io("write", &self.world, e))?;
        Ok(count)
    }
}

fn count(writes: &[Changes]) -> usize {
    writes.iter().map(BTreeMap::len).sum()
}

/// Checks the first line and returns its length and the format.
fn check_header(path: &Path, text: &str) -> Result<(usize, u64), StoreError> {
    let broken = |reason: String| StoreError::Broken { path: path.to_owned(), line: 1, reason };
    let (line, _) = text.split_once('\n').ok_or_else(|| broken("the header is missing".to_owned()))?;
    let header: Value = serde_json::from_str(line).map_err(|e| broken(e.to_string()))?;
    match header.get("format").and_then(Value::as_u64) {
        Some(format @ 1..=FORMAT) => Ok((line.len() + 1, format)),
        Some(found) if found > FORMAT => Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT }),
        _ => Err(broken("unknown format in the header".to_owned())),
    }
}

/// The writes in complete lines of the file, starting at line `first_line`.
fn parse(path: &Path, text: &str, first_line: usize) -> Result<Vec<Changes>, StoreError> {
    text.lines()
        .enumerate()
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|e| StoreError::Broken {
                path: path.to_owned(),
                line: first_line + index,
                reason: e.to_string(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tempfile::TempDir;

    impl Store {
        /// Makes the next append fail, as on a full disk.
        pub(crate) fn break_file(&mut self) {
            if let Some(open) = &mut self.open {
                open.file = File::open(&self.world).unwrap();
            }
        }
    }

    fn put(key: &str, value: u64) -> Changes {
        Changes::from([(key.to_owned(), Some(json!(value)))])
    }

    fn all(folder: &Path) -> BTreeMap<String, Value> {
        let mut store = Store::open(folder).unwrap();
        let Unread::All(writes) = store.read_new().unwrap() else {
            panic!("the first read returns everything");
        };
        let last: Changes = writes.into_iter().flatten().collect();
        last.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    #[test]
    fn appended_values_are_read_and_removed_ones_are_not() {
        let folder = TempDir::new().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        store.read_new().unwrap();
        store.append(&[put("a", 1), put("b", 2), put("a", 3)]).unwrap();
        store.append(&[Changes::from([("b".to_owned(), None)])]).unwrap();
        assert_eq!(all(folder.path()), BTreeMap::from([("a".to_owned(), json!(3))]));
    }

    #[test]
    fn the_size_of_a_write_does_not_depend_on_the_size_of_the_world() {
        let folder = TempDir::new().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        store.read_new().unwrap();
        let length = || fs::metadata(folder.path().join(WORLD)).unwrap().len();
        let empty = length();
        store.append(&[put("a", 1)]).unwrap();
        let first = length() - empty;
        let many: Vec<Changes> = (0..1000).map(|n| put(&format!("k{n}"), n)).collect();
        store.append(&many).unwrap();
        let before = length();
        store.append(&[put("z", 1)]).unwrap();
        assert_eq!(length() - before, first);
    }

    #[test]
    fn other_stores_read_a_compacted_file_from_the_start() {
        let folder = TempDir::new().unwrap();
        let mut writer = Store::open(folder.path()).unwrap();
        let mut reader = Store::open(folder.path()).unwrap();
        writer.read_new().unwrap();
        reader.read_new().unwrap();
        writer.append(&[put("a", 1)]).unwrap();
        assert!(matches!(reader.read_new().unwrap(), Unread::Appended(_)));
        assert!(matches!(reader.read_new().unwrap(), Unread::None));
        writer.compact(&mut [("a".to_owned(), json!(1))].into_iter()).unwrap();
        assert!(matches!(reader.read_new().unwrap(), Unread::All(_)));
        assert!(matches!(writer.read_new().unwrap(), Unread::None));
        writer.append(&[put("b", 2)]).unwrap();
        assert!(matches!(reader.read_new().unwrap(), Unread::Appended(_)));
    }

    #[test]
    fn a_file_needs_compaction_once_most_of_it_is_superseded() {
        let folder = TempDir::new().unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        store.read_new().unwrap();
        let writes: Vec<Changes> = (0..SLACK as u64).map(|n| put("a", n)).collect();
        store.append(&writes[1..]).unwrap();
        assert!(!store.needs_compaction());
        store.append(&[put("a", 0)]).unwrap();
        assert!(store.needs_compaction());
        store.compact(&mut [("a".to_owned(), json!(0))].into_iter()).unwrap();
        assert!(!store.needs_compaction());
        assert_eq!(all(folder.path()).len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_and_names_of_temporary_files_are_unpredictable() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        for name in [WORLD, LOCK] {
            let folder = TempDir::new().unwrap();
            let target = folder.path().join("target");
            fs::write(&target, "keep").unwrap();
            symlink(&target, folder.path().join(name)).unwrap();
            let opened = Store::open(folder.path()).and_then(|mut store| store.read_new());
            assert!(opened.is_err_and(|error| error.to_string().contains("failed to")), "{name}");
            assert_eq!(fs::read(&target).unwrap(), b"keep");
        }
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "keep").unwrap();
        symlink(&target, folder.path().join("world.new")).unwrap();
        let mut store = Store::open(&folder.path().join(".")).unwrap();
        store.read_new().unwrap();
        store.compact(&mut [("a".to_owned(), json!(1))].into_iter()).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"keep");
        for name in [WORLD, LOCK] {
            let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "no temporary file remains");
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_without_being_read() {
        let folder = TempDir::new().unwrap();
        fs::File::create(folder.path().join(WORLD)).unwrap().set_len(1 << 40).unwrap();
        let error = Store::open(folder.path()).unwrap().read_new().err().unwrap();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "larger than 512 MiB", "{error:?}");
    }
}
