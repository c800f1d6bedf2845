//! What is kept between runs, and the ports to it: the state, the journal, the lock, the archives and the run logs,
//! with their implementations in files.
//!
//! | module | what it is responsible for |
//! | --- | --- |
//! | `state` | what the workspace owns |
//! | `journal` | the calls of a run, recorded before they are made and after they are answered |
//! | `journal::runs` | the journals of finished runs, for `report` and `restore` |
//! | `session` | state and journal read together: what a run starts from |
//! | `lock` | one run at a time |
//! | `archive` | full copies of what is deleted or quarantined |
//! | `aws_cli` | scripts of AWS CLI commands |
//! | `bundle` | evidence that was captured for later sweeps |
//! | `disk` | files read with a size limit, and written atomically, privately and never through a link |
pub mod archive;
pub mod aws_cli;
pub mod bundle;
pub mod disk;
pub mod journal;
pub mod lock;
pub mod session;
pub mod state;

pub use disk::DiskError;
pub use session::Loaded;

/// The format of a JSON document, which is all that is read of one with a newer format.
pub fn format_of(json: &[u8]) -> serde_json::Result<u32> {
    #[derive(serde::Deserialize)]
    struct Header {
        format: u32,
    }
    serde_json::from_slice(json).map(|Header { format }| format)
}
