//! The hint of each error, and the local path that it is about.
use super::Error;
use pinpoint_streams_aws::s3::S3Error;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_store::archive::{ArchiveError, quoted};
use pinpoint_streams_store::bundle::BundleError;
use pinpoint_streams_store::journal::JournalError;
use pinpoint_streams_store::lock::LockError;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateError;
use std::io;
use std::path::Path;

/// The work of a command: what `permissions --for` is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Audit,
    Apply,
    Teardown,
    Restore,
}

impl Work {
    fn name(self) -> &'static str {
        match self {
            Work::Audit => "audit",
            Work::Apply => "apply",
            Work::Teardown => "teardown",
            Work::Restore => "restore",
        }
    }
}

impl Error {
    #[cfg(test)]
    pub(crate) fn hint(&self) -> Option<String> {
        self.hint_for(None)
    }

    /// What a person can do, in a command for this kind of work.
    pub(crate) fn hint_for(&self, work: Option<Work>) -> Option<String> {
        let one = |hint: &str| Some(hint.to_owned());
        match self {
            Error::Usage { hint, .. }
            | Error::NotFound { hint, .. }
            | Error::InvalidFile { hint, .. }
            | Error::SweepApprovalRequired { hint } => Some(hint.clone()),
            Error::ClockSkew { .. } => one(
                "correct the clock: verdicts and quarantines depend on how long ago a role was used or changed",
            ),
            Error::NoServiceTime => one(
                "AWS sends it with every response: check for a proxy that strips it, or an endpoint that is not AWS's",
            ),
            Error::ForeignManifest { path, .. } => {
                Some(format!("check it, then name it: --config {}", path.display()))
            }
            Error::EditedRunLogs(_) => one(
                "restore the files in the directory `runs` from a backup; CloudTrail has what the runs did in AWS",
            ),
            Error::NoManifest => one("create one with `pinpoint-streams init`, or name one with --config FILE"),
            Error::File { source, .. } => of_io(source),
            Error::ApprovalRequired { destroy: true } => one("pass --auto-approve to skip the prompt"),
            Error::ApprovalRequired { destroy: false } => one(
                "pass --auto-approve=safe to approve plans that delete, replace and widen nothing, or --auto-approve to \
                 approve every plan",
            ),
            Error::ReadOnly { .. } => one("run `pinpoint-streams plan` to see what would change"),
            Error::Connect(error) => Some(error.hint()),
            Error::Cloud { error, .. } => of_cloud(error, work),
            Error::Bucket(error) => Some(error.hint()),
            Error::Unlock(error) => Some(error.hint()),
            Error::Lock(LockError::Held { heartbeat: Some(heartbeat), .. }) if heartbeat.is_abandoned() => {
                Some(format!(
                    "if that run is no longer alive, release its lock with `pinpoint-streams state unlock {}`; the next \
                     apply picks up what it did",
                    quoted(&heartbeat.id)
                ))
            }
            Error::Lock(LockError::Held { .. }) => one("wait until that run ends, or pass --lock-timeout 5m"),
            Error::Lock(LockError::Lost { .. }) => one("run `pinpoint-streams plan` once no other run is active"),
            Error::Lock(LockError::Store { source, .. }) => of_bucket(source.as_ref()),
            Error::Session(SessionError::State(error)) => of_state(error),
            Error::Lock(LockError::Disk(error)) => of_io(&error.source),
            Error::Session(SessionError::Journal(JournalError::Disk(error))) => of_io(&error.source),
            Error::Session(SessionError::Fold(_)) => one(
                "restore the state that the journal belongs to; if it is lost, move the journal aside and run \
                 `pinpoint-streams state recover`; to keep the current state, move it aside: the next run then finds the \
                 resources in AWS",
            ),
            Error::Session(SessionError::Journal(JournalError::InUse { .. })) => {
                one("wait until that run ends: it is still running although its lock was removed")
            }
            Error::Session(SessionError::Journal(_)) => one(
                "the journal was not modified; to continue without it, move it aside: the next run then finds the \
                 resources in AWS",
            ),
            Error::Archive(ArchiveError::Disk(error)) => of_io(&error.source),
            Error::Archive(ArchiveError::NewerFormat { .. }) => one("use that version or a newer one"),
            Error::Archive(ArchiveError::Store { source, .. }) => of_bucket(source.as_ref()),
            Error::Archive(ArchiveError::Broken { path, .. }) if path.starts_with("s3://") => one(
                "use an archive as a run wrote it; if the bucket has versioning enabled, it keeps earlier versions of each \
                 object",
            ),
            Error::Archive(_) => one("use an unmodified file from .pinpoint-streams/archive/"),
            Error::Bundle(BundleError::Disk(error)) => of_io(&error.source),
            Error::Bundle(BundleError::Missing(_)) => one("create one with `pinpoint-streams evidence capture`"),
            Error::Bundle(BundleError::NotABundle { .. } | BundleError::Changed { .. }) => {
                one("use the unmodified file of `pinpoint-streams evidence capture`")
            }
            Error::Bundle(BundleError::Newer { .. }) => one("use a newer version of pinpoint-streams"),
            Error::SavedPlan(error) => Some(error.hint()),
            Error::Stale(stale) => Some(stale.hint()),
            Error::NoCurrentFolder => one("change to an existing directory, then run the command again"),
            Error::Manifest(_)
            | Error::Declined
            | Error::Lock(_)
            | Error::Problems(_)
            | Error::Policy { .. }
            | Error::Stopped
            | Error::NotReleased
            | Error::Interrupted
            | Error::OutputClosed
            | Error::Output(_) => None,
            #[cfg(feature = "sandbox")]
            Error::Sandbox(pinpoint_streams_sandbox::StoreError::Io { .. }) => {
                one("check the permissions and the free disk space")
            }
            #[cfg(feature = "sandbox")]
            Error::Sandbox(_) => one("run `pinpoint-streams sandbox reset` to start over"),
        }
    }

    /// The local path in the message.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Error::File { path, .. } | Error::Policy { path, .. } | Error::InvalidFile { path, .. } => Some(path),
            Error::SavedPlan(error) => Some(error.path()),
            Error::Bundle(
                BundleError::Missing(path)
                | BundleError::NotABundle { path, .. }
                | BundleError::Changed { path, .. }
                | BundleError::Newer { path, .. },
            ) => Some(path),
            Error::Bundle(BundleError::Disk(error)) => Some(&error.path),
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
                    | StateError::Invalid { place, .. }
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

fn of_io(error: &io::Error) -> Option<String> {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied => "check the permissions",
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::IsADirectory => "name a file, not a directory",
        io::ErrorKind::FileTooLarge => "check that this is the intended file",
        io::ErrorKind::StorageFull => "free disk space, then run the command again",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn of_cloud(error: &CloudError, work: Option<Work>) -> Option<String> {
    use pinpoint_streams_model::live::FailureKind as Kind;
    let hint = match error.kind {
        Kind::Denied => format!(
            "allow {} for these credentials: `pinpoint-streams permissions --for {}` prints the required policy",
            error.operation,
            work.unwrap_or(Work::Audit).name()
        ),
        Kind::Credentials => "refresh the credentials, for example with `aws sso login`".to_owned(),
        Kind::Connection | Kind::Timeout => {
            "check the network, the proxy, and AWS_ENDPOINT_URL if it is set; then try again".to_owned()
        }
        Kind::Throttled => "try again when no other client uses up the limits of the account".to_owned(),
        Kind::ServiceEnded => {
            "Amazon Pinpoint's support ended on 30 October 2026; new events can go through End User \
            Messaging event destinations (SMS and voice) or be written to Kinesis directly"
                .to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

fn of_bucket(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Option<String> {
    S3Error::find(error).map(S3Error::hint)
}

fn of_state(error: &StateError) -> Option<String> {
    let hint = match error {
        StateError::Store { source, .. } => return of_bucket(source.as_ref()),
        StateError::Broken { place, .. } | StateError::Invalid { place, .. } => return Some(of_broken(place)),
        StateError::Disk(error) => return of_io(&error.source),
        StateError::NewerFormat { .. } => "use that version or a newer one",
        StateError::InUse { .. } => "wait until that run ends: it is still running although its lock was removed",
        StateError::LockLost { .. } | StateError::NotAnswered { .. } => {
            "run `pinpoint-streams plan` once no other run is active"
        }
        StateError::OtherWorkspace { .. } => "give each workspace its own `[state]`, or correct `workspace`",
        StateError::Conflict { .. } => "run `pinpoint-streams plan` to see the current differences",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// The ways out of a state that cannot be read, which no command overwrites.
fn of_broken(place: &str) -> String {
    if let Some((bucket, key)) = place.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) {
        let version = format!("{bucket}/{key}?versionId=ID");
        let (bucket, key, source) = (quoted(bucket), quoted(key), quoted(&version));
        return format!(
            "restore its last good version: `aws s3api list-object-versions --bucket {bucket} --prefix {key}` lists \
             them, and `aws s3api copy-object --bucket {bucket} --key {key} --copy-source {source}` restores one. \
             Without one, delete the object and rebuild it with `pinpoint-streams state recover`"
        );
    }
    let own = Path::new(".pinpoint-streams");
    let backups = match Path::new(place).parent().filter(|folder| folder.ends_with(own.join("sandbox"))) {
        Some(_) => own.join("sandbox/backups"),
        None => own.join("backups"),
    };
    let name = Path::new(place).file_name().unwrap_or_default().to_string_lossy();
    format!(
        "restore a good copy: the commands that edit the state keep backups in {}/. Without one, move {} aside and \
         rebuild it with `pinpoint-streams state recover`, which asks AWS for the tags of this workspace; \
         `pinpoint-streams state pull` prints what is left of it",
        backups.display(),
        quoted(&name)
    )
}
