//! The HTTP client that trusts the certificates of `AWS_CA_BUNDLE` or `ca_bundle` only, as the AWS CLI's. The SDK reads
//! neither.
use crate::connect_error::Failure;
use crate::http_client;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

pub(crate) fn client(path: &str) -> Result<SharedHttpClient, Failure> {
    let failed = |reason: String| Failure::CaBundle { path: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let mut store = TrustStore::empty();
    let certificates = certificates(&String::from_utf8_lossy(&bytes));
    if certificates.is_empty() {
        return Err(failed("it contains no certificate in PEM format".to_owned()));
    }
    for certificate in certificates {
        store.add_pem_certificate(certificate);
    }
    let context = TlsContext::builder().with_trust_store(store).build();
    Ok(http_client::trusting(context.map_err(|error| failed(error.to_string()))?))
}

/// The certificates that rustls accepts; the SDK's client panics on others.
fn certificates(pem: &str) -> Vec<String> {
    let blocks = pem.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END));
    let blocks = blocks.map(|(block, _)| format!("{BEGIN}{block}{END}\n"));
    let is_accepted = |block: &String| {
        let certificate = CertificateDer::from_pem_slice(block.as_bytes());
        certificate.is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok())
    };
    blocks.filter(is_accepted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region};
    use rustls::pki_types::PrivateKeyDer;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Arc;

    /// An STS whose certificate a corporate CA has issued. The CA's key is not kept.
    fn sts() -> String {
        let chain = CertificateDer::pem_slice_iter(include_bytes!("trust_store/localhost.pem"));
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("trust_store/localhost.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config =
            config.unwrap().with_no_client_auth().with_single_cert(chain.map(Result::unwrap).collect(), key);
        let config = Arc::new(config.unwrap());
        let listener = TcpListener::bind("localhost:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let session = rustls::ServerConnection::new(config.clone()).unwrap();
                let mut stream = rustls::StreamOwned::new(session, stream.unwrap());
                if stream.read(&mut [0; 4096]).is_ok() {
                    let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
                                </GetCallerIdentityResult></GetCallerIdentityResponse>";
                    let head =
                        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
                }
            }
        });
        format!("https://localhost:{port}")
    }

    async fn account(client: SharedHttpClient) -> Option<String> {
        let config = aws_sdk_sts::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("AKIAIOSFODNN7EXAMPLE", "none", None, None, "test"))
            .retry_config(crate::calling::once())
            .endpoint_url(sts())
            .http_client(client);
        aws_sdk_sts::Client::from_conf(config.build()).get_caller_identity().send().await.ok()?.account
    }

    #[tokio::test]
    async fn only_the_certificates_of_the_bundle_are_trusted() {
        let bundle = |text: &str| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(&file, text).unwrap();
            client(file.path().to_str().unwrap())
        };
        let corporate = include_str!("trust_store/ca.pem");
        let garbage = format!("# Corporate\n{BEGIN}\nAAAA\n{END}\n");
        let with_garbage = bundle(&format!("{garbage}{corporate}")).unwrap();
        assert_eq!(account(with_garbage).await.as_deref(), Some("123456789012"));
        assert_eq!(account(http_client::default()).await, None);
        assert!(matches!(bundle(&garbage), Err(Failure::CaBundle { .. })));
    }
}
