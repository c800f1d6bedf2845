//! Errors of the bucket, and of the state, the lock and the archives in it.
use super::aws::credential_failures;
use super::text;
use crate::ui::Error;
use jiff::Timestamp;
use pinpoint_streams_aws::s3::{LockShown, S3Error, S3ErrorKind, UnlockError};
use pinpoint_streams_store::archive::ArchiveError;
use pinpoint_streams_store::lock::{Holder, LockError};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateError;
use std::sync::Arc;
use std::time::Duration;

const STATE: &str = "s3://team/growth/state.json";
const ARCHIVE: &str = "s3://team/growth/state.json.archive/20261123T111256Z-7b8c988bcfc5/role.shop.json";

fn failed(place: &str, kind: S3ErrorKind, operation: &'static str, code: &str, message: &str) -> S3Error {
    let is_answered = matches!(
        kind,
        S3ErrorKind::NoBucket
            | S3ErrorKind::Denied
            | S3ErrorKind::WrongRegion { .. }
            | S3ErrorKind::Expired
            | S3ErrorKind::Refused
            | S3ErrorKind::ClockSkew
            | S3ErrorKind::Contended
            | S3ErrorKind::Other
    );
    S3Error {
        place: text(place),
        kind,
        operation: operation.into(),
        code: text(code),
        message: text(message),
        request_id: is_answered.then(|| text("7a62c49f")),
        definitely_refused: true,
        source: None,
    }
}

fn denied(place: &str, operation: &'static str) -> S3Error {
    failed(place, S3ErrorKind::Denied, operation, "AccessDenied", "Access Denied")
}

/// A bucket that failed in each way, where a command names an object of it.
pub(super) fn errors() -> Vec<Error> {
    let [get, put, files] = ["GetObject", "PutObject", "credentials"];
    let elsewhere = S3ErrorKind::WrongRegion { is: Some(text("eu-west-1")) };
    let redirected = "The bucket must be addressed using another endpoint";
    let mut errors: Vec<S3Error> = [
        (S3ErrorKind::NoBucket, get, "NoSuchBucket", "The specified bucket does not exist"),
        (S3ErrorKind::Denied, put, "AccessDenied", "Access Denied"),
        (elsewhere, get, "PermanentRedirect", redirected),
        (S3ErrorKind::WrongRegion { is: None }, get, "PermanentRedirect", redirected),
        (S3ErrorKind::NoCredentials, get, "NoCredentials", "no providers in chain provided credentials"),
        (S3ErrorKind::Expired, get, "ExpiredToken", "The provided token has expired"),
        (S3ErrorKind::Refused, get, "InvalidAccessKeyId", "The access key does not exist"),
        (
            S3ErrorKind::UnknownProfile,
            files,
            "UnknownProfile",
            "the AWS configuration files have no profile `growth-prd`, only `growth-prod`",
        ),
        (S3ErrorKind::ProfileFile, files, "ProfileFile", "~/.aws/config: line 3: expected `]`"),
        (
            S3ErrorKind::Endpoint,
            files,
            "Endpoint",
            "AWS_ENDPOINT_URL_S3 is `localhost`, which is not the address of an endpoint",
        ),
        (
            S3ErrorKind::CaBundle,
            files,
            "CaBundle",
            "the file of trusted certificates /etc/ca.pem cannot be used: it holds no certificate",
        ),
        (S3ErrorKind::ClockSkew, get, "RequestTimeTooSkewed", "The difference is too large"),
        (S3ErrorKind::Unreachable, get, "ConnectionRefused", "tcp connect error: connection refused"),
        (S3ErrorKind::Timeout, put, "Timeout", "no answer in time"),
        (S3ErrorKind::TooLarge, get, "TooLarge", "it is larger than 64 MiB"),
        (S3ErrorKind::Contended, put, "OperationAborted", "A conflicting operation is in progress"),
        (
            S3ErrorKind::Unconditional,
            put,
            "Unconditional",
            "the store ignores If-None-Match: it created an object that exists",
        ),
        (S3ErrorKind::Other, get, "SlowDown", "Please reduce your request rate"),
    ]
    .map(|(kind, operation, code, message)| failed(STATE, kind, operation, code, message))
    .into();
    errors.extend(credential_failures().into_iter().take(1).map(|failure| {
        let message = failure.to_string();
        failed(STATE, S3ErrorKind::Credentials(Box::new(failure)), get, "CredentialsFailed", &message)
    }));
    errors.into_iter().map(Error::from).collect()
}

/// What is in the bucket cannot be reached, read or written.
pub(super) fn of_objects() -> Vec<Error> {
    let lock = || format!("{STATE}.lock");
    let shown = || LockShown {
        id: text("3f2a"),
        holder: Holder { who: text("ana"), host: text("ci-7"), pid: 42, since: Timestamp::UNIX_EPOCH },
        heartbeat_at: Timestamp::UNIX_EPOCH,
        age: Duration::from_secs(40),
    };
    let archive = |reason: &str| ArchiveError::Broken { path: text(ARCHIVE), reason: text(reason) };
    let unreachable = denied(ARCHIVE, "GetObject");
    let folder = "s3://team/growth/state.json.archive/";
    let mut errors: Vec<Error> = [
        StateError::Store { place: text(STATE), source: Arc::new(denied(STATE, "GetObject")) },
        StateError::Conflict { place: text(STATE), reason: text("it does not exist, so serial 8 cannot follow") },
    ]
    .map(|error| Error::Session(SessionError::State(error)))
    .into();
    errors.push(LockError::Store { place: lock(), source: Arc::new(denied(&lock(), "PutObject")) }.into());
    errors.extend(
        [
            UnlockError::NoLock { place: lock() },
            UnlockError::OtherId { place: lock(), found: shown() },
            UnlockError::TooYoung { place: lock(), found: shown(), wait: Duration::from_secs(80) },
            UnlockError::Changed { place: lock() },
            UnlockError::Unreadable { place: lock(), reason: text("expected value at line 1 column 1") },
            UnlockError::Store(denied(&lock(), "DeleteObject")),
        ]
        .map(Error::from),
    );
    errors.extend(
        [
            ArchiveError::Store { place: text(ARCHIVE), source: Arc::new(unreachable) },
            archive("it does not exist"),
            archive("another archive exists and is not overwritten"),
            ArchiveError::Broken { path: text(folder), reason: text("it contains no archives") },
            ArchiveError::NewerFormat { path: text(ARCHIVE), format: 9 },
        ]
        .map(Error::Archive),
    );
    errors
}
