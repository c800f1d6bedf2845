//! The crash matrix: a run is cut off before and after every call to AWS and every write to what is kept, reads too,
//! and amid those that can be torn. After each cut the same is typed again, and all is as if nothing had been cut.
//!
//! | module | what it is |
//! | --- | --- |
//! | `command` | what is typed, carried out as the program does |
//! | `scenes` | the worlds and what is typed in them |
//! | `truth` | what must hold in the end |
mod command;
mod scenes;
mod truth;

use command::Command;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::ids::AppKey;
use pinpoint_streams_testkit::World;
use pinpoint_streams_testkit::history::Moment;
use scenes::Scene;
use std::collections::BTreeSet;
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

/// How much is tried.
struct Reach {
    parallelism: &'static [usize],
    /// After so many cuts the run after the cut is cut too...
    every_nth_world: usize,
    /// ...at so many of its moments.
    every_nth_second: usize,
}

fn reach() -> Reach {
    match std::env::var_os("PINPOINT_STREAMS_NIGHTLY") {
        Some(_) => Reach { parallelism: &[1, 2, 4, 10], every_nth_world: 2, every_nth_second: 2 },
        None => Reach { parallelism: &[4], every_nth_world: 11, every_nth_second: 7 },
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

impl Command {
    /// A run to its end, and that a second finds nothing to do.
    async fn finish(&self, world: &World, run: &str) {
        self.converge(world, run).await.unwrap_or_else(|why| panic!("{run}: {why}"));
        world.cloud.settle();
    }

    async fn converge(&self, world: &World, run: &str) -> Result<(), String> {
        let (_, outcome) = self.run(world, run, 4).await.map_err(|problems| format!("problems: {problems:#?}"))?;
        if !matches!(outcome.ending, Ending::Done | Ending::NoChanges) || outcome.state_written.is_err() {
            return Err(format!("{:?}: {:#?} {:?}", outcome.ending, outcome.steps, outcome.state_written));
        }
        let again = self.run(world, &format!("{run}-again"), 4).await;
        let (plan, outcome) = again.map_err(|problems| format!("a second run has problems: {problems:#?}"))?;
        match outcome.ending {
            Ending::NoChanges => Ok(()),
            _ => Err(format!("there is something left to do: {:#?}", plan.changes)),
        }
    }
}

/// Every moment of one run.
async fn moments(command: &Command, world: &World, run: &str, parallelism: usize) -> Vec<Moment> {
    let world = world.fork();
    let history = world.record();
    let result = command.run(&world, run, parallelism).await;
    let moments = history.end();
    let (_, outcome) = result.unwrap_or_else(|problems| panic!("{run} has problems: {problems:#?}"));
    assert!(matches!(outcome.ending, Ending::Done | Ending::NoChanges), "{:#?}", outcome.steps);
    moments
}

/// The world that the next run finds.
fn left(moment: &Moment, loss: Loss) -> World {
    let world = moment.world.fork();
    if loss == Loss::Folder {
        world.memory.journal.lose();
    }
    world
}

/// An event stream bears no tags: where its record is lost and adoption is asked, it counts as taken over.
async fn gist(command: &Command, world: &World, loss: Loss) -> BTreeSet<String> {
    let is_asked = |key: &AppKey| command.desired.apps.get(key).is_some_and(|app| app.adopt);
    let undecided =
        |address: &Address| loss == Loss::Folder && matches!(address, Address::EventStream(key) if is_asked(key));
    truth::gist(world, undecided).await
}

/// One scene, cut everywhere.
async fn cut_everywhere(scene: Scene, loss: Loss, latency: Duration) -> Cuts {
    let Scene { world, command, .. } = scene;
    if loss == Loss::Folder {
        world.memory.state.is_remote(PUSH_EVERY);
    }
    let before = world.cloud.snapshot();
    let uncut = world.fork();
    command.finish(&uncut, "uncut").await;
    let wanted = gist(&command, &uncut, loss).await;
    let to_go: BTreeSet<String> = before
        .roles
        .keys()
        .filter(|arn| !uncut.cloud.snapshot().roles.contains_key(*arn))
        .map(ToString::to_string)
        .collect();
    assert_eq!(truth::lies(&uncut).await, [""; 0], "without a cut");

    let reach = reach();
    let mut cuts = Cuts::default();
    let mut failures = Vec::new();
    world.cloud.set_latency(latency);
    for parallelism in reach.parallelism {
        let mut last: Option<World> = None;
        for moment in moments(&command, &world, "cut", *parallelism).await {
            cuts.once += moment.about.len();
            let at = moment.about.join("; ");
            let unarchived = truth::unarchived(&before, &to_go, &moment.world);
            if !unarchived.is_empty() {
                failures.push(format!("{at}: gone without an archive: {unarchived:?}"));
            }
            let begun = left(&moment, loss);
            // With the folder the difference may be lost.
            if last.as_ref().is_some_and(|last| last.holds_the_same_as(&begun)) {
                continue;
            }
            last = Some(begun.fork());
            cuts.worlds += 1;
            begun.cloud.set_latency(Duration::ZERO);
            if let Err(why) = recovers(&command, &begun, &wanted, loss).await {
                failures.push(format!("{at}: {why}"));
                continue;
            }
            if cuts.worlds % reach.every_nth_world != 0 {
                continue;
            }
            let second = moments(&command, &begun, "cut-again", *parallelism).await;
            for moment in second.iter().skip(cuts.worlds % reach.every_nth_second).step_by(reach.every_nth_second)
            {
                cuts.twice += moment.about.len();
                if let Err(why) = recovers(&command, &left(moment, loss), &wanted, loss).await {
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

/// Whether the same command brings this world to its end.
async fn recovers(command: &Command, begun: &World, wanted: &BTreeSet<String>, loss: Loss) -> Result<(), String> {
    let world = begun.fork();
    command.converge(&world, "next").await?;
    let lies = truth::lies(&world).await;
    if !lies.is_empty() {
        return Err(format!("the record is not true: {lies:#?}"));
    }
    let found = gist(command, &world, loss).await;
    if found == *wanted {
        return Ok(());
    }
    let (more, less): (Vec<_>, Vec<_>) = (found.difference(wanted).collect(), wanted.difference(&found).collect());
    Err(format!("it did not come out as without a cut.\nfound: {more:#?}\nwanted: {less:#?}"))
}

macro_rules! scenes {
    ($($name:ident: $scene:ident, $loss:expr, $latency:expr, at least $least:expr;)*) => {
        $(#[tokio::test(start_paused = true)]
        async fn $name() {
            let began = std::time::Instant::now();
            let cuts = cut_everywhere(scenes::$scene().await, $loss, Duration::from_secs($latency)).await;
            println!("{}: {cuts:?} in {:?}", stringify!($name), began.elapsed());
            assert!(cuts.once >= $least, "{cuts:?}");
        })*
    };
}

scenes! {
    first_apply_here: first_apply, Loss::Nothing, 0, at least 40;
    slow_first_apply_here: slow_first_apply, Loss::Nothing, 0, at least 40;
    edit_here: edit, Loss::Nothing, 0, at least 40;
    adoption_here: adoption, Loss::Nothing, 0, at least 40;
    moves_here: moves, Loss::Nothing, 0, at least 40;
    vanished_here: vanished, Loss::Nothing, 0, at least 40;
    destruction_here: destruction, Loss::Nothing, 0, at least 40;
    restoration_here: restoration, Loss::Nothing, 0, at least 40;
    quarantine_here: quarantine, Loss::Nothing, 0, at least 40;
    release_here: release, Loss::Nothing, 0, at least 40;
    reap_here: reap, Loss::Nothing, 0, at least 40;
    sweeping_deletion_here: sweeping_deletion, Loss::Nothing, 0, at least 40;
    restoration_of_reaped_here: restoration_of_reaped, Loss::Nothing, 0, at least 40;
    first_apply_wiped_and_never_pushed: first_apply, Loss::Folder, 0, at least 40;
    slow_first_apply_wiped_and_never_pushed: slow_first_apply, Loss::Folder, 0, at least 40;
    edit_wiped_and_never_pushed: edit, Loss::Folder, 0, at least 40;
    adoption_wiped_and_never_pushed: adoption, Loss::Folder, 0, at least 40;
    moves_wiped_and_never_pushed: moves, Loss::Folder, 0, at least 40;
    vanished_wiped_and_never_pushed: vanished, Loss::Folder, 0, at least 40;
    destruction_wiped_and_never_pushed: destruction, Loss::Folder, 0, at least 40;
    restoration_wiped_and_never_pushed: restoration, Loss::Folder, 0, at least 40;
    quarantine_wiped_and_never_pushed: quarantine, Loss::Folder, 0, at least 40;
    release_wiped_and_never_pushed: release, Loss::Folder, 0, at least 40;
    reap_wiped_and_never_pushed: reap, Loss::Folder, 0, at least 40;
    sweeping_deletion_wiped_and_never_pushed: sweeping_deletion, Loss::Folder, 0, at least 40;
    restoration_of_reaped_wiped_and_never_pushed: restoration_of_reaped, Loss::Folder, 0, at least 40;
    first_apply_wiped_and_pushed: first_apply, Loss::Folder, 4, at least 40;
    slow_first_apply_wiped_and_pushed: slow_first_apply, Loss::Folder, 4, at least 40;
    edit_wiped_and_pushed: edit, Loss::Folder, 4, at least 40;
    adoption_wiped_and_pushed: adoption, Loss::Folder, 4, at least 40;
    moves_wiped_and_pushed: moves, Loss::Folder, 4, at least 40;
    vanished_wiped_and_pushed: vanished, Loss::Folder, 4, at least 40;
    destruction_wiped_and_pushed: destruction, Loss::Folder, 4, at least 40;
    restoration_wiped_and_pushed: restoration, Loss::Folder, 4, at least 40;
    quarantine_wiped_and_pushed: quarantine, Loss::Folder, 4, at least 40;
    release_wiped_and_pushed: release, Loss::Folder, 4, at least 40;
    reap_wiped_and_pushed: reap, Loss::Folder, 4, at least 40;
    sweeping_deletion_wiped_and_pushed: sweeping_deletion, Loss::Folder, 4, at least 40;
    restoration_of_reaped_wiped_and_pushed: restoration_of_reaped, Loss::Folder, 4, at least 40;
}
