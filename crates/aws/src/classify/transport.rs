//! What it means that no answer came: whether the call can have been sent, and what was in the way.
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

/// Whether the request cannot have reached the service: there was nobody to send it to, or nobody to send it as.
pub(crate) fn was_not_sent(error: &ConnectorError) -> bool {
    let beneath = error.source().unwrap_or(error);
    let io = find_source::<io::Error>(beneath).map(io::Error::kind);
    error.is_user()
        || find_source::<CredentialsError>(beneath).is_some()
        || io.is_some_and(|kind| {
            use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
            matches!(kind, ConnectionRefused | NetworkUnreachable | HostUnreachable)
        })
}

pub(super) fn verdict(failure: &DispatchFailure) -> Verdict {
    let connector = failure.as_connector_error().map(|error| error as &(dyn Error + 'static));
    // The connector's error itself says only "io error".
    let beneath = connector.and_then(Error::source).or(connector);
    let message = beneath.map_or_else(|| "no connection".to_owned(), one_line);
    if let Some(error) = beneath.and_then(find_source::<CredentialsError>) {
        let code = match error {
            CredentialsError::CredentialsNotLoaded(_) => "NoCredentials",
            CredentialsError::ProviderTimedOut(_) => "CredentialsTimeout",
            CredentialsError::InvalidConfiguration(_) => "InvalidCredentialConfiguration",
            _ => "CredentialsFailed",
        };
        // A role that is assumed on the way is refused by STS, whose own words say why.
        let refusal = beneath.and_then(find_source::<AssumeRoleError>).map(ProvideErrorMetadata::meta);
        let code = refusal.and_then(ErrorMetadata::code).unwrap_or(code).to_owned();
        let message = refusal.and_then(ErrorMetadata::message).map_or(message, str::to_owned);
        return Verdict { kind: FailureKind::Credentials, code, message, definitely_refused: true };
    }
    let io = beneath.and_then(find_source::<io::Error>).map(io::Error::kind);
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
