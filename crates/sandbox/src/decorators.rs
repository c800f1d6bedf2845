//! HTTP clients that wrap others: with latency, throttling, faults, garbled answers, ended services, call counts
//! or an IAM policy.
//! They wrap any HTTP client of the SDK and can be nested. All waits use tokio's clock.
mod faults;
mod garbled;
mod permitted;
mod throttle;

pub use crate::ended::{Ended, Ending};
pub use faults::{Answer, Faults, Rule, When};
pub use garbled::{Garble, Garbled, Oddity, Others};
pub use permitted::Permitted;
pub use throttle::{Latency, Throttle};

use crate::account::Scope;
use crate::operation::Operation;
use crate::world_store::lock;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

type CallResult = Result<HttpResponse, ConnectorError>;

trait Middleware: fmt::Debug + Send + Sync + Sized + 'static {
    fn call(
        self: Arc<Self>,
        request: HttpRequest,
        next: SharedHttpConnector,
    ) -> impl Future<Output = CallResult> + Send;
}

/// A client with a middleware, whose state all connectors share.
fn wrap(client: SharedHttpClient, middleware: Arc<impl Middleware>) -> SharedHttpClient {
    SharedHttpClient::new(Decorated { inner: client, middleware })
}

#[derive(Debug)]
struct Decorated<C, A> {
    inner: C,
    middleware: Arc<A>,
}

impl<A: Middleware> HttpClient for Decorated<SharedHttpClient, A> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Decorated {
            inner: self.inner.http_connector(settings, components),
            middleware: Arc::clone(&self.middleware),
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(components, config)
    }

    fn validate_final_config(&self, components: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.inner.validate_final_config(components, config)
    }
}

impl<A: Middleware> HttpConnector for Decorated<SharedHttpConnector, A> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let middleware = Arc::clone(&self.middleware);
        HttpConnectorFuture::new(middleware.call(request, self.inner.clone()))
    }
}

impl Ended {
    /// The client, with event streams ended.
    pub fn around(self, client: SharedHttpClient) -> SharedHttpClient {
        wrap(client, Arc::new(self))
    }
}

impl Middleware for Ended {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> CallResult {
        let scope = Scope::of(&request);
        let account = scope.as_ref().and_then(Scope::account).unwrap_or_default();
        let region = scope.as_ref().map(|scope| scope.region.as_str()).unwrap_or_default();
        match self.intercept(&Operation::of(&request), account, region) {
            Some(response) => response,
            None => next.call(request).await,
        }
    }
}

/// The number of calls of each operation. Clones share their counts.
#[derive(Debug, Clone, Default)]
pub struct CallCounts(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts(Mutex<BTreeMap<String, u64>>);

impl CallCounts {
    pub fn around(&self, client: SharedHttpClient) -> SharedHttpClient {
        wrap(client, Arc::clone(&self.0))
    }

    pub fn of(&self, operation: &str) -> u64 {
        self.all().get(operation).copied().unwrap_or_default()
    }

    pub fn all(&self) -> BTreeMap<String, u64> {
        lock(&self.0.0).clone()
    }

    pub fn total(&self) -> u64 {
        self.all().values().sum()
    }

    pub fn reset(&self) {
        lock(&self.0.0).clear();
    }
}

impl Middleware for Counts {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> CallResult {
        *lock(&self.0).entry(Operation::of(&request).to_string()).or_default() += 1;
        next.call(request).await
    }
}
