//! Taking away the lock of a run that is dead, and of no other.
use super::bucket::{Bucket, Disturbance, canned, refusal};
use super::locks::{holder, shown};
use crate::canned::{Canned, Reply};
use pinpoint_streams_aws::s3::{RemoteState, UnlockError};
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_store::lock::{LockStore, rounded};
use pinpoint_streams_testkit::FakeClock;
use pinpoint_streams_testkit::clock::START;
use std::time::Duration;

const KEY: &str = "growth/state.json.lock";
const DELETE: &str = "DELETE /growth/state.json.lock";

/// A lock whose run died so many seconds ago, with its id.
async fn left_behind(seconds: u64) -> (Bucket, FakeClock, RemoteState, String) {
    let (bucket, clock) = (Bucket::new().await, FakeClock::new());
    let remote = bucket.remote().await;
    let held = remote.lock(clock.clone()).acquire(&holder("ana")).await.unwrap();
    let id = held.id().to_owned();
    drop(held);
    clock.advance(Duration::from_secs(seconds));
    (bucket, clock, remote, id)
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_silent_for_two_minutes_is_taken_away_and_the_next_run_has_it() {
    let (_bucket, clock, remote, id) = left_behind(120).await;
    let found = shown(&remote, clock.now()).await.unwrap();
    assert_eq!((found.id.as_str(), found.age.as_secs(), found.holder.who.as_str()), (id.as_str(), 120, "ana"));
    assert_eq!(remote.unlock(&id, clock.now()).await.unwrap(), found);
    assert_eq!(shown(&remote, clock.now()).await, None);
    let lock = remote.lock(clock);
    let held = lock.acquire(&holder("bob")).await.unwrap();
    lock.release(held).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lock_younger_than_two_minutes_is_left_and_the_wait_is_said() {
    let (bucket, _, remote, id) = left_behind(0).await;
    let seconds = Duration::from_secs;
    // In the third case this machine's clock is behind: the sign of life is from the future.
    for (now, left) in
        [(START, 120), (START + seconds(1), 119), (START + seconds(119), 1), (START - seconds(60), 120)]
    {
        let error = remote.unlock(&id, now).await.unwrap_err();
        let UnlockError::TooYoung { wait, .. } = &error else { panic!("{error:?}") };
        assert_eq!(wait.as_secs(), left);
        assert!(error.hint().contains(&format!("try again in {}", rounded(*wait))), "{}", error.hint());
    }
    assert!(bucket.asked(DELETE).is_empty());
    assert!(bucket.text(KEY).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn another_lock_than_the_one_that_is_named_is_left() {
    let (bucket, clock, remote, id) = left_behind(600).await;
    let error = remote.unlock("another", clock.now()).await.unwrap_err();
    assert!(matches!(&error, UnlockError::OtherId { found, .. } if found.id == id), "{error:?}");
    assert!(error.hint().contains(&format!("state unlock {id}")), "{}", error.hint());
    assert!(bucket.text(KEY).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_not_held_cannot_be_removed() {
    let remote = Bucket::new().await.remote().await;
    assert!(matches!(remote.unlock("x", START).await, Err(UnlockError::NoLock { .. })));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_lock_is_not_taken_away() {
    let bucket = Bucket::new().await;
    let remote = bucket.remote().await;
    for (nonsense, reason) in [("{", "EOF"), (r#"{"format": 2, "id": "x"}"#, "newer")] {
        bucket.put(KEY, nonsense.as_bytes()).await;
        let error = remote.unlock("x", START).await.unwrap_err();
        assert!(matches!(error, UnlockError::Unreadable { .. }) && error.to_string().contains(reason), "{error}");
    }
    assert!(bucket.text(KEY).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_comes_to_life_meanwhile_is_left() {
    let (bucket, clock, remote, id) = left_behind(600).await;
    let stale = bucket.text(KEY).await.unwrap();
    let alive = stale.replace("T09:00", "T09:10");
    // What is read is old by the time that it is deleted.
    let old = Reply::http(200, "application/json", stale).with("etag", "\"old\"");
    bucket.next("GET /growth/state.json.lock", Disturbance::Instead(old));
    bucket.put(KEY, alive.as_bytes()).await;
    assert!(matches!(remote.unlock(&id, clock.now()).await, Err(UnlockError::Changed { .. })));
    assert_eq!(bucket.text(KEY).await, Some(alive));
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_delete_had_no_answer_is_taken_away_all_the_same() {
    let (bucket, clock, remote, id) = left_behind(600).await;
    bucket.next_few(10, DELETE, &Disturbance::AnswerLost);
    remote.unlock(&id, clock.now()).await.unwrap();
    assert_eq!(bucket.text(KEY).await, None);

    let (bucket, clock, remote, id) = left_behind(600).await;
    bucket.next(DELETE, Disturbance::Instead(refusal(403, "AccessDenied")));
    assert!(matches!(remote.unlock(&id, clock.now()).await, Err(UnlockError::Store(_))));
    assert!(bucket.text(KEY).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn the_age_of_a_lock_is_by_s3s_clock_and_not_by_this_machines() {
    let lock = r#"{"format":1,"id":"3f2a","who":"ana","host":"ci-7","pid":42,
        "since":"2026-11-23T08:00:00Z","heartbeat_at":"2026-11-23T09:00:00Z"}"#;
    let reply = Reply::http(200, "application/json", lock)
        .with("etag", "\"e\"")
        .with("date", "Mon, 23 Nov 2026 09:00:45 GMT");
    let s3 = Canned::new().on("growth/state.json.lock", reply);
    // This machine is ten minutes ahead.
    let now = START + Duration::from_secs(600);
    let error = canned(&s3).await.unlock("3f2a", now).await.unwrap_err();
    let UnlockError::TooYoung { found, wait, .. } = error else { panic!("{error:?}") };
    assert_eq!((found.age.as_secs(), wait.as_secs()), (45, 75));
}
