//! Errors of credentials, of connecting, and of calls.
use super::text;
use crate::ui::Error;
use pinpoint_streams_aws::{ConnectError, ConnectErrorKind, CredentialCause, CredentialFailure};
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::live::FailureKind;
use pinpoint_streams_model::region::Partition;

/// A call that failed in each way.
pub(super) fn calls() -> Vec<Error> {
    let kinds = [
        FailureKind::NotFound,
        FailureKind::AlreadyExists,
        FailureKind::Denied,
        FailureKind::Credentials,
        FailureKind::Throttled,
        FailureKind::ServiceEnded,
        FailureKind::RoleNotReady,
        FailureKind::InvalidPrincipal,
        FailureKind::ConcurrentModification,
        FailureKind::DeleteConflict,
        FailureKind::LimitExceeded,
        FailureKind::Invalid,
        FailureKind::Server,
        FailureKind::Timeout,
        FailureKind::Connection,
        FailureKind::Unintelligible,
        FailureKind::Other,
    ];
    let failed = |kind| CloudError {
        kind,
        operation: "GetRole".into(),
        code: text("TheCode"),
        message: text("the message of AWS"),
        request_id: Some(text("7a62c49f")),
        definitely_refused: true,
        source: None,
    };
    let address = "role.shop".parse().ok();
    let error = |kind| Error::Cloud { operation: "read", address: address.clone(), error: Box::new(failed(kind)) };
    kinds.into_iter().map(error).collect()
}

/// A source of credentials that gave none, for each cause.
pub(super) fn credential_failures() -> Vec<CredentialFailure> {
    let role = || text("arn:aws:iam::123456789012:role/deploy");
    let causes = [
        (
            CredentialCause::Mfa { serial: text("arn:aws:iam::123456789012:mfa/ana") },
            "not authorized to perform: sts:AssumeRole",
        ),
        (CredentialCause::RoleDenied { role: role() }, "not authorized to perform: sts:AssumeRole"),
        (CredentialCause::Settings, "`source_profile` names `base`, which does not exist"),
        (CredentialCause::Process, "the program ended with exit status 2: vault is sealed"),
        (CredentialCause::Sso, "the token has expired"),
        (CredentialCause::WebIdentity { token_file: text("/var/run/token") }, "the token has expired"),
        (CredentialCause::Empty, "it sets no credentials"),
        (CredentialCause::Other, "the provider failed"),
    ];
    let failure =
        |(cause, detail)| CredentialFailure { profile: Some(text("growth-prod")), cause, detail: text(detail) };
    let mut failures: Vec<_> = causes.map(failure).into();
    failures.push(CredentialFailure {
        profile: None,
        cause: CredentialCause::Other,
        detail: text("the provider failed"),
    });
    failures
}

pub(super) fn connecting() -> Vec<Error> {
    let role = "arn:aws:iam::123456789012:role/deploy".parse().unwrap();
    let of_credentials = "credentials";
    let caller = "GetCallerIdentity";
    let credentials = credential_failures().into_iter().map(|failure| {
        let message = failure.to_string();
        (ConnectErrorKind::Credentials(Box::new(failure)), caller, "CredentialsFailed", message)
    });
    let others = [
        (ConnectErrorKind::NoCredentials, caller, "NoCredentials", "no providers in chain provided credentials"),
        (
            ConnectErrorKind::Expired,
            caller,
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
        (ConnectErrorKind::Refused, caller, "InvalidClientTokenId", "The security token is invalid"),
        (
            ConnectErrorKind::UnknownProfile(text("growth-prd")),
            of_credentials,
            "UnknownProfile",
            "the AWS configuration files have no profile `growth-prd`, only `growth-prod`",
        ),
        (ConnectErrorKind::ProfileFile, of_credentials, "ProfileFile", "~/.aws/config: line 3: expected `]`"),
        (
            ConnectErrorKind::Endpoint,
            of_credentials,
            "Endpoint",
            "AWS_ENDPOINT_URL is `localhost`, which is not the address of an endpoint",
        ),
        (
            ConnectErrorKind::CaBundle,
            of_credentials,
            "CaBundle",
            "the file of trusted certificates /etc/ca.pem cannot be used: it holds no certificate",
        ),
        (ConnectErrorKind::ClockSkew, caller, "RequestExpired", "Signature expired"),
        (ConnectErrorKind::RoleRefused(role), "AssumeRole", "AccessDenied", "ana may not perform: sts:AssumeRole"),
        (ConnectErrorKind::WrongRegion, caller, "RegionDisabledException", "STS is not activated in this region"),
        (ConnectErrorKind::Unreachable, caller, "ConnectionRefused", "tcp connect error: connection refused"),
        (ConnectErrorKind::Timeout, caller, "Timeout", "no answer in time"),
        (ConnectErrorKind::Other, caller, "Http418", "no XML"),
    ];
    let others = others.into_iter().map(|(kind, operation, code, message)| (kind, operation, code, text(message)));
    let error = |(kind, operation, code, message): (ConnectErrorKind, &'static str, &str, String)| {
        let is_answered = matches!(
            kind,
            ConnectErrorKind::Expired
                | ConnectErrorKind::Refused
                | ConnectErrorKind::ClockSkew
                | ConnectErrorKind::RoleRefused(_)
                | ConnectErrorKind::WrongRegion
                | ConnectErrorKind::Other
        );
        ConnectError {
            alias: "main".parse().unwrap(),
            account: "123456789012".parse().ok(),
            kind,
            operation: operation.into(),
            code: text(code),
            message,
            request_id: is_answered.then(|| text("7a62c49f")),
            partition: Partition::Aws,
            failure: FailureKind::Credentials,
            source: None,
        }
    };
    others.chain(credentials).map(error).map(Error::from).collect()
}
