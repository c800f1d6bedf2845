//! A run that is stopped records what it did, and the next one continues.
#![cfg(unix)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod hanging;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) mod terminal;

use crate::profiles::{Counts, silent_endpoint};
use crate::support::{SHOP_AND_BLOG, Workspace};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::sync::atomic::Ordering;

/// Sends a signal to a process.
pub(crate) fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(process.try_into().unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

/// A run that was stopped is taken up by the next, and nothing is left to do.
#[track_caller]
pub(crate) fn goes_on(workspace: &Workspace) {
    workspace.run("apply --auto-approve -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
    assert!(!workspace.path(".pinpoint-streams/sandbox/pinpoint-streams.state.json.journal").exists());
}

#[test]
fn a_stopped_run_ends_with_130_and_the_next_one_goes_on() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let mut process = workspace.command("--sandbox apply --auto-approve --events").spawn().unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("step_started") {
        line.clear();
        assert!(stdout.read_line(&mut line).unwrap() > 0, "the run ended before its first step");
    }
    send(process.id(), Signal::INT);
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(130));
    let last: serde_json::Value = serde_json::from_str(rest.lines().last().unwrap()).unwrap();
    assert_eq!((last["type"].as_str(), last["outcome"].as_str()), (Some("summary"), Some("stopped")), "{last}");
    assert!(!workspace.path(".pinpoint-streams/sandbox/pinpoint-streams.state.json.journal").exists());
    workspace.run("apply --auto-approve -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

/// Waits for something that another process does.
#[expect(clippy::disallowed_methods, reason = "another process is waited for, whose clock cannot be paused")]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed().as_secs() < 60, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_capture_that_is_stopped_ends_with_130_and_says_how_to_go_on() {
    let line = "evidence capture --out a.evidence --regions us-east-1";
    let stopped = |workspace: &Workspace, is_time: &dyn Fn(&Counts) -> bool| {
        let (url, counts) = silent_endpoint();
        let mut command = workspace.command(line);
        command.env("AWS_ENDPOINT_URL", url).env("AWS_SECRET_ACCESS_KEY", "none");
        command.env("AWS_ACCESS_KEY_ID", "AKIAEXAM123456789012").env("AWS_REGION", "us-east-1");
        let process = command.spawn().unwrap();
        until("the call", || is_time(&counts));
        send(process.id(), Signal::INT);
        workspace.ran(line, process.wait_with_output().unwrap()).code(130)
    };
    let workspace = Workspace::empty();
    let run = stopped(&workspace, &|counts| counts.calls.load(Ordering::SeqCst) > 0);
    assert!(run.stderr.contains("stopped; nothing was captured"), "{run}");
    for _ in 0..2 {
        let is_time =
            |counts: &Counts| counts.calls.load(Ordering::SeqCst) > 0 && workspace.path("a.evidence").exists();
        let run = stopped(&workspace, &is_time);
        let again = "`pinpoint-streams evidence capture --out a.evidence`, with the same flags, asks for the rest";
        assert!(run.stderr.contains(&format!("stopped; the answers so far are kept: {again}")), "{run}");
        let shown = workspace.run("evidence show a.evidence").code(6);
        assert!(shown.stdout.contains(", interrupted"), "{shown}");
    }
}

/// Kills an apply once it has begun so many steps.
fn killed_after(workspace: &Workspace, steps_begun: usize) {
    let mut process = workspace.command("--sandbox apply --auto-approve --events").spawn().unwrap();
    let stdout = BufReader::new(process.stdout.take().unwrap());
    let mut begun = 0;
    for line in stdout.lines() {
        begun += usize::from(line.unwrap().contains("step_started"));
        if begun == steps_begun {
            break;
        }
    }
    process.kill().unwrap();
    process.wait().unwrap();
}

/// What someone planted is taken up like what a killed run left: it is said, so that one may wonder.
#[test]
fn what_a_journal_adds_is_announced() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    killed_after(&workspace, 3);
    for (line, is_left) in [("plan", true), ("apply --auto-approve", true), ("plan", false)] {
        let run = workspace.run(line).code(0);
        assert_eq!(run.stderr.contains("was interrupted; the state now includes its journal"), is_left, "{run}");
    }
}

#[test]
fn a_run_that_is_killed_is_taken_up_by_the_next_one() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    for steps_begun in 1..=4 {
        killed_after(&workspace, steps_begun);
        workspace.run("plan").code(0);
    }
    workspace.run("apply --auto-approve -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}
