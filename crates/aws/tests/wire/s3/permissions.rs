//! The statements that `permissions` prints for a state in a bucket, held against the calls that are made: the caller has
//! them and no others, does all of the work, is refused nothing, and needs every action of them.
use super::archives::entry;
use super::bucket::{Bucket, encrypted, refusal};
use super::locks::holder;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use pinpoint_streams_aws::SharedHttpClient;
use pinpoint_streams_aws::permissions::{Scope, Work, permissions};
use pinpoint_streams_aws::s3::{Encryption, RemoteState, S3Error, S3ErrorKind, Versioning};
use pinpoint_streams_model::policy::{Decision, Document, Request, evaluate};
use pinpoint_streams_store::archive::{ArchiveStore, FileArchive};
use pinpoint_streams_store::lock::LockStore;
use pinpoint_streams_store::state::StateStore;
use pinpoint_streams_testkit::FakeClock;
use pinpoint_streams_testkit::state_contract::state;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const KMS_KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ARCHIVES: &str = "growth/state.json.archive/";

/// A caller of the bucket with a policy, and what it used and was refused.
#[derive(Debug, Clone)]
struct Caller {
    bucket: Bucket,
    policy: Arc<Document>,
    granted: BTreeSet<String>,
    encryption: Encryption,
    used: Arc<Mutex<BTreeSet<String>>>,
    refused: Arc<Mutex<BTreeSet<String>>>,
}

impl Caller {
    async fn new(work: Work, bucket: &Bucket, encryption: Encryption) -> Caller {
        let at = encrypted(SharedHttpClient::new(bucket.clone()), encryption.clone()).await.location().clone();
        let mut policy = permissions(work, &Scope { state: Some(at), ..Scope::default() });
        let of_accounts = permissions(work, &Scope::default()).statement;
        policy.statement.retain(|statement| !of_accounts.contains(statement));
        let granted = policy.statement.iter().flat_map(|statement| &statement.action);
        let granted = granted.map(ToString::to_string).collect();
        let policy = Document::from_json(&serde_json::to_string(&policy).unwrap()).unwrap();
        let (used, refused) = Default::default();
        Caller { bucket: bucket.clone(), policy: Arc::new(policy), granted, encryption, used, refused }
    }

    async fn remote(&self) -> RemoteState {
        encrypted(SharedHttpClient::new(self.clone()), self.encryption.clone()).await
    }

    fn may(&self, action: &str, resource: &str) -> bool {
        let through = BTreeMap::from([("kms:ViaService".to_owned(), "s3.eu-west-1.amazonaws.com".to_owned())]);
        let nothing = BTreeMap::new();
        let context = if action.starts_with("kms:") { &through } else { &nothing };
        let request = Request { principal: None, action, resource: Some(resource), context };
        let is_allowed = evaluate(&self.policy, &request) == Decision::Allowed;
        let record = if is_allowed { &self.used } else { &self.refused };
        record.lock().unwrap().insert(if is_allowed {
            action.to_owned()
        } else {
            format!("{action} on {resource}")
        });
        is_allowed
    }

    /// What S3 asks for. Sources: S3 API reference, "Permissions" of each operation; S3 user guide, "Conditional requests":
    /// a write or delete with `If-Match` takes `s3:GetObject`, too.
    fn is_permitted(&self, request: &HttpRequest) -> bool {
        let bucket = "arn:aws:s3:::team";
        let (_, path) = request.uri().split_once(".amazonaws.com").unwrap();
        let (key, query) = path.split_once('?').unwrap_or((path, ""));
        let object = format!("{bucket}{key}");
        let has = |name: &str| request.headers().get(name).is_some();
        let is_encrypted = matches!(self.encryption, Encryption::Kms(_));
        let mut needs = match (request.method(), key) {
            ("GET", "/") if query.contains("versioning") => vec![("s3:GetBucketVersioning", bucket)],
            ("GET", "/") => vec![("s3:ListBucket", bucket)],
            ("GET", _) if is_encrypted => vec![("s3:GetObject", object.as_str()), ("kms:Decrypt", KMS_KEY)],
            ("GET", _) => vec![("s3:GetObject", object.as_str())],
            ("PUT", _) if is_encrypted => {
                vec![("s3:PutObject", object.as_str()), ("kms:GenerateDataKey", KMS_KEY)]
            }
            ("PUT", _) => vec![("s3:PutObject", object.as_str())],
            ("DELETE", _) => vec![("s3:DeleteObject", object.as_str())],
            other => panic!("{other:?}"),
        };
        if has("if-match") {
            needs.push(("s3:GetObject", &object));
        }
        needs.iter().all(|(action, resource)| self.may(action, resource))
    }

    /// These actions were all that was needed, and nothing beyond them is granted.
    fn needed_all(&self, expected: &[&str]) {
        assert_eq!(*self.refused.lock().unwrap(), BTreeSet::new());
        let used = self.used.lock().unwrap().clone();
        assert_eq!(used.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        assert_eq!(used, self.granted);
    }
}

impl HttpClient for Caller {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let bucket = self.bucket.http_connector(settings, components);
        SharedHttpConnector::new(Guarded { caller: self.clone(), bucket })
    }
}

#[derive(Debug)]
struct Guarded {
    caller: Caller,
    bucket: SharedHttpConnector,
}

impl HttpConnector for Guarded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let denied = || refusal(403, "AccessDenied");
        if !self.caller.is_permitted(&request) {
            return HttpConnectorFuture::new(async move { denied().answer().await });
        }
        let is_read = request.method() == "GET";
        let (caller, answer) = (self.caller.clone(), self.bucket.call(request));
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            // Source: S3 API reference, GetObject: without s3:ListBucket, an object that is missing is denied.
            if is_read && answer.status().as_u16() == 404 && !caller.may("s3:ListBucket", "arn:aws:s3:::team") {
                return denied().answer().await;
            }
            Ok(answer)
        })
    }
}

async fn look(remote: &RemoteState) {
    remote.state("growth".parse().unwrap()).read().await.unwrap();
    remote.lock(FakeClock::new()).peek().await.unwrap();
}

/// All that a run does that writes its state: with an archive if it deletes.
async fn run(remote: &RemoteState, serial: u64, deletes: bool) {
    look(remote).await;
    remote.versioning().await.unwrap();
    let lock = remote.lock(FakeClock::new());
    let held = lock.acquire(&holder("ana")).await.unwrap();
    let store = remote.state("growth".parse().unwrap());
    store.read().await.unwrap();
    if deletes {
        let folder = tempfile::tempdir().unwrap();
        remote.archive(FileArchive::new(folder.path())).keep(&entry("shop")).await.unwrap();
    }
    store.write(&state(serial, "r1")).await.unwrap();
    store.write(&state(serial + 1, "r1")).await.unwrap();
    // A heartbeat.
    tokio::time::sleep(Duration::from_secs(40)).await;
    lock.release(held).await.unwrap();
}

const WRITER: [&str; 5] =
    ["s3:DeleteObject", "s3:GetBucketVersioning", "s3:GetObject", "s3:ListBucket", "s3:PutObject"];

#[tokio::test(start_paused = true)]
async fn each_kind_of_work_needs_each_permission_on_the_bucket_and_no_other() {
    let bucket = Bucket::new().await;
    let auditor = Caller::new(Work::Audit, &bucket, Encryption::BucketDefault).await;
    look(&auditor.remote().await).await;
    let operator = Caller::new(Work::Apply, &bucket, Encryption::BucketDefault).await;
    run(&operator.remote().await, 1, true).await;
    operator.remote().await.read_archives(ARCHIVES, None).await.unwrap();
    operator.needed_all(&WRITER);
    look(&auditor.remote().await).await;
    auditor.needed_all(&["s3:GetObject", "s3:ListBucket"]);

    let restorer = Caller::new(Work::Restore, &bucket, Encryption::BucketDefault).await;
    restorer.remote().await.read_archives(ARCHIVES, None).await.unwrap();
    run(&restorer.remote().await, 3, false).await;
    restorer.needed_all(&WRITER);

    let bucket = Bucket::new().await;
    let sweeper = Caller::new(Work::Teardown, &bucket, Encryption::BucketDefault).await;
    run(&sweeper.remote().await, 1, true).await;
    sweeper.needed_all(&WRITER);
}

#[tokio::test(start_paused = true)]
async fn what_a_kms_key_encrypts_takes_that_key() {
    let bucket = Bucket::new().await;
    let encryption = Encryption::Kms(KMS_KEY.to_owned());
    let operator = Caller::new(Work::Apply, &bucket, encryption.clone()).await;
    run(&operator.remote().await, 1, true).await;
    let mut expected = vec!["kms:Decrypt", "kms:GenerateDataKey"];
    expected.extend(WRITER);
    operator.needed_all(&expected);
    let auditor = Caller::new(Work::Audit, &bucket, encryption).await;
    look(&auditor.remote().await).await;
    auditor.needed_all(&["kms:Decrypt", "s3:GetObject", "s3:ListBucket"]);
}

#[tokio::test(start_paused = true)]
async fn who_may_look_may_not_write_and_reads_no_archive() {
    let bucket = Bucket::new().await;
    let operator = Caller::new(Work::Apply, &bucket, Encryption::BucketDefault).await;
    run(&operator.remote().await, 1, true).await;
    let auditor = Caller::new(Work::Audit, &bucket, Encryption::BucketDefault).await.remote().await;
    let store = auditor.state("growth".parse().unwrap());
    store.read().await.unwrap();
    let error = store.write(&state(3, "r1")).await.unwrap_err();
    assert_eq!(S3Error::find(&error).unwrap().kind, S3ErrorKind::Denied);
    assert!(auditor.lock(FakeClock::new()).acquire(&holder("ana")).await.is_err());
    assert!(auditor.read_archives(ARCHIVES, None).await.is_err());
    assert!(matches!(auditor.versioning().await.unwrap(), Versioning::Unknown { .. }));
}
