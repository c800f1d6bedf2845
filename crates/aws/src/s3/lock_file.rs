//! The format of the lock: a JSON object with the holder and the time of the last heartbeat.
use jiff::Timestamp;
use pinpoint_streams_store::format_of;
use pinpoint_streams_store::lock::{Heartbeat, Holder};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Newer formats are not read.
const FORMAT: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LockFile {
    format: u32,
    pub(super) id: String,
    who: String,
    host: String,
    pid: u32,
    since: Timestamp,
    /// By S3's clock, where that was known.
    pub(super) heartbeat_at: Timestamp,
}

/// A held lock, for display. All strings are untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockShown {
    /// For [`RemoteState::unlock`](super::RemoteState::unlock).
    pub id: String,
    pub holder: Holder,
    pub heartbeat_at: Timestamp,
    pub age: Duration,
}

impl LockShown {
    pub(super) fn heartbeat(&self) -> Heartbeat {
        Heartbeat { id: self.id.clone(), age: self.age }
    }
}

impl LockFile {
    pub(super) fn new(holder: &Holder, now: Timestamp) -> LockFile {
        let Holder { who, host, pid, since } = holder.clone();
        let id = uuid::Uuid::new_v4().to_string();
        LockFile { format: FORMAT, id, who, host, pid, since, heartbeat_at: now }
    }

    pub(super) fn at(&self, now: Timestamp) -> LockFile {
        LockFile { heartbeat_at: now, ..self.clone() }
    }

    /// The error is the reason, for people, why it is not a lock.
    pub(super) fn of_json(json: &[u8]) -> Result<LockFile, String> {
        let format = format_of(json).map_err(|error| error.to_string())?;
        if format > FORMAT {
            return Err(format!("its format is {format}, newer than {FORMAT}: a newer pinpoint-streams wrote it"));
        }
        serde_json::from_slice(json).map_err(|error| error.to_string())
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        // Never fails for strings, numbers and times.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }

    /// `now` determines the age; a heartbeat in the future has age zero.
    pub(super) fn shown(self, now: Timestamp) -> LockShown {
        let LockFile { format: _, id, who, host, pid, since, heartbeat_at } = self;
        let age = now.duration_since(heartbeat_at).try_into().unwrap_or(Duration::ZERO);
        LockShown { id, holder: Holder { who, host, pid, since }, heartbeat_at, age }
    }
}

/// Whether an object is the lock with this id.
pub(super) fn is(json: &[u8], id: &str) -> bool {
    LockFile::of_json(json).is_ok_and(|lock| lock.id == id)
}
