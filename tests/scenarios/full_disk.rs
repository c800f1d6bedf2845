//! A disk that is full from the n-th write on, for every n, whichever of the state, the journal and the archives it
//! strikes: the run says what was done and what was not, and the next one, with room again, ends where this one would.
use crate::crash::edited;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_testkit::faults::{Faults, Room};
use pinpoint_streams_testkit::{Command, How, Memory};

/// Which of the stores is full after so many writes; and how many it takes in all.
type Fill = (&'static str, fn(Option<usize>) -> Room, fn(&Memory) -> usize);

const FILLS: [Fill; 4] = [
    ("the state", |state| Room { state, ..NO_LIMIT }, |memory| memory.state.writes()),
    ("the journal", |journal| Room { journal, ..NO_LIMIT }, |memory| memory.journal.writes()),
    ("the archive", |archive| Room { archive, ..NO_LIMIT }, |memory| memory.archive.writes()),
    (
        "the journal, beside a full state,",
        |journal| Room { state: Some(0), journal, ..NO_LIMIT },
        |memory| memory.journal.writes(),
    ),
];
const NO_LIMIT: Room = Room { state: None, journal: None, archive: None };

fn how(room: Room) -> How {
    How { parallelism: 2, ..How::with(Faults { room, ..Faults::default() }) }
}

/// How many writes of this store the run takes that finds room for all.
async fn whole(writes: fn(&Memory) -> usize) -> usize {
    let mut trial = edited().await;
    let before = writes(&trial.world.memory);
    let (_, outcome) = trial.run(&Command::apply(), &how(NO_LIMIT)).await.ran();
    assert_eq!(outcome.ending, Ending::Done);
    writes(&trial.world.memory) - before
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_from_any_write_on_leaves_a_true_table_and_a_next_run_that_ends_well() {
    let mut tried = 0;
    for (store, fill, writes) in FILLS {
        let whole = whole(writes).await;
        assert!(whole > 0, "{store} is not written at all");
        // With room for all of them nothing goes wrong; how many there are depends a little on how fast the store is.
        for room in 0..=whole {
            let case = format!("{store} has room for {room} writes");
            let mut trial = edited().await;
            let (_, outcome) = trial.run(&Command::apply(), &how(fill(Some(room)))).await.ran();
            tried += 1;
            match outcome.ending {
                Ending::Done => assert!(outcome.state_written.is_ok(), "{case}"),
                ending => assert!(matches!(ending, Ending::Failed | Ending::Refused), "{case}: {ending:?}"),
            }
            trial.apply().await;
        }
    }
    println!("full disks tried: {tried}");
    assert!(tried > 20, "{tried}");
}
