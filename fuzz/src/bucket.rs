//! State, lock and archives in S3.
use crate::answers::{options, runtime};
use crate::calls::parsed;
use crate::script::{Reply, Script};
use jiff::Timestamp;
use pinpoint_streams_aws::s3::{Location, RemoteState, S3Error};
use pinpoint_streams_executor::clock::Clock;
use pinpoint_streams_model::ids::{Serial, Workspace};
use pinpoint_streams_store::lock::{Holder, LockCheck, LockStore};
use pinpoint_streams_store::state::{State, StateStore};
use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The most requests of one action.
const MOST_REQUESTS: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

struct World {
    runtime: Runtime,
    script: Script,
    remote: RemoteState,
    state: State,
}

impl World {
    fn new() -> World {
        let (runtime, script) = (runtime(), Script::default());
        let at = Location::of_url("s3://team/growth/state.json", Some("eu-west-1".to_owned()), None);
        let at = at.expect("a location");
        let remote = runtime.block_on(RemoteState::connect(&at, &options(&script))).expect("nothing is asked yet");
        let json = include_bytes!("../../tests/formats/state/v1-early.json");
        let state = State::from_json("state.json", json, &workspace()).expect("a state");
        World { runtime, script, remote, state }
    }
}

fn workspace() -> Workspace {
    parsed("growth")
}

/// Does what the first byte selects, with the rest as responses.
pub fn fuzz(input: &[u8]) {
    static WORLD: OnceLock<World> = OnceLock::new();
    let World { runtime, script, remote, state } = WORLD.get_or_init(World::new);
    let Some((selector, replies)) = input.split_first() else { return };
    script.play(replies);
    runtime.block_on(act(selector.wrapping_sub(b'A') % 8, remote, state));
    let served = script.served();
    assert!(script.calls() <= MOST_REQUESTS, "{} requests", script.calls());
    assert!(served.iter().all(|reply| *reply != Reply::Refused) || script.calls() > 0);
}

async fn act(action: u8, remote: &RemoteState, state: &State) {
    match action {
        0 => match remote.state(workspace()).read().await {
            Ok(Some(state)) => is_kept(&state),
            Ok(None) => {}
            Err(error) => show(&error),
        },
        // The next serial after what is there.
        1 => {
            let store = remote.state(workspace());
            let next = match store.read().await {
                Ok(Some(mut found)) => {
                    found.serial = Serial(found.serial.0.saturating_add(1));
                    found
                }
                Ok(None) => state.clone(),
                Err(error) => return show(&error),
            };
            if let Err(error) = store.write(&next).await {
                show(&error);
            }
        }
        2 => {
            if let Err(error) = remote.state(workspace()).push(state).await {
                show(&error);
            }
        }
        3 => lock(remote, state).await,
        4 => match remote.unlock("6f1e", now()).await {
            Ok(found) => assert_eq!(found.id, "6f1e"),
            Err(error) => {
                let _ = error.hint();
                show(&error);
            }
        },
        5 => match remote.versioning().await {
            Ok(versioning) => drop(format!("{versioning:?}")),
            Err(error) => show(&error),
        },
        6 => archives(remote, "a").await,
        _ => archives(remote, "a/1.json").await,
    }
}

async fn lock(remote: &RemoteState, _: &State) {
    let lock = remote.lock(At(now()));
    let holder = Holder { who: "ana".to_owned(), host: "laptop".to_owned(), pid: 7, since: now() };
    let held = match lock.acquire(&holder).await {
        Ok(held) => held,
        Err(error) => return show(&error),
    };
    // Longer than the interval of heartbeats.
    tokio::time::sleep(Duration::from_secs(31)).await;
    let _ = held.check().is_held().await;
    if let Err(error) = lock.release(held).await {
        show(&error);
    }
}

async fn archives(remote: &RemoteState, key: &str) {
    match remote.read_archives(key, None).await {
        Ok(archives) => {
            assert!(archives.is_sorted_by_key(|archive| &archive.path));
            for archive in archives {
                assert!(!archive.is_verified, "no state knows it");
                let json = serde_json::to_vec(&archive.entry).expect("an archive can be written");
                let (again, _) = pinpoint_streams_store::archive::parse("again", &json).expect("it can be read");
                assert_eq!(again, archive.entry);
            }
        }
        Err(error) => show(&error),
    }
}

fn is_kept(state: &State) {
    let json = state.to_json().expect("a state can be written");
    let again = State::from_json("again", &json, &workspace()).expect("what is written can be read");
    assert_eq!(again, *state);
}

fn now() -> Timestamp {
    parsed("2026-11-23T09:00:00Z")
}

fn show(error: &(dyn Error + 'static)) {
    let _ = format!("{error} {error:?}");
    if let Some(error) = S3Error::find(error) {
        let _ = error.hint();
    }
}
