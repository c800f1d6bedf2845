//! The HTTP client of all accounts: TLS by rustls, and the proxies of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, as the SDK's
//! default has them. The SDK makes a client for each service and region; with one for all, connections to a host are shared
//! and its trusted certificates are held once.
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

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
    SharedHttpClient::new(NotValidated(client))
}

/// A client that is not validated: to be validated by each service client, it would parse all certificates for each.
#[derive(Debug)]
struct NotValidated(SharedHttpClient);

impl HttpClient for NotValidated {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}
