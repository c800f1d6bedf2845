//! A state that is carried from place to place by a person: pulled, pushed, and kept as it was before an edit.
use crate::support::{SHOP_AND_BLOG, STATE, Workspace};
use insta::assert_snapshot;
use std::path::PathBuf;

const BACKUPS: &str = ".pinpoint-streams/sandbox/backups";

/// Its serial in the middle of the text, as it is written.
fn serial(workspace: &Workspace) -> String {
    let state: serde_json::Value = serde_json::from_str(&workspace.read(STATE)).unwrap();
    format!("\"serial\": {},", state["serial"])
}

/// A file with the state of this workspace, in which this is written instead of that.
fn carried(workspace: &Workspace, from: &str, to: &str) {
    std::fs::copy(workspace.path(STATE), workspace.path("carried.json")).unwrap();
    workspace.edit("carried.json", from, to);
}

fn backups(workspace: &Workspace) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(workspace.path(BACKUPS)).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn what_is_pulled_is_the_state_byte_for_byte() {
    let workspace = Workspace::applied();
    let before = workspace.files();
    let pulled = workspace.command("--sandbox state pull").output().unwrap();
    assert_eq!(pulled.status.code(), Some(0));
    assert_eq!(pulled.stdout, std::fs::read(workspace.path(STATE)).unwrap());
    workspace.write(STATE, "{ broken, but \u{1b}[1m kept");
    let pulled = workspace.command("--sandbox state pull").output().unwrap();
    assert_eq!(pulled.stdout, b"{ broken, but \x1b[1m kept");
    assert_eq!(workspace.files().len(), before.len());
}

#[test]
fn a_state_that_is_not_there_is_not_pulled() {
    assert_snapshot!("nothing_to_pull", Workspace::new(SHOP_AND_BLOG).run("state pull").code(1));
}

#[test]
fn a_later_state_is_pushed_and_the_next_run_goes_on_from_it() {
    let workspace = Workspace::applied();
    carried(&workspace, &serial(&workspace), "\"serial\": 40,");
    let pushed = workspace.run("state push carried.json").code(0);
    assert!(
        pushed.stdout.starts_with("Pushed serial 40 of lineage") && pushed.stdout.contains("5 resources"),
        "{pushed}"
    );
    assert_eq!(workspace.read(STATE), workspace.read("carried.json"));
    assert_eq!(backups(&workspace).len(), 1);
    let again = workspace.run("state push carried.json").code(0);
    assert!(again.stdout.ends_with("already has this state.\n"), "{again}");
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
    workspace.run("destroy --auto-approve --delete-apps -q").code(0);
}

#[test]
fn a_state_that_is_lost_is_pushed_from_its_copy() {
    let workspace = Workspace::applied();
    std::fs::rename(workspace.path(STATE), workspace.path("copy.json")).unwrap();
    workspace.run("state push copy.json").code(0);
    assert_eq!(workspace.read(STATE), workspace.read("copy.json"));
    assert_eq!(workspace.run("apply --auto-approve").code(0).last_line(), "No changes.");
}

#[test]
fn what_is_no_step_forward_is_not_pushed() {
    let workspace = Workspace::applied();
    let serial = serial(&workspace);
    let state: serde_json::Value = serde_json::from_str(&workspace.read(STATE)).unwrap();
    let lineage = format!("\"lineage\": {}", state["lineage"]);
    for (name, from, to) in [
        ("push_of_an_older_state", serial.as_str(), "\"serial\": 1,"),
        ("push_of_another_state_with_the_same_serial", "\"journal_seq\": ", "\"journal_seq\": 9"),
        ("push_of_another_lineage", lineage.as_str(), "\"lineage\": \"3f2a\""),
        ("push_of_another_workspace", "\"workspace\": \"growth\"", "\"workspace\": \"ads\""),
        ("push_of_a_newer_format", "\"format\": 4", "\"format\": 5"),
        ("push_of_a_broken_file", "\"format\": 4,", "\"format\": 4"),
    ] {
        carried(&workspace, from, to);
        let before = workspace.files();
        assert_snapshot!(name, workspace.run("state push carried.json").code(1));
        assert_eq!(workspace.files(), before, "{name}");
    }
    assert_snapshot!("push_of_no_file", workspace.run("state push nowhere.json").code(1));
}

#[cfg(unix)]
#[test]
fn an_edit_by_hand_keeps_the_state_as_it_was_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let workspace = Workspace::applied();
    let before = workspace.read(STATE);
    let moved = workspace.run("state mv app.blog app.journal").code(0);
    let [backup] = <[PathBuf; 1]>::try_from(backups(&workspace)).unwrap();
    assert_eq!(std::fs::read_to_string(&backup).unwrap(), before);
    assert_eq!(std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(moved.stdout.contains(backup.file_name().unwrap().to_str().unwrap()), "{moved}");
    workspace.run("state rm role.shop").code(0);
    assert_eq!(backups(&workspace).len(), 2);
}

#[test]
fn the_lock_of_a_state_in_a_file_cannot_be_taken_away() {
    assert_snapshot!("nothing_to_unlock", Workspace::applied().run("state unlock 3f2a").code(1));
}

#[test]
fn in_the_sandbox_the_states_bucket_means_nothing() {
    let state = "[state]\ns3 = { bucket = \"growth-state\", key = \"state.json\" }\n";
    let workspace = Workspace::new(&format!("{SHOP_AND_BLOG}{state}"));
    workspace.run("apply --auto-approve -q").code(0);
    assert!(workspace.path(STATE).exists());
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn a_bucket_that_cannot_be_called_is_said_before_anything_else_is_done() {
    let state = "[state]\ns3 = { bucket = \"growth-state\", key = \"state.json\" }\n";
    let workspace = Workspace::new(&format!("{}{state}", SHOP_AND_BLOG.replace("profile = ", "# ")));
    for line in ["plan", "apply --auto-approve", "state pull"] {
        let run = workspace.run_for_real(line, &[]).code(1);
        assert!(run.stderr.contains("s3://growth-state/state.json"), "{run}");
        assert!(run.stderr.contains("credentials"), "{run}");
    }
    assert_eq!(workspace.files().len(), 1);
}
