//! The codes of errors of credentials, connections and AWS.
use pinpoint_streams_aws::s3::{S3Error, S3ErrorKind};
use pinpoint_streams_aws::{ConnectError, ConnectErrorKind};
use pinpoint_streams_model::error_code::ErrorCode;
use pinpoint_streams_model::live::FailureKind;

pinpoint_streams_model::error_codes! {
    NO_CREDENTIALS = "PS0501", "no credentials",
        "No source of credentials is configured.",
        "Log in with `aws sso login` or `aws configure`, set `AWS_PROFILE`, or set `profile` of the account in the manifest.";
    CREDENTIALS_FAILED = "PS0502", "the credentials source failed",
        "The configured profile, SSO session, `credential_process`, web identity or role provided no credentials.",
        "Follow the help in the message, which names the profile and the cause.";
    CREDENTIALS_EXPIRED = "PS0503", "the credentials have expired",
        "The session has expired.",
        "Refresh the credentials, for example with `aws sso login`.";
    CREDENTIALS_REFUSED = "PS0504", "AWS does not accept the credentials",
        "The access key is not active, or belongs to another partition.",
        "Check the access key and the partition.";
    UNKNOWN_PROFILE = "PS0505", "unknown profile",
        "`AWS_PROFILE`, `--profile` or the manifest names a profile that the AWS configuration files do not have.",
        "Use one of the profiles that the message lists, or create it with `aws configure --profile NAME`.";
    PROFILE_FILE = "PS0506", "the AWS configuration files cannot be read",
        "`~/.aws/config` or `~/.aws/credentials` cannot be read or parsed.",
        "Correct the file, or the path in `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE`.";
    CA_BUNDLE = "PS0507", "invalid CA bundle",
        "The file in `AWS_CA_BUNDLE`, or in `ca_bundle` of the profile, does not contain certificates in PEM format.",
        "Correct the path or the file.";
    REQUEST_CLOCK = "PS0508", "AWS rejects the time of the requests",
        "The clock of this machine differs from that of AWS by more than five minutes.",
        "Set the clock.";
    ROLE_REFUSED = "PS0509", "a role cannot be assumed",
        "The caller may not assume the role, or the role does not trust the caller.",
        "Allow `sts:AssumeRole` on the role for the caller, and allow the caller in the trust policy of the role, with the external ID if it requires one.";
    WRONG_REGION = "PS0510", "STS is not active in the region",
        "The account does not have this partition or region.",
        "Check `region` in the manifest.";
    UNREACHABLE = "PS0511", "no connection to AWS",
        "A port is closed, a name cannot be resolved, or there is no network.",
        "Check the network, the proxy, and `AWS_ENDPOINT_URL` if it is set.";
    TIMEOUT = "PS0512", "AWS did not answer in time",
        "The connection was established, but no response arrived.",
        "Check the network and the proxy, then try again.";
    INVALID_ENDPOINT = "PS0513", "invalid endpoint URL",
        "`AWS_ENDPOINT_URL`, one of its variants, or `endpoint_url` of the profile is not an HTTP address.",
        "Write `https://HOST` or `http://HOST:PORT`, or unset it.";
    NOT_CONNECTED = "PS0514", "the account cannot be identified",
        "GetCallerIdentity failed with an unknown error.",
        "Run `aws sts get-caller-identity` to rule out a problem of this program.";
    NOT_FOUND = "PS0521", "AWS: the resource does not exist",
        "A call refers to a resource that does not exist.",
        "Plan again.";
    ALREADY_EXISTS = "PS0522", "AWS: the name is taken",
        "A resource with this name already exists.",
        "Choose another name, or adopt the resource.";
    DENIED = "PS0523", "AWS: access denied",
        "The caller is not allowed to make the call.",
        "`pinpoint-streams permissions --for audit|apply|teardown|restore` prints the least-privilege policy for each task. A service control policy or a permissions boundary may deny it, too.";
    CREDENTIALS = "PS0524", "AWS: the credentials are not accepted",
        "The credentials are missing, have expired or were refused during the run.",
        "Refresh them, then run the command again.";
    THROTTLED = "PS0525", "AWS: too many requests",
        "Other clients use up the limits of the account.",
        "Try again later, or with a lower `--parallelism`.";
    SERVICE_ENDED = "PS0526", "AWS: the service no longer offers this",
        "Amazon Pinpoint's support ended on 30 October 2026.",
        "New events can go through End User Messaging event destinations (SMS and voice) or be written to Kinesis directly.";
    ROLE_NOT_READY = "PS0527", "AWS: Pinpoint cannot use the role",
        "Pinpoint cannot assume the role, or the role cannot write to the stream; it may not have propagated yet.",
        "The details name what is wrong: principal, source ARN, source account, actions, region or account.";
    INVALID_PRINCIPAL = "PS0528", "AWS: invalid principal",
        "A trust policy names a principal that does not exist.",
        "Correct it, or wait until it has propagated.";
    CONCURRENT_MODIFICATION = "PS0529", "AWS: another change is in progress",
        "Another change to the same resource is in progress.",
        "Try again.";
    DELETE_CONFLICT = "PS0530", "AWS: something is still attached",
        "The resource to delete still has attachments.",
        "Plan again; detach what the message names.";
    LIMIT_EXCEEDED = "PS0531", "AWS: quota exceeded",
        "The account has reached a quota.",
        "Delete unused resources, or request a higher quota.";
    INVALID = "PS0532", "AWS: invalid request",
        "AWS rejected a value.",
        "Correct the value that the message names.";
    SERVER = "PS0533", "AWS: service error",
        "The service returned an internal error.",
        "Try again later.";
    NO_ANSWER = "PS0534", "AWS: no response in time",
        "No response arrived in time. The change may or may not have been made; the next plan determines that.",
        "Check the network and the proxy, then try again.";
    CONNECTION = "PS0535", "AWS: no connection",
        "The connection could not be established, or was interrupted.",
        "Check the network, the proxy, and `AWS_ENDPOINT_URL` if it is set, then try again.";
    UNINTELLIGIBLE = "PS0536", "AWS: unexpected response",
        "The response is not in the form that the service documents.",
        "Check for a proxy that modifies responses, and `AWS_ENDPOINT_URL`.";
    OTHER = "PS0537", "AWS: another error",
        "AWS returned an error that this program does not know.",
        "Look the code up in the documentation of the service.";
    NO_BUCKET = "PS0551", "the bucket of the state does not exist",
        "`[state] s3` names a bucket that does not exist.",
        "Correct `bucket`, or create it with `aws s3 mb` and enable versioning.";
    BUCKET_DENIED = "PS0552", "access to the bucket of the state denied",
        "The caller is not allowed to read or write the objects of the state.",
        "`pinpoint-streams permissions --for apply` prints the statements for the bucket.";
    BUCKET_REGION = "PS0553", "the bucket is in another region",
        "`region` in `[state] s3` is missing or is not the region of the bucket.",
        "Set `region` in `[state] s3`.";
    OBJECT_TOO_LARGE = "PS0554", "not an object of this program",
        "The object is larger than any object that this program writes.",
        "Check `key` in `[state] s3`.";
    OBJECT_CONTENDED = "PS0555", "the object is being changed",
        "Another client is writing the same object.",
        "Try again.";
    UNCONDITIONAL_STORE = "PS0556", "the store ignores conditional writes",
        "Without conditional writes, two runs can hold the lock and overwrite each other's state.",
        "Use S3, or a store that implements conditional writes.";
    BUCKET_OTHER = "PS0557", "another S3 error",
        "S3 returned an error that this program does not know.",
        "Run `aws s3 ls` on the bucket to rule out a problem of this program.";
}

pub(super) fn of_connect(error: &ConnectError) -> &'static ErrorCode {
    of_connect_kind(&error.kind)
}

fn of_connect_kind(kind: &ConnectErrorKind) -> &'static ErrorCode {
    match kind {
        ConnectErrorKind::NoCredentials => &NO_CREDENTIALS,
        ConnectErrorKind::Credentials(_) => &CREDENTIALS_FAILED,
        ConnectErrorKind::Expired => &CREDENTIALS_EXPIRED,
        ConnectErrorKind::Refused => &CREDENTIALS_REFUSED,
        ConnectErrorKind::UnknownProfile { .. } => &UNKNOWN_PROFILE,
        ConnectErrorKind::ProfileFile => &PROFILE_FILE,
        ConnectErrorKind::CaBundle => &CA_BUNDLE,
        ConnectErrorKind::ClockSkew => &REQUEST_CLOCK,
        ConnectErrorKind::RoleRefused(_) => &ROLE_REFUSED,
        ConnectErrorKind::WrongRegion => &WRONG_REGION,
        ConnectErrorKind::Unreachable => &UNREACHABLE,
        ConnectErrorKind::Timeout => &TIMEOUT,
        ConnectErrorKind::Endpoint => &INVALID_ENDPOINT,
        ConnectErrorKind::Other => &NOT_CONNECTED,
    }
}

pub(super) fn of_failure(kind: FailureKind) -> &'static ErrorCode {
    match kind {
        FailureKind::NotFound => &NOT_FOUND,
        FailureKind::AlreadyExists => &ALREADY_EXISTS,
        FailureKind::Denied => &DENIED,
        FailureKind::Credentials => &CREDENTIALS,
        FailureKind::Throttled => &THROTTLED,
        FailureKind::ServiceEnded => &SERVICE_ENDED,
        FailureKind::RoleNotReady => &ROLE_NOT_READY,
        FailureKind::InvalidPrincipal => &INVALID_PRINCIPAL,
        FailureKind::ConcurrentModification => &CONCURRENT_MODIFICATION,
        FailureKind::DeleteConflict => &DELETE_CONFLICT,
        FailureKind::LimitExceeded => &LIMIT_EXCEEDED,
        FailureKind::Invalid => &INVALID,
        FailureKind::Server => &SERVER,
        FailureKind::Timeout => &NO_ANSWER,
        FailureKind::Connection => &CONNECTION,
        FailureKind::Unintelligible => &UNINTELLIGIBLE,
        FailureKind::Other => &OTHER,
    }
}

pub(super) fn of_bucket(error: &S3Error) -> &'static ErrorCode {
    of_bucket_kind(&error.kind)
}

fn of_bucket_kind(kind: &S3ErrorKind) -> &'static ErrorCode {
    match kind {
        S3ErrorKind::NoBucket => &NO_BUCKET,
        S3ErrorKind::Denied => &BUCKET_DENIED,
        S3ErrorKind::WrongRegion { .. } => &BUCKET_REGION,
        S3ErrorKind::NoCredentials => &NO_CREDENTIALS,
        S3ErrorKind::Credentials(_) => &CREDENTIALS_FAILED,
        S3ErrorKind::Expired => &CREDENTIALS_EXPIRED,
        S3ErrorKind::Refused => &CREDENTIALS_REFUSED,
        S3ErrorKind::UnknownProfile => &UNKNOWN_PROFILE,
        S3ErrorKind::ProfileFile => &PROFILE_FILE,
        S3ErrorKind::CaBundle => &CA_BUNDLE,
        S3ErrorKind::ClockSkew => &REQUEST_CLOCK,
        S3ErrorKind::Unreachable => &UNREACHABLE,
        S3ErrorKind::Timeout => &TIMEOUT,
        S3ErrorKind::Endpoint => &INVALID_ENDPOINT,
        S3ErrorKind::TooLarge => &OBJECT_TOO_LARGE,
        S3ErrorKind::Contended => &OBJECT_CONTENDED,
        S3ErrorKind::Unconditional => &UNCONDITIONAL_STORE,
        S3ErrorKind::Other => &BUCKET_OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_of_aws_is_that_of_some_failure() {
        use FailureKind as Kind;
        let kinds = [
            Kind::NotFound,
            Kind::AlreadyExists,
            Kind::Denied,
            Kind::Credentials,
            Kind::Throttled,
            Kind::ServiceEnded,
            Kind::RoleNotReady,
            Kind::InvalidPrincipal,
            Kind::ConcurrentModification,
            Kind::DeleteConflict,
            Kind::LimitExceeded,
            Kind::Invalid,
            Kind::Server,
            Kind::Timeout,
            Kind::Connection,
            Kind::Unintelligible,
            Kind::Other,
        ];
        let role = "arn:aws:iam::123456789012:role/r".parse().unwrap();
        let connecting = [
            ConnectErrorKind::NoCredentials,
            ConnectErrorKind::Expired,
            ConnectErrorKind::Refused,
            ConnectErrorKind::UnknownProfile("p".to_owned()),
            ConnectErrorKind::ProfileFile,
            ConnectErrorKind::CaBundle,
            ConnectErrorKind::ClockSkew,
            ConnectErrorKind::RoleRefused(role),
            ConnectErrorKind::WrongRegion,
            ConnectErrorKind::Unreachable,
            ConnectErrorKind::Timeout,
            ConnectErrorKind::Endpoint,
            ConnectErrorKind::Other,
        ];
        let bucket = [
            S3ErrorKind::NoBucket,
            S3ErrorKind::Denied,
            S3ErrorKind::WrongRegion { is: None },
            S3ErrorKind::TooLarge,
            S3ErrorKind::Contended,
            S3ErrorKind::Unconditional,
            S3ErrorKind::Other,
        ];
        let codes = kinds.into_iter().map(of_failure);
        let codes = codes.chain(connecting.iter().map(of_connect_kind)).chain(bucket.iter().map(of_bucket_kind));
        let reached: BTreeSet<&str> = codes.map(|code| code.name).collect();
        let missing: Vec<&str> = ALL.iter().map(|code| code.name).filter(|name| !reached.contains(name)).collect();
        // A source of credentials that fails takes a profile to be built, and is tested with one.
        assert_eq!(missing, ["CREDENTIALS_FAILED"]);
    }
}
