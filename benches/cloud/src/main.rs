//! AWS over HTTP on the loopback, in a process of its own: the embedded account with a latency and with limits.
//!
//!     cloud-endpoint SEED [--latency MS] [--limit OPERATION=CALLS-A-SECOND]… [--service-limit SERVICE=CALLS-A-SECOND]…
//!
//! Prints its URL on the first line. `GET /calls` says how often each operation was answered and refused, `POST /reset` with
//! a body of the same flags sets them anew and forgets the counts. A limit is a token bucket of one second, of each account
//! and region.
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
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpListener;

type Failure = Box<dyn Error + Send + Sync>;

struct Endpoint {
    connector: SharedHttpConnector,
    limits: RefCell<Limits>,
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let seed = arguments.next().ok_or("usage: cloud-endpoint SEED [--latency MS] [--limit OPERATION=RATE]…")?;
    let seed: Seed = serde_json::from_slice(&std::fs::read(seed)?)?;
    let quotas = Quotas { roles: usize::MAX, apps: usize::MAX, ..Quotas::default() };
    let settings = Settings { quotas, propagation: Duration::ZERO, ..Settings::new(jiff::Timestamp::now) };
    let sandbox = Sandbox::in_memory(settings);
    sandbox.seed(&seed)?;
    let components = RuntimeComponentsBuilder::for_tests().build()?;
    let connector = sandbox.http_client().http_connector(&HttpConnectorSettings::default(), &components);
    let limits = RefCell::new(Limits::parse(arguments)?);
    let endpoint = Rc::new(Endpoint { connector, limits });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, serve(endpoint))
}

async fn serve(endpoint: Rc<Endpoint>) -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let endpoint = Rc::clone(&endpoint);
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| answer(Rc::clone(&endpoint), request));
            // A client that goes away is its own affair.
            let _ =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(endpoint: Rc<Endpoint>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    match parts.uri.path() {
        "/calls" => {
            let calls = endpoint.limits.borrow().calls();
            return Ok(Response::new(Full::from(calls.to_string())));
        }
        "/reset" => {
            let flags = String::from_utf8(body.to_vec())?;
            *endpoint.limits.borrow_mut() = Limits::parse(flags.split_whitespace().map(str::to_owned))?;
            return Ok(Response::new(Full::default()));
        }
        _ => {}
    }
    let caller = Caller::of(&parts, &body);
    let latency = endpoint.limits.borrow().latency;
    tokio::time::sleep(latency).await;
    if let Some(refusal) = endpoint.limits.borrow_mut().refuse(&caller) {
        return Ok(refusal);
    }
    let request = HttpRequest::try_from(Request::from_parts(parts, SdkBody::from(body.to_vec())))?;
    let response = endpoint.connector.call(request).await?.try_into_http1x()?;
    let (parts, body) = response.into_parts();
    Ok(Response::from_parts(parts, Full::from(body.bytes().unwrap_or_default().to_vec())))
}
