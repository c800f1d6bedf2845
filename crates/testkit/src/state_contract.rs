//! What every store of states must show, whatever is behind it: memory, a file, an object in a bucket. Each behaviour is a
//! function of its own; [`crate::state_contract_tests`] and [`crate::state_bytes_contract_tests`] make a test of each.
use crate::parsed;
use pinpoint_streams_model::ids::{Serial, Workspace};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_store::state::{FORMAT, State, StateError, StateStore};
use std::future::Future;

/// A place where a state may be kept. Every store of it is as that of another process.
pub trait Shelf {
    type Store: StateStore;

    /// A store of its own of what is there.
    fn open(&self, workspace: &Workspace) -> impl Future<Output = Self::Store>;
}

/// A place where a state is kept as bytes.
pub trait ByteShelf: Shelf {
    /// Another hand puts these bytes there.
    fn put(&self, bytes: &[u8]) -> impl Future<Output = ()>;

    fn bytes(&self) -> impl Future<Output = Vec<u8>>;
}

/// A state with this serial that no other content has.
pub fn state(serial: u64, run: &str) -> State {
    let recorded = Recorded { lineage: Some(parsed("3f2a")), serial: Serial(serial), ..Recorded::default() };
    let state = State::of(&workspace(), &recorded, Default::default());
    State { last_run: Some(parsed(run)), ..state.unwrap_or_else(|| panic!("it has a lineage")) }
}

fn workspace() -> Workspace {
    parsed("growth")
}

#[track_caller]
fn is_conflict(outcome: Result<(), StateError>) {
    assert!(matches!(outcome, Err(StateError::Conflict { .. })), "{outcome:?}");
}

async fn written(store: &impl StateStore, state: &State) {
    store.write(state).await.unwrap_or_else(|error| panic!("{error}"));
}

async fn read(store: &impl StateStore) -> Option<State> {
    store.read().await.unwrap_or_else(|error| panic!("{error}"))
}

/// Nothing is there at first, and what is written is there for everybody.
pub async fn what_is_written_is_read_back(shelf: &impl Shelf) {
    let (ours, theirs) = (shelf.open(&workspace()).await, shelf.open(&workspace()).await);
    assert_eq!(read(&ours).await, None);
    for serial in 1..=3 {
        written(&ours, &state(serial, "r1")).await;
        assert_eq!(read(&ours).await, Some(state(serial, "r1")));
        assert_eq!(read(&theirs).await, Some(state(serial, "r1")));
    }
}

/// Where nothing is, only serial 1 is written.
pub async fn the_first_state_has_serial_one(shelf: &impl Shelf) {
    let store = shelf.open(&workspace()).await;
    is_conflict(store.write(&state(2, "r1")).await);
    assert_eq!(read(&store).await, None);
    written(&store, &state(1, "r1")).await;
}

/// Not the same serial, not one too many, and no other lineage.
pub async fn only_the_next_serial_of_the_same_lineage_is_written(shelf: &impl Shelf) {
    let store = shelf.open(&workspace()).await;
    written(&store, &state(1, "r1")).await;
    let other = State { lineage: parsed("other"), ..state(2, "r1") };
    for refused in [state(1, "r1"), state(1, "r2"), state(3, "r1"), other] {
        is_conflict(store.write(&refused).await);
        assert_eq!(read(&store).await, Some(state(1, "r1")));
    }
}

/// Who writes over what another has written since is refused, and nothing of the other's is lost.
pub async fn a_writer_who_missed_a_write_is_refused(shelf: &impl Shelf) {
    let (ours, theirs) = (shelf.open(&workspace()).await, shelf.open(&workspace()).await);
    written(&ours, &state(1, "r1")).await;
    assert_eq!(read(&theirs).await, Some(state(1, "r1")));
    written(&theirs, &state(2, "r2")).await;
    is_conflict(ours.write(&state(2, "r1")).await);
    assert_eq!(read(&ours).await, Some(state(2, "r2")));
    written(&ours, &state(3, "r1")).await;
}

/// What is written first by two at once is one of the two.
pub async fn the_first_state_is_written_once(shelf: &impl Shelf) {
    let (ours, theirs) = (shelf.open(&workspace()).await, shelf.open(&workspace()).await);
    assert_eq!((read(&ours).await, read(&theirs).await), (None, None));
    written(&ours, &state(1, "r1")).await;
    is_conflict(theirs.write(&state(1, "r2")).await);
    assert_eq!(read(&theirs).await, Some(state(1, "r1")));
}

/// A store that is opened for another workspace neither reads nor writes.
pub async fn another_workspaces_state_is_refused(shelf: &impl ByteShelf) {
    written(&shelf.open(&workspace()).await, &state(1, "r1")).await;
    let theirs = shelf.open(&parsed("ads")).await;
    let before = shelf.bytes().await;
    let error = theirs.read().await.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("`growth`, not `ads`"), "{error}");
    let next = State { workspace: parsed("ads"), ..state(2, "r1") };
    assert!(matches!(theirs.write(&next).await, Err(StateError::OtherWorkspace { .. })));
    assert_eq!(shelf.bytes().await, before);
}

/// Of a newer format nothing but the format is read, and nothing is written over it.
pub async fn a_newer_format_is_refused_unread(shelf: &impl ByteShelf) {
    let newer = format!(r#"{{"format": {}, "anything": "else"}}"#, FORMAT + 1);
    shelf.put(newer.as_bytes()).await;
    let store = shelf.open(&workspace()).await;
    assert!(matches!(store.read().await, Err(StateError::NewerFormat { format, .. }) if format == FORMAT + 1));
    for serial in [1, 2] {
        assert!(matches!(store.write(&state(serial, "r1")).await, Err(StateError::NewerFormat { .. })));
    }
    assert_eq!(shelf.bytes().await, newer.as_bytes());
}

/// What is cut off or empty is an error, and is never written over, not even by who has read what was there before.
pub async fn what_cannot_be_read_is_never_written_over(shelf: &impl ByteShelf) {
    let store = shelf.open(&workspace()).await;
    written(&store, &state(1, "r1")).await;
    let whole = shelf.bytes().await;
    for broken in [&whole[..whole.len() / 2], b"", b"{\"format\": 1,\n \"oops\": }"] {
        shelf.put(broken).await;
        for serial in [1, 2] {
            assert!(matches!(store.write(&state(serial, "r1")).await, Err(StateError::Broken { .. })));
        }
        assert!(matches!(store.read().await, Err(StateError::Broken { .. })));
        assert_eq!(shelf.bytes().await, broken);
    }
}

/// Makes a test of every behaviour of a store of states. `$setup` is an expression that is evaluated for each: an empty
/// [`Shelf`](crate::state_contract::Shelf).
#[macro_export]
macro_rules! state_contract_tests {
    ($setup:expr) => {
        $crate::state_contract_test_of_each! { $setup;
            what_is_written_is_read_back,
            the_first_state_has_serial_one,
            only_the_next_serial_of_the_same_lineage_is_written,
            a_writer_who_missed_a_write_is_refused,
            the_first_state_is_written_once,
        }
    };
}

/// The same for what holds where a state is kept as bytes: over a
/// [`ByteShelf`](crate::state_contract::ByteShelf).
#[macro_export]
macro_rules! state_bytes_contract_tests {
    ($setup:expr) => {
        $crate::state_contract_test_of_each! { $setup;
            another_workspaces_state_is_refused,
            a_newer_format_is_refused_unread,
            what_cannot_be_read_is_never_written_over,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! state_contract_test_of_each {
    ($setup:expr; $($behaviour:ident,)*) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                $crate::state_contract::$behaviour(&$setup).await;
            }
        )*
    };
}
