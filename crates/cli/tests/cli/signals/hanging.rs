//! Signals that come while a call to AWS hangs: it was done, and its answer does not come.
use super::{goes_on, send};
use crate::power_cut::{Held, Point};
use crate::support::{Run, SHOP_AND_BLOG, STATE, Workspace, through};
use rustix::process::Signal;
use std::time::{Duration, Instant};

const APPLY: &str = "--sandbox apply --auto-approve --parallelism 1";
/// The time in which a run ends after the second signal.
const TWO_SECONDS: Duration = Duration::from_secs(2);

/// A run whose first call that changes anything does not return. The threads of the others are free.
pub(super) fn hanging(workspace: &Workspace) -> Held {
    workspace.run("plan -q").code(0);
    let mut command = workspace.command(APPLY);
    command.env("TOKIO_WORKER_THREADS", "4");
    Held::at(Point::of(1, "sync", "world.jsonl"), workspace, command)
}

#[expect(clippy::disallowed_methods, reason = "another process is waited for, whose clock cannot be paused")]
pub(super) fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// Sends these signals, each some time after the one before. Gives what was left, and how long after the last one.
fn stopped(workspace: &Workspace, signals: &[Signal], apart: Duration) -> (Run, Duration) {
    let held = hanging(workspace);
    for (at, signal) in signals.iter().enumerate() {
        if at > 0 {
            wait(apart);
        }
        send(held.id(), *signal);
    }
    let last = Instant::now();
    let output = held.ends_all_the_same();
    (workspace.ran(APPLY, output), last.elapsed())
}

/// A job whose signals come so far apart; how it ended.
fn a_cancelled_job(workspace: &Workspace, apart: Duration) -> Run {
    let (run, took) = stopped(workspace, &[Signal::INT, Signal::TERM], apart);
    let run = run.code(130);
    assert!(took < TWO_SECONDS + Duration::from_millis(500), "{took:?}, and SIGKILL comes after 2.5 s: {run}");
    assert!(run.stderr.contains("stopping; finishing running steps"), "{run}");
    assert!(run.stdout.contains("Stopped:") && run.stdout.contains("to continue"), "{run}");
    assert!(!workspace.path(&format!("{STATE}.journal")).exists(), "the state has it all");
    run
}

#[test]
fn a_cancelled_ci_job_has_written_its_state_before_sigkill_comes() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let run = a_cancelled_job(&workspace, Duration::from_millis(100));
    assert!(run.stderr.contains("aborting without waiting; writing state"), "{run}");
    assert!(workspace.read(STATE).contains("\"pending\": [\n"), "the call without an answer is pending");
    goes_on(&workspace);
}

/// Here the call's own time is up before SIGTERM comes: what became of it is looked up, and it is not made again.
#[test]
#[ignore = "takes as long as a CI system gives a job that is cancelled"]
fn a_cancelled_ci_job_has_written_its_state_before_sigkill_comes_in_real_time() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    a_cancelled_job(&workspace, Duration::from_millis(7_500));
    goes_on(&workspace);
}

#[test]
fn one_signal_waits_for_the_answer_and_starts_nothing_new() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let held = hanging(&workspace);
    send(held.id(), Signal::INT);
    wait(Duration::from_millis(100));
    let run = workspace.ran(APPLY, held.goes_on()).code(130);
    assert!(run.stdout.contains("; 1 of ") && run.stdout.contains("calls done"), "{run}");
    assert!(workspace.read(STATE).contains("\"pending\": []"), "{run}");
    goes_on(&workspace);
}

#[test]
fn three_signals_leave_at_once_and_the_journal_has_it() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (run, took) = stopped(&workspace, &[Signal::INT; 3], Duration::from_millis(100));
    let run = run.code(130);
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert!(run.stderr.contains("exiting immediately; completed steps are in the journal"), "{run}");
    assert!(workspace.path(&format!("{STATE}.journal")).exists());
    goes_on(&workspace);
}

#[test]
fn a_hang_up_is_a_signal_like_the_others_unless_the_run_was_started_to_outlive_it() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let held = hanging(&workspace);
    send(held.id(), Signal::HUP);
    wait(Duration::from_millis(100));
    workspace.ran(APPLY, held.goes_on()).code(130);
    goes_on(&workspace);

    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.run("plan -q").code(0);
    let deaf = ["-c", "trap '' HUP; exec \"$0\" \"$@\""];
    let command = through("sh", &deaf, &workspace.command(APPLY), &workspace);
    let held = Held::at(Point::of(1, "sync", "world.jsonl"), &workspace, command);
    send(held.id(), Signal::HUP);
    wait(Duration::from_millis(100));
    workspace.ran(APPLY, held.goes_on()).code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}
