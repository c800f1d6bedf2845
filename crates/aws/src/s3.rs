//! State, lock and archives of a team in a bucket. Implements [`StateStore`], [`LockStore`] and [`ArchiveStore`]; the
//! journal is always local.
//!
//! Every write is conditional: a new object is created with `If-None-Match: *`, an object that was read is replaced or
//! deleted with `If-Match` on its ETag. Ambiguous outcomes (412, 409, no response) are resolved by reading the object.
//! Source: S3 user guide, "Conditional requests".
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `location`, `connect` | the location, and the client for it |
//! | `objects` | reads, conditional writes and deletes, lists |
//! | `state`, `lock`, `archive` | one port each; `lock` also removes abandoned locks |
//! | `lock_file`, `heartbeat` | the lock's format and heartbeat |
//! | `error` | errors with hints |
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
mod state;

pub use archive::S3Archive;
pub use connect::RemoteState;
pub use error::{S3Error, S3ErrorKind};
pub use heartbeat::HeldS3;
pub use location::{Encryption, Location};
pub use lock::{S3Lock, UnlockError};
pub use lock_file::LockShown;
pub use objects::Versioning;
pub use state::S3StateStore;
