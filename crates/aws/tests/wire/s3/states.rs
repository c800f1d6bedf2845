//! The state in a bucket: the contract of every store of states, and what only a network can do to it.
use super::bucket::{Bucket, Disturbance, refusal};
use crate::canned::Reply;
use pinpoint_streams_aws::s3::{S3Error, S3ErrorKind, S3StateStore};
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_store::state::{State, StateError, StateStore};
use pinpoint_streams_testkit::state_contract::{ByteShelf, Shelf, state};

const KEY: &str = "growth/state.json";
const PUT: &str = "PUT /growth/state.json";
const GET: &str = "GET /growth/state.json";

impl Shelf for Bucket {
    type Store = S3StateStore;

    async fn open(&self, workspace: &Workspace) -> S3StateStore {
        self.remote().await.state(workspace.clone())
    }
}

impl ByteShelf for Bucket {
    async fn put(&self, bytes: &[u8]) {
        Bucket::put(self, KEY, bytes).await;
    }

    async fn bytes(&self) -> Vec<u8> {
        Bucket::bytes(self, KEY).await.unwrap()
    }
}

pinpoint_streams_testkit::state_contract_tests!(Bucket::new().await);
pinpoint_streams_testkit::state_bytes_contract_tests!(Bucket::new().await);

async fn store(bucket: &Bucket) -> S3StateStore {
    bucket.open(&"growth".parse().unwrap()).await
}

async fn opened() -> (Bucket, S3StateStore) {
    let bucket = Bucket::new().await;
    let store = store(&bucket).await;
    (bucket, store)
}

async fn stands(bucket: &Bucket) -> Option<State> {
    store(bucket).await.read().await.unwrap()
}

fn s3_error(error: &StateError) -> S3Error {
    S3Error::find(error).unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn every_write_says_what_it_is_written_over_and_no_read_stands_between_two() {
    let (bucket, store) = opened().await;
    for serial in 1..=3 {
        store.write(&state(serial, "r1")).await.unwrap();
    }
    assert_eq!(bucket.asked(GET).len(), 1, "what was written last is known");
    let puts = bucket.asked(PUT);
    let over: Vec<_> = puts.iter().map(|put| (put.if_none_match.as_deref(), put.if_match.is_some())).collect();
    assert_eq!(over, [(Some("*"), false), (None, true), (None, true)]);
    assert!(puts.iter().all(|put| put.content_type.as_deref() == Some("application/json")));
    assert_ne!(puts[1].if_match, puts[2].if_match);
    assert_eq!(store.place(), super::bucket::URL);
    assert_eq!(store.push_every().map(|every| every.as_secs()), Some(10));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_the_sdk_repeated_after_it_had_taken_hold_is_no_lost_race() {
    let (bucket, store) = opened().await;
    for serial in 1..=2 {
        bucket.next(PUT, Disturbance::AnswerLost);
        store.write(&state(serial, "r1")).await.unwrap();
    }
    assert_eq!(bucket.asked(PUT).len(), 4, "each was sent twice, and the second got 412");
    store.write(&state(3, "r1")).await.unwrap();
    assert_eq!(stands(&bucket).await, Some(state(3, "r1")));
}

#[tokio::test(start_paused = true)]
async fn a_lost_race_is_an_error_that_names_the_run_that_won() {
    let bucket = Bucket::new().await;
    let (ours, theirs) = (store(&bucket).await, store(&bucket).await);
    ours.write(&state(1, "r1")).await.unwrap();
    theirs.read().await.unwrap();
    theirs.write(&state(2, "r2")).await.unwrap();
    let error = ours.write(&state(2, "r1")).await.unwrap_err();
    assert!(matches!(error, StateError::Conflict { .. }));
    assert!(error.to_string().ends_with("it has serial 2 by run r2, and 2 was to be written"), "{error}");
    assert_eq!(stands(&bucket).await, Some(state(2, "r2")), "nothing of theirs is lost");
}

#[tokio::test(start_paused = true)]
async fn a_state_restored_elsewhere_under_the_same_serial_is_not_overwritten() {
    let (bucket, ours) = opened().await;
    ours.write(&state(1, "r1")).await.unwrap();
    bucket.put(KEY, &state(1, "r9").to_json().unwrap()).await;
    assert!(matches!(ours.write(&state(2, "r1")).await, Err(StateError::Conflict { .. })));
    assert_eq!(stands(&bucket).await, Some(state(1, "r9")));
}

#[tokio::test(start_paused = true)]
async fn a_state_that_is_gone_is_not_made_again() {
    let (bucket, ours) = opened().await;
    ours.write(&state(1, "r1")).await.unwrap();
    bucket.remove(KEY).await;
    let error = ours.write(&state(2, "r1")).await.unwrap_err();
    assert!(error.to_string().ends_with("it does not exist, so serial 2 cannot follow"), "{error}");
    assert_eq!(stands(&bucket).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_with_a_write_under_way_is_looked_at_and_tried_again_a_few_times() {
    let (bucket, ours) = opened().await;
    let conflict = Disturbance::Instead(refusal(409, "ConditionalRequestConflict"));
    bucket.next_few(4, PUT, &conflict);
    ours.write(&state(1, "r1")).await.unwrap();
    assert_eq!(stands(&bucket).await, Some(state(1, "r1")));

    bucket.next_few(5, PUT, &conflict);
    let error = ours.write(&state(2, "r1")).await.unwrap_err();
    assert_eq!(s3_error(&error).kind, S3ErrorKind::Contended);
    assert_eq!(stands(&bucket).await, Some(state(1, "r1")));
    ours.write(&state(2, "r1")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_conflict_that_another_won_is_a_lost_race() {
    let bucket = Bucket::new().await;
    let (ours, theirs) = (store(&bucket).await, store(&bucket).await);
    ours.read().await.unwrap();
    theirs.write(&state(1, "r2")).await.unwrap();
    bucket.next(PUT, Disturbance::Instead(refusal(409, "ConditionalRequestConflict")));
    assert!(matches!(ours.write(&state(1, "r1")).await, Err(StateError::Conflict { .. })));
    assert_eq!(stands(&bucket).await, Some(state(1, "r2")));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_did_not_get_through_is_an_error_and_is_made_good_later() {
    let (bucket, ours) = opened().await;
    ours.write(&state(1, "r1")).await.unwrap();
    bucket.next_few(100, "", &Disturbance::NotSent);
    let error = s3_error(&ours.write(&state(2, "r1")).await.unwrap_err());
    assert_eq!((error.kind, error.operation.as_ref()), (S3ErrorKind::Unreachable, "PutObject"));
    bucket.calm();
    ours.write(&state(2, "r1")).await.unwrap();
    assert_eq!(stands(&bucket).await, Some(state(2, "r1")));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_arrived_is_made_again() {
    let bucket = Bucket::new().await;
    // All that the SDK sends by itself; what then stands there decides.
    bucket.next_few(10, PUT, &Disturbance::NotSent);
    store(&bucket).await.write(&state(1, "r1")).await.unwrap();
    assert_eq!(stands(&bucket).await, Some(state(1, "r1")));
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_every_answer_is_lost_is_found_by_reading_back() {
    let bucket = Bucket::new().await;
    bucket.next_few(10, PUT, &Disturbance::AnswerLost);
    store(&bucket).await.write(&state(1, "r1")).await.unwrap();
    assert_eq!(bucket.asked(PUT).len(), 10);
    assert_eq!(stands(&bucket).await, Some(state(1, "r1")));
}

#[tokio::test(start_paused = true)]
async fn no_answer_at_all_ends_in_an_error_in_the_time_that_is_set() {
    let bucket = Bucket::new().await;
    bucket.next_few(100, GET, &Disturbance::Instead(Reply::Silence));
    let began = tokio::time::Instant::now();
    let error = store(&bucket).await.read().await.unwrap_err();
    assert_eq!(s3_error(&error).kind, S3ErrorKind::Timeout);
    assert!(began.elapsed().as_secs() <= 300, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_read_again_and_is_never_taken_for_the_state() {
    let (bucket, ours) = opened().await;
    ours.write(&state(1, "r1")).await.unwrap();
    let whole = bucket.text(KEY).await.unwrap();
    let half = Reply::http(200, "application/json", &whole[..whole.len() / 2])
        .with("content-length", &whole.len().to_string())
        .with("etag", "\"half\"");
    bucket.next_few(2, GET, &Disturbance::Instead(half.clone()));
    assert_eq!(ours.read().await.unwrap(), Some(state(1, "r1")));

    bucket.next_few(3, GET, &Disturbance::Instead(half));
    let error = s3_error(&ours.read().await.unwrap_err());
    assert_eq!((error.kind, error.code.as_str()), (S3ErrorKind::Unreachable, "BodyCut"));
}

#[tokio::test(start_paused = true)]
async fn what_is_far_too_large_is_no_state_and_is_not_read_to_its_end() {
    let bucket = Bucket::new().await;
    let large = Reply::http(200, "application/json", " ".repeat(64 * 1024 * 1024 + 1)).with("etag", "\"large\"");
    bucket.next(GET, Disturbance::Instead(large));
    let error = s3_error(&store(&bucket).await.read().await.unwrap_err());
    assert_eq!(error.kind, S3ErrorKind::TooLarge);
    assert!(error.message.contains("64 MiB"), "{error}");
    assert_eq!(bucket.asked(GET).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_read_through_one_handle_is_known_to_all_handles_of_a_process() {
    let bucket = Bucket::new().await;
    let remote = bucket.remote().await;
    let handle = || remote.state("growth".parse().unwrap());
    handle().read().await.unwrap();
    handle().write(&state(1, "r1")).await.unwrap();
    handle().write(&state(2, "r1")).await.unwrap();
    let asked: Vec<_> = bucket.asked(KEY).into_iter().map(|asked| asked.method).collect();
    assert_eq!(asked, ["GET", "PUT", "PUT"]);
}
