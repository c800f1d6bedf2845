//! Classification of calls without a response: whether the request can have been sent, and the cause.
use super::{Verdict, find_source};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::result::{ConnectorError, DispatchFailure};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use pinpoint_streams_model::error::one_line;
use pinpoint_streams_model::live::FailureKind;
use std::error::Error;
use std::io;

/// Whether the request cannot have reached the service: no connection, or no credentials.
pub(crate) fn was_not_sent(error: &ConnectorError) -> bool {
    let cause = error.source().unwrap_or(error);
    let io = find_source::<io::Error>(cause).map(io::Error::kind);
    error.is_user()
        || find_source::<CredentialsError>(cause).is_some()
        || io.is_some_and(|kind| {
            use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
            matches!(kind, ConnectionRefused | NetworkUnreachable | HostUnreachable)
        })
}

pub(super) fn verdict(failure: &DispatchFailure) -> Verdict {
    let connector = failure.as_connector_error().map(|error| error as &(dyn Error + 'static));
    // The connector's own message is only "io error".
    let cause = connector.and_then(Error::source).or(connector);
    let message = cause.map_or_else(|| "no connection".to_owned(), one_line);
    if let Some(error) = cause.and_then(find_source::<CredentialsError>) {
        let code = match error {
            CredentialsError::CredentialsNotLoaded(_) => "NoCredentials",
            CredentialsError::ProviderTimedOut(_) => "CredentialsTimeout",
            CredentialsError::InvalidConfiguration(_) => "InvalidCredentialConfiguration",
            _ => "CredentialsFailed",
        };
        // If assuming a role failed, STS's error is more informative.
        let refusal = cause.and_then(find_source::<AssumeRoleError>).map(ProvideErrorMetadata::meta);
        let code = refusal.and_then(ErrorMetadata::code).unwrap_or(code).to_owned();
        let message = refusal.and_then(ErrorMetadata::message).map_or(message, str::to_owned);
        return Verdict { kind: FailureKind::Credentials, code, message, definitely_refused: true };
    }
    let io = cause.and_then(find_source::<io::Error>).map(io::Error::kind);
    let (kind, code, definitely_refused) = match io {
        Some(io::ErrorKind::ConnectionRefused) => (FailureKind::Connection, "ConnectionRefused", true),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            (FailureKind::Connection, "NoNetwork", true)
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe) => {
            (FailureKind::Connection, "ConnectionReset", false)
        }
        _ if failure.is_timeout() => (FailureKind::Timeout, "Timeout", false),
        _ if failure.is_user() => (FailureKind::Invalid, "NotSent", true),
        _ => (FailureKind::Connection, "ConnectionFailed", false),
    };
    Verdict { kind, code: code.to_owned(), message, definitely_refused }
}
