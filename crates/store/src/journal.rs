//! The journal of one run: what is about to be done, before it is done, and what became of it. This
//! module says what a journal holds; `fold` says what it means, `file` keeps it, `runs` keeps it afterwards.
mod file;
mod fold;
mod parse;
mod runs;

pub use file::{FileJournal, FileLog};
pub use fold::{Fold, FoldError, Found};
pub use parse::parse;
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

/// The format that is written. A newer one is refused unread. Since 2, findings and the plan hold facts; of format 1
/// their sentences are read.
pub const FORMAT: u32 = 2;

/// The first line: which state the run started from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// The state's lineage.
    pub lineage: Lineage,
    /// The state's serial when the run began.
    pub serial: Serial,
    /// The run.
    pub run: RunId,
    /// What it was about, for `report`; taking the journal in does not need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Box<About>>,
}

/// What a run was about: what was to be done, why, and on whose word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// When it began.
    pub began_at: Timestamp,
    /// Who approved the plan, and how; null where that was not said.
    pub approved_by: Option<String>,
    /// What a sweep found, of the roles that it leaves alone too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// How far a sweep's reading reached; none where it was no sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<Reading>,
    /// The plan with its digest. It holds no secret.
    pub plan: Plan,
}

/// How far a sweep's reading reached. What it could not read is part of what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// When all was read: what the findings rest on is as it was then.
    pub at: Timestamp,
    /// The accounts that were to be read.
    pub accounts: Vec<SweptAccount>,
    /// What may hold more roles and could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// One line. Records are numbered from 1 without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A call is about to be made.
    Begin(Begin),
    /// What became of a call.
    End(End),
    /// Something was archived, so that it may be deleted.
    Archived(Archived),
}

impl Record {
    /// Its number.
    pub fn seq(&self) -> u64 {
        match self {
            Record::Begin(begin) => begin.seq,
            Record::End(end) => end.seq,
            Record::Archived(archived) => archived.seq,
        }
    }
}

/// A call is about to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// The record's number.
    pub seq: u64,
    /// The step that makes it.
    pub step: StepId,
    /// What it is about.
    pub address: Address,
    /// The operation.
    pub op: Box<Op<Resolved>>,
    /// When.
    pub time: Timestamp,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The record's number.
    pub seq: u64,
    /// The number of the record that began it.
    pub begin: u64,
    /// What became of it.
    #[serde(flatten)]
    pub result: EndResult,
    /// AWS's request id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// When.
    pub time: Timestamp,
}

/// What became of a call: `output` or `error`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndResult {
    /// It was carried out.
    Output(Output),
    /// It was not, or nobody knows.
    Error(Failed),
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// AWS's error code, or the kind of failure.
    pub code: String,
    /// What went wrong.
    pub message: String,
    /// Whether it may have been carried out all the same. The next run looks.
    pub in_doubt: bool,
}

/// Something was archived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archived {
    /// The record's number.
    pub seq: u64,
    /// The step that needed it.
    pub step: StepId,
    /// Where the archive is.
    pub path: String,
    /// The archive's digest.
    pub digest: Digest,
    /// When.
    pub time: Timestamp,
}

/// A whole journal, as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Its first line; none if the run ended before that was whole, and so before anything began.
    pub header: Option<Header>,
    /// Its records.
    pub records: Vec<Record>,
}

/// Why a journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A newer version of the program wrote it.
    #[error("the journal {place} has format {format}, newer than {FORMAT}: a newer pinpoint-streams wrote it")]
    NewerFormat {
        /// Where it is.
        place: String,
        /// Its format.
        format: u32,
    },
    /// It is torn in the middle or was changed by hand.
    #[error("the journal {place} cannot be read, line {line}: {reason}")]
    Broken {
        /// Where it is.
        place: String,
        /// From 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
}

/// Where a run's journal is kept: always on this machine.
pub trait JournalStore: Send + Sync {
    /// An open journal.
    type Log: Log;

    /// Where it is, for people.
    fn place(&self) -> String;

    /// The journal that a run before this one left; none if that run ended well. A torn last line is
    /// left out: nothing was done on its account.
    fn read(&self) -> impl Future<Output = Result<Option<Contents>, JournalError>> + Send;

    /// Begins a run's journal, durably. One that is still there is an error.
    fn create(&self, header: &Header) -> impl Future<Output = Result<Self::Log, JournalError>> + Send;

    /// Checks that [`JournalStore::remove`] can succeed, before anything is written.
    fn must_be_removable(&self) -> impl Future<Output = Result<(), JournalError>> + Send {
        async { Ok(()) }
    }

    /// Takes the journal away, once the state holds it; where runs are kept, to there.
    fn remove(&self) -> impl Future<Output = Result<(), JournalError>> + Send;
}

/// An open journal. It is written where blocking is well.
pub trait Log: Send + 'static {
    /// Appends whole lines and makes them durable, at once.
    fn append(&mut self, lines: &[u8]) -> io::Result<()>;
}

/// A record as its line.
pub fn line(record: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    Ok(line)
}
