//! That a process is stopped where a test says, and nowhere else.
use super::point::{watch, watched};
use super::{Fate, Held, Point, befall};
use crate::support::{SHOP_AND_BLOG, Workspace};
use std::os::unix::process::ExitStatusExt;

const APPLY: &str = "--sandbox apply --auto-approve -q --parallelism 1";
const STATE: &str = ".pinpoint-streams/sandbox/pinpoint-streams.state.json";
const SIGKILL: i32 = 9;
const EIO: i32 = 5;

#[test]
fn a_process_dies_before_halfway_or_after_the_write_that_is_named() {
    let whole = {
        let workspace = Workspace::new(SHOP_AND_BLOG);
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut command = workspace.command(APPLY);
        watch(&mut command, &workspace, log.path());
        assert!(command.status().unwrap().success());
        let calls = watched(log.path());
        assert!(calls.iter().any(|(call, path)| call == "rename" && path.ends_with(STATE)), "{calls:?}");
        calls.len()
    };
    assert!(whole > 50, "{whole}");
    let header = |fate| {
        let workspace = Workspace::new(SHOP_AND_BLOG);
        let mut command = workspace.command(APPLY);
        befall(&mut command, &workspace, Point::of(1, "write", ".journal"), fate);
        assert_eq!(command.status().unwrap().signal(), Some(SIGKILL), "{fate:?}");
        workspace.read(&format!("{STATE}.journal"))
    };
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let mut command = workspace.command(APPLY);
    befall(&mut command, &workspace, Point::nth(whole), Fate::KilledAfter);
    assert_eq!(command.status().unwrap().signal(), Some(SIGKILL), "at its last call");
    workspace.read(STATE);
    assert_eq!(header(Fate::KilledBefore), "");
    assert!(header(Fate::KilledHalfway).starts_with("{\"format\":2"));
    assert!(!header(Fate::KilledHalfway).ends_with('\n'));
    assert!(header(Fate::KilledAfter).ends_with("}\n"));
}

#[test]
fn a_process_that_is_held_goes_on_when_it_is_let_go() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let held = Held::at(Point::of(1, "create", ".journal"), &workspace, workspace.command(APPLY));
    assert!(workspace.path(STATE).exists());
    assert!(!workspace.path(&format!("{STATE}.journal")).exists());
    assert!(held.goes_on().status.success());
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn a_state_that_the_disk_does_not_take_is_an_error_and_the_next_run_goes_on() {
    for fate in [Fate::Refused(EIO), Fate::DiskFull] {
        let workspace = Workspace::new(SHOP_AND_BLOG);
        let mut command = workspace.command(APPLY);
        befall(&mut command, &workspace, Point::of(2, "write", ".tmp"), fate);
        let run = workspace.ran(APPLY, command.output().unwrap()).code(5);
        assert!(run.stdout.contains("the state"), "{run}");
        workspace.run("apply --auto-approve -q").code(0);
        assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
    }
}
