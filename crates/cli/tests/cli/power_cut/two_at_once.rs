//! Two processes on one state: one works, the other waits or is told who does. Where the first must be busy, it is
//! held in the middle of a write.
use super::point::{Held, Point, moment, watch, watched};
use crate::support::{Run, SHOP_AND_BLOG, Workspace};
use crate::sweep::contents;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::NamedTempFile;

const APPLY: &str = "apply --auto-approve -q";
const SAVED: &str = "apply shop.plan --auto-approve -q";
const STATE: &str = ".pinpoint-streams/sandbox/pinpoint-streams.state.json";

/// In the middle of its work: the state is there, the first call is not made.
fn working() -> Point {
    Point::of(1, "create", ".state.json.journal")
}

fn held(workspace: &Workspace, point: Point, line: &str) -> Held {
    Held::at(point, workspace, workspace.command(&format!("--sandbox {line}")))
}

fn goes_on(workspace: &Workspace, held: Held) -> Run {
    let output = held.goes_on();
    workspace.ran("what was held", output)
}

fn apps(workspace: &Workspace) -> Vec<String> {
    let contents = contents(workspace);
    let apps = contents["accounts"]["123456789012"]["regions"]["us-east-1"]["apps"].as_array().unwrap().clone();
    let mut names: Vec<String> = apps.iter().map(|app| app["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn state(workspace: &Workspace) -> Value {
    serde_json::from_str(&workspace.read(STATE)).unwrap()
}

#[test]
fn of_two_applies_at_once_one_works_and_the_other_is_told_who_does() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let first = held(&workspace, working(), APPLY);
    let holder = format!(", process {}, since ", first.id());
    for line in [APPLY, "destroy --auto-approve -q", "state mv app.blog app.journal", "state rm app.blog"] {
        let refused = workspace.run(line).code(4);
        assert!(refused.stderr.contains("is held by ana on "), "{refused}");
        assert!(refused.says(&holder), "{refused}");
    }
    for line in ["plan", "show", "state list", "sandbox show"] {
        workspace.run(line).code(0);
    }
    goes_on(&workspace, first).code(0);
    assert_eq!(apps(&workspace), ["Blog", "shop"]);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn a_lock_file_that_is_removed_during_a_run_lets_no_second_run_in() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let first = held(&workspace, Point::of(2, "sync", ".state.json.journal"), APPLY);
    std::fs::remove_file(workspace.path(&format!("{STATE}.lock"))).unwrap();
    for line in [APPLY, "state rm app.blog"] {
        let refused = workspace.run(line).code(4);
        assert!(refused.says("belongs to a run that is still running"), "{refused}");
    }
    // It makes no further call, and does not write its state: the journal has what it did.
    let stopped = goes_on(&workspace, first).code(5);
    assert!(stopped.stderr.contains("lost the state lock"), "{stopped}");
    workspace.run(APPLY).code(0);
    assert_eq!(apps(&workspace), ["Blog", "shop"]);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

/// Wherever the first run is: before its first write of the state, between that and its journal, in the middle.
#[test]
fn a_lock_file_that_is_removed_at_any_point_of_a_first_run_doubles_nothing_and_loses_nothing() {
    let (undisturbed, log) = (Workspace::new(SHOP_AND_BLOG), NamedTempFile::new().unwrap());
    let one_at_a_time = format!("--parallelism 1 {APPLY}");
    let mut command = undisturbed.command(&format!("--sandbox {one_at_a_time}"));
    watch(&mut command, &undisturbed, log.path());
    assert!(command.output().unwrap().status.success());
    let changes: Vec<_> = watched(log.path())
        .into_iter()
        .filter(|(call, path)| call != "sync" && path.to_string_lossy().contains(".state.json"))
        .collect();
    let (next, begun) = (AtomicUsize::new(1), Mutex::new(BTreeSet::new()));
    let try_next = || {
        let nth = next.fetch_add(1, Ordering::Relaxed);
        let (call, path) = changes.get(nth - 1)?;
        let at = format!("{nth}: {call} {}", path.display());
        let workspace = Workspace::new(SHOP_AND_BLOG);
        let command = workspace.command(&format!("--sandbox {one_at_a_time}"));
        let Ok(first) = Held::if_reached(Point::of(nth, "change", ".state.json"), &workspace, command) else {
            assert!(nth > changes.len() / 2, "{at}: most points are reached");
            return Some(());
        };
        let _ = std::fs::remove_file(workspace.path(&format!("{STATE}.lock")));
        let second = workspace.run(APPLY);
        assert!([0, 4].contains(&second.code), "{at}: {second}");
        let first = goes_on(&workspace, first);
        let third = workspace.run(APPLY);
        assert_eq!(third.code, 0, "{at}: {first}\n{second}\n{third}");
        assert_eq!(apps(&workspace), ["Blog", "shop"], "{at}: {first}\n{second}");
        assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.", "{at}");
        begun.lock().unwrap().insert(second.code);
        Some(())
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| while try_next().is_some() {});
        }
    });
    assert_eq!(begun.into_inner().unwrap(), BTreeSet::from([0, 4]), "of {changes:?}");
}

#[test]
fn a_run_that_may_wait_for_the_lock_goes_on_once_the_other_has_ended() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let first = held(&workspace, working(), APPLY);
    let began = Instant::now();
    workspace.run(&format!("{APPLY} --lock-timeout 1s")).code(4);
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    let line = format!("--sandbox {APPLY} --lock-timeout 60s");
    let mut second = workspace.command(&line).spawn().unwrap();
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(500) {
        assert!(second.try_wait().unwrap().is_none(), "it did not wait");
        moment();
    }
    goes_on(&workspace, first).code(0);
    let second = workspace.ran(&line, second.wait_with_output().unwrap()).code(0);
    assert_eq!(second.last_line(), "No changes.", "{second}");
    assert_eq!(apps(&workspace), ["Blog", "shop"]);
}

#[test]
fn many_first_applies_at_once_that_wait_for_each_other_make_each_app_once() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let line = format!("--sandbox {APPLY} --lock-timeout 60s");
    let all: Vec<_> = (0..4).map(|_| workspace.command(&line).spawn().unwrap()).collect();
    for one in all {
        workspace.ran(&line, one.wait_with_output().unwrap()).code(0);
    }
    assert_eq!(apps(&workspace), ["Blog", "shop"]);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn a_killed_run_leaves_no_lock_behind() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let first = held(&workspace, working(), APPLY);
    workspace.run(APPLY).code(4);
    first.killed();
    assert!(workspace.read(&format!("{STATE}.lock")).contains("\"who\":\"ana\""), "its name is still there");
    workspace.run(APPLY).code(0);
    assert_eq!(apps(&workspace), ["Blog", "shop"]);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn a_saved_plan_applied_by_two_at_once_is_carried_out_by_one() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.run("plan --out shop.plan -q").code(0);
    let first = held(&workspace, working(), SAVED);
    let locked = workspace.run(SAVED).code(4);
    assert!(locked.stderr.contains("is held by ana on "), "{locked}");
    let line = format!("--sandbox {SAVED} --lock-timeout 60s");
    let waiting = workspace.command(&line).spawn().unwrap();
    goes_on(&workspace, first).code(0);
    let waited = workspace.ran(&line, waiting.wait_with_output().unwrap()).code(4);
    assert!(waited.stderr.contains("there is one now, of lineage"), "{waited}");
    assert_eq!(apps(&workspace), ["Blog", "shop"]);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn an_apply_and_a_state_mv_at_once_lose_nothing_of_each_other() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"journal\"");
    workspace.run("plan --out shop.plan -q").code(0);
    let before = state(&workspace);
    // The record is read and edited, and about to be replaced.
    let moving = held(&workspace, Point::of(1, "rename", "state.json"), "state mv app.blog app.journal");
    workspace.run(APPLY).code(4);
    assert_eq!(state(&workspace), before);
    goes_on(&workspace, moving).code(0);
    let stale = workspace.run(SAVED).code(4);
    assert!(stale.stderr.contains("serial"), "{stale}");
    workspace.edit("pinpoint-streams.toml", "[apps.blog]", "[apps.journal]");
    // The tags are changed, and the record of it is about to be written.
    let applying = held(&workspace, Point::of(1, "rename", "state.json"), APPLY);
    workspace.run("state rm app.journal").code(4);
    let line = "--sandbox state mv app.journal app.blog --lock-timeout 60s";
    let waiting = workspace.command(line).spawn().unwrap();
    goes_on(&workspace, applying).code(0);
    workspace.ran(line, waiting.wait_with_output().unwrap()).code(0);
    workspace.edit("pinpoint-streams.toml", "[apps.journal]", "[apps.blog]");
    workspace.run(APPLY).code(0);
    assert_eq!(apps(&workspace), ["Blog", "shop"]);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}
