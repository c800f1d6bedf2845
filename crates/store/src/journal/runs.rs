//! The runs there were: their journals, kept for ever once the state holds them. What `report` is made from:
//! for each run its plan, who approved it, and each write with its result, AWS's request id and its archive.
use super::file::parse;
use super::{Archived, Begin, End, Header, JournalError, Record};
use crate::disk::{self, DiskError};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One run, as it was written down while it went on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLog {
    /// Where it is kept.
    pub path: PathBuf,
    /// Which run, and what it was about.
    pub header: Header,
    /// What it did, in order.
    pub records: Vec<Record>,
}

/// One write of a run: to AWS, or to the record alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write<'a> {
    /// What was to be done.
    pub begin: &'a Begin,
    /// What became of it, with AWS's request id; none if nobody saw the end.
    pub end: Option<&'a End>,
}

impl RunLog {
    /// The writes, in the order in which they were begun. What is put back after a failure is among them.
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

    /// What was archived. A role is archived by the first of its steps.
    pub fn archived(&self) -> impl Iterator<Item = &Archived> {
        self.records.iter().filter_map(|record| match record {
            Record::Archived(archived) => Some(archived),
            Record::Begin(_) | Record::End(_) => None,
        })
    }
}

/// The runs kept in a folder, oldest first; none where there is no such folder.
pub fn runs(folder: &Path) -> Result<Vec<RunLog>, JournalError> {
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
        Err(error) => return Err(DiskError::at("read", folder)(error).into()),
    }
    paths.sort();
    let mut runs = Vec::new();
    for path in paths {
        let Some(text) = disk::read(&path, disk::LARGEST)? else { continue };
        let contents = parse(&path.display().to_string(), &text)?;
        if let Some(header) = contents.header {
            runs.push(RunLog { path, header, records: contents.records });
        }
    }
    Ok(runs)
}

/// Moves a journal among the runs. One that holds no record tells nothing, and is taken away.
pub(super) fn keep(journal: &Path, folder: &Path) -> Result<(), JournalError> {
    let Some(text) = disk::read(journal, disk::LARGEST)? else { return Ok(()) };
    let contents = parse(&journal.display().to_string(), &text)?;
    let Some(header) = contents.header.filter(|_| !contents.records.is_empty()) else {
        return Ok(disk::remove(journal)?);
    };
    let name = match &header.about {
        Some(about) => format!("{}-{}.ndjson", about.began_at.strftime("%Y%m%dT%H%M%SZ"), header.run),
        None => format!("{}.ndjson", header.run),
    };
    let kept = folder.join(name);
    disk::make_folder(folder)?;
    match fs::rename(journal, &kept) {
        Ok(()) => {
            disk::sync_folder(folder)?;
            Ok(disk::sync_folder(disk::folder_of(journal))?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            disk::replace(&kept, &text)?;
            Ok(disk::remove(journal)?)
        }
        Err(error) => Err(DiskError::at("move", journal)(error).into()),
    }
}
