//! A run that is told to stop writes down what it did, and the next one goes on.
#![cfg(unix)]
use crate::support::{SHOP_AND_BLOG, Workspace};
use std::io::{BufRead, BufReader, Read};
use std::process::Command;

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
    let sent = Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap();
    assert!(sent.success());
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
