//! A file that a command replaces is the old one or the new one, wherever the command is killed.
use super::point::{watch, watched};
use super::{Fate, Point, befall};
use crate::support::{SHOP_AND_BLOG, Workspace};
use tempfile::NamedTempFile;

const STATE: &str = ".pinpoint-streams/sandbox/pinpoint-streams.state.json";

/// Kills the command at each of its changes and looks at the file.
fn old_or_new(start: &Workspace, line: &str, file: &str, read: &str) {
    let (done, log) = (start.copy(), NamedTempFile::new().unwrap());
    let mut command = done.command(&format!("--sandbox {line}"));
    watch(&mut command, &done, log.path());
    done.ran(line, command.output().unwrap()).code(0);
    let points = watched(log.path()).iter().filter(|(call, _)| call != "sync").count();
    let (old, mut replaced) = (start.read(file), 0);
    for nth in 1..=points {
        for fate in [Fate::KilledBefore, Fate::KilledHalfway, Fate::KilledAfter] {
            let workspace = start.copy();
            let mut command = workspace.command(&format!("--sandbox {line}"));
            befall(&mut command, &workspace, Point::change(nth), fate);
            assert!(!command.output().unwrap().status.success(), "{line}, {nth}, {fate:?}");
            workspace.run(read).code(0);
            replaced += usize::from(workspace.read(file) != old);
        }
    }
    assert!(replaced > 0 && replaced < 3 * points, "{replaced} of {points}");
}

#[test]
fn a_state_mv_that_is_killed_was_done_or_was_not() {
    let start = Workspace::applied();
    old_or_new(&start, "state mv app.blog app.journal", STATE, "state list");
}

#[test]
fn a_saved_plan_that_is_replaced_is_the_old_one_or_the_new_one() {
    let start = Workspace::new(SHOP_AND_BLOG);
    start.run("plan --out shop.plan -q").code(0);
    start.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"journal\"");
    old_or_new(&start, "plan --out shop.plan -q", "shop.plan", "show shop.plan");
}
