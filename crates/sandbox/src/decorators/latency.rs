//! Makes every call take a while longer.

use super::{Around, Called, around};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::sync::Arc;
use std::time::Duration;

/// A fixed time on top of every call, waited before the request is handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency(pub Duration);

impl Latency {
    /// The client, slowed down.
    pub fn around(self, client: SharedHttpClient) -> SharedHttpClient {
        around(client, Arc::new(self))
    }
}

impl Around for Latency {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> Called {
        tokio::time::sleep(self.0).await;
        next.call(request).await
    }
}
