//! Answers that are not whole, not AWS's, or of another request: one operation at a time, once or always.
mod edit;

use super::{CallResult, Middleware, wrap};
use crate::operation::Operation;
use crate::world_store::lock;
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use http::StatusCode;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How an answer is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    EmptyBody,
    EmptyObject,
    NoContent,
    /// The page of a captive portal, with status 200.
    Html,
    HtmlForbidden,
    HtmlNotFound,
    /// Every member is there and null; in XML, every element is empty.
    NullMembers,
    /// The nth member, counted from 0 and depth first, is null; in XML, the element is left out.
    Lacks(usize),
    /// What is asked of another object, answered truly; for a write, the answer to an earlier one.
    AnotherObject,
    /// What the same question is answered in another account; for a write, with the number of that account.
    AnotherAccount,
    AnotherRegion,
    /// The answer to the same request before; for a write, the second answer to a request that was sent twice.
    Duplicate,
    /// Half of the body.
    Truncated,
    /// All but its last byte.
    LastByteMissing,
    InvalidUtf8,
    WrongContentType,
    /// A token of a next page that leads back to the same page.
    RepeatedToken,
    /// More than the adapter reads.
    Huge,
    /// After 20 seconds.
    Slow,
    /// After 3 minutes, when nobody waits for it any more.
    TooSlow,
}

impl Oddity {
    /// All of them, with the members of an answer that may be missing up to this number.
    pub fn all(members: usize) -> Vec<Oddity> {
        let whole = [
            Oddity::EmptyBody,
            Oddity::EmptyObject,
            Oddity::NoContent,
            Oddity::Html,
            Oddity::HtmlForbidden,
            Oddity::HtmlNotFound,
            Oddity::NullMembers,
            Oddity::AnotherObject,
            Oddity::AnotherAccount,
            Oddity::AnotherRegion,
            Oddity::Duplicate,
            Oddity::Truncated,
            Oddity::LastByteMissing,
            Oddity::InvalidUtf8,
            Oddity::WrongContentType,
            Oddity::RepeatedToken,
            Oddity::Huge,
            Oddity::Slow,
            Oddity::TooSlow,
        ];
        whole.into_iter().chain((0..members).map(Oddity::Lacks)).collect()
    }

    /// Whether it can be answered without the service: what a proxy makes up, or has kept.
    pub fn is_made_up(self) -> bool {
        use Oddity::{AnotherObject, EmptyBody, EmptyObject, Html, HtmlForbidden, HtmlNotFound, NoContent};
        matches!(self, EmptyBody | EmptyObject | NoContent | Html | HtmlForbidden | HtmlNotFound | AnotherObject)
    }
}

/// Which answers are odd, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Garble {
    pub operation: String,
    /// Counted from 1; none for every call.
    pub nth: Option<u64>,
    pub oddity: Oddity,
    /// Whether the service receives the request.
    pub is_carried_out: bool,
}

/// What stands for each other in requests: the ids of two apps, the names of two roles or streams, two accounts.
#[derive(Debug, Clone, Default)]
pub struct Others {
    pub apps: Vec<String>,
    pub roles: Vec<String>,
    pub streams: Vec<String>,
    pub account: (String, String),
    pub region: (String, String),
}

/// The client's calls, and the answers to them that are odd. Clones of an `Arc` share it.
#[derive(Debug)]
pub struct Garbled {
    others: Others,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    garble: Option<Garble>,
    calls: Vec<Operation>,
    carried_out: BTreeMap<String, u64>,
    struck: u64,
    answers: Vec<Answered>,
}

#[derive(Debug, Clone)]
struct Answered {
    operation: Operation,
    key: String,
    answer: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Garbled {
    pub fn new(others: Others) -> Garbled {
        Garbled { others, state: Mutex::default() }
    }

    /// Keep a clone of the `Arc` to change what is odd.
    pub fn around(self: &Arc<Self>, client: SharedHttpClient) -> SharedHttpClient {
        wrap(client, Arc::clone(self))
    }

    /// From now on this is odd, or nothing; counts begin again.
    pub fn set(&self, garble: Option<Garble>) {
        let mut state = lock(&self.state);
        let answers = std::mem::take(&mut state.answers);
        *state = State { garble, answers, ..State::default() };
    }

    /// The operations that were called since, in order.
    pub fn calls(&self) -> Vec<Operation> {
        lock(&self.state).calls.clone()
    }

    /// How many calls of each operation the service has carried out since.
    pub fn carried_out(&self) -> BTreeMap<String, u64> {
        lock(&self.state).carried_out.clone()
    }

    /// How many answers were not what the service said.
    pub fn struck(&self) -> u64 {
        lock(&self.state).struck
    }

    fn strikes(&self, operation: &Operation) -> Option<Garble> {
        let mut state = lock(&self.state);
        state.calls.push(operation.clone());
        let nth = state.calls.iter().filter(|call| *call == operation).count() as u64;
        let garble = state.garble.clone()?;
        let is_it = garble.operation == operation.name && garble.nth.is_none_or(|wanted| wanted == nth);
        is_it.then_some(garble)
    }

    async fn pass(&self, request: HttpRequest, next: &SharedHttpConnector) -> Result<Answer, CallError> {
        let (operation, key) = (Operation::of(&request), key_of(&request));
        let response = next.call(request).await.map_err(CallError)?;
        let answer = Answer::of(&response);
        let mut state = lock(&self.state);
        if (200..300).contains(&answer.status) {
            *state.carried_out.entry(operation.to_string()).or_default() += 1;
        }
        state.answers.push(Answered { operation, key, answer: answer.clone() });
        Ok(answer)
    }

    /// The last answer to the same request, or to another of the same operation.
    fn earlier(&self, operation: &Operation, key: &str, is_same: bool) -> Option<Answer> {
        let state = lock(&self.state);
        let mut answers = state.answers.iter().rev();
        let found = answers.find(|known| known.operation == *operation && (known.key == key) == is_same);
        found.map(|known| known.answer.clone())
    }

    /// The odd answer; none where an answer to this request cannot be odd so.
    async fn odd(
        &self,
        garble: &Garble,
        request: &HttpRequest,
        next: &SharedHttpConnector,
    ) -> Result<(Option<Answer>, Option<Answer>), CallError> {
        let (operation, key) = (Operation::of(request), key_of(request));
        let earlier = match garble.oddity {
            Oddity::Duplicate => self.earlier(&operation, &key, true),
            Oddity::AnotherObject => self.earlier(&operation, &key, false),
            _ => None,
        };
        let again = copy(request);
        let genuine = match garble.is_carried_out {
            true => Some(self.pass(copy(request), next).await?),
            false => None,
        };
        let known = genuine.clone().unwrap_or_else(|| Answer::empty(200));
        let odd = match garble.oddity {
            Oddity::AnotherObject if operation.is_read() => match self.of_another_object(again) {
                Some(other) => Some(Answer::of(&next.call(other).await.map_err(CallError)?)),
                None => None,
            },
            Oddity::AnotherAccount if operation.is_read() => {
                let (from, to) = &self.others.account;
                Some(Answer::of(&next.call(signed(again, from, to)).await.map_err(CallError)?))
            }
            Oddity::AnotherRegion if operation.is_read() => {
                let (from, to) = (format!("/{}/", self.others.region.0), format!("/{}/", self.others.region.1));
                Some(Answer::of(&next.call(signed(again, &from, &to)).await.map_err(CallError)?))
            }
            Oddity::AnotherRegion => None,
            Oddity::AnotherAccount => Some(known.replaced(&self.others.account.0, &self.others.account.1)),
            Oddity::AnotherObject => earlier,
            Oddity::Duplicate if operation.is_read() => earlier,
            // A proxy that sends CreateApp twice makes two apps.
            Oddity::Duplicate if operation.name == "CreateApp" => None,
            Oddity::Duplicate => Some(self.pass(again, next).await?),
            Oddity::Slow => {
                tokio::time::sleep(Duration::from_secs(20)).await;
                None
            }
            Oddity::TooSlow => {
                tokio::time::sleep(Duration::from_secs(180)).await;
                None
            }
            oddity => edit::edited(oddity, &known),
        };
        if matches!(garble.oddity, Oddity::Slow | Oddity::TooSlow) || odd.is_some() && odd != genuine {
            lock(&self.state).struck += 1;
        }
        Ok((odd, genuine))
    }

    /// The same request for another object.
    fn of_another_object(&self, mut request: HttpRequest) -> Option<HttpRequest> {
        let (uri, body) = (request.uri().to_owned(), body_of(&request));
        for (names, wholes) in [
            (&self.others.apps, ["/apps/{}/", "/apps/{}", "%2F{}"].as_slice()),
            (&self.others.roles, ["RoleName={}&", "RoleName={}", "PhysicalResourceId={}", "role%2F{}"].as_slice()),
            (&self.others.streams, ["\"{}\"", "/{}\""].as_slice()),
        ] {
            for (whole, name) in wholes.iter().flat_map(|whole| names.iter().map(move |name| (whole, name))) {
                let Some(other) = names.iter().find(|other| *other != name) else { continue };
                let (from, to) = (whole.replace("{}", name), whole.replace("{}", other));
                if uri.contains(&from) {
                    request.set_uri(uri.replace(&from, &to)).ok()?;
                    return Some(request);
                }
                if body.contains(&from) {
                    *request.body_mut() = SdkBody::from(body.replace(&from, &to));
                    return Some(request);
                }
            }
        }
        None
    }
}

impl Middleware for Garbled {
    async fn call(self: Arc<Self>, request: HttpRequest, next: SharedHttpConnector) -> CallResult {
        let Some(garble) = self.strikes(&Operation::of(&request)) else {
            return self.pass(request, &next).await.map(Answer::into_http).map_err(|CallError(error)| error);
        };
        let answers = self.odd(&garble, &request, &next).await.map_err(|CallError(error)| error)?;
        let answer = match answers {
            (Some(odd), _) => odd,
            (None, Some(genuine)) => genuine,
            (None, None) => self.pass(request, &next).await.map_err(|CallError(error)| error)?,
        };
        Ok(answer.into_http())
    }
}

struct CallError(aws_smithy_runtime_api::client::result::ConnectorError);

impl Answer {
    fn empty(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new() }
    }

    fn of(response: &HttpResponse) -> Answer {
        let headers = response.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Answer {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: response.body().bytes().unwrap_or_default().to_owned(),
        }
    }

    fn replaced(&self, from: &str, to: &str) -> Answer {
        let body = String::from_utf8_lossy(&self.body).replace(from, to).into_bytes();
        Answer { body, ..self.clone() }
    }

    fn into_http(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::new(status.into(), SdkBody::from(self.body));
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

fn body_of(request: &HttpRequest) -> String {
    String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned()
}

fn key_of(request: &HttpRequest) -> String {
    format!("{} {} {}", request.method(), request.uri(), body_of(request))
}

/// The same request; bodies are in memory.
fn copy(request: &HttpRequest) -> HttpRequest {
    request.try_clone().unwrap_or_else(HttpRequest::empty)
}

/// The same request with another scope of its signature, which the sandbox does not check.
fn signed(mut request: HttpRequest, from: &str, to: &str) -> HttpRequest {
    let authorization = request.headers().get("authorization").unwrap_or_default().replace(from, to);
    request.headers_mut().insert("authorization", authorization);
    request
}
