//! Latency, limits and counts, by operation of each account and region.
use http::request::Parts;
use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;
use tokio::time::Instant;

/// Who calls what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Caller {
    /// The signing name: `iam`, `mobiletargeting`.
    service: String,
    operation: String,
    account: String,
    region: String,
}

impl Caller {
    pub(crate) fn of(parts: &Parts, body: &[u8]) -> Caller {
        let header =
            |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let scope = header("authorization").split("Credential=").nth(1).unwrap_or_default();
        let mut scope = scope.split(['/', ',']).map(str::to_owned);
        let (account, _, region) =
            (scope.next().unwrap_or_default(), scope.next(), scope.next().unwrap_or_default());
        let service = scope.next().unwrap_or_default();
        let target = header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
        let operation = match target.as_str() {
            "" => query_action(body).unwrap_or_else(|| rest_operation(parts)),
            _ => target,
        };
        Caller { service, operation, account, region }
    }
}

fn query_action(body: &[u8]) -> Option<String> {
    let body = std::str::from_utf8(body).ok()?;
    body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned)
}

/// Of the operations of Pinpoint and Account Management, those that the program calls.
fn rest_operation(parts: &Parts) -> String {
    let path = parts.uri.path().trim_matches('/');
    let what = match path.split('/').collect::<Vec<_>>()[..] {
        ["v1", "apps"] if parts.method == "GET" => return "GetApps".to_owned(),
        ["v1", "apps"] => return "CreateApp".to_owned(),
        ["listRegions"] => return "ListRegions".to_owned(),
        ["v1", "apps", _] => "App",
        ["v1", "apps", _, "eventstream"] => "EventStream",
        ["v1", "tags", ..] => "Tags",
        _ => path,
    };
    let verb = match parts.method.as_str() {
        "GET" => "Get",
        "DELETE" => "Delete",
        _ => "Put",
    };
    format!("{verb}{what}")
}

#[derive(Debug, Default)]
pub(crate) struct Limits {
    pub(crate) latency: Duration,
    /// By operation.
    operations: BTreeMap<String, f64>,
    /// By signing name: over all operations of the service.
    services: BTreeMap<String, f64>,
    buckets: BTreeMap<Caller, Bucket>,
    counts: BTreeMap<Caller, Count>,
}

#[derive(Debug, Default)]
struct Count {
    answered: u64,
    refused: u64,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Limits {
    pub(crate) fn parse(mut flags: impl Iterator<Item = String>) -> Result<Limits, Box<dyn Error + Send + Sync>> {
        let mut limits = Limits::default();
        while let Some(flag) = flags.next() {
            let value = flags.next().ok_or_else(|| format!("{flag} has no value"))?;
            let rate = |value: &str| -> Result<(String, f64), Box<dyn Error + Send + Sync>> {
                let (name, rate) = value.split_once('=').ok_or("a limit is NAME=RATE")?;
                Ok((name.to_owned(), rate.parse()?))
            };
            match flag.as_str() {
                "--latency" => limits.latency = Duration::from_millis(value.parse()?),
                "--limit" => limits.operations.extend([rate(&value)?]),
                "--service-limit" => limits.services.extend([rate(&value)?]),
                _ => return Err(format!("{flag} is no flag").into()),
            }
        }
        Ok(limits)
    }

    pub(crate) fn calls(&self) -> Value {
        let counts = self.counts.iter().map(|(caller, count)| {
            let (Caller { service, operation, account, region }, Count { answered, refused }) = (caller, count);
            json!({
                "service": service,
                "operation": operation,
                "account": account,
                "region": region,
                "answered": answered,
                "refused": refused,
            })
        });
        Value::Array(counts.collect())
    }

    /// The answer to a call that is over a limit.
    pub(crate) fn refuse(&mut self, caller: &Caller) -> Option<Response<Full<Bytes>>> {
        let whole_service = Caller { operation: String::new(), ..caller.clone() };
        let of_operation = self.operations.get(&caller.operation).map(|rate| (caller.clone(), *rate));
        let of_service = self.services.get(&caller.service).map(|rate| (whole_service, *rate));
        let (buckets, now) = (&mut self.buckets, Instant::now());
        let is_over = of_operation.into_iter().chain(of_service).any(|(key, rate)| {
            let bucket = buckets.entry(key).or_insert(Bucket { tokens: rate, filled: now });
            let gained = (now - bucket.filled).as_secs_f64() * rate;
            *bucket = Bucket { tokens: (bucket.tokens + gained).min(rate), filled: now };
            let is_over = bucket.tokens < 1.0;
            bucket.tokens -= if is_over { 0.0 } else { 1.0 };
            is_over
        });
        let count = self.counts.entry(caller.clone()).or_default();
        if !is_over {
            count.answered += 1;
            return None;
        }
        count.refused += 1;
        Some(throttled(&caller.service))
    }
}

/// As each protocol says it. Sources: IAM and Pinpoint API references, "Common errors".
fn throttled(service: &str) -> Response<Full<Bytes>> {
    let (status, kind, body) = match service {
        "iam" | "sts" | "cloudformation" => (
            400,
            "text/xml",
            "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>\
             <RequestId>bench</RequestId></ErrorResponse>",
        ),
        "mobiletargeting" => (429, "application/json", r#"{"Message":"Too many requests"}"#),
        _ => (400, "application/x-amz-json-1.1", r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert("content-type", http::HeaderValue::from_static(kind));
    headers.insert("x-amzn-requestid", http::HeaderValue::from_static("bench"));
    if status == 429 {
        headers.insert("x-amzn-errortype", http::HeaderValue::from_static("TooManyRequestsException"));
    }
    response
}
