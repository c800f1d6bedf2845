//! The world on disk: one append-only file of changes, of which every line is one accepted write.
//! Knows nothing of AWS: keys, JSON values, durability, and other processes at the same folder.
//!
//! ```text
//! {"format":1}                                     the header
//! {"KEY":{…},"OTHER":null}                         one write: values put, `null` taken away
//! ```
//!
//! A write costs what it changes: it is appended and synced. Once most lines have been overtaken by later ones
//! the file is written anew. A line counts when its newline is there; what follows the last newline was torn
//! off by a crash, was never acknowledged, and is cut before anything is appended.

mod error;
mod file;

pub use error::StoreError;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The format this build reads and writes.
const FORMAT: u64 = 1;
const WORLD: &str = "world.jsonl";
const LOCK: &str = "lock";

/// What one write changes: the new value by key, none where it is taken away.
pub(crate) type Changes = BTreeMap<String, Option<Value>>;

/// What others, or an earlier run, have written since the store was last read.
pub(crate) enum News {
    /// Nothing.
    None,
    /// More writes after those already read.
    More(Vec<Changes>),
    /// The file was written anew; these are all there is.
    Anew(Vec<Changes>),
}

/// A folder that keeps a world.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    world: PathBuf,
    lock: File,
    /// The file as it was last read; none before the first reading.
    open: Option<OpenFile>,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    identity: file::Identity,
    /// Bytes read, up to and with the last newline.
    read_to: u64,
    /// Values put or taken away since the header.
    entries: usize,
    /// When `entries` reaches this, it is worth asking whether to write the file anew.
    ask_at: usize,
}

/// How many entries a file may hold beyond twice those still valid, before it is written anew.
const SLACK: usize = 4096;

impl Store {
    /// Opens the folder, making it and an empty world where there is none.
    pub(crate) fn open(folder: &Path) -> Result<Store, StoreError> {
        file::private_folder(folder).map_err(|e| StoreError::io("make", folder, e))?;
        let path = folder.join(LOCK);
        let lock = file::private_file(&path).map_err(|e| StoreError::io("open", &path, e))?;
        let store = Store { folder: folder.to_owned(), world: folder.join(WORLD), lock, open: None };
        store.locked(|store| match fs::exists(&store.world) {
            Ok(true) => Ok(()),
            Ok(false) => store.write_anew(&mut std::iter::empty()).map(drop),
            Err(e) => Err(StoreError::io("look for", &store.world, e)),
        })?;
        Ok(store)
    }

    /// Empties the world in a folder. Other processes find it empty at their next call.
    pub(crate) fn reset(folder: &Path) -> Result<(), StoreError> {
        if !fs::exists(folder).map_err(|e| StoreError::io("look for", folder, e))? {
            return Ok(());
        }
        let store = Store::open(folder)?;
        store.locked(|store| store.write_anew(&mut std::iter::empty()).map(drop))
    }

    /// The file itself.
    pub(crate) fn path(&self) -> &Path {
        &self.world
    }

    /// Runs `work` while no other process writes.
    fn locked<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.lock()?;
        let done = work(self);
        self.unlock()?;
        done
    }

    /// Waits until no other process writes, and keeps others from it until [`Store::unlock`].
    pub(crate) fn lock(&self) -> Result<(), StoreError> {
        self.lock.lock().map_err(|e| StoreError::io("lock", &self.folder, e))
    }

    /// Lets other processes write again.
    pub(crate) fn unlock(&self) -> Result<(), StoreError> {
        self.lock.unlock().map_err(|e| StoreError::io("unlock", &self.folder, e))
    }

    /// What has been written since the last call; everything, the first time.
    pub(crate) fn news(&mut self) -> Result<News, StoreError> {
        let metadata = match fs::metadata(&self.world) {
            Ok(metadata) => metadata,
            Err(e) => return Err(StoreError::io("read", &self.world, e)),
        };
        let identity = file::Identity::of(&metadata);
        match &mut self.open {
            Some(open) if open.identity == identity && metadata.len() == open.read_to => Ok(News::None),
            Some(open) if open.identity == identity && metadata.len() > open.read_to => {
                let text = file::lines_from(&open.file, open.read_to)
                    .map_err(|e| StoreError::io("read", &self.world, e))?;
                let Ok(writes) = parse(&self.world, &text, 1) else {
                    return self.read_all().map(News::Anew);
                };
                open.read_to += text.len() as u64;
                open.entries += count(&writes);
                Ok(if writes.is_empty() { News::None } else { News::More(writes) })
            }
            _ => self.read_all().map(News::Anew),
        }
    }

    /// Forgets what was read, so that the next news are everything.
    pub(crate) fn forget(&mut self) {
        self.open = None;
    }

    fn read_all(&mut self) -> Result<Vec<Changes>, StoreError> {
        self.open = None;
        let fault = |e| StoreError::io("read", &self.world, e);
        let file = file::private_file(&self.world).map_err(fault)?;
        let identity = file::Identity::of(&file.metadata().map_err(fault)?);
        let text = file::lines_from(&file, 0).map_err(fault)?;
        let header = check_header(&self.world, &text)?;
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
        self.open =
            Some(OpenFile { file, identity, read_to: text.len() as u64, entries, ask_at: 2 * valid + SLACK });
        Ok(writes)
    }

    /// Appends writes and returns once they are durable. Call it locked, after [`Store::news`].
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

    /// Whether most of the file may have been overtaken, so that [`Store::compact`] may be worth its cost.
    pub(crate) fn is_worn(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.entries >= open.ask_at)
    }

    /// Writes the file anew with the entries that are valid now. Call it locked, with everything read.
    pub(crate) fn compact(
        &mut self,
        entries: &mut dyn Iterator<Item = (String, Value)>,
    ) -> Result<(), StoreError> {
        let count = self.write_anew(entries)?;
        let fault = |e| StoreError::io("read", &self.world, e);
        let file = file::private_file(&self.world).map_err(fault)?;
        let metadata = file.metadata().map_err(fault)?;
        self.open = Some(OpenFile {
            identity: file::Identity::of(&metadata),
            read_to: metadata.len(),
            entries: count,
            ask_at: 2 * count + SLACK,
            file,
        });
        Ok(())
    }

    fn write_anew(&self, entries: &mut dyn Iterator<Item = (String, Value)>) -> Result<usize, StoreError> {
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

/// Checks the first line and returns its length.
fn check_header(path: &Path, text: &str) -> Result<usize, StoreError> {
    let broken = |reason: String| StoreError::Broken { path: path.to_owned(), line: 1, reason };
    let (line, _) = text.split_once('\n').ok_or_else(|| broken("it has no header".to_owned()))?;
    let header: Value = serde_json::from_str(line).map_err(|e| broken(e.to_string()))?;
    match header.get("format").and_then(Value::as_u64) {
        Some(FORMAT) => Ok(line.len() + 1),
        Some(found) if found > FORMAT => Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT }),
        _ => Err(broken("its header names no known format".to_owned())),
    }
}

/// The writes in a text of whole lines, of which the first has the number `first_line` in its file.
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
mod tests;
