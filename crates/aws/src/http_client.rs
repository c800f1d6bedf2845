//! The HTTP client of all accounts: TLS by rustls, and the proxies of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, as the SDK's
//! default has them. The SDK makes a client for each service and region; with one for all, connections to a host are shared
//! and its trusted certificates are held once.
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient, http_client_fn};

/// Trusts the certificates of the system.
pub(crate) fn default() -> SharedHttpClient {
    trusting(TlsContext::default())
}

pub(crate) fn trusting(certificates: TlsContext) -> SharedHttpClient {
    let client = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(certificates.clone())
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    });
    // Otherwise each service client that is made would have this one parse the certificates once more, to validate itself.
    http_client_fn(move |settings, components| client.http_connector(settings, components))
}
