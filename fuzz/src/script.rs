//! An HTTP client whose responses are the fuzzer's input, in the order of the requests. A record separator parts them.
//! Each looks as in HTTP: the status, headers, an empty line, the body.
//!
//! ```text
//! 404
//! x-amzn-errortype: NotFoundException
//!
//! {"message":"no such app"}
//! ```
//!
//! In place of a status, `lost` is a connection that breaks after the request, `refused` one that is never made; both last.
//! After the last response every request is denied, so that no input is answered for ever.
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::{fmt, io};

pub(crate) const ACCOUNT: &str = "123456789012";

/// Unless the input says otherwise. Both are in every answer of AWS.
const REQUEST_ID: (&str, &str) = ("x-amzn-requestid", "req-1");
const DATE: (&str, &str) = ("date", "Mon, 23 Nov 2026 09:00:00 GMT");

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    Http { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    Lost,
    Refused,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Http { status, headers, body } => {
                write!(f, "{status} {headers:?} {:?}", String::from_utf8_lossy(body))
            }
            Reply::Lost => f.write_str("lost"),
            Reply::Refused => f.write_str("refused"),
        }
    }
}

impl Reply {
    fn parse(input: &[u8]) -> Reply {
        let end = input.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = end.map_or((&b""[..], input), |end| (&input[..end], &input[end + 2..]));
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let status = match lines.next().unwrap_or_default() {
            "lost" => return Reply::Lost,
            "refused" => return Reply::Refused,
            status => status.parse().ok().filter(|status| (100..1000).contains(status)).unwrap_or(200),
        };
        let mut headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        for (name, value) in [REQUEST_ID, DATE] {
            if !headers.iter().any(|(known, _)| known == name) {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        Reply::Http { status, headers, body: body.to_vec() }
    }

    fn denied() -> Reply {
        Reply::Http { status: 403, headers: Vec::new(), body: Vec::new() }
    }

    fn caller() -> Reply {
        let body = format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>{ACCOUNT}</Account>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        Reply::Http { status: 200, headers: Vec::new(), body: body.into_bytes() }
    }

    fn response(self) -> Result<HttpResponse, ConnectorError> {
        let failed = |kind: io::ErrorKind| Err(ConnectorError::io(io::Error::from(kind).into()));
        match self {
            Reply::Http { status, headers, body } => {
                let status = status.try_into().expect("a status of three digits");
                let mut response = HttpResponse::new(status, SdkBody::from(body));
                for (name, value) in headers {
                    // No transport lets a header pass that is none.
                    let _ = response.headers_mut().try_append(name, value);
                }
                Ok(response)
            }
            Reply::Lost => failed(io::ErrorKind::ConnectionReset),
            Reply::Refused => failed(io::ErrorKind::ConnectionRefused),
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Playing>>);

#[derive(Debug, Default)]
struct Playing {
    /// Whether STS answers from the input, too.
    with_sts: bool,
    pending: VecDeque<Reply>,
    served: Vec<Reply>,
    calls: usize,
}

impl Script {
    /// STS's GetCallerIdentity always answers with [`ACCOUNT`].
    pub(crate) fn play(&self, input: &[u8]) {
        let pending = input.split(|byte| *byte == 0x1e).map(Reply::parse).collect();
        *self.playing() = Playing { with_sts: false, pending, served: Vec::new(), calls: 0 };
    }

    pub(crate) fn play_with_sts(&self, input: &[u8]) {
        self.play(input);
        self.playing().with_sts = true;
    }

    /// What was answered so far.
    pub(crate) fn served(&self) -> Vec<Reply> {
        self.playing().served.clone()
    }

    pub(crate) fn calls(&self) -> usize {
        self.playing().calls
    }

    fn playing(&self) -> MutexGuard<'_, Playing> {
        self.0.lock().expect("nothing panics while it is locked")
    }

    fn next(&self, request: &HttpRequest) -> Reply {
        let mut playing = self.playing();
        playing.calls += 1;
        if !playing.with_sts && request.uri().starts_with("https://sts.") {
            return Reply::caller();
        }
        let reply = match playing.pending.front() {
            Some(Reply::Http { .. }) => playing.pending.pop_front(),
            lasting => lasting.cloned(),
        };
        let reply = reply.unwrap_or_else(Reply::denied);
        playing.served.push(reply.clone());
        reply
    }
}

impl HttpClient for Script {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Script {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.next(&request).response())
    }
}
