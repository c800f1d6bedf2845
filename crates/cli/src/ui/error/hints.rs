//! For each error what a person can do about it, and which file or folder of this machine it is about.
use super::Error;
use pinpoint_streams_aws::s3::S3Error;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_store::archive::{ArchiveError, quoted};
use pinpoint_streams_store::journal::JournalError;
use pinpoint_streams_store::lock::LockError;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateError;
use std::io;
use std::path::Path;

impl Error {
    /// What a person can do about it.
    pub(crate) fn hints(&self) -> Vec<String> {
        let one = |hint: &str| vec![hint.to_owned()];
        match self {
            Error::Usage { hint, .. } | Error::NotThere { hint, .. } | Error::Unusable { hint, .. } => {
                vec![hint.clone()]
            }
            Error::NoManifest => one("`pinpoint-streams init` writes one; `--config FILE` names another"),
            Error::File { source, .. } => of_io(source),
            Error::NobodyToAsk { destroy: true } => one("--auto-approve approves without asking"),
            Error::NobodyToAsk { destroy: false } => {
                one("--auto-approve=safe approves plans without delete, replace and wider policies, \
                 --auto-approve approves every plan")
            }
            Error::SweepNeedsWord => {
                one("save the plan with `pinpoint-streams sweep --out FILE`, review it, then \
                 `pinpoint-streams apply FILE --expect-digest DIGEST --approve-accounts ID,…`")
            }
            Error::ReadOnly { .. } => one("`plan` shows what would be done"),
            Error::Connect(error) => vec![error.hint()],
            Error::Cloud { error, .. } => of_cloud(error),
            Error::Bucket(error) => vec![error.hint()],
            Error::Unlock(error) => vec![error.hint()],
            Error::Lock(LockError::Held { beat: Some(beat), .. }) if beat.is_abandoned() => vec![format!(
                "if that run is dead, `pinpoint-streams state unlock {}` takes its lock away; what it did is found \
                 by the next apply",
                quoted(&beat.id)
            )],
            Error::Lock(LockError::Held { .. }) => {
                one("wait until that run has ended, or let this one wait: --lock-timeout 5m")
            }
            Error::Lock(LockError::Lost { .. }) => {
                one("run `pinpoint-streams plan` to see where things stand once no other run is on")
            }
            Error::Lock(LockError::Store { source, .. }) => of_bucket(source.as_ref()),
            Error::Session(SessionError::State(error)) => of_state(error),
            Error::Lock(LockError::Disk(error)) => of_io(&error.source),
            Error::Session(SessionError::Journal(JournalError::Disk(error))) => of_io(&error.source),
            Error::Session(SessionError::Journal(_) | SessionError::Fold(_)) => one(
                "the journal is left as it is; move it away to go on without it: what it held is then found by looking",
            ),
            Error::Archive(ArchiveError::Disk(error)) => of_io(&error.source),
            Error::Archive(ArchiveError::NewerFormat { .. }) => one("use that version, or a newer one"),
            Error::Archive(ArchiveError::Store { source, .. }) => of_bucket(source.as_ref()),
            Error::Archive(_) => {
                one("archives are below .pinpoint-streams/archive/; take the file as it was written")
            }
            Error::SavedPlan(error) => vec![error.hint()],
            Error::Stale(stale) => vec![stale.hint()],
            Error::NoFolder => one("change to a folder that exists, then run the same command again"),
            Error::Manifest(_)
            | Error::Declined
            | Error::Lock(_)
            | Error::Problems(_)
            | Error::Policy { .. }
            | Error::Stopped
            | Error::OutputGone
            | Error::Output(_) => Vec::new(),
            #[cfg(feature = "sandbox")]
            Error::Sandbox(pinpoint_streams_sandbox::StoreError::Io { .. }) => {
                one("check who may read and write there, and whether the disk is full")
            }
            #[cfg(feature = "sandbox")]
            Error::Sandbox(_) => one("`pinpoint-streams sandbox reset` begins anew"),
        }
    }

    /// The file or folder that the message names.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Error::File { path, .. } | Error::Policy { path, .. } | Error::Unusable { path, .. } => Some(path),
            Error::SavedPlan(error) => Some(error.path()),
            Error::Lock(LockError::Disk(error))
            | Error::Archive(ArchiveError::Disk(error))
            | Error::Session(SessionError::Journal(JournalError::Disk(error))) => Some(&error.path),
            Error::Session(SessionError::State(StateError::Disk(error))) => Some(&error.path),
            Error::Lock(LockError::Held { place, .. } | LockError::Lost { place, .. })
            | Error::Archive(
                ArchiveError::NewerFormat { path: place, .. } | ArchiveError::Broken { path: place, .. },
            )
            | Error::Session(
                SessionError::Journal(
                    JournalError::NewerFormat { place, .. } | JournalError::Broken { place, .. },
                )
                | SessionError::State(
                    StateError::NewerFormat { place, .. }
                    | StateError::Broken { place, .. }
                    | StateError::OtherWorkspace { place, .. }
                    | StateError::Conflict { place, .. },
                ),
            ) => Some(Path::new(place)),
            #[cfg(feature = "sandbox")]
            Error::Sandbox(error) => error.path(),
            _ => None,
        }
    }
}

fn of_io(error: &io::Error) -> Vec<String> {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => "check who may read and write there",
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::IsADirectory => "name a file, not a folder",
        io::ErrorKind::FileTooLarge => "check that this is the file that was meant",
        io::ErrorKind::StorageFull => "make room on the disk, then run the same command again",
        _ => return Vec::new(),
    };
    vec![hint.to_owned()]
}

fn of_cloud(error: &CloudError) -> Vec<String> {
    use pinpoint_streams_model::live::FailureKind as Kind;
    let hint = match error.kind {
        Kind::Denied => format!("allow {} to the credentials", error.operation),
        Kind::Credentials => "get fresh credentials, with `aws sso login` for instance".to_owned(),
        Kind::Connection | Kind::Timeout => {
            "check the network, the proxy, and AWS_ENDPOINT_URL if it is set; then try again".to_owned()
        }
        Kind::Throttled => "try again with a smaller --parallelism".to_owned(),
        Kind::ServiceEnded => {
            "Amazon Pinpoint's support ended on 30 October 2026; new events can go through End User \
            Messaging event destinations (SMS and voice) or be written to Kinesis directly"
                .to_owned()
        }
        _ => return Vec::new(),
    };
    vec![hint]
}

/// What is to be done where a bucket did not do its part.
fn of_bucket(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Vec<String> {
    S3Error::beneath(error).map(S3Error::hint).into_iter().collect()
}

fn of_state(error: &StateError) -> Vec<String> {
    let hint = match error {
        StateError::Store { source, .. } => return of_bucket(source.as_ref()),
        StateError::Broken { place, .. } if place.starts_with("s3://") => {
            "put back the last good version of the object; it is left as it is, and is never overwritten"
        }
        StateError::Disk(error) => return of_io(&error.source),
        StateError::NewerFormat { .. } => "use that version, or a newer one",
        StateError::Broken { .. } => {
            "put back the last good copy of the file; it is left as it is, and is never overwritten"
        }
        StateError::OtherWorkspace { .. } => {
            "give each workspace a state of its own with `[state]`, or correct `workspace`"
        }
        StateError::Conflict { .. } => "run `pinpoint-streams plan` to see where things stand",
        _ => return Vec::new(),
    };
    vec![hint.to_owned()]
}
