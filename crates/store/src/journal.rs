//! The journal of one run: each call, recorded before it is made and after it is answered. `fold` applies it to a
//! state.
mod chain;
mod file;
mod fold;
mod reached;
mod runs;

pub use chain::Link;
pub use file::{FileJournal, FileLog};
pub use fold::{Fold, FoldError, LeftoverJournal};
pub use runs::{KEPT, KeptRun, RunLog, Write, kept_runs};

use crate::disk::DiskError;
use jiff::Timestamp;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{Lineage, RunId, Serial, StepId};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::plan::Plan;
use pinpoint_streams_model::recorded::Output;
use pinpoint_streams_model::sweep::{Finding, SweptAccount, Unread};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::io;
use std::sync::Arc;

/// The current format. A newer one is refused unread. Since 2, findings and the plan hold facts; the sentences of
/// format 1 are still read.
pub const FORMAT: u32 = 2;

/// The first line: which state the run started from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub format: u32,
    pub lineage: Lineage,
    /// The state's serial when the run started.
    pub serial: Serial,
    pub run: RunId,
    /// For `report`; not needed to replay the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Box<About>>,
}

/// What a run was for: its plan, the findings behind it, and its approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    pub began_at: Timestamp,
    /// Null if unknown.
    pub approved_by: Option<String>,
    /// A sweep's findings, with the roles that it leaves alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// `None` if it was not a sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// Contains no secrets.
    pub plan: Arc<Plan>,
}

/// What a sweep read, and what it could not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    pub at: Timestamp,
    pub accounts: Vec<SweptAccount>,
    /// What could not be read and may contain more roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// One line of the journal. Records are numbered from 1 without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    Begin(Begin),
    End(End),
    /// Something was archived before it is deleted or quarantined.
    Archived(Archived),
}

impl Record {
    pub fn seq(&self) -> u64 {
        match self {
            Record::Begin(begin) => begin.seq,
            Record::End(end) => end.seq,
            Record::Archived(archived) => archived.seq,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    pub seq: u64,
    pub step: StepId,
    pub address: Address,
    pub op: Box<Op<Resolved>>,
    pub time: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub seq: u64,
    /// The `seq` of its [`Begin`].
    pub begin: u64,
    #[serde(flatten)]
    pub result: EndResult,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    pub time: Timestamp,
}

/// The code of a call that was not made, or not made again, because the run was stopped.
pub const STOPPED: &str = "Stopped";

/// What became of a call: `output` or `error`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndResult {
    Output(Output),
    /// It failed, or the outcome is unknown.
    Error(Failed),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// AWS's error code, the kind of failure, or [`STOPPED`].
    pub code: String,
    pub message: String,
    /// Whether AWS may have carried it out anyway. The next run checks.
    pub in_doubt: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archived {
    pub seq: u64,
    pub step: StepId,
    pub path: String,
    pub digest: Digest,
    pub time: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The first line; `None` if the run died while writing it, before anything started.
    pub header: Option<Header>,
    pub records: Vec<Record>,
    /// Of each line: first the header's, then that of record 1, and so on.
    pub links: Vec<Link>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("the journal {place} has format {format}, newer than {FORMAT}: a newer pinpoint-streams wrote it")]
    NewerFormat { place: String, format: u32 },
    /// It is corrupt, or it was edited.
    #[error("the journal {place} cannot be read, line {line}: {reason}")]
    Broken { place: String, line: usize, reason: String },
    #[error("the journal {place} belongs to a run that is still running")]
    InUse { place: String },
}

/// Where a run's journal is kept: always locally.
pub trait JournalStore: Send + Sync {
    type Log: Log;

    fn place(&self) -> String;

    /// The journal that an earlier run left; `None` if it finished. A torn last line is dropped: nothing was done
    /// after it.
    fn read(&self) -> impl Future<Output = Result<Option<Contents>, JournalError>> + Send;

    /// Creates a run's journal durably with its first line, that of a [`Header`]. An existing journal is an error.
    fn create(&self, first_line: Vec<u8>) -> impl Future<Output = Result<Self::Log, JournalError>> + Send;

    /// Checks that [`JournalStore::remove`] can succeed and that no run is writing the journal, before anything is
    /// written.
    fn must_be_removable(&self) -> impl Future<Output = Result<(), JournalError>> + Send {
        async { Ok(()) }
    }

    /// Removes the journal, or moves it to the run logs, once the state contains it.
    fn remove(&self) -> impl Future<Output = Result<(), JournalError>> + Send;
}

/// An open journal. Writes may block.
pub trait Log: Send + 'static {
    /// Appends whole lines durably.
    fn append(&mut self, lines: &[u8]) -> io::Result<()>;
}

/// A record as one NDJSON line.
pub fn line(record: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    Ok(line)
}

/// Parses a journal. A last line without a newline was never confirmed, so it is dropped; if it is the only one, it must be
/// the beginning of a header. `place` is for messages.
pub fn parse(place: &str, text: &[u8]) -> Result<Contents, JournalError> {
    let broken = |line: usize, reason: String| JournalError::Broken { place: place.to_owned(), line, reason };
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut lines = text[..whole].split_inclusive(|byte| *byte == b'\n').enumerate();
    let Some((_, first)) = lines.next() else {
        return match is_torn_header(text) {
            true => Ok(Contents { header: None, records: Vec::new(), links: Vec::new() }),
            false => Err(broken(1, "it is not the beginning of a journal".to_owned())),
        };
    };
    let header = parse_header(place, first)?;
    let mut link = Link::first(first);
    let (mut records, mut links) = (Vec::new(), vec![link]);
    for (at, line) in lines {
        let record: Record = serde_json::from_slice(line).map_err(|error| broken(at + 1, error.to_string()))?;
        if record.seq() != at as u64 {
            return Err(broken(at + 1, format!("record {} where record {at} was expected", record.seq())));
        }
        records.push(record);
        link = link.then(line);
        links.push(link);
    }
    Ok(Contents { header: Some(header), records, links })
}

/// Whether a run may have left this when it died while it wrote the first line. After a power cut the end may be zeros.
fn is_torn_header(text: &[u8]) -> bool {
    let written = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    match serde_json::from_slice::<Header>(&text[..written]) {
        Ok(_) => true,
        Err(error) => written == 0 || text[0] == b'{' && error.is_eof(),
    }
}

fn parse_header(place: &str, line: &[u8]) -> Result<Header, JournalError> {
    let broken = |error: serde_json::Error| JournalError::Broken {
        place: place.to_owned(),
        line: 1,
        reason: error.to_string(),
    };
    let format = crate::format_of(line).map_err(broken)?;
    if format > FORMAT {
        return Err(JournalError::NewerFormat { place: place.to_owned(), format });
    }
    serde_json::from_slice(line).map_err(broken)
}
