//! Counts calls by operation.

use super::{CallResult, Middleware, wrap};
use crate::operation::Operation;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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
        let counts = self.0.0.lock();
        counts.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn total(&self) -> u64 {
        self.all().values().sum()
    }

    pub fn reset(&self) {
        let counts = self.0.0.lock();
        counts.unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Counts {
    fn count(&self, name: String) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry(name).or_default() += 1;
    }
}

impl Middleware for Counts {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> CallResult {
        self.count(Operation::of(&request).to_string());
        next.call(request).await
    }
}
