//! Reads, conditional writes and deletes, and lists of a bucket's objects. Ambiguous outcomes are resolved here by
//! reading the object back.
use super::error::{S3Error, S3ErrorKind};
use super::location::Encryption;
use crate::calling::Timeouts;
use crate::classify::{ApiOperation, CloudError, Service, missing};
use crate::connect_error::Failure;
use crate::pages::{self, Page};
use crate::profile::CredentialSettings;
use crate::service_time::ServiceTime;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, ServerSideEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use pinpoint_streams_model::error::one_line;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const GET: ApiOperation = ApiOperation::new(Service::S3, "GetObject");
const PUT: ApiOperation = ApiOperation::new(Service::S3, "PutObject");
const DELETE: ApiOperation = ApiOperation::new(Service::S3, "DeleteObject");
const LIST: ApiOperation = ApiOperation::new(Service::S3, "ListObjectsV2");
const VERSIONING: ApiOperation = ApiOperation::new(Service::S3, "GetBucketVersioning");

/// The maximum size of an object. A state with ten thousand resources has about ten megabytes.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;
/// Attempts to read an object whose body was incomplete.
const READS: u32 = 3;
/// Attempts of a write that was neither stored nor rejected.
const WRITES: u32 = 5;
/// The wait before the second attempt; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);

#[derive(Debug, Clone)]
pub(super) struct Objects {
    client: Client,
    bucket: String,
    encryption: Encryption,
    timeouts: Timeouts,
    pub(super) time: ServiceTime,
    /// To explain missing credentials; none for static ones.
    settings: Option<Arc<Result<CredentialSettings, Failure>>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) bytes: Vec<u8>,
    pub(super) etag: String,
}

/// The precondition of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Over {
    Nothing,
    ETag(String),
}

impl Over {
    fn holds(&self, found: Option<&Object>) -> bool {
        match self {
            Over::Nothing => found.is_none(),
            Over::ETag(etag) => found.is_some_and(|object| object.etag == *etag),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Content<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) kind: &'static str,
}

impl<'a> Content<'a> {
    pub(super) fn json(bytes: &'a [u8]) -> Content<'a> {
        Content { bytes, kind: "application/json" }
    }

    pub(super) fn script(bytes: &'a [u8]) -> Content<'a> {
        Content { bytes, kind: "text/x-shellscript; charset=utf-8" }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Put {
    /// With this ETag.
    Written(String),
    /// There is another object now, or none.
    Lost(Option<Object>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deleted {
    Done,
    /// There is another object now, or none.
    Refused,
}

/// Whether a bucket keeps old versions of objects, without which an overwritten state cannot be recovered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Versioning {
    Enabled,
    /// Never enabled, or suspended.
    Off,
    Unknown {
        reason: String,
    },
}

impl Objects {
    pub(super) fn new(
        client: Client,
        bucket: String,
        encryption: Encryption,
        timeouts: Timeouts,
        time: ServiceTime,
        settings: Option<Result<CredentialSettings, Failure>>,
    ) -> Objects {
        Objects { client, bucket, encryption, timeouts, time, settings: settings.map(Arc::new) }
    }

    pub(super) fn within(&self, timeouts: Timeouts) -> Objects {
        let config = self.client.config().to_builder();
        let client = Client::from_conf(config.timeout_config(timeouts.config()).build());
        Objects { client, timeouts, ..self.clone() }
    }

    pub(super) fn place(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// None if S3 reports no such object. A caller without s3:ListBucket is denied instead.
    /// Source: S3 API reference, GetObject, "Permissions".
    pub(super) async fn get(&self, key: &str) -> Result<Option<Object>, S3Error> {
        let (mut reads, mut wait) = (1, FIRST_WAIT);
        loop {
            let answer = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
                Ok(answer) => answer,
                Err(error) if error.code() == Some("NoSuchKey") && is_not_found(&error) => return Ok(None),
                Err(error) => return Err(self.failed(key, GET, error)),
            };
            let etag = answer.e_tag.ok_or_else(|| self.misread(key, missing(GET, "ETag")))?;
            match self.read_body(key, answer.body).await {
                Ok(bytes) => return Ok(Some(Object { bytes, etag })),
                Err(broken) if broken.kind == S3ErrorKind::TooLarge || reads == READS => return Err(broken),
                Err(_) => sleep(wait).await,
            }
            (reads, wait) = (reads + 1, wait * 2);
        }
    }

    async fn read_body(&self, key: &str, mut body: ByteStream) -> Result<Vec<u8>, S3Error> {
        let error = |kind, code, message| S3Error::local(&self.place(key), kind, GET, code, message);
        let reading = async {
            let mut bytes = Vec::new();
            while let Some(chunk) = body.next().await {
                let chunk = chunk.map_err(|cut| error(S3ErrorKind::Unreachable, "BodyCut", body_cut(&cut)))?;
                if bytes.len() + chunk.len() > LIMIT {
                    return Err(error(S3ErrorKind::TooLarge, "TooLarge", too_large()));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        };
        match timeout(self.timeouts.operation, reading).await {
            Ok(read) => read,
            Err(_) => Err(error(S3ErrorKind::Timeout, "Timeout", "the body did not end in time".to_owned())),
        }
    }

    /// Writes an object under a precondition and resolves an ambiguous outcome by reading back. `is_ours` recognizes what
    /// this write stores, so that a write that the SDK retried after it had succeeded does not count as another's.
    pub(super) async fn put(
        &self,
        key: &str,
        content: Content<'_>,
        over: &Over,
        is_ours: impl Fn(&[u8]) -> bool,
    ) -> Result<Put, S3Error> {
        if content.bytes.len() > LIMIT {
            let (place, message) = (self.place(key), too_large());
            return Err(S3Error::local(&place, S3ErrorKind::TooLarge, PUT, "TooLarge", message));
        }
        let (mut writes, mut wait) = (1, FIRST_WAIT);
        loop {
            let unclear = match self.put_once(key, content, over).await {
                Ok(etag) => return Ok(Put::Written(etag)),
                Err(refused) if refused.definitely_refused && !refused.is_race() => return Err(refused),
                Err(unclear) => unclear,
            };
            // If the read fails too, the first error is more informative.
            let Ok(found) = self.get(key).await else { return Err(unclear) };
            match found {
                Some(found) if is_ours(&found.bytes) => return Ok(Put::Written(found.etag)),
                found if !over.holds(found.as_ref()) => return Ok(Put::Lost(found)),
                _ if writes == WRITES => return Err(unclear),
                _ => sleep(wait).await,
            }
            (writes, wait) = (writes + 1, wait * 2);
        }
    }

    /// Whether the store refuses to create an object that exists. Writes the object again if it does not.
    pub(super) async fn refuses_to_create(&self, key: &str, content: Content<'_>) -> Result<bool, S3Error> {
        match self.put_once(key, content, &Over::Nothing).await {
            Ok(_) => Ok(false),
            Err(refused) if refused.is_race() => Ok(true),
            Err(error) => Err(error),
        }
    }

    pub(super) fn unconditional(&self, key: &str) -> S3Error {
        let message = "the store ignores If-None-Match: it created an object that exists".to_owned();
        S3Error::local(&self.place(key), S3ErrorKind::Unconditional, PUT, "Unconditional", message)
    }

    async fn put_once(&self, key: &str, content: Content<'_>, over: &Over) -> Result<String, S3Error> {
        let request = self.client.put_object().bucket(&self.bucket).key(key);
        let request = match over {
            Over::Nothing => request.if_none_match("*"),
            Over::ETag(etag) => request.if_match(etag),
        };
        let request = match &self.encryption {
            Encryption::BucketDefault => request,
            Encryption::S3 => request.server_side_encryption(ServerSideEncryption::Aes256),
            Encryption::Kms(key) => {
                request.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(key)
            }
        };
        let body = ByteStream::from(content.bytes.to_vec());
        let answer: Result<_, SdkError<PutObjectError, HttpResponse>> =
            request.content_type(content.kind).body(body).send().await;
        let answer = answer.map_err(|error| self.failed(key, PUT, error))?;
        answer.e_tag.ok_or_else(|| self.misread(key, missing(PUT, "ETag")))
    }

    pub(super) async fn delete(&self, key: &str, etag: &str) -> Result<Deleted, S3Error> {
        match self.client.delete_object().bucket(&self.bucket).key(key).if_match(etag).send().await {
            Ok(_) => Ok(Deleted::Done),
            Err(error) => match self.failed(key, DELETE, error) {
                race if race.is_race() => Ok(Deleted::Refused),
                failed => Err(failed),
            },
        }
    }

    /// The keys with this prefix, in order.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<String>, S3Error> {
        let place = self.place(prefix);
        let ask = |token: Option<String>| {
            let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
            let request = request.set_continuation_token(token);
            async move {
                let answer = request.send().await.map_err(|error| crate::classify::classify(LIST, error))?;
                let next =
                    pages::marker(LIST, answer.is_truncated.unwrap_or_default(), answer.next_continuation_token)?;
                let items = answer.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
                Ok(Page { items: items.collect(), next })
            }
        };
        let keys: Result<Vec<String>, CloudError> = pages::all(LIST, ask).await;
        let mut keys = keys.map_err(|error| S3Error::of_cloud(&place, None, error))?;
        keys.sort();
        Ok(keys)
    }

    pub(super) async fn versioning(&self) -> Result<Versioning, S3Error> {
        let answer = self.client.get_bucket_versioning().bucket(&self.bucket).send().await;
        match answer.map_err(|error| self.failed("", VERSIONING, error)) {
            Ok(answer) if answer.status == Some(BucketVersioningStatus::Enabled) => Ok(Versioning::Enabled),
            Ok(_) => Ok(Versioning::Off),
            Err(denied) if denied.kind == S3ErrorKind::Denied => {
                Ok(Versioning::Unknown { reason: denied.to_string() })
            }
            Err(error) => Err(error),
        }
    }

    fn failed<E>(&self, key: &str, operation: ApiOperation, error: SdkError<E, HttpResponse>) -> S3Error
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        S3Error::of_call(&self.place(key), operation, error, self.settings.as_deref())
    }

    fn misread(&self, key: &str, error: CloudError) -> S3Error {
        S3Error::of_cloud(&self.place(key), None, error)
    }
}

fn is_not_found<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404)
}

fn too_large() -> String {
    format!("it is larger than {} MiB", LIMIT / 1024 / 1024)
}

fn body_cut(error: &(dyn Error + 'static)) -> String {
    format!("the body broke off: {}", one_line(error))
}
