//! Enforces an IAM policy of the caller, including resources, tag conditions and iam:PassRole.
mod needs;

use super::{CallResult, Middleware, wrap};
use crate::account::Scope;
use crate::contents::Contents;
use crate::sandbox::Sandbox;
use crate::wire::{Reply, Request};
use crate::world_store::lock;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use needs::{Need, needs};
use pinpoint_streams_model::policy::{Decision, Document, Request as PolicyRequest, evaluate};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};

/// Allows only what the caller's policy allows. Clones share the record of used and refused actions.
#[derive(Debug, Clone)]
pub struct Permitted(Arc<Guard>);

struct Guard {
    policy: Document,
    sandbox: Sandbox,
    seen: Mutex<Seen>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("seen", &self.seen).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Seen {
    used: BTreeSet<String>,
    refused: BTreeSet<String>,
}

impl Permitted {
    /// This is the caller's only policy. Tags of existing resources are read from the sandbox.
    pub fn by(policy: Document, sandbox: &Sandbox) -> Permitted {
        Permitted(Arc::new(Guard { policy, sandbox: sandbox.clone(), seen: Mutex::default() }))
    }

    pub fn around(&self, client: SharedHttpClient) -> SharedHttpClient {
        wrap(client, Arc::clone(&self.0))
    }

    /// The actions that were allowed, for example `iam:CreateRole`.
    pub fn used(&self) -> BTreeSet<String> {
        lock(&self.0.seen).used.clone()
    }

    /// The actions that were refused, with resource and context: `iam:CreateRole on arn:…`.
    pub fn refused(&self) -> BTreeSet<String> {
        lock(&self.0.seen).refused.clone()
    }
}

impl Guard {
    fn refusal(&self, request: &HttpRequest) -> Option<Reply> {
        let scope = Scope::of(request)?;
        let account = scope.account()?.to_owned();
        let request = Request::read(request, &scope, &account);
        // Policies have no tag conditions on reads.
        let contents = if request.operation.is_read() {
            Contents::default()
        } else {
            self.sandbox.contents().unwrap_or_default()
        };
        let needs = needs(&request, &contents);
        let mut seen = lock(&self.seen);
        for Need { action, resource, context } in needs {
            let request_for =
                PolicyRequest { principal: None, action: &action, resource: Some(&resource), context: &context };
            if evaluate(&self.policy, &request_for) != Decision::Allowed {
                let message = format!(
                    "User: arn:aws:sts::{account}:assumed-role/Operator/session is not authorized to perform: \
                     {action} on resource: {resource} because no identity-based policy allows the {action} action"
                );
                seen.refused.insert(format!("{action} on {resource} with {context:?}"));
                return Some(Reply::access_denied(&request.operation, &message, "not-permitted"));
            }
            seen.used.insert(action);
        }
        None
    }
}

impl Middleware for Guard {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> CallResult {
        match self.refusal(&request) {
            Some(reply) => Ok(reply.into_http()),
            None => next.call(request).await,
        }
    }
}
