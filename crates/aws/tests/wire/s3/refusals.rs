//! What S3 refuses, and what a person is told to do about it.
use super::bucket::{Bucket, Disturbance, URL, canned, refusal};
use crate::canned::{Canned, Reply};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use pinpoint_streams_aws::ConnectOptions;
use pinpoint_streams_aws::s3::{Location, RemoteState, S3Error, S3ErrorKind, Versioning};
use pinpoint_streams_store::state::{StateError, StateStore};
use pinpoint_streams_testkit::state_contract::state;

async fn read(reply: Reply) -> S3Error {
    let s3 = Canned::new().on("growth/state.json", reply);
    let error = canned(&s3).await.state("growth".parse().unwrap()).read().await.unwrap_err();
    assert!(matches!(error, StateError::Store { .. }), "{error:?}");
    S3Error::find(&error).unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn every_refusal_is_told_apart_and_says_what_to_do() {
    let elsewhere = refusal(301, "PermanentRedirect").with("x-amz-bucket-region", "eu-central-1");
    let in_frankfurt = S3ErrorKind::WrongRegion { is: Some("eu-central-1".to_owned()) };
    let somewhere = S3ErrorKind::WrongRegion { is: None };
    for (reply, kind, code, hint) in [
        (refusal(404, "NoSuchBucket"), S3ErrorKind::NoBucket, "NoSuchBucket", "check `bucket`"),
        (refusal(403, "AccessDenied"), S3ErrorKind::Denied, "AccessDenied", "s3:ListBucket"),
        (elsewhere, in_frankfurt, "PermanentRedirect", "region = \"eu-central-1\""),
        (
            refusal(400, "AuthorizationHeaderMalformed"),
            somewhere,
            "AuthorizationHeaderMalformed",
            "get-bucket-location",
        ),
        (refusal(400, "ExpiredToken"), S3ErrorKind::Expired, "ExpiredToken", "aws sso login"),
        (refusal(403, "InvalidAccessKeyId"), S3ErrorKind::Refused, "InvalidAccessKeyId", "access key"),
        (refusal(503, "SlowDown"), S3ErrorKind::Other, "SlowDown", "aws s3 ls s3://team/growth/state.json"),
    ] {
        let error = read(reply).await;
        assert_eq!((&error.kind, error.code.as_str(), error.operation.as_ref()), (&kind, code, "GetObject"));
        assert!(error.hint().contains(hint), "{}", error.hint());
        assert_eq!((error.place.as_str(), error.request_id.as_deref()), (URL, Some("req-1")));
    }
    let closed = read(Reply::Refused).await;
    assert_eq!((&closed.kind, closed.code.as_str()), (&S3ErrorKind::Unreachable, "ConnectionRefused"));
    assert!(closed.hint().contains("AWS_ENDPOINT_URL_S3"), "{}", closed.hint());
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_is_denied_is_never_told_that_there_is_no_state() {
    let bucket = Bucket::new().await;
    let store = bucket.remote().await.state("growth".parse().unwrap());
    for denied in [refusal(403, "AccessDenied"), Reply::html(404), Reply::http(404, "text/plain", "")] {
        bucket.next("GET /growth/state.json", Disturbance::Instead(denied.clone()));
        assert!(store.read().await.is_err(), "{denied:?}");
    }
    assert_eq!(store.read().await.unwrap(), None);
    bucket.next("PUT /growth/state.json", Disturbance::Instead(refusal(403, "AccessDenied")));
    let error = store.write(&state(1, "r1")).await.unwrap_err();
    assert_eq!(S3Error::find(&error).unwrap().operation, "PutObject");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_does_not_say_that_there_is_no_state() {
    let error = read(refusal(500, "NoSuchKey")).await;
    assert_eq!((error.operation.as_ref(), error.code.as_str()), ("GetObject", "NoSuchKey"));
}

#[tokio::test(start_paused = true)]
async fn what_s3_is_too_busy_for_is_asked_again() {
    let bucket = Bucket::new().await;
    let store = bucket.remote().await.state("growth".parse().unwrap());
    bucket.next_few(4, "GET /growth/state.json", &Disturbance::Instead(refusal(503, "SlowDown")));
    bucket.next_few(4, "PUT /growth/state.json", &Disturbance::Instead(refusal(500, "InternalError")));
    store.write(&state(1, "r1")).await.unwrap();
    assert_eq!(store.read().await.unwrap(), Some(state(1, "r1")));
}

#[tokio::test(start_paused = true)]
async fn a_bucket_says_whether_it_keeps_older_versions() {
    let bucket = Bucket::new().await;
    let remote = bucket.remote().await;
    assert_eq!(remote.versioning().await.unwrap(), Versioning::Off);
    let set = |status: BucketVersioningStatus| {
        let config = VersioningConfiguration::builder().status(status).build();
        bucket.other_hand().put_bucket_versioning().bucket("team").versioning_configuration(config).send()
    };
    set(BucketVersioningStatus::Enabled).await.unwrap();
    assert_eq!(remote.versioning().await.unwrap(), Versioning::Enabled);
    set(BucketVersioningStatus::Suspended).await.unwrap();
    assert_eq!(remote.versioning().await.unwrap(), Versioning::Off);
    bucket.next("", Disturbance::Instead(refusal(403, "AccessDenied")));
    let unknown = remote.versioning().await.unwrap();
    assert!(matches!(&unknown, Versioning::Unknown { reason } if reason.contains("AccessDenied")), "{unknown:?}");
    bucket.next("", Disturbance::Instead(refusal(404, "NoSuchBucket")));
    assert_eq!(remote.versioning().await.unwrap_err().kind, S3ErrorKind::NoBucket);
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_said_before_any_call() {
    let at = Location::of_url(URL, Some("eu-west-1".to_owned()), Some("no such profile".to_owned())).unwrap();
    let options = ConnectOptions::new("growth".parse().unwrap(), None);
    let error = RemoteState::connect(&at, &options).await.unwrap_err();
    assert_eq!((error.kind.clone(), error.operation.as_ref()), (S3ErrorKind::UnknownProfile, "credentials"));
    assert!(error.hint().contains("AWS_PROFILE"), "{}", error.hint());
}
