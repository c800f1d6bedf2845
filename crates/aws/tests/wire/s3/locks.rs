//! The lock in a bucket: had by one at a time, alive as long as its run, and given up only by its holder.
use super::bucket::{Bucket, Disturbance, encrypted, refusal};
use jiff::Timestamp;
use pinpoint_streams_aws::SharedHttpClient;
use pinpoint_streams_aws::s3::{Encryption, HeldS3, LockShown, RemoteState, S3Lock, UnlockError};
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_store::lock::{Heartbeat, Holder, LockCheck, LockError, LockStore};
use pinpoint_streams_store::state::StateStore;
use pinpoint_streams_testkit::FakeClock;
use pinpoint_streams_testkit::state_contract::state;
use std::time::Duration;
use tokio::time::{sleep, timeout};

const KEY: &str = "growth/state.json.lock";
const PUT: &str = "PUT /growth/state.json.lock";
const GET: &str = "GET /growth/state.json.lock";
const DELETE: &str = "DELETE /growth/state.json.lock";

pub(super) fn holder(who: &str) -> Holder {
    Holder { who: who.to_owned(), host: "ci-7".to_owned(), pid: 42, since: Timestamp::UNIX_EPOCH }
}

async fn lock(bucket: &Bucket) -> S3Lock<FakeClock> {
    bucket.remote().await.lock(FakeClock::new())
}

async fn had(lock: &S3Lock<FakeClock>, who: &str) -> HeldS3 {
    lock.acquire(&holder(who)).await.unwrap()
}

/// A lock that is held by `ana`.
async fn acquired() -> (Bucket, S3Lock<FakeClock>, HeldS3) {
    let bucket = Bucket::new().await;
    let lock = lock(&bucket).await;
    let held = had(&lock, "ana").await;
    (bucket, lock, held)
}

pub(super) async fn shown(remote: &RemoteState, now: Timestamp) -> Option<LockShown> {
    match remote.unlock("another", now).await {
        Err(UnlockError::OtherId { found, .. }) => Some(found),
        Err(UnlockError::NoLock { .. }) => None,
        other => panic!("{other:?}"),
    }
}

async fn lock_file(bucket: &Bucket) -> serde_json::Value {
    serde_json::from_str(&bucket.text(KEY).await.unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn of_two_at_once_one_has_the_lock_and_the_other_is_told_who() {
    let bucket = Bucket::new().await;
    let (ours, theirs) = (lock(&bucket).await, lock(&bucket).await);
    let (ana, bob) = (holder("ana"), holder("bob"));
    // Both have looked before either has it.
    bucket.next_few(2, PUT, &Disturbance::Late(Duration::from_secs(1)));
    let outcomes = tokio::join!(ours.acquire(&ana), theirs.acquire(&bob));
    let (held, refused, winner) = match outcomes {
        (Ok(held), Err(refused)) => (held, refused, "ana"),
        (Err(refused), Ok(held)) => (held, refused, "bob"),
        other => panic!("{other:?}"),
    };
    let LockError::Held { place, holder: Some(by), heartbeat: Some(Heartbeat { id, age }) } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((place.as_str(), by.who.as_str()), ("s3://team/growth/state.json.lock", winner));
    assert_eq!((id.as_str(), age.as_secs()), (held.id(), 1));
    let puts = bucket.asked(PUT);
    assert_eq!(puts.len(), 3, "the winner checks that the lock cannot be created again");
    assert!(puts.iter().all(|put| put.if_none_match.as_deref() == Some("*")), "{puts:?}");

    ours.release(held).await.unwrap();
    assert_eq!(bucket.text(KEY).await, None);
    let held = had(&theirs, "bob").await;
    theirs.release(held).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_lock_says_who_holds_it_in_a_form_that_is_kept() {
    let (bucket, ours, held) = acquired().await;
    let text = bucket.text(KEY).await.unwrap();
    insta::assert_snapshot!(text.replace(held.id(), "3f2a"), @r#"
    {
      "format": 1,
      "id": "3f2a",
      "who": "ana",
      "host": "ci-7",
      "pid": 42,
      "since": "1970-01-01T00:00:00Z",
      "heartbeat_at": "2026-11-23T09:00:00Z"
    }
    "#);
    assert_eq!(bucket.asked(PUT)[0].content_type.as_deref(), Some("application/json"));
    ours.release(held).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_the_sdk_made_twice_is_ours_all_the_same() {
    let bucket = Bucket::new().await;
    let ours = lock(&bucket).await;
    bucket.next(PUT, Disturbance::AnswerLost);
    let held = had(&ours, "ana").await;
    assert_eq!(bucket.asked(PUT).len(), 3, "the second got 412, and so did the check");
    assert_eq!(lock_file(&bucket).await["id"], held.id());
    ours.release(held).await.unwrap();
    assert_eq!(bucket.text(KEY).await, None, "no orphan is left");
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_held_shows_a_sign_of_life_every_half_minute() {
    let bucket = Bucket::new().await;
    let (clock, remote) = (FakeClock::new(), bucket.remote().await);
    let ours = remote.lock(clock.clone());
    let held = had(&ours, "ana").await;
    for _ in 0..10 {
        sleep(Duration::from_secs(61)).await;
        let age = shown(&remote, clock.now()).await.unwrap().age;
        assert!(age <= Duration::from_secs(31), "{age:?}");
    }
    let puts = bucket.asked(PUT);
    assert_eq!(puts.len(), 22, "one to create it, one to check that, and two a minute");
    assert!(puts[2..].iter().all(|put| put.if_match.is_some()));
    ours.release(held).await.unwrap();
    assert_eq!(bucket.asked(DELETE).len(), 1, "the latest sign's ETag is known");
    assert_eq!(bucket.text(KEY).await, None);
}

#[tokio::test(start_paused = true)]
async fn signs_of_life_go_on_after_an_outage_and_a_lost_answer() {
    let (bucket, ours, held) = acquired().await;
    let begun = lock_file(&bucket).await["heartbeat_at"].clone();
    bucket.next_few(1000, "", &Disturbance::NotSent);
    sleep(Duration::from_secs(100)).await;
    bucket.calm();
    assert_eq!(lock_file(&bucket).await["heartbeat_at"], begun);
    bucket.next(PUT, Disturbance::AnswerLost);
    sleep(Duration::from_secs(100)).await;
    assert_ne!(lock_file(&bucket).await["heartbeat_at"], begun);
    assert!(timeout(Duration::from_secs(100), held.lost()).await.is_err());
    ours.release(held).await.unwrap();
    assert_eq!(bucket.text(KEY).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_that_finds_anothers_lock_leaves_it_and_says_so() {
    let (bucket, ours, held) = acquired().await;
    let theirs = lock(&bucket).await;
    bucket.remove(KEY).await;
    let taken = had(&theirs, "bob").await;
    timeout(Duration::from_secs(31), held.lost()).await.unwrap();
    assert_eq!(lock_file(&bucket).await["id"], taken.id());
    let error = ours.release(held).await.unwrap_err();
    assert!(matches!(&error, LockError::Lost { holder: Some(by), .. } if by.who == "bob"), "{error:?}");
    assert!(error.to_string().contains("was removed while this run held it; it is now held by bob"), "{error}");
    theirs.release(taken).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_was_taken_away_is_not_made_again() {
    let (bucket, ours, held) = acquired().await;
    bucket.remove(KEY).await;
    timeout(Duration::from_secs(31), held.lost()).await.unwrap();
    assert_eq!(bucket.text(KEY).await, None);
    let error = ours.release(held).await.unwrap_err();
    assert!(matches!(error, LockError::Lost { holder: None, .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_a_lock_that_another_took_leaves_it_alone() {
    let (bucket, ours, held) = acquired().await;
    let theirs = lock(&bucket).await;
    bucket.remove(KEY).await;
    let taken = had(&theirs, "bob").await;
    let error = ours.release(held).await.unwrap_err();
    assert!(matches!(&error, LockError::Lost { holder: Some(by), .. } if by.who == "bob"), "{error:?}");
    assert_eq!(lock_file(&bucket).await["id"], taken.id());
    theirs.release(taken).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_given_up_though_the_answer_is_lost_or_a_sign_of_life_came_last() {
    let (bucket, ours, held) = acquired().await;
    bucket.next(DELETE, Disturbance::AnswerLost);
    ours.release(held).await.unwrap();

    let held = had(&ours, "ana").await;
    let late = bucket.text(KEY).await.unwrap().replace("T09:00", "T09:01");
    bucket.put(KEY, late.as_bytes()).await;
    ours.release(held).await.unwrap();
    assert_eq!(bucket.text(KEY).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_cannot_be_given_up_is_an_error() {
    let (bucket, ours, held) = acquired().await;
    bucket.next_few(1000, "", &Disturbance::NotSent);
    assert!(matches!(ours.release(held).await, Err(LockError::Store { .. })));
    bucket.calm();
    assert!(bucket.text(KEY).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_dropped_stays_and_goes_silent() {
    let (_bucket, ours, held) = acquired().await;
    let id = held.id().to_owned();
    drop(held);
    sleep(Duration::from_secs(200)).await;
    let refused = ours.acquire(&holder("bob")).await.unwrap_err();
    let LockError::Held { heartbeat: Some(heartbeat), .. } = &refused else { panic!("{refused:?}") };
    assert_eq!((&heartbeat.id, heartbeat.age.as_secs()), (&id, 200));
    assert!(refused.to_string().contains(&format!("last heartbeat 3 min ago, lock ID {id}")), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_the_locks_place_holds_it_whatever_it_is() {
    let bucket = Bucket::new().await;
    for nonsense in ["", "{}", r#"{"format": 2, "id": "x"}"#] {
        bucket.put(KEY, nonsense.as_bytes()).await;
        let refused = lock(&bucket).await.acquire(&holder("ana")).await.unwrap_err();
        assert!(matches!(refused, LockError::Held { holder: None, heartbeat: None, .. }), "{refused:?}");
        assert_eq!(bucket.text(KEY).await.as_deref(), Some(nonsense));
    }
    assert_eq!((bucket.asked(GET).len(), bucket.asked(PUT).len()), (3, 0), "it is looked at first");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_ignores_conditions_is_named_and_nothing_but_the_lock_was_written() {
    for (second, cause) in [
        (Disturbance::Unconditional, "the store ignores If-None-Match"),
        (Disturbance::Instead(refusal(403, "AccessDenied")), "AccessDenied"),
    ] {
        let bucket = Bucket::new().await;
        let lock = lock(&bucket).await;
        bucket.next(PUT, Disturbance::Late(Duration::ZERO));
        bucket.next(PUT, second);
        let error = lock.acquire(&holder("ana")).await.unwrap_err();
        let LockError::Store { place, source } = &error else { panic!("{error:?}") };
        assert_eq!(place, "s3://team/growth/state.json.lock");
        assert!(source.to_string().contains(cause), "{source}");
        assert_eq!((bucket.text(KEY).await, bucket.text("growth/state.json").await), (None, None));
    }
}

#[tokio::test(start_paused = true)]
async fn every_write_requests_the_encryption() {
    let kms = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
    let fresh = state(1, "run-1");
    for (encryption, sent) in [
        (Encryption::BucketDefault, (None, None)),
        (Encryption::S3, (Some("AES256"), None)),
        (Encryption::Kms(kms.to_owned()), (Some("aws:kms"), Some(kms))),
    ] {
        let bucket = Bucket::new().await;
        let remote = encrypted(SharedHttpClient::new(bucket.clone()), encryption).await;
        let lock = remote.lock(FakeClock::new());
        let held = had(&lock, "ana").await;
        sleep(Duration::from_secs(31)).await;
        remote.state(fresh.workspace.clone()).write(&fresh).await.unwrap();
        lock.release(held).await.unwrap();
        let puts: Vec<_> = bucket.asked("").into_iter().filter(|asked| asked.method == "PUT").collect();
        assert!(puts.len() >= 4, "lock, its check, a heartbeat and the state: {puts:?}");
        for put in puts {
            assert_eq!((put.encryption.0.as_deref(), put.encryption.1.as_deref()), sent, "{put:?}");
        }
    }
}

/// A run that stood still: the wall clock went on, and no heartbeat was sent.
#[tokio::test(start_paused = true)]
async fn a_run_that_stood_still_confirms_its_lock_before_it_writes() {
    let bucket = Bucket::new().await;
    let clock = FakeClock::new();
    let ours = bucket.remote().await.lock(clock.clone());
    let held = had(&ours, "ana").await;
    let (check, puts) = (held.check(), bucket.asked(PUT).len());
    clock.advance(Duration::from_secs(59));
    assert!(check.is_held().await);
    assert_eq!(bucket.asked(PUT).len(), puts, "a fresh lock is not asked about");

    for by in [61, 3600] {
        let puts = bucket.asked(PUT).len();
        clock.advance(Duration::from_secs(by));
        assert!(check.is_held().await && check.is_held().await);
        assert_eq!(bucket.asked(PUT).len(), puts + 1, "one heartbeat is enough");
    }

    let theirs = lock(&bucket).await;
    bucket.remove(KEY).await;
    let taken = had(&theirs, "bob").await;
    clock.advance(Duration::from_secs(61));
    let began = tokio::time::Instant::now();
    assert!(!check.is_held().await);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(lock_file(&bucket).await["id"], taken.id());
    assert!(matches!(ours.release(held).await, Err(LockError::Lost { .. })));
    theirs.release(taken).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_cannot_be_confirmed_for_a_minute_counts_as_lost_and_is_given_up_if_it_is_ours() {
    let bucket = Bucket::new().await;
    let clock = FakeClock::new();
    let ours = bucket.remote().await.lock(clock.clone());
    let held = had(&ours, "ana").await;
    clock.advance(Duration::from_secs(61));
    bucket.next_few(1000, "", &Disturbance::NotSent);
    assert!(!held.check().is_held().await);
    timeout(Duration::from_secs(1), held.lost()).await.unwrap();
    bucket.calm();
    ours.release(held).await.unwrap();
    assert_eq!(bucket.text(KEY).await, None);
}
