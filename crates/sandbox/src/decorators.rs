//! HTTP clients around HTTP clients: slow, throttled, faulty, ended, counted, held to an IAM policy. Each works around any client of the SDK,
//! this sandbox or the real network, and they nest. All waiting is on tokio's clock.

mod call_counts;
mod faults;
mod permitted;
mod throttle;

pub use crate::ended::{Ended, Ending};
pub use call_counts::CallCounts;
pub use faults::{Answer, Faults, Rule, When};
pub use permitted::Permitted;
pub use throttle::{Latency, Throttle};

use crate::account::Scope;
use crate::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;
use std::fmt;
use std::sync::Arc;

/// What comes of a call.
type Called = Result<HttpResponse, ConnectorError>;

/// Something to do around each call.
trait Around: fmt::Debug + Send + Sync + Sized + 'static {
    /// Makes the call through `next`: later, several times or not at all.
    fn call(
        self: Arc<Self>,
        request: HttpRequest,
        next: SharedHttpConnector,
    ) -> impl Future<Output = Called> + Send;
}

/// A client with something around each call. What `around` keeps is shared by all its connectors.
fn around(client: SharedHttpClient, around: Arc<impl Around>) -> SharedHttpClient {
    SharedHttpClient::new(Decorated { inner: client, around })
}

#[derive(Debug)]
struct Decorated<C, A> {
    inner: C,
    around: Arc<A>,
}

impl<A: Around> HttpClient for Decorated<SharedHttpClient, A> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Decorated {
            inner: self.inner.http_connector(settings, components),
            around: Arc::clone(&self.around),
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

impl<A: Around> HttpConnector for Decorated<SharedHttpConnector, A> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let around = Arc::clone(&self.around);
        HttpConnectorFuture::new(around.call(request, self.inner.clone()))
    }
}

impl Ended {
    /// The client, with event streams ended.
    pub fn around(self, client: SharedHttpClient) -> SharedHttpClient {
        around(client, Arc::new(self))
    }
}

impl Around for Ended {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> Called {
        let region = Scope::of(&request).map(|scope| scope.region).unwrap_or_default();
        match self.intercept(&Operation::of(&request), &region) {
            Some(response) => response,
            None => next.call(request).await,
        }
    }
}
