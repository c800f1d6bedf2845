//! Archives in a bucket: there before the delete that they belong to, and found again from any machine.
use super::bucket::{Bucket, Disturbance, canned, refusal};
use crate::canned::{Canned, Reply};
use pinpoint_streams_aws::s3::{RemoteState, S3Error, S3ErrorKind};
use pinpoint_streams_model::live::LiveEventStream;
use pinpoint_streams_store::archive::{
    self, ArchiveError, ArchiveStore, Entry, EventStream, FORMAT, FileArchive, Kept, Object,
};
use pinpoint_streams_store::state::State;
use pinpoint_streams_testkit::clock::START;
use pinpoint_streams_testkit::state_contract::state;
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

const RUN: &str = "20261123T090000Z-r1";
const FOLDER: &str = "growth/state.json.archive/20261123T090000Z-r1";

pub(super) fn entry(app: &str) -> Entry {
    let stream = EventStream {
        account: "123456789012".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        app_id: "abc".parse().unwrap(),
        event_stream: LiveEventStream { destination: "arn:d".to_owned(), role_arn: "arn:it's".to_owned() },
    };
    Entry {
        format: FORMAT,
        workspace: "growth".parse().unwrap(),
        lineage: "3f2a".parse().unwrap(),
        run: "r1".parse().unwrap(),
        time: START,
        address: format!("event_stream.{app}").parse().unwrap(),
        object: Object::EventStream(stream),
    }
}

/// A machine with a working folder of its own.
struct Machine {
    remote: RemoteState,
    folder: TempDir,
}

impl Machine {
    async fn new(bucket: &Bucket) -> Machine {
        Machine { remote: bucket.remote().await, folder: tempfile::tempdir().unwrap() }
    }

    async fn keep(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        self.remote.archive(FileArchive::new(self.folder.path())).keep(entry).await
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_is_in_the_bucket_and_in_the_folder_by_the_same_name() {
    let bucket = Bucket::new().await;
    let machine = Machine::new(&bucket).await;
    let kept = machine.keep(&entry("shop")).await.unwrap();
    assert_eq!(kept.path, format!("s3://team/{FOLDER}/event_stream.shop.json"));
    let local = machine.folder.path().join(RUN);
    for name in ["event_stream.shop.json", "event_stream.shop.restore.sh"] {
        let in_bucket = bucket.bytes(&format!("{FOLDER}/{name}")).await.unwrap();
        assert_eq!(in_bucket, std::fs::read(local.join(name)).unwrap());
    }
    assert_eq!(archive::read(&local.join("event_stream.shop.json")).unwrap(), (entry("shop"), kept.digest));
    let puts = bucket.asked("");
    assert!(puts.iter().all(|put| put.if_none_match.as_deref() == Some("*")), "{puts:?}");
}

#[tokio::test(start_paused = true)]
async fn archives_are_found_from_another_machine_and_only_what_the_state_knows_is_verified() {
    let bucket = Bucket::new().await;
    let machine = Machine::new(&bucket).await;
    let (shop, blog) = (machine.keep(&entry("shop")).await.unwrap(), machine.keep(&entry("blog")).await.unwrap());
    drop(machine);
    let known = BTreeMap::from([(shop.path.clone(), shop.digest.clone())]);
    let state = State { archives: known, ..state(1, "r1") };
    let elsewhere = bucket.remote().await;
    for key in ["growth/state.json.archive/", "growth/state.json.archive", FOLDER] {
        let found = elsewhere.read_archives(key, Some(&state)).await.unwrap();
        let seen: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.is_verified)).collect();
        assert_eq!(seen, [(blog.path.as_str(), false), (shop.path.as_str(), true)], "{key}");
        assert_eq!(found[1].entry, entry("shop"));
    }
    let one = format!("{FOLDER}/event_stream.shop.json");
    assert_eq!(elsewhere.read_archives(&one, None).await.unwrap()[0].digest, shop.digest);
    assert_eq!(elsewhere.archive_url(), "s3://team/growth/state.json.archive/");
    for nothing in ["growth/no such", "growth/no-such.json"] {
        assert!(elsewhere.read_archives(nothing, None).await.is_err(), "{nothing}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_in_the_bucket_is_not_kept() {
    for part in ["event_stream.shop.json", "event_stream.shop.restore.sh"] {
        let bucket = Bucket::new().await;
        let machine = Machine::new(&bucket).await;
        bucket.next(part, Disturbance::Instead(refusal(403, "AccessDenied")));
        let error = machine.keep(&entry("shop")).await.unwrap_err();
        assert_eq!(S3Error::find(&error).unwrap().kind, S3ErrorKind::Denied);
    }
}

#[tokio::test(start_paused = true)]
async fn an_archive_that_the_sdk_sent_twice_is_kept_once() {
    let bucket = Bucket::new().await;
    let machine = Machine::new(&bucket).await;
    bucket.next("event_stream.shop.json", Disturbance::AnswerLost);
    machine.keep(&entry("shop")).await.unwrap();
    assert_eq!(bucket.asked("event_stream.shop.json").len(), 3, "sent twice, and then looked at");
    assert_eq!(bucket.remote().await.read_archives(FOLDER, None).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_archive_of_another_is_never_written_over() {
    let bucket = Bucket::new().await;
    let key = format!("{FOLDER}/event_stream.shop.json");
    bucket.put(&key, b"theirs").await;
    let error = Machine::new(&bucket).await.keep(&entry("shop")).await.unwrap_err();
    assert!(error.to_string().contains("is not overwritten"), "{error}");
    assert_eq!(bucket.bytes(&key).await.unwrap(), b"theirs");
}

#[tokio::test(start_paused = true)]
async fn a_list_of_archives_is_read_to_its_last_page() {
    let folder = tempfile::tempdir().unwrap();
    let kept = FileArchive::new(folder.path()).keep(&entry("shop")).await.unwrap();
    let json = std::fs::read_to_string(Path::new(&kept.path)).unwrap();
    let page = |keys: &[&str], next: &str| {
        let contents: String = keys.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
        let body = format!("<ListBucketResult>{next}{contents}</ListBucketResult>");
        Reply::http(200, "application/xml", body)
    };
    let truncated = "<IsTruncated>true</IsTruncated><NextContinuationToken>t1</NextContinuationToken>";
    let s3 = Canned::new()
        .on(".json?", Reply::http(200, "application/json", json).with("etag", "\"e\""))
        .on("list-type=2", page(&["a/1.json", "a/1.restore.sh"], truncated))
        .on("continuation-token=t1", page(&["a/2.json"], "<IsTruncated>false</IsTruncated>"));
    let found = canned(&s3).await.read_archives("a", None).await.unwrap();
    let paths: Vec<_> = found.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["s3://team/a/1.json", "s3://team/a/2.json"]);

    let s3 = Canned::new().on("list-type=2", page(&["a/1.json"], "<IsTruncated>true</IsTruncated>"));
    assert!(canned(&s3).await.read_archives("a", None).await.is_err(), "half a list is no list");
}
