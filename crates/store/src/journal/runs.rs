//! The logs of past runs, for `report`: their journals, once the state contains them.
use super::{Archived, Begin, Contents, End, Header, JournalError, Link, Record, parse};
use crate::disk::{self, DiskError};
use jiff::Timestamp;
use jiff::civil::DateTime;
use pinpoint_streams_model::ids::RunId;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLog {
    pub path: PathBuf,
    pub header: Header,
    pub records: Vec<Record>,
    /// Of the last line.
    pub link: Link,
}

/// One write of a run: to AWS, or to the record only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write<'a> {
    pub begin: &'a Begin,
    /// `None` if the outcome was not recorded.
    pub end: Option<&'a End>,
}

impl RunLog {
    /// `None` if the journal is empty.
    pub fn of(path: PathBuf, contents: Contents) -> Option<RunLog> {
        let Contents { header, records, links } = contents;
        Some(RunLog { path, header: header?, records, link: *links.last()? })
    }

    /// The writes in the order of their start, including restores after a failure.
    pub fn writes(&self) -> impl Iterator<Item = Write<'_>> {
        let ends = self.records.iter().filter_map(|record| match record {
            Record::End(end) => Some((end.begin, end)),
            Record::Begin(_) | Record::Archived(_) => None,
        });
        let ends: BTreeMap<u64, &End> = ends.collect();
        self.records.iter().filter_map(move |record| match record {
            Record::Begin(begin) => Some(Write { begin, end: ends.get(&begin.seq).copied() }),
            Record::End(_) | Record::Archived(_) => None,
        })
    }

    /// The archives. A role is archived by the first of its steps.
    pub fn archived(&self) -> impl Iterator<Item = &Archived> {
        self.records.iter().filter_map(|record| match record {
            Record::Archived(archived) => Some(archived),
            Record::Begin(_) | Record::End(_) => None,
        })
    }
}

/// How many runs a folder keeps. Adding one removes the oldest.
pub const KEPT: usize = 200;

/// The start time of a run in its file name.
const BEGAN_AT: &str = "%Y%m%dT%H%M%SZ";

/// The file of a run, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRun {
    pub path: PathBuf,
    /// From the file name; `None` if it is not the name of a run.
    pub run: Option<RunId>,
}

impl KeptRun {
    fn at(path: PathBuf) -> KeptRun {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let id = dated(&stem).unwrap_or(&stem);
        KeptRun { run: id.parse().ok(), path }
    }

    /// Reads it; `None` if it was removed in between.
    pub fn load(&self) -> Result<Option<RunLog>, JournalError> {
        let Some(text) = disk::read_trusted(&self.path, disk::LARGEST)? else { return Ok(None) };
        let place = self.path.display().to_string();
        let contents = parse(&place, &text)?;
        match RunLog::of(self.path.clone(), contents) {
            Some(log) => Ok(Some(log)),
            None => Err(JournalError::Broken { place, line: 1, reason: "it is empty".to_owned() }),
        }
    }
}

fn dated(stem: &str) -> Option<&str> {
    let (time, id) = stem.split_once('-')?;
    DateTime::strptime(BEGAN_AT, time).is_ok().then_some(id)
}

/// The runs in a folder, oldest first; none if the folder does not exist. No file is read.
pub fn kept_runs(folder: &Path) -> Result<Vec<KeptRun>, DiskError> {
    let mut paths = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                let path = entry.map_err(DiskError::at("read", folder))?.path();
                if path.extension().is_some_and(|extension| extension == "ndjson") {
                    paths.push(path);
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(DiskError::at("read", folder)(error)),
    }
    paths.sort();
    Ok(paths.into_iter().map(KeptRun::at).collect())
}

/// Removes the oldest runs beyond [`KEPT`], but never the one just added, whatever its clock was, or a file without
/// the name of a run. Errors are ignored: the next call tries again.
fn prune(folder: &Path, added: &Path) {
    let Ok(mut runs) = kept_runs(folder) else { return };
    let is_ours = |kept: &KeptRun| {
        kept.run.is_some() && kept.path.file_stem().is_some_and(|stem| dated(&stem.to_string_lossy()).is_some())
    };
    runs.retain(|kept| is_ours(kept) && kept.path != added);
    for kept in &runs[..runs.len().saturating_sub(KEPT - 1)] {
        let _ = fs::remove_file(&kept.path);
    }
}

/// Moves a journal to the runs. A journal without records is removed.
pub(super) fn keep(journal: &Path, folder: &Path) -> Result<(), JournalError> {
    let Some(file) = disk::open_trusted(journal)? else { return Ok(()) };
    let Some(Beginning { run, about }) = beginning(journal, file)? else { return Ok(disk::remove(journal)?) };
    let name = match about {
        Some(BeganAt { began_at }) => format!("{}-{run}.ndjson", began_at.strftime(BEGAN_AT)),
        None => format!("{run}.ndjson"),
    };
    let kept = folder.join(name);
    disk::make_folder(folder)?;
    match fs::rename(journal, &kept) {
        Ok(()) => {
            disk::sync_folder(folder)?;
            disk::sync_folder(disk::folder_of(journal))?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            if let Some(text) = disk::read_trusted(journal, disk::LARGEST)? {
                disk::replace(&kept, &text)?;
            }
            disk::remove(journal)?;
        }
        Err(error) => return Err(DiskError::at("move", journal)(error).into()),
    }
    prune(folder, &kept);
    Ok(())
}

/// What the first line of a journal says of its file's name.
#[derive(Debug, Deserialize)]
struct Beginning {
    run: RunId,
    about: Option<BeganAt>,
}

#[derive(Debug, Deserialize)]
struct BeganAt {
    began_at: Timestamp,
}

/// `None` if there is no record. The journal of a large run is not held in memory.
fn beginning(journal: &Path, file: File) -> Result<Option<Beginning>, JournalError> {
    let mut rest = BufReader::new(file);
    let beginning = match Beginning::deserialize(&mut serde_json::Deserializer::from_reader(&mut rest)) {
        Ok(beginning) => beginning,
        Err(error) if error.is_eof() => return Ok(None),
        Err(error) => {
            let place = journal.display().to_string();
            return Err(JournalError::Broken { place, line: 1, reason: error.to_string() });
        }
    };
    let mut next_line = || {
        let mut line = Vec::new();
        rest.read_until(b'\n', &mut line).map_err(DiskError::at("read", journal))?;
        Ok::<_, DiskError>(line.ends_with(b"\n"))
    };
    let has_records = next_line()? && next_line()?;
    Ok(has_records.then_some(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"format":1,"lineage":"3f2a","serial":1,"run":"r1"}"#;
    fn names(folder: &Path) -> Vec<String> {
        let kept = kept_runs(folder).unwrap();
        kept.iter().map(|kept| kept.path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn runs_are_listed_by_their_names_and_a_broken_one_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("20261123T090000Z-r1.ndjson", &*format!("{HEADER}\n")),
            ("20261123T100000Z-r2.ndjson", "no json\n"),
            ("20261123T110000Z-r3.ndjson", ""),
            ("Not ours.ndjson", "x"),
            ("early.ndjson", HEADER),
            ("notes.txt", "x"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let kept = kept_runs(folder.path()).unwrap();
        let runs: Vec<_> = kept.iter().map(|kept| kept.run.as_ref().map(RunId::as_str)).collect();
        assert_eq!(runs, [Some("r1"), Some("r2"), Some("r3"), None, Some("early")]);
        assert_eq!(kept[0].load().unwrap().unwrap().header.run.as_str(), "r1");
        for broken in &kept[1..4] {
            let error = broken.load().unwrap_err().to_string();
            assert!(error.contains(broken.path.to_str().unwrap()), "{error}");
        }
        fs::remove_file(&kept[0].path).unwrap();
        assert_eq!(kept[0].load().unwrap(), None);
        assert_eq!(kept_runs(&folder.path().join("none")).unwrap(), []);
    }

    #[test]
    fn a_journal_with_a_record_is_moved_and_one_without_is_removed() {
        let root = tempfile::tempdir().unwrap();
        let (journal, folder) = (root.path().join("j"), root.path().join("runs"));
        let about =
            r#","about":{"began_at":"2026-11-23T09:00:00Z","approved_by":null,"plan":{"steps":[{"op":"}"}]}}"#;
        let header = |about: &str| format!("{}{about}}}\n", &HEADER[..HEADER.len() - 1]);
        let record = "{\"end\":{}}\n";
        let kept = |text: String| {
            fs::write(&journal, text).unwrap();
            keep(&journal, &folder).unwrap();
            assert!(!journal.exists());
            if folder.exists() { names(&folder) } else { Vec::new() }
        };
        for without in ["", "{\"form", &header("")[..20], &header(""), &(header("") + &record[..8])] {
            assert_eq!(kept(without.to_owned()), [""; 0], "{without:?}");
        }
        assert_eq!(kept(header("") + record + &record[..8]), ["r1.ndjson"]);
        assert_eq!(kept(header(about) + record), ["20261123T090000Z-r1.ndjson", "r1.ndjson"]);
        fs::write(&journal, "no json\n").unwrap();
        assert!(matches!(keep(&journal, &folder), Err(JournalError::Broken { line: 1, .. })));
        assert!(journal.exists(), "what cannot be read is left");
    }

    #[test]
    fn the_oldest_runs_go_and_neither_the_one_that_was_added_nor_what_is_not_ours() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("runs");
        fs::create_dir(&folder).unwrap();
        for nth in 0..KEPT + 2 {
            fs::write(folder.join(format!("20260101T{:02}{:02}00Z-r{nth}.ndjson", nth / 60, nth % 60)), "x")
                .unwrap();
        }
        fs::write(folder.join("Not ours.ndjson"), "x").unwrap();
        fs::write(folder.join("early.ndjson"), "x").unwrap();
        // Its clock was behind: by name it is the oldest.
        let added = folder.join("19990101T000000Z-late.ndjson");
        fs::write(&added, "x").unwrap();
        prune(&folder, &added);
        let left = names(&folder);
        assert_eq!(left.len(), KEPT + 2);
        assert_eq!(&left[..2], ["19990101T000000Z-late.ndjson", "20260101T000300Z-r3.ndjson"]);
        assert_eq!(&left[KEPT..], ["Not ours.ndjson", "early.ndjson"]);
    }
}
