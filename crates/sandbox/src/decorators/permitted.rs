//! Lets through what an IAM policy of the caller allows, and nothing else: what AWS enforces of an operator's
//! permissions, which no emulator does. Resources, tags and the passing of roles count.
mod needs;

use super::{Around, Called, around};
use crate::account::Scope;
use crate::contents::Contents;
use crate::operation::{Protocol, Service};
use crate::sandbox::Sandbox;
use crate::wire::{Reply, Request};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use needs::{Need, needs};
use pinpoint_streams_model::policy::{Decision, Document, Request as Asked, evaluate};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The permissions of whoever calls a sandbox. Clones share what they have seen, so that one goes around the client
/// and another is kept to be read.
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
    /// The caller has this policy and no other. The sandbox says which tags a thing has.
    pub fn by(policy: Document, sandbox: &Sandbox) -> Permitted {
        Permitted(Arc::new(Guard { policy, sandbox: sandbox.clone(), seen: Mutex::default() }))
    }

    /// The client of that caller.
    pub fn around(&self, client: SharedHttpClient) -> SharedHttpClient {
        around(client, Arc::clone(&self.0))
    }

    /// The actions that were asked for and allowed, `iam:CreateRole`.
    pub fn used(&self) -> BTreeSet<String> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).used.clone()
    }

    /// What was refused, `iam:CreateRole on arn:…`.
    pub fn refused(&self) -> BTreeSet<String> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner).refused.clone()
    }
}

impl Guard {
    /// The refusal of a request, in AWS's words; none where it may pass.
    fn refusal(&self, request: &HttpRequest) -> Option<Reply> {
        let scope = Scope::of(request)?;
        let account = scope.account()?.to_owned();
        let request = Request::read(request, &scope, &account);
        // No condition looks at the tags of what is only read.
        let contents = if request.operation.is_read() {
            Contents::default()
        } else {
            self.sandbox.contents().unwrap_or_default()
        };
        let needs = needs(&request, &contents);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for Need { action, resource, context } in needs {
            let asked = Asked { principal: None, action: &action, resource: Some(&resource), context: &context };
            if evaluate(&self.policy, &asked) != Decision::Allowed {
                let message = format!(
                    "User: arn:aws:sts::{account}:assumed-role/Operator/session is not authorized to perform: \
                     {action} on resource: {resource} because no identity-based policy allows the {action} action"
                );
                seen.refused.insert(format!("{action} on {resource} with {context:?}"));
                return Some(access_denied(request.operation.service, &message));
            }
            seen.used.insert(action);
        }
        None
    }
}

impl Around for Guard {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> Called {
        match self.refusal(&request) {
            Some(reply) => Ok(reply.into_http()),
            None => next.call(request).await,
        }
    }
}

/// The access denied error of a service.
fn access_denied(service: Service, message: &str) -> Reply {
    let protocol = service.protocol();
    let (status, code) = match protocol {
        Protocol::Query => (403, "AccessDenied"),
        Protocol::RestJson => (403, "AccessDeniedException"),
        Protocol::Json11 => (400, "AccessDeniedException"),
    };
    Reply::error(protocol, status, code, message, "not-permitted")
}
