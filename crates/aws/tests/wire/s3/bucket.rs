//! An embedded bucket, and the disturbances on the way to it.
use crate::canned::{Canned, Reply};
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use pinpoint_streams_aws::s3::{Encryption, Location, RemoteState};
use pinpoint_streams_aws::{ConnectOptions, SharedHttpClient};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use winterbaume_core::MockAws;
use winterbaume_s3::S3Service;

pub(super) const URL: &str = "s3://team/growth/state.json";

#[derive(Debug, Clone)]
pub(super) enum Disturbance {
    NotSent,
    /// It is carried out, and the answer is lost.
    AnswerLost,
    Late(Duration),
    Unconditional,
    /// Another answers in S3's place.
    Instead(Reply),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) if_match: Option<String>,
    pub(super) if_none_match: Option<String>,
    pub(super) content_type: Option<String>,
    /// The server-side encryption, and its KMS key.
    pub(super) encryption: (Option<String>, Option<String>),
}

/// The bucket `team`. Clones are one bucket.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    s3: SharedHttpClient,
    /// The embedded S3 looks at a condition and then writes; S3 itself does both at once.
    turn: Arc<tokio::sync::Mutex<()>>,
    disturbances: Arc<Mutex<Vec<(String, Disturbance)>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Bucket {
    pub(super) async fn new() -> Bucket {
        let s3 = MockAws::builder().with_service(S3Service::new()).build().http_client();
        let bucket = Bucket { s3, turn: Arc::default(), disturbances: Arc::default(), asked: Arc::default() };
        let there = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1);
        let create = bucket.other_hand().create_bucket().bucket("team");
        create.create_bucket_configuration(there.build()).send().await.unwrap();
        bucket
    }

    /// Whoever else has access, with plain calls.
    pub(super) fn other_hand(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("AKIDOTHER", "none", None, None, "test"))
            .http_client(self.s3.clone());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// The state, as a process of its own reaches it.
    pub(super) async fn remote(&self) -> RemoteState {
        remote(SharedHttpClient::new(self.clone())).await
    }

    /// What happens to the next request whose method and path end so, `PUT /growth/state.json`. The same may be said
    /// several times.
    pub(super) fn next(&self, ends: &str, disturbance: Disturbance) {
        self.disturbances.lock().unwrap().push((ends.to_owned(), disturbance));
    }

    pub(super) fn next_few(&self, n: usize, ends: &str, disturbance: &Disturbance) {
        (0..n).for_each(|_| self.next(ends, disturbance.clone()));
    }

    /// Whatever was to happen does not any more.
    pub(super) fn calm(&self) {
        self.disturbances.lock().unwrap().clear();
    }

    /// All that was asked whose method and path end so.
    pub(super) fn asked(&self, ends: &str) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.line().ends_with(ends)).cloned().collect()
    }

    pub(super) async fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        let answer = self.other_hand().get_object().bucket("team").key(key).send().await.ok()?;
        Some(answer.body.collect().await.unwrap().to_vec())
    }

    pub(super) async fn text(&self, key: &str) -> Option<String> {
        self.bytes(key).await.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    /// Another hand puts this there, whatever is there.
    pub(super) async fn put(&self, key: &str, bytes: &[u8]) {
        let body = ByteStream::from(bytes.to_vec());
        self.other_hand().put_object().bucket("team").key(key).body(body).send().await.unwrap();
    }

    pub(super) async fn remove(&self, key: &str) {
        self.other_hand().delete_object().bucket("team").key(key).send().await.unwrap();
    }

    fn disturbance(&self, asked: &Asked) -> Option<Disturbance> {
        let mut disturbances = self.disturbances.lock().unwrap();
        let at = disturbances.iter().position(|(ends, _)| asked.line().ends_with(ends))?;
        Some(disturbances.remove(at).1)
    }
}

/// The state at [`URL`], over this transport.
pub(super) async fn remote(client: SharedHttpClient) -> RemoteState {
    encrypted(client, Encryption::BucketDefault).await
}

/// The same, with this encryption of writes.
pub(super) async fn encrypted(client: SharedHttpClient, encryption: Encryption) -> RemoteState {
    let mut options = ConnectOptions::new("growth".parse().unwrap(), Some("run-7".parse().unwrap()));
    options.http_client = Some(client);
    options.static_credentials = Some(Arc::new(|_| "AKIDTEAM".to_owned()));
    let at = Location::of_url(URL, Some("eu-west-1".to_owned()), None).unwrap();
    let at = Location { encryption, ..at };
    RemoteState::connect(&at, &options).await.unwrap()
}

/// The state at [`URL`], over scripted answers.
pub(super) async fn canned(canned: &Canned) -> RemoteState {
    remote(SharedHttpClient::new(canned.clone())).await
}

/// An error as S3 words it.
pub(super) fn refusal(status: u16, code: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code>\
         <Message>{code} it is</Message><RequestId>req-1</RequestId></Error>"
    );
    Reply::http(status, "application/xml", body).with("x-amz-request-id", "req-1")
}

impl Asked {
    fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl HttpClient for Bucket {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Way { bucket: self.clone(), s3: self.s3.http_connector(settings, components) })
    }
}

#[derive(Debug)]
struct Way {
    bucket: Bucket,
    s3: SharedHttpConnector,
}

impl HttpConnector for Way {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let header = |name: &str| request.headers().get(name).map(str::to_owned);
        let (_, path) = request.uri().split_once(".amazonaws.com").unwrap();
        let asked = Asked {
            method: request.method().to_owned(),
            path: path.split('?').next().unwrap_or_default().to_owned(),
            if_match: header("if-match"),
            if_none_match: header("if-none-match"),
            content_type: header("content-type"),
            encryption: (
                header("x-amz-server-side-encryption"),
                header("x-amz-server-side-encryption-aws-kms-key-id"),
            ),
        };
        let disturbance = self.bucket.disturbance(&asked);
        self.bucket.asked.lock().unwrap().push(asked);
        let (s3, turn) = (self.s3.clone(), Arc::clone(&self.bucket.turn));
        HttpConnectorFuture::new(async move {
            let broken = || ConnectorError::io(io::Error::from(io::ErrorKind::ConnectionReset).into());
            let is_heard = match disturbance {
                Some(Disturbance::NotSent) => return Err(broken()),
                Some(Disturbance::Instead(reply)) => return reply.answer().await,
                Some(Disturbance::AnswerLost) => false,
                Some(Disturbance::Late(by)) => {
                    tokio::time::sleep(by).await;
                    true
                }
                Some(Disturbance::Unconditional) => {
                    request.headers_mut().remove("if-none-match");
                    true
                }
                None => true,
            };
            let _turn = turn.lock().await;
            let answer = s3.call(request).await;
            if is_heard { answer } else { Err(broken()) }
        })
    }
}
