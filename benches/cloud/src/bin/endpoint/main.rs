//! AWS over HTTP on the loopback, in a process of its own: the embedded account with a latency and with limits.
//!
//!     endpoint SEED [--latency MS] [--limit OPERATION=CALLS-A-SECOND]… [--service-limit SERVICE=CALLS-A-SECOND]…
//!
//! Prints its URL on the first line. `GET /calls` returns how often each operation was answered and refused, by account
//! and region. `POST /reset` takes the same flags in its body, applies them and sets the counts to zero. A limit is a
//! token bucket of one second, for each account and region.
mod limits;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::http::{HttpClient as _, HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use limits::{Caller, Limits};
use pinpoint_streams_sandbox::{Quotas, Sandbox, Seed, Settings};
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

type Failure = Box<dyn Error + Send + Sync>;

struct Endpoint {
    connector: SharedHttpConnector,
    limits: Mutex<Limits>,
}

impl Endpoint {
    fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let seed = arguments.next().ok_or("usage: endpoint SEED [--latency MS] [--limit OPERATION=RATE]…")?;
    let seed: Seed = serde_json::from_slice(&std::fs::read(seed)?)?;
    let quotas = Quotas { roles: usize::MAX, apps: usize::MAX, ..Quotas::default() };
    let settings = Settings { quotas, propagation: Duration::ZERO, ..Settings::new(jiff::Timestamp::now) };
    let sandbox = Sandbox::in_memory(settings);
    sandbox.seed(&seed)?;
    let components = RuntimeComponentsBuilder::for_tests().build()?;
    let connector = sandbox.http_client().http_connector(&HttpConnectorSettings::default(), &components);
    let limits = Mutex::new(Limits::parse(arguments)?);
    let endpoint = Arc::new(Endpoint { connector, limits });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(endpoint))
}

async fn serve(endpoint: Arc<Endpoint>) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let endpoint = Arc::clone(&endpoint);
        tokio::task::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&endpoint), request));
            // An error here is a client that closed its connection.
            let _ =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(endpoint: Arc<Endpoint>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    match parts.uri.path() {
        "/calls" => {
            let calls = endpoint.limits().calls();
            return Ok(Response::new(Full::from(calls.to_string())));
        }
        "/reset" => {
            let flags = String::from_utf8(body.to_vec())?;
            *endpoint.limits() = Limits::parse(flags.split_whitespace().map(str::to_owned))?;
            return Ok(Response::new(Full::default()));
        }
        _ => {}
    }
    let caller = Caller::of(&parts, &body);
    let latency = endpoint.limits().latency;
    // A timer rounds up to a millisecond.
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let refusal = endpoint.limits().refuse(&caller);
    if let Some(refusal) = refusal {
        return Ok(refusal);
    }
    let request = HttpRequest::try_from(Request::from_parts(parts, SdkBody::from(body.to_vec())))?;
    let response = endpoint.connector.call(request).await?.try_into_http1x()?;
    let (parts, body) = response.into_parts();
    Ok(Response::from_parts(parts, Full::from(body.bytes().unwrap_or_default().to_vec())))
}
