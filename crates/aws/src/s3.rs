//! What a team keeps together, in a bucket: the state, its lock and the archives. It fills the executor's ports
//! [`StateStore`], [`LockStore`] and [`ArchiveStore`]; the journal stays where the run is.
//!
//! Nothing is ever written unconditionally: a new object is made with `If-None-Match: *`, one that was read is
//! replaced or deleted with `If-Match` on its ETag. Whatever an answer leaves open (412, 409, no answer) is
//! decided by reading back what stands there.
//! Source: S3 user guide, "Conditional requests".
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `location`, `connect` | where it is, and the client that goes there |
//! | `objects` | reading whole objects, writing and deleting them on a condition, listing them |
//! | `state`, `lock`, `archive` | one port each |
//! | `lock_file` | the lock's form |
//! | `heartbeat` | a held lock's signs of life |
//! | `unlock` | taking away a lock that a run left behind |
//! | `s3_time` | S3's own clock, since two machines' clocks do not agree |
//! | `error` | what went wrong, and what a person can do about it |
//!
//! [`StateStore`]: pinpoint_streams_store::state::StateStore
//! [`LockStore`]: pinpoint_streams_store::lock::LockStore
//! [`ArchiveStore`]: pinpoint_streams_store::archive::ArchiveStore
mod archive;
mod connect;
mod error;
mod heartbeat;
mod location;
mod lock;
mod lock_file;
mod objects;
mod s3_time;
mod seen;
mod state;
mod unlock;
mod versioning;

pub use archive::S3Archive;
pub use connect::RemoteState;
pub use error::{S3Error, S3ErrorKind};
pub use heartbeat::HeldS3;
pub use location::Location;
pub use lock::S3Lock;
pub use lock_file::LockShown;
pub use state::S3StateStore;
pub use unlock::UnlockError;
pub use versioning::Versioning;
