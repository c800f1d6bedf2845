//! Bundles of evidence: what AWS answered to the questions of a sweep, each answer with its time and request IDs, in one
//! file. Lines of JSON in gzip members, which are written as answers arrive: a capture that was killed loses at most the
//! answers of its last member and is continued. The last line has a digest over everything else, which finds damage; it is
//! no signature, since anyone can compute it.
mod redact;

pub use redact::redact;

use crate::disk::{self, DiskError};
use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use pinpoint_streams_model::digest::{self, Digest};
use pinpoint_streams_model::fact::EvidenceSource;
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::live::{Answer, Question, Read};
use pinpoint_streams_model::region::Region;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// In format 1 the digest is over the lines before the last; since format 2 also over what the last line says.
pub const FORMAT: u32 = 2;
/// The largest bundle that is read, in bytes, compressed.
const LARGEST: u64 = 256 * 1024 * 1024;
/// The same, expanded: a small file may expand to any size.
const LARGEST_EXPANDED: usize = 1024 * 1024 * 1024;
/// A gzip member is written once it has this many bytes of JSON, or after this time.
const MEMBER: usize = 1024 * 1024;
const MEMBER_TIME: Duration = Duration::from_secs(1);

/// What a capture was asked to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub accounts: BTreeMap<AccountAlias, AccountId>,
    pub regions: BTreeSet<Region>,
    pub sources: BTreeSet<EvidenceSource>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub format: u32,
    /// Of the program.
    pub version: String,
    pub began: Timestamp,
    pub scope: Scope,
    /// Whether names and numbers were replaced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_redacted: bool,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    pub at: Timestamp,
    pub question: Question,
    pub answer: Read<Answer>,
    /// AWS's, of each call of the read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_ids: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    pub finished: Timestamp,
    pub answers: usize,
    /// SHA-256 of all lines before this one; since format 2 also of this line's other fields.
    pub digest: Digest,
}

impl End {
    /// The last line of a bundle of this format, after the lines that were hashed.
    fn of(format: u32, lines: &Sha256, finished: Timestamp, answers: usize) -> End {
        let mut hasher = lines.clone();
        if format > 1 {
            hasher.update(format!("{finished} {answers}"));
        }
        End { finished, answers, digest: digest::of_hash(&hasher.finalize()) }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a line is taken apart as soon as it is read")]
enum Line {
    Begin(Header),
    Kept(Kept),
    End(End),
}

/// A bundle that was read.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub header: Header,
    /// In the order in which they arrived. A question that was asked again has several.
    pub answers: Vec<Kept>,
    /// None if the capture did not end.
    pub end: Option<End>,
    /// The length of the file up to its last whole member.
    whole: u64,
    /// Of all lines but the end.
    hasher: Sha256,
}

#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("{} does not exist", .0.display())]
    Missing(PathBuf),
    #[error("{} is not a bundle of evidence: {why}", path.display())]
    NotABundle { path: PathBuf, why: String },
    #[error("{} was changed after it was captured: its digest is {found}, and {expected} was recorded", path.display())]
    Changed { path: PathBuf, found: Digest, expected: Digest },
    #[error("{} has format {format}, which this version does not know", path.display())]
    Newer { path: PathBuf, format: u32 },
}

/// Reads a bundle, whole or not. Its digest is checked.
pub fn read(path: &Path) -> Result<Bundle, BundleError> {
    let not_a_bundle = |why: String| BundleError::NotABundle { path: path.to_owned(), why };
    let Some(bytes) = disk::read(path, LARGEST)? else { return Err(BundleError::Missing(path.to_owned())) };
    let (mut text, mut whole) = (Vec::new(), 0);
    while let Some(rest) = bytes.get(whole..).filter(|rest| !rest.is_empty()) {
        let mut decoder = GzDecoder::new(rest);
        let before = text.len();
        let room = (LARGEST_EXPANDED - before) as u64;
        match decoder.by_ref().take(room).read_to_end(&mut text) {
            Ok(_) if text.len() >= LARGEST_EXPANDED => return Err(not_a_bundle("it is too large".to_owned())),
            Ok(_) => whole = bytes.len() - decoder.into_inner().len(),
            // The member that a killed capture did not finish. Anything else is damage, which is never taken for that: to
            // continue the capture would drop what follows.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                text.truncate(before);
                break;
            }
            Err(error) => return Err(not_a_bundle(format!("it is damaged at byte {whole}: {error}"))),
        }
    }
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    let header = match lines.next().map(serde_json::from_slice::<Line>) {
        Some(Ok(Line::Begin(header))) => header,
        Some(Ok(_)) => return Err(not_a_bundle("it does not begin as one".to_owned())),
        Some(Err(error)) => return Err(newer(path, &text).unwrap_or_else(|| not_a_bundle(error.to_string()))),
        None => return Err(not_a_bundle("it is not compressed with gzip, or empty".to_owned())),
    };
    if !(1..=FORMAT).contains(&header.format) {
        return Err(BundleError::Newer { path: path.to_owned(), format: header.format });
    }
    let (mut answers, mut end) = (Vec::new(), None);
    let mut hasher = Sha256::new();
    hasher.update(text.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default());
    for line in lines {
        if end.is_some() {
            return Err(not_a_bundle("something follows its end".to_owned()));
        }
        match serde_json::from_slice(line).map_err(|error| not_a_bundle(error.to_string()))? {
            Line::Kept(kept) => {
                hasher.update(line);
                answers.push(kept);
            }
            Line::End(found) => end = Some(found),
            Line::Begin(_) => return Err(not_a_bundle("it begins twice".to_owned())),
        }
    }
    if end.is_some() && whole < bytes.len() {
        return Err(not_a_bundle("something follows its end".to_owned()));
    }
    if let Some(End { finished, answers, digest }) = &end {
        let End { digest: found, .. } = End::of(header.format, &hasher, *finished, *answers);
        if found != *digest {
            return Err(BundleError::Changed { path: path.to_owned(), found, expected: digest.clone() });
        }
    }
    Ok(Bundle { header, answers, end, whole: whole as u64, hasher })
}

fn newer(path: &Path, text: &[u8]) -> Option<BundleError> {
    #[derive(Deserialize)]
    struct Any {
        begin: Format,
    }
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let first = text.split(|byte| *byte == b'\n').next()?;
    let Any { begin: Format { format } } = serde_json::from_slice(first).ok()?;
    (format > FORMAT).then(|| BundleError::Newer { path: path.to_owned(), format })
}

/// Keeps other captures from writing to the same file, as long as it is open.
fn lock(file: &File, path: &Path) -> Result<(), DiskError> {
    file.try_lock()
        .map_err(|error| match error {
            TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::ResourceBusy, "another capture is writing it")
            }
            TryLockError::Error(error) => error,
        })
        .map_err(DiskError::at("lock", path))
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(extension);
    beside.into()
}

/// A bundle that is being written. What is pending is also written when it is dropped.
#[derive(Debug)]
pub struct BundleWriter {
    path: PathBuf,
    /// The bundle that it replaces once it has ended.
    replaces: Option<PathBuf>,
    file: File,
    format: u32,
    hasher: Sha256,
    answers: usize,
    /// Lines that are not in the file yet.
    pending: Vec<u8>,
    flushed: Instant,
}

impl BundleWriter {
    /// Creates the file, which must not exist.
    pub fn create(path: &Path, header: &Header) -> Result<BundleWriter, BundleError> {
        let file = disk::create_new(path, 0o600)?;
        lock(&file, path)?;
        let mut writer = BundleWriter::on(path, file, header.format, Sha256::new(), 0);
        writer.line(&Line::Begin(header.clone()))?;
        writer.flush()?;
        Ok(writer)
    }

    /// Continues a bundle whose capture did not end. If its last member is not whole, a copy of the file as it was stays
    /// beside it (`.cut`): what looks like an interruption may be damage.
    pub fn resume(path: &Path, bundle: &Bundle) -> Result<BundleWriter, BundleError> {
        let mut file = disk::open_or_create(path)?;
        lock(&file, path)?;
        let length = file.metadata().map_err(DiskError::at("read", path))?.len();
        if length > bundle.whole {
            let cut = beside(path, ".cut");
            fs::copy(path, &cut).map_err(DiskError::at("write", &cut))?;
        }
        let cut = file.set_len(bundle.whole).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.map_err(DiskError::at("write", path))?;
        let (hasher, answers) = (bundle.hasher.clone(), bundle.answers.len());
        Ok(BundleWriter::on(path, file, bundle.header.format, hasher, answers))
    }

    /// Continues a bundle whose capture ended, in a file beside it (`.part`) that replaces it at the end: until then the
    /// bundle stays as it was. Returns the answers so far, those of an earlier attempt included.
    pub fn reopen(path: &Path, bundle: &Bundle) -> Result<(BundleWriter, Vec<Kept>), BundleError> {
        let part = beside(path, ".part");
        let earlier = self::read(&part).ok().filter(|earlier| {
            earlier.end.is_none()
                && earlier.answers.starts_with(&bundle.answers)
                && earlier.header == Header { format: FORMAT, ..bundle.header.clone() }
        });
        let (mut writer, answers) = match earlier {
            Some(earlier) => (BundleWriter::resume(&part, &earlier)?, earlier.answers),
            None => {
                let file = disk::open_or_create(&part)?;
                lock(&file, &part)?;
                file.set_len(0).map_err(DiskError::at("write", &part))?;
                let mut writer = BundleWriter::on(&part, file, FORMAT, Sha256::new(), 0);
                writer.line(&Line::Begin(Header { format: FORMAT, ..bundle.header.clone() }))?;
                for kept in &bundle.answers {
                    writer.keep(kept.clone())?;
                }
                writer.flush()?;
                (writer, bundle.answers.clone())
            }
        };
        writer.replaces = Some(path.to_owned());
        Ok((writer, answers))
    }

    fn on(path: &Path, file: File, format: u32, hasher: Sha256, answers: usize) -> BundleWriter {
        let (path, flushed) = (path.to_owned(), Instant::now());
        BundleWriter { path, replaces: None, file, format, hasher, answers, pending: Vec::new(), flushed }
    }

    pub fn keep(&mut self, kept: Kept) -> Result<(), BundleError> {
        self.answers += 1;
        self.line(&Line::Kept(kept))
    }

    /// Writes what is pending, durably.
    pub fn flush(&mut self) -> Result<(), BundleError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        let member = encoder.write_all(&self.pending).and_then(|()| encoder.finish());
        let written = member.and_then(|member| self.file.write_all(&member)).and_then(|()| self.file.sync_data());
        written.map_err(DiskError::at("write", &self.path))?;
        self.pending.clear();
        self.flushed = Instant::now();
        Ok(())
    }

    /// Writes the last line.
    pub fn finish(mut self, finished: Timestamp) -> Result<End, BundleError> {
        let end = End::of(self.format, &self.hasher, finished, self.answers);
        self.line(&Line::End(end.clone()))?;
        self.flush()?;
        if let Some(replaced) = &self.replaces {
            fs::rename(&self.path, replaced).map_err(DiskError::at("write", replaced))?;
        }
        Ok(end)
    }

    fn line(&mut self, line: &Line) -> Result<(), BundleError> {
        let mut json =
            serde_json::to_vec(line).map_err(io::Error::other).map_err(DiskError::at("write", &self.path))?;
        json.push(b'\n');
        self.hasher.update(&json);
        self.pending.extend_from_slice(&json);
        let is_due = self.pending.len() >= MEMBER || self.flushed.elapsed() >= MEMBER_TIME;
        if is_due { self.flush() } else { Ok(()) }
    }
}

impl Drop for BundleWriter {
    fn drop(&mut self) {
        // What is lost here is asked again.
        let _ = self.flush();
    }
}
