//! Each piece of work, killed at each of its writes: what is typed again then ends where an undisturbed run ends.
//! `cargo test` tries some of the cuts; `.ci/run` asks for all of them.
use super::picture::{archives_are_whole, picture};
use super::point::{watch, watched};
use super::scenario::{self, Scenario};
use super::{Fate, Point, befall};
use crate::support::{Run, Workspace};
use serde_json::Value;
use std::os::unix::process::ExitStatusExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tempfile::NamedTempFile;

const SIGKILL: i32 = 9;
const ONE_AT_A_TIME: &str = "--parallelism 1";
/// How many cuts are tried at once: each mostly waits until a new role can be used.
const AT_ONCE: usize = 6;
/// How often a cut is tried that the run did not reach: steps that run at once share writes, as many as chance has it.
const TRIES: usize = 8;

/// A cut: where, how, and how many steps run at once.
#[derive(Debug, Clone, Copy)]
struct Cut {
    nth: usize,
    fate: Fate,
    flags: &'static str,
}

/// A scenario with the folder that each cut begins with, and the picture that it must end with.
struct Bench {
    scenario: Scenario,
    start: Workspace,
    line: String,
    end: Value,
}

impl Bench {
    fn of(scenario: Scenario) -> Bench {
        let start = (scenario.start)();
        let line = (scenario.work)(&start);
        let undisturbed = start.copy();
        undisturbed.run(&line).code(0);
        (scenario.rest)(&undisturbed);
        Bench { scenario, start, line, end: picture(&undisturbed) }
    }

    /// What an undisturbed run changes on disk, call by call.
    fn changes(&self, flags: &str) -> Vec<String> {
        let (workspace, log) = (self.start.copy(), NamedTempFile::new().unwrap());
        let mut command = workspace.command(&format!("--sandbox {flags} {}", self.line));
        watch(&mut command, &workspace, log.path());
        let output = command.output().unwrap();
        workspace.ran(&self.line, output).code(0);
        watched(log.path()).into_iter().map(|(call, _)| call).filter(|call| call != "sync").collect()
    }

    /// One step at a time: before each change, halfway through each write, and after the last change; what a
    /// change leaves is what the next one finds. Then many at a time: after each change, whatever else was going
    /// on meanwhile.
    fn cuts(&self) -> Vec<Cut> {
        let one_at_a_time = self.changes(ONE_AT_A_TIME);
        let mut cuts = Vec::new();
        for (index, call) in one_at_a_time.iter().enumerate() {
            let (nth, flags) = (index + 1, ONE_AT_A_TIME);
            cuts.push(Cut { nth, fate: Fate::KilledBefore, flags });
            if call == "write" {
                cuts.push(Cut { nth, fate: Fate::KilledHalfway, flags });
            }
        }
        cuts.push(Cut { nth: one_at_a_time.len(), fate: Fate::KilledAfter, flags: ONE_AT_A_TIME });
        let many = self.changes("").len();
        cuts.extend((1..=many).map(|nth| Cut { nth, fate: Fate::KilledAfter, flags: "" }));
        cuts
    }

    /// Cuts the work off there, then does what a person would; whether it was cut off at all.
    fn survives(&self, cut: Cut) -> bool {
        let Bench { scenario, start, line, end } = self;
        let workspace = start.copy();
        let mut command = workspace.command(&format!("--sandbox {} {line}", cut.flags));
        befall(&mut command, &workspace, Point::change(cut.nth), cut.fate);
        let output = command.output().unwrap();
        let was_cut = output.status.signal() == Some(SIGKILL);
        let at = format!("{}, {cut:?}", scenario.name);
        assert!(was_cut || output.status.success(), "{at}: {}", workspace.ran(line, output));
        let ok = |run: Run| assert_eq!(run.code, 0, "{at}: {run}");
        archives_are_whole(&workspace);
        ok(workspace.run("report"));
        ok(workspace.run(&(scenario.work)(&workspace)));
        (scenario.rest)(&workspace);
        let report = workspace.run("report --format json");
        assert!(report.code == 0 && !report.stdout.contains("not_verified"), "{at}: {report}");
        let found = picture(&workspace);
        assert!(found == *end, "{at}: {}", difference(end, &found));
        was_cut
    }

    /// Tries these; at how many the work was cut off.
    fn survived(&self, cuts: &[Cut]) -> usize {
        let next = AtomicUsize::new(0);
        let reaches = |cut: &Cut| (0..TRIES).any(|_| self.survives(*cut));
        let try_next = || cuts.get(next.fetch_add(1, Ordering::Relaxed)).map(reaches);
        let try_all = || std::iter::from_fn(try_next).filter(|was_cut| *was_cut).count();
        thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(try_all)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        })
    }
}

fn difference(end: &Value, found: &Value) -> String {
    let lines = |value: &Value| format!("{value:#}");
    similar::TextDiff::from_lines(lines(end), lines(found)).unified_diff().to_string()
}

/// Tries every so-many-th of its cuts.
fn some(scenario: Scenario, how_many: usize) {
    let bench = Bench::of(scenario);
    let cuts = bench.cuts();
    let stride = cuts.len().div_ceil(how_many);
    let tried: Vec<Cut> = cuts.into_iter().skip(stride / 2).step_by(stride).collect();
    assert!(bench.survived(&tried) > 0, "none of {} cuts was one", tried.len());
}

/// Tries all, and says how many they were.
#[expect(clippy::print_stdout, reason = "how many cuts were tried is what it is run for")]
fn all(scenario: Scenario) {
    let bench = Bench::of(scenario);
    let cuts = bench.cuts();
    let survived = bench.survived(&cuts);
    println!("power cuts, {}: {} points tried, killed at {survived}, all went on", scenario.name, cuts.len());
}

macro_rules! scenarios {
    ($($some:ident, $all:ident, $scenario:ident, $how_many:literal;)*) => {$(
        #[test]
        fn $some() {
            some(scenario::$scenario, $how_many);
        }

        #[test]
        #[ignore = "tries every cut, which takes minutes: .ci/run asks for it"]
        fn $all() {
            all(scenario::$scenario);
        }
    )*};
}

scenarios! {
    a_first_apply_that_is_killed_is_taken_up, every_cut_of_a_first_apply, FIRST_APPLY, 4;
    an_edit_that_is_killed_is_taken_up, every_cut_of_an_edit, EDIT, 4;
    a_destroy_that_is_killed_is_taken_up, every_cut_of_a_destroy, DESTRUCTION, 6;
    a_quarantine_that_is_killed_is_taken_up, every_cut_of_a_quarantine, QUARANTINE, 3;
    a_reap_that_is_killed_is_taken_up, every_cut_of_a_reap, REAP, 3;
    a_restore_that_is_killed_is_taken_up, every_cut_of_a_restore, RESTORE, 3;
}
