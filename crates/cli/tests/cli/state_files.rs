//! State files that cannot be used: a clear error, and they stay as they are.
use crate::support::{SHOP_AND_BLOG, STATE, Workspace};
use insta::assert_snapshot;

/// Every command that needs the state refuses it and leaves it alone.
#[track_caller]
fn refused(workspace: &Workspace, name: &str) {
    let before = workspace.files();
    assert_snapshot!(name, workspace.run("apply --auto-approve").code(1));
    for line in ["plan", "show", "state list", "destroy --auto-approve"] {
        workspace.run(line).code(1);
    }
    assert_eq!(workspace.files(), before);
}

#[test]
fn the_state_of_another_workspace() {
    let workspace = Workspace::applied();
    workspace.edit(STATE, "\"workspace\": \"growth\"", "\"workspace\": \"ads\"");
    refused(&workspace, "state_of_another_workspace");
}

#[test]
fn a_state_of_a_newer_format() {
    let workspace = Workspace::applied();
    workspace.edit(STATE, "\"format\": 4", "\"format\": 5");
    refused(&workspace, "state_of_a_newer_format");
}

#[test]
fn a_state_that_is_cut_off() {
    let workspace = Workspace::applied();
    workspace.write(STATE, "{\"format\": 1,\n \"workspace\": \"gro");
    refused(&workspace, "state_cut_off");
}

#[test]
fn the_hints_of_a_broken_state_lead_out_of_it() {
    let workspace = Workspace::applied();
    workspace.write("good.json", &workspace.read(STATE));
    workspace.write(STATE, "{\"format\": 1,");
    for line in ["state list", "state recover", "state push good.json", "state rm app.blog"] {
        let run = workspace.run(line).code(1);
        assert!(run.stderr.contains("move pinpoint-streams.state.json aside"), "{run}");
        assert!(run.stderr.contains("`pinpoint-streams --sandbox state recover`"), "{run}");
        assert!(run.stderr.contains("backups in .pinpoint-streams/sandbox/backups/"), "{run}");
    }
    assert_eq!(workspace.run("state pull").code(0).stdout, "{\"format\": 1,");
    std::fs::rename(workspace.path(STATE), workspace.path("broken.json")).unwrap();
    workspace.run("state recover").code(0);
    workspace.run("plan --detailed-exitcode").code(0);
    std::fs::remove_file(workspace.path(STATE)).unwrap();
    workspace.run("state push good.json").code(0);
    workspace.run("plan --detailed-exitcode").code(0);
}

#[test]
fn a_state_that_is_a_folder() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    std::fs::create_dir_all(workspace.path(STATE)).unwrap();
    refused(&workspace, "state_is_a_folder");
}

#[test]
fn a_journal_that_is_torn_in_the_middle() {
    let workspace = Workspace::applied();
    workspace.write(&format!("{STATE}.journal"), "nonsense\nmore nonsense\n");
    refused(&workspace, "journal_torn");
}

#[test]
fn a_state_that_is_held_by_another_run() {
    use pinpoint_streams_store::lock::{FileLock, Holder, LockStore};
    let workspace = Workspace::applied();
    let holder = Holder { who: "bob".into(), host: "ci-7".into(), pid: 42, since: jiff::Timestamp::UNIX_EPOCH };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let lock = FileLock::beside(&workspace.path(STATE));
    let held = runtime.block_on(lock.acquire(&holder)).unwrap();
    let locked = workspace.run("apply --auto-approve -q").code(4);
    assert!(locked.stderr.contains("held by bob on ci-7, process 42"), "{locked}");
    let reset = workspace.run("sandbox reset").code(4);
    assert!(reset.stderr.contains("held by bob on ci-7"), "{reset}");
    workspace.run("plan").code(0);
    let waiting = workspace.command("--sandbox apply --auto-approve -q --lock-timeout 20s").spawn().unwrap();
    wait();
    drop(held);
    let output = waiting.wait_with_output().unwrap();
    workspace.ran("apply", output).code(0);
}

#[expect(clippy::disallowed_methods, reason = "another process is waited for, whose clock cannot be paused")]
fn wait() {
    std::thread::sleep(std::time::Duration::from_millis(300));
}
