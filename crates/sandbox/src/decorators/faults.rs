//! Makes calls fail: some at random, the same ones for the same seed, and some by rule.

use super::throttle::throttled;
use super::{Around, Called, around};
use crate::operation::Operation;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::StatusCode;
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};

/// Which calls fail, and how. Shares are of all calls, 0 to 1; what is left after all of them goes through.
#[derive(Debug)]
pub struct Faults {
    throttled: f64,
    internal_errors: f64,
    resets: f64,
    lost_answers: f64,
    silences: f64,
    luck: Mutex<fastrand::Rng>,
    rules: Mutex<Vec<Armed>>,
    struck: Mutex<BTreeMap<&'static str, u64>>,
}

/// One thing that happens to certain calls.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The operation, `PutRolePolicy`; none for all.
    pub operation: Option<String>,
    /// Which of its calls.
    pub when: When,
    /// What happens to them.
    pub answer: Answer,
}

/// Which calls of an operation a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Every one.
    Always,
    /// This one alone, counted from 1.
    Nth(u64),
    /// The first so many.
    First(u64),
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The service refuses it for its rate, in its own words.
    Throttled,
    /// It is answered with this and never reaches the service.
    Respond {
        /// HTTP status.
        status: u16,
        /// Headers by name.
        headers: Vec<(String, String)>,
        /// Body.
        body: String,
    },
    /// The connection breaks before the service has it.
    Reset,
    /// The service does its work; the connection breaks before the answer is here.
    Lost,
    /// No answer ever comes, and nothing is done.
    Silence,
    /// The service does its work, and no answer ever comes.
    DoneInSilence,
}

#[derive(Debug)]
struct Armed {
    rule: Rule,
    seen: u64,
}

impl Faults {
    /// No faults yet; which calls fail by share is drawn from this seed.
    pub fn seeded(seed: u64) -> Faults {
        Faults {
            throttled: 0.0,
            internal_errors: 0.0,
            resets: 0.0,
            lost_answers: 0.0,
            silences: 0.0,
            luck: Mutex::new(fastrand::Rng::with_seed(seed)),
            rules: Mutex::default(),
            struck: Mutex::default(),
        }
    }

    /// This share is refused as each service refuses calls beyond its rate.
    #[must_use]
    pub fn throttled(self, share: f64) -> Faults {
        Faults { throttled: share, ..self }
    }

    /// This share is answered with HTTP 500 or 503 and not carried out.
    #[must_use]
    pub fn internal_errors(self, share: f64) -> Faults {
        Faults { internal_errors: share, ..self }
    }

    /// For this share the connection breaks before the service has the request.
    #[must_use]
    pub fn resets(self, share: f64) -> Faults {
        Faults { resets: share, ..self }
    }

    /// This share is carried out, and its answer is lost.
    #[must_use]
    pub fn lost_answers(self, share: f64) -> Faults {
        Faults { lost_answers: share, ..self }
    }

    /// This share is never answered.
    #[must_use]
    pub fn silences(self, share: f64) -> Faults {
        Faults { silences: share, ..self }
    }

    /// Adds a rule. The first that fits a call decides; shares are for calls that no rule fits.
    #[must_use]
    pub fn rule(self, operation: &str, when: When, answer: Answer) -> Faults {
        self.add(Rule { operation: Some(operation.to_owned()), when, answer });
        self
    }

    /// Adds a rule later, while the client is in use.
    pub fn add(&self, rule: Rule) {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.push(Armed { rule, seen: 0 });
    }

    /// Drops all rules; shares go on.
    pub fn clear_rules(&self) {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.clear();
    }

    /// How many calls met with what, by the name of the answer: `Throttled`, `Respond`, `Reset`, `Lost`, `Silence`,
    /// `DoneInSilence`.
    pub fn struck(&self) -> BTreeMap<&'static str, u64> {
        self.struck.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The client, faulty. Keep a clone of the `Arc` to add rules later.
    pub fn around(self: &Arc<Self>, client: SharedHttpClient) -> SharedHttpClient {
        around(client, Arc::clone(self))
    }

    /// What happens to this call; none where it goes through.
    fn fate(&self, operation: &Operation) -> Option<Answer> {
        let fate = self.by_rule(operation).or_else(|| self.by_luck());
        if let Some(fate) = &fate {
            let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
            *struck.entry(fate.name()).or_default() += 1;
        }
        fate
    }

    fn by_rule(&self, operation: &Operation) -> Option<Answer> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fate = None;
        for Armed { rule, seen } in rules.iter_mut() {
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
            if fits && fate.is_none() {
                fate = Some(rule.answer.clone());
            }
        }
        fate
    }

    fn by_luck(&self) -> Option<Answer> {
        let mut luck = self.luck.lock().unwrap_or_else(PoisonError::into_inner);
        let mut drawn = luck.f64();
        let status = if luck.bool() { 500 } else { 503 };
        let fates = [
            (self.throttled, Answer::Throttled),
            (self.internal_errors, Answer::status(status)),
            (self.resets, Answer::Reset),
            (self.lost_answers, Answer::Lost),
            (self.silences, Answer::Silence),
        ];
        for (share, fate) in fates {
            if drawn < share {
                return Some(fate);
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

    /// An answer of this status without a body.
    pub fn status(status: u16) -> Answer {
        Answer::Respond { status, headers: Vec::new(), body: String::new() }
    }
}

impl Around for Faults {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> Called {
        let operation = Operation::of(&request);
        match self.fate(&operation) {
            Some(Answer::Throttled) => Ok(throttled(operation.service).into_http()),
            None => next.call(request).await,
            Some(Answer::Respond { status, headers, body }) => Ok(response(status, headers, body)),
            Some(Answer::Reset) => Err(broken()),
            Some(Answer::Lost) => {
                let _ = next.call(request).await;
                Err(broken())
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

fn broken() -> ConnectorError {
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    ConnectorError::io(reset.into())
}
