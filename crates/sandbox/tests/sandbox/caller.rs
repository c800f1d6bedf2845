//! A client that sends hand-written requests, and the clock of the sandbox under test.
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnector, HttpConnectorSettings, SharedHttpClient};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::body::SdkBody;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_sandbox::{Sandbox, Settings, access_key_for};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

pub(crate) const ACCOUNT: &str = "123456789012";

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) error_type: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn xml(&self, tag: &str) -> Option<&str> {
        self.all_xml(tag).into_iter().next()
    }

    pub(crate) fn all_xml(&self, tag: &str) -> Vec<&str> {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        let pieces = self.body.split(&open).skip(1);
        pieces.map(|piece| piece.split(&close).next().unwrap()).collect()
    }

    /// Status and error code, in any protocol.
    pub(crate) fn error(&self) -> (u16, String) {
        let code = self.error_type.clone().or_else(|| self.xml("Code").map(str::to_owned));
        let code = code.or_else(|| self.json()["__type"].as_str().map(str::to_owned));
        (self.status, code.unwrap())
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Answer {
        assert!(self.status < 300, "{} {}", self.status, self.body);
        self
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) client: SharedHttpClient,
    pub(crate) account: &'static str,
    pub(crate) region: &'static str,
}

/// A deterministic sandbox in memory without propagation delay.
pub(crate) fn sandbox() -> Sandbox {
    Sandbox::in_memory(settings(&Clock::default()))
}

pub(crate) fn settings(clock: &Clock) -> Settings {
    let mut settings = Settings::new(clock.reader());
    settings.propagation = Duration::ZERO;
    settings.ids = Some(7);
    settings
}

impl Caller {
    pub(crate) fn of(sandbox: &Sandbox) -> Caller {
        Caller::through(sandbox.http_client())
    }

    pub(crate) fn through(client: SharedHttpClient) -> Caller {
        Caller { client, account: ACCOUNT, region: "us-east-1" }
    }

    pub(crate) fn in_account(&self, account: &'static str) -> Caller {
        Caller { account, ..self.clone() }
    }

    pub(crate) fn in_region(&self, region: &'static str) -> Caller {
        Caller { region, ..self.clone() }
    }

    pub(crate) async fn query(&self, service: &str, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("Action", action)
            .extend_pairs(parameters)
            .finish();
        let request = self.request(service, "POST", "/", &body);
        send(&self.client, request).await.unwrap()
    }

    pub(crate) async fn iam(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        self.query("iam", action, parameters).await
    }

    pub(crate) async fn pinpoint(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = self.request("mobiletargeting", method, path, &body);
        send(&self.client, request).await.unwrap()
    }

    pub(crate) async fn json11(&self, service: &str, operation: &str, body: Value) -> Answer {
        let mut request = self.request(service, "POST", "/", &body.to_string());
        request.headers_mut().insert("x-amz-target", format!("Any.{operation}"));
        send(&self.client, request).await.unwrap()
    }

    pub(crate) fn request(&self, service: &str, method: &str, path: &str, body: &str) -> HttpRequest {
        let key = access_key_for(self.account);
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).unwrap();
        let uri = format!("https://{service}.{}.amazonaws.com{path}", self.region);
        request.set_uri(uri).unwrap();
        request.headers_mut().insert(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={key}/20261123/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
                self.region
            ),
        );
        request
    }

    pub(crate) async fn create_app(&self, name: &str) -> String {
        let app = self.pinpoint("POST", "/v1/apps", serde_json::json!({ "Name": name })).await;
        assert_eq!(app.status, 201, "{}", app.body);
        app.json()["Id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn create_role(&self, name: &str, trust: &str) -> Answer {
        let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", trust)];
        self.iam("CreateRole", &parameters).await
    }

    pub(crate) async fn put_role_policy(&self, role: &str, name: &str, document: &str) -> Answer {
        let parameters = [("RoleName", role), ("PolicyName", name), ("PolicyDocument", document)];
        self.iam("PutRolePolicy", &parameters).await
    }
}

/// Sends a request as the SDK does.
pub(crate) async fn send(client: &SharedHttpClient, request: HttpRequest) -> Result<Answer, ConnectorError> {
    let components = RuntimeComponentsBuilder::for_tests().build().unwrap();
    let settings = HttpConnectorSettings::builder().build();
    let connector = client.http_connector(&settings, &components);
    let response = connector.call(request).await?;
    let body = response.body().bytes().unwrap_or_default();
    Ok(Answer {
        status: response.status().as_u16(),
        error_type: response.headers().get("x-amzn-errortype").map(str::to_owned),
        body: String::from_utf8(body.to_owned()).unwrap(),
    })
}

pub(crate) fn trust(account: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"pinpoint.amazonaws.com"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"aws:SourceAccount":"{account}"}},"ArnLike":{{"aws:SourceArn":"arn:aws:mobiletargeting:us-east-1:{account}:apps/*"}}}}}}]}}"#
    )
}

pub(crate) fn kinesis_permissions() -> &'static str {
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["kinesis:PutRecords","kinesis:DescribeStream"],"Resource":"arn:aws:kinesis:*:*:stream/*"}}"#
}

/// A wall clock that only [`Clock::advance`] moves.
#[derive(Debug, Clone)]
pub(crate) struct Clock(Arc<AtomicI64>);

impl Default for Clock {
    fn default() -> Self {
        let start: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap();
        Clock(Arc::new(AtomicI64::new(start.as_millisecond())))
    }
}

impl Clock {
    pub(crate) fn reader(&self) -> impl Fn() -> Timestamp + Send + Sync + 'static {
        let clock = self.clone();
        move || Timestamp::from_millisecond(clock.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap();
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}
