//! One bucket's objects, whole: read, written and deleted on a condition, listed. What an answer leaves open is
//! decided here, by reading back.
use super::error::{S3Error, S3ErrorKind};
use super::s3_time::S3Time;
use crate::calling::Timeouts;
use crate::classify::{Asked, missing};
use crate::pages::{self, Page};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::BucketVersioningStatus;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::error::one_line;
use std::error::Error;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const GET: Asked = Asked::s3("GetObject");
const PUT: Asked = Asked::s3("PutObject");
const DELETE: Asked = Asked::s3("DeleteObject");
const LIST: Asked = Asked::s3("ListObjectsV2");

/// The largest object that is read or written whole. A state of ten thousand resources has some ten megabytes.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;
/// How often a body that broke off is read at most.
const READS: u32 = 3;
/// How often a write that neither took hold nor was refused for good is made at most.
const WRITES: u32 = 5;
/// The wait before the second of either; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// One bucket.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    client: Client,
    bucket: String,
    timeouts: Timeouts,
    /// S3's clock, as its answers tell it.
    pub(super) time: S3Time,
}

/// An object as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) bytes: Vec<u8>,
    /// S3's word for this very content at this key.
    pub(super) etag: String,
}

/// What must stand where something is written.
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

/// What is written.
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

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Put {
    /// It stands, with this ETag.
    Written(String),
    /// Something else stands there, or nothing.
    Lost(Option<Object>),
}

/// What became of a delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deleted {
    Done,
    /// Something else stands there, or nothing.
    Refused,
}

impl Objects {
    pub(super) fn new(client: Client, bucket: String, timeouts: Timeouts, time: S3Time) -> Objects {
        Objects { client, bucket, timeouts, time }
    }

    /// The same with other timeouts.
    pub(super) fn within(&self, timeouts: Timeouts) -> Objects {
        let config = self.client.config().to_builder();
        let client = Client::from_conf(config.timeout_config(timeouts.config()).build());
        Objects { client, timeouts, ..self.clone() }
    }

    pub(super) fn place(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// The object; none where S3 says that there is none. A caller who may not list the bucket is denied instead.
    /// Source: S3 API reference, GetObject, "Permissions".
    pub(super) async fn get(&self, key: &str) -> Result<Option<Object>, S3Error> {
        let (mut reads, mut wait) = (1, FIRST_WAIT);
        loop {
            let answer = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
                Ok(answer) => answer,
                Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
                Err(error) => return Err(self.failed(key, GET, error)),
            };
            let etag = answer.e_tag.ok_or_else(|| self.misread(key, missing(GET, "ETag")))?;
            match self.whole(key, answer.body).await {
                Ok(bytes) => return Ok(Some(Object { bytes, etag })),
                Err(broken) if broken.kind == S3ErrorKind::TooLarge || reads == READS => return Err(broken),
                Err(_) => sleep(wait).await,
            }
            (reads, wait) = (reads + 1, wait * 2);
        }
    }

    async fn whole(&self, key: &str, mut body: ByteStream) -> Result<Vec<u8>, S3Error> {
        let ours = |kind, code, message| S3Error::ours(&self.place(key), kind, GET, code, message);
        let reading = async {
            let mut bytes = Vec::new();
            while let Some(chunk) = body.next().await {
                let chunk = chunk.map_err(|error| ours(S3ErrorKind::Unreachable, "BodyCut", body_cut(&error)))?;
                if bytes.len() + chunk.len() > LIMIT {
                    return Err(ours(S3ErrorKind::TooLarge, "TooLarge", too_large()));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        };
        match timeout(self.timeouts.operation, reading).await {
            Ok(read) => read,
            Err(_) => Err(ours(S3ErrorKind::Timeout, "Timeout", "the body did not end in time".to_owned())),
        }
    }

    /// Writes an object where `over` stands, and makes sure of it: whatever an answer leaves open is decided by
    /// reading back. `is_ours` tells what this write would have left from all else, so that a write that the SDK
    /// repeated after it had taken hold is not taken for another's.
    pub(super) async fn put(
        &self,
        key: &str,
        content: Content<'_>,
        over: &Over,
        is_ours: impl Fn(&[u8]) -> bool,
    ) -> Result<Put, S3Error> {
        if content.bytes.len() > LIMIT {
            let (place, message) = (self.place(key), too_large());
            return Err(S3Error::ours(&place, S3ErrorKind::TooLarge, PUT, "TooLarge", message));
        }
        let (mut writes, mut wait) = (1, FIRST_WAIT);
        loop {
            let unclear = match self.put_once(key, content, over).await {
                Ok(etag) => return Ok(Put::Written(etag)),
                Err(refused) if refused.definitely_refused && !refused.is_race() => return Err(refused),
                Err(unclear) => unclear,
            };
            // Were the read to fail too, the first error says more.
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

    async fn put_once(&self, key: &str, content: Content<'_>, over: &Over) -> Result<String, S3Error> {
        let request = self.client.put_object().bucket(&self.bucket).key(key);
        let request = match over {
            Over::Nothing => request.if_none_match("*"),
            Over::ETag(etag) => request.if_match(etag),
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

    /// The keys that begin so, in order.
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

    /// What the bucket says of its versioning.
    pub(super) async fn versioning(&self, asked: Asked) -> Result<Option<BucketVersioningStatus>, S3Error> {
        let answer = self.client.get_bucket_versioning().bucket(&self.bucket).send().await;
        Ok(answer.map_err(|error| self.failed("", asked, error))?.status)
    }

    fn failed<E>(&self, key: &str, asked: Asked, error: SdkError<E, HttpResponse>) -> S3Error
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        S3Error::of_call(&self.place(key), asked, error)
    }

    fn misread(&self, key: &str, error: CloudError) -> S3Error {
        S3Error::of_cloud(&self.place(key), None, error)
    }
}

fn too_large() -> String {
    format!("it is larger than {} MiB", LIMIT / 1024 / 1024)
}

fn body_cut(error: &(dyn Error + 'static)) -> String {
    format!("the body broke off: {}", one_line(error))
}
