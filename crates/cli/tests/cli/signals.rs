//! A run that is told to stop writes down what it did, and the next one goes on.
#![cfg(unix)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod hanging;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod terminal;

use crate::support::{SHOP_AND_BLOG, Workspace};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};

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

#[test]
fn a_run_that_is_killed_is_taken_up_by_the_next_one() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    for steps_begun in 1..=4 {
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
        workspace.run("plan").code(0);
    }
    workspace.run("apply --auto-approve -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}
