//! Counts calls by operation.
use super::{CallResult, Middleware, wrap};
use crate::operation::Operation;
use crate::world_store::lock;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The number of calls of each operation. Clones share their counts.
#[derive(Debug, Clone, Default)]
pub struct CallCounts(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts(Mutex<BTreeMap<String, u64>>);

impl CallCounts {
    pub fn around(&self, client: SharedHttpClient) -> SharedHttpClient {
        wrap(client, Arc::clone(&self.0))
    }

    /// The calls of one operation, for example `GetEventStream`.
    pub fn of(&self, operation: &str) -> u64 {
        self.all().get(operation).copied().unwrap_or_default()
    }

    /// The calls by operation; those never called are omitted.
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
