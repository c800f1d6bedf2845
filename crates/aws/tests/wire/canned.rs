//! An HTTP client with scripted responses that records requests.
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use pinpoint_streams_aws::{AccountCredentials, Aws, ConnectOptions, SharedHttpClient};
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, AppId, RoleName};
use pinpoint_streams_model::region::{AccountRegion, Partition, Region};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};

pub(crate) const ACCOUNT: &str = "123456789012";

#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Http {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// The connection breaks before the response.
    Lost,
    Refused,
    Silence,
}

impl Reply {
    pub(crate) fn http(status: u16, content_type: &str, body: impl Into<String>) -> Reply {
        let headers = vec![("content-type", content_type.to_owned()), ("x-amzn-requestid", "req-1".to_owned())];
        Reply::Http { status, headers, body: body.into() }
    }

    pub(crate) fn json(status: u16, body: impl Into<String>) -> Reply {
        Reply::http(status, "application/json", body)
    }

    /// A response of the protocol awsJson1.1.
    pub(crate) fn json11(status: u16, body: &Value) -> Reply {
        Reply::http(status, "application/x-amz-json-1.1", body.to_string())
    }

    /// Its errors.
    pub(crate) fn json11_error(status: u16, code: &str, message: &str) -> Reply {
        Reply::json11(status, &json!({ "__type": code, "Message": message }))
    }

    /// An error of Pinpoint, with its type in a header.
    pub(crate) fn error(status: u16, code: &str, body: impl Into<String>) -> Reply {
        Reply::json(status, body).with("x-amzn-errortype", code)
    }

    /// The same without the ID of the request.
    pub(crate) fn without_request_id(self) -> Reply {
        match self {
            Reply::Http { status, mut headers, body } => {
                headers.retain(|(name, _)| *name != "x-amzn-requestid");
                Reply::Http { status, headers, body }
            }
            other => other,
        }
    }

    pub(crate) fn html(status: u16) -> Reply {
        Reply::http(status, "text/html", "<html><body>gone</body></html>")
    }

    pub(crate) fn xml(action: &str, result: &str) -> Reply {
        let body = format!(
            "<{action}Response><{action}Result>{result}</{action}Result>\
             <ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></{action}Response>"
        );
        Reply::http(200, "text/xml", body)
    }

    pub(crate) fn xml_error(status: u16, code: &str, message: &str) -> Reply {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>req-1</RequestId></ErrorResponse>"
        );
        Reply::http(status, "text/xml", body)
    }

    pub(crate) async fn answer(self) -> Result<HttpResponse, ConnectorError> {
        let failed = |kind: io::ErrorKind| Err(ConnectorError::io(io::Error::from(kind).into()));
        match self {
            Reply::Http { status, headers, body } => {
                let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                for (name, value) in headers {
                    answer.headers_mut().insert(name, value);
                }
                Ok(answer)
            }
            Reply::Lost => failed(io::ErrorKind::ConnectionReset),
            Reply::Refused => failed(io::ErrorKind::ConnectionRefused),
            Reply::Silence => std::future::pending().await,
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Reply {
        if let Reply::Http { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) user_agent: String,
    pub(crate) authorization: String,
    pub(crate) body: String,
    pub(crate) target: String,
    pub(crate) content_type: String,
}

impl Sent {
    /// `GET https://… BODY TARGET`, which scripts are matched with.
    fn line(&self) -> String {
        format!("{} {} {} {}", self.method, self.uri, self.body, self.target)
    }
}

/// What a request must contain, and its responses; the last one repeats.
type Scripted = (String, VecDeque<Reply>);

#[derive(Debug, Clone, Default)]
pub(crate) struct Canned {
    script: Arc<Mutex<Vec<Scripted>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
    /// The prefix of host names that do not resolve.
    nameless: Option<&'static str>,
    one_key: bool,
}

impl Canned {
    /// Responds only to GetCallerIdentity.
    pub(crate) fn new() -> Canned {
        Canned::default().on("Action=GetCallerIdentity", caller(ACCOUNT))
    }

    /// Responds to requests that contain this text. Later calls take precedence.
    pub(crate) fn on(self, contains: &str, reply: Reply) -> Canned {
        self.on_each(contains, [reply])
    }

    /// One response per request; the last one repeats.
    pub(crate) fn on_each(self, contains: &str, replies: impl IntoIterator<Item = Reply>) -> Canned {
        self.script.lock().unwrap().insert(0, (contains.to_owned(), replies.into_iter().collect()));
        self
    }

    /// Only host names with this prefix do not resolve.
    pub(crate) fn without_names(self, of: &'static str) -> Canned {
        Canned { nameless: Some(of), ..self }
    }

    /// Uses one access key for all accounts, as from one profile.
    pub(crate) fn with_one_key(self) -> Canned {
        Canned { one_key: true, ..self }
    }

    pub(crate) fn sent(&self, contains: &str) -> Vec<Sent> {
        self.sent.lock().unwrap().iter().filter(|sent| sent.line().contains(contains)).cloned().collect()
    }

    fn reply(&self, sent: &Sent) -> Reply {
        let mut script = self.script.lock().unwrap();
        let Some((_, replies)) = script.iter_mut().find(|(contains, _)| sent.line().contains(contains)) else {
            panic!("nothing is scripted for {}", sent.line());
        };
        if replies.len() > 1 { replies.pop_front().unwrap() } else { replies[0].clone() }
    }

    pub(crate) async fn connect(
        &self,
        accounts: &BTreeMap<AccountAlias, AccountCredentials>,
    ) -> Result<Aws, pinpoint_streams_aws::ConnectError> {
        let mut options = ConnectOptions::new("growth".parse().unwrap(), Some("run-7".parse().unwrap()));
        options.http_client = Some(SharedHttpClient::new(self.clone()));
        let one_key = self.one_key;
        let key = move |id: Option<&AccountId>| {
            let id = id.filter(|_| !one_key);
            format!("AKID{}", id.map_or("DEFAULT", AccountId::as_str))
        };
        options.static_credentials = Some(Arc::new(key));
        if let Some(nameless) = self.nameless {
            options.resolves = Some(Arc::new(move |host| !host.starts_with(nameless)));
        }
        Aws::connect(accounts, options).await
    }

    pub(crate) async fn aws(&self) -> Aws {
        let default = AccountCredentials::chain(Partition::Aws);
        self.connect(&BTreeMap::from([("default".parse().unwrap(), default)])).await.unwrap()
    }
}

pub(crate) fn caller(account: &str) -> Reply {
    let arn = format!("arn:aws:sts::{account}:assumed-role/Ops/me");
    Reply::xml(
        "GetCallerIdentity",
        &format!("<Arn>{arn}</Arn><UserId>AROAEXAMPLE:me</UserId><Account>{account}</Account>"),
    )
}

pub(crate) fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

pub(crate) fn region() -> Region {
    "eu-west-1".parse().unwrap()
}

pub(crate) fn app() -> AppId {
    "abc123".parse().unwrap()
}

pub(crate) fn app_arn() -> AppArn {
    AppArn::of(&account(), &region(), &app())
}

pub(crate) fn place() -> AccountRegion {
    AccountRegion::of(&account(), &region())
}

pub(crate) fn role() -> RoleName {
    "Shop".parse().unwrap()
}

impl HttpClient for Canned {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Canned {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        let sent = Sent {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            user_agent: header("x-amz-user-agent"),
            authorization: header("authorization"),
            target: header("x-amz-target"),
            content_type: header("content-type"),
            body: String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).unwrap(),
        };
        let reply = self.reply(&sent);
        self.sent.lock().unwrap().push(sent);
        HttpConnectorFuture::new(reply.answer())
    }
}
