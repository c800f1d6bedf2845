//! Injects faults: at random from a seed, or by rule.
use super::throttle::throttled;
use super::{CallResult, Middleware, wrap};
use crate::operation::Operation;
use crate::world_store::lock;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::StatusCode;
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};

/// Which calls fail, and how. Shares are fractions of all calls, 0 to 1; the remaining calls succeed.
#[derive(Debug)]
pub struct Faults {
    shares: Vec<(f64, Answer)>,
    rng: Mutex<fastrand::Rng>,
    rules: Mutex<Vec<CountedRule>>,
    struck: Mutex<BTreeMap<&'static str, u64>>,
}

#[derive(Debug, Clone)]
pub struct Rule {
    /// For example `PutRolePolicy`; none for all operations.
    pub operation: Option<String>,
    pub when: When,
    pub answer: Answer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// Counted from 1.
    Nth(u64),
    First(u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The throttling error of the service.
    Throttled,
    /// This response; the call does not reach the service.
    Respond { status: u16, headers: Vec<(String, String)>, body: String },
    /// The connection is reset before the service receives the request.
    Reset,
    /// The service executes the request; the connection is reset before the response.
    Lost,
    /// No response; the service does not receive the request.
    Silence,
    /// The service executes the request and never responds.
    DoneInSilence,
}

#[derive(Debug)]
struct CountedRule {
    rule: Rule,
    seen: u64,
}

impl Faults {
    /// No faults yet. The seed determines which calls fail by share.
    pub fn seeded(seed: u64) -> Faults {
        Faults {
            shares: Vec::new(),
            rng: Mutex::new(fastrand::Rng::with_seed(seed)),
            rules: Mutex::default(),
            struck: Mutex::default(),
        }
    }

    /// Adds a share of calls to which this happens.
    #[must_use]
    pub fn share(mut self, share: f64, answer: Answer) -> Faults {
        self.shares.push((share, answer));
        self
    }

    /// Adds a rule. The first match applies; shares apply to calls without a match.
    #[must_use]
    pub fn rule(self, operation: &str, when: When, answer: Answer) -> Faults {
        self.add(Rule { operation: Some(operation.to_owned()), when, answer });
        self
    }

    /// Adds a rule later, while the client is in use.
    pub fn add(&self, rule: Rule) {
        lock(&self.rules).push(CountedRule { rule, seen: 0 });
    }

    pub fn clear_rules(&self) {
        lock(&self.rules).clear();
    }

    /// The number of injected faults by name: `Throttled`, `Respond`, `Reset`, `Lost`, `Silence`,
    /// `DoneInSilence`.
    pub fn struck(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.struck).clone()
    }

    /// Keep a clone of the `Arc` to add rules later.
    pub fn around(self: &Arc<Self>, client: SharedHttpClient) -> SharedHttpClient {
        wrap(client, Arc::clone(self))
    }

    fn fault_for(&self, operation: &Operation) -> Option<Answer> {
        let fault = self.by_rule(operation).or_else(|| self.by_share());
        if let Some(fault) = &fault {
            *lock(&self.struck).entry(fault.name()).or_default() += 1;
        }
        fault
    }

    fn by_rule(&self, operation: &Operation) -> Option<Answer> {
        let mut rules = lock(&self.rules);
        let mut fault = None;
        for CountedRule { rule, seen } in rules.iter_mut() {
            let named = rule.operation.as_deref();
            if named.is_some_and(|name| name != operation.name) {
                continue;
            }
            *seen += 1;
            let fits = match rule.when {
                When::Always => true,
                When::Nth(n) => *seen == n,
                When::First(n) => *seen <= n,
            };
            if fits && fault.is_none() {
                fault = Some(rule.answer.clone());
            }
        }
        fault
    }

    fn by_share(&self) -> Option<Answer> {
        let mut drawn = lock(&self.rng).f64();
        for (share, fault) in &self.shares {
            if drawn < *share {
                return Some(fault.clone());
            }
            drawn -= share;
        }
        None
    }
}

impl Answer {
    fn name(&self) -> &'static str {
        match self {
            Answer::Throttled => "Throttled",
            Answer::Respond { .. } => "Respond",
            Answer::Reset => "Reset",
            Answer::Lost => "Lost",
            Answer::Silence => "Silence",
            Answer::DoneInSilence => "DoneInSilence",
        }
    }

    pub fn status(status: u16) -> Answer {
        Answer::Respond { status, headers: Vec::new(), body: String::new() }
    }
}

impl Middleware for Faults {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> CallResult {
        let operation = Operation::of(&request);
        match self.fault_for(&operation) {
            Some(Answer::Throttled) => Ok(throttled(&operation).into_http()),
            None => next.call(request).await,
            Some(Answer::Respond { status, headers, body }) => Ok(response(status, headers, body)),
            Some(Answer::Reset) => Err(connection_reset()),
            Some(Answer::Lost) => {
                let _ = next.call(request).await;
                Err(connection_reset())
            }
            Some(Answer::Silence) => pending().await,
            Some(Answer::DoneInSilence) => {
                let _ = next.call(request).await;
                pending().await
            }
        }
    }
}

fn response(status: u16, headers: Vec<(String, String)>, body: String) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::new(status.into(), SdkBody::from(body));
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

fn connection_reset() -> ConnectorError {
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    ConnectorError::io(reset.into())
}
