//! The crash matrix: a run is cut off before and after every call to AWS and every write to what is kept, reads too,
//! and amid those that can be torn. After each cut the same is typed again, and all is as if nothing had been cut: the
//! same is there and the same is recorded, nothing twice, nothing foreign touched, all that is gone archived, and
//! nothing left to do.
mod scenes;

use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::AppKey;
use pinpoint_streams_testkit::history::Moment;
use pinpoint_streams_testkit::oracle::{at_rest, likeness, unarchived};
use pinpoint_streams_testkit::{Command, How, Outside, World};
use scenes::Scene;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What is lost with a run beside what it had in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    /// Nothing: state, journal and archives are on this machine, and stay.
    Nothing,
    /// The working folder, with the journal in it. State and archives are elsewhere.
    Folder,
}

/// How often the state is pushed where it is elsewhere.
const PUSH_EVERY: Duration = Duration::from_secs(10);

struct Depth {
    parallelism: &'static [usize],
    /// After so many cuts the run after the cut is cut too...
    every_nth_world: usize,
    /// ...at so many of its moments.
    every_nth_second: usize,
}

#[expect(clippy::disallowed_methods, reason = "the environment selects how much is tried")]
fn depth() -> Depth {
    match std::env::var("PINPOINT_STREAMS_NIGHTLY").ok().filter(|value| value == "1") {
        Some(_) => Depth { parallelism: &[1, 2, 4, 10], every_nth_world: 2, every_nth_second: 2 },
        None => Depth { parallelism: &[4], every_nth_world: 11, every_nth_second: 7 },
    }
}

/// How many cuts were tried.
#[derive(Debug, Default, Clone, Copy)]
struct Cuts {
    /// Where a run was cut.
    once: usize,
    /// Worlds among them that differ, each of which was begun anew.
    worlds: usize,
    /// Where the run after a cut was cut too.
    twice: usize,
}

async fn moments(command: &Command, world: &World, parallelism: usize) -> Vec<Moment> {
    let mut world = world.fork();
    let history = world.record();
    let (_, outcome) = world.run(command, &How { parallelism, ..How::default() }).await.ran();
    assert!(matches!(outcome.ending, Ending::Done | Ending::NoChanges), "{:#?}", outcome.steps);
    history.end()
}

/// The world that the next run finds.
fn left(moment: &Moment, loss: Loss, next: Option<&(Desired, Command)>) -> World {
    let mut world = moment.world.fork();
    if loss == Loss::Folder {
        world.memory.journal.lose();
    }
    if let Some((desired, _)) = next {
        world.desired = desired.clone();
    }
    world.cloud.set_latency(Duration::ZERO);
    world
}

/// An event stream bears no tags: where its record is lost and adoption is asked, it counts as adopted.
async fn outcome_of(world: &World, loss: Loss) -> BTreeSet<String> {
    let is_asked = |key: &AppKey| world.desired.apps.get(key).is_some_and(|app| app.adopt);
    let undecided =
        |address: &Address| loss == Loss::Folder && matches!(address, Address::EventStream(key) if is_asked(key));
    likeness(world, undecided).await
}

/// One scene, cut everywhere.
async fn cut_everywhere(scene: Scene, loss: Loss, latency: Duration) -> Cuts {
    let Scene { world, command, next } = scene;
    let then = next.as_ref().map_or(&command, |(_, command)| command);
    if loss == Loss::Folder {
        world.memory.state.set_push_every(Some(PUSH_EVERY));
    }
    let (before, outside) = (world.cloud.snapshot(), Outside::of(&world));
    let mut uncut = world.fork();
    uncut.finish(&command).await;
    uncut.cloud.settle();
    if let Some((desired, command)) = &next {
        uncut.desired = desired.clone();
        uncut.finish(command).await;
    }
    let wanted = outcome_of(&uncut, loss).await;
    let to_go: BTreeSet<String> = before
        .roles
        .keys()
        .filter(|arn| !uncut.cloud.snapshot().roles.contains_key(*arn))
        .map(ToString::to_string)
        .collect();
    assert_eq!(at_rest(&uncut, &outside).await, [""; 0], "without a cut");

    let depth = depth();
    let mut cuts = Cuts::default();
    let mut failures = Vec::new();
    world.cloud.set_latency(latency);
    for parallelism in depth.parallelism {
        let mut last: Option<World> = None;
        for moment in moments(&command, &world, *parallelism).await {
            cuts.once += moment.about.len();
            let at = moment.about.join("; ");
            let unarchived = unarchived(&before, &to_go, &moment.world);
            if !unarchived.is_empty() {
                failures.push(format!("{at}: gone without an archive: {unarchived:?}"));
            }
            let begun = left(&moment, loss, next.as_ref());
            // With the folder the difference may be lost.
            if last.as_ref().is_some_and(|last| last.holds_the_same_as(&begun)) {
                continue;
            }
            last = Some(begun.fork());
            cuts.worlds += 1;
            if let Err(why) = recovers(then, &begun, &wanted, &outside, loss).await {
                failures.push(format!("{at}: {why}"));
                continue;
            }
            if cuts.worlds % depth.every_nth_world != 0 {
                continue;
            }
            let second = moments(then, &begun, *parallelism).await;
            for moment in second.iter().skip(cuts.worlds % depth.every_nth_second).step_by(depth.every_nth_second)
            {
                cuts.twice += moment.about.len();
                if let Err(why) = recovers(then, &left(moment, loss, None), &wanted, &outside, loss).await {
                    failures.push(format!("{at}; and again {}: {why}", moment.about.join("; ")));
                }
            }
        }
    }
    if !failures.is_empty() {
        let shown: Vec<_> = failures.iter().take(3).cloned().collect();
        panic!("{} of {} worlds: {}", failures.len(), cuts.worlds, shown.join("\n\n"));
    }
    cuts
}

async fn recovers(
    command: &Command,
    begun: &World,
    wanted: &BTreeSet<String>,
    outside: &Outside,
    loss: Loss,
) -> Result<(), String> {
    let mut world = begun.fork();
    world.converge(command).await?;
    let wrong = at_rest(&world, outside).await;
    if !wrong.is_empty() {
        return Err(format!("the record is not true: {wrong:#?}"));
    }
    let found = outcome_of(&world, loss).await;
    if found == *wanted {
        return Ok(());
    }
    let (more, less): (Vec<_>, Vec<_>) = (found.difference(wanted).collect(), wanted.difference(&found).collect());
    Err(format!("it did not come out as without a cut.\nfound: {more:#?}\nwanted: {less:#?}"))
}

/// How many cuts all tests of this process have tried, and in how many worlds.
static ALL: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

#[expect(clippy::print_stdout, reason = "how much was tried is what a person asks a matrix")]
async fn tried(name: &str, scene: Scene, loss: Loss, latency: Duration, least: usize) {
    let began = std::time::Instant::now();
    let cuts = cut_everywhere(scene, loss, latency).await;
    let Cuts { once, worlds, twice } = cuts;
    let all = ALL[0].fetch_add(once + twice, Ordering::Relaxed) + once + twice;
    let in_all = ALL[1].fetch_add(worlds, Ordering::Relaxed) + worlds;
    println!(
        "{name}: {once} cuts in {worlds} worlds, {twice} second cuts, {:?}; {all} cuts in {in_all} worlds so far",
        began.elapsed()
    );
    assert!(once >= least, "{name}: {once} cuts, of which there were {least} at least");
}

/// A test for each scene under each kind of loss, and how many cuts there are at least.
macro_rules! scenes {
    ($($what:ident $loss:ident $latency:literal: $($scene:ident $least:literal)*;)*) => {$(
        mod $what {
            use super::*;

            $(#[tokio::test(start_paused = true)]
            async fn $scene() {
                let name = concat!(stringify!($what), ", ", stringify!($scene));
                tried(name, scenes::$scene().await, Loss::$loss, Duration::from_secs($latency), $least).await;
            })*
        }
    )*};
}

// With calls of four seconds the state is pushed during the run.
scenes! {
    a_run_that_dies_anywhere_is_finished_by_the_next Nothing 0:
        first_apply 85 first_apply_and_second_thoughts 85 slow_first_apply 150 edit 160 adoption 90 moves 68
        vanished 66 destruction 155 restoration 60 quarantine 135 release 135 reap 155 sweeping_deletion 140
        restoration_of_reaped 38;
    a_working_folder_wiped_anywhere_loses_nothing Folder 0:
        first_apply 85 slow_first_apply 150 edit 160 adoption 90 moves 68 vanished 66 destruction 155
        restoration 60 quarantine 135 release 135 reap 155 sweeping_deletion 140 restoration_of_reaped 38;
    a_working_folder_wiped_between_pushes_loses_nothing Folder 4:
        first_apply 85 slow_first_apply 120 edit 155 adoption 85 moves 70 vanished 66 destruction 155
        restoration 60 quarantine 135 release 135 reap 155 sweeping_deletion 140 restoration_of_reaped 38;
}
