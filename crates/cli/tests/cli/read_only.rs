//! A state that may not be written: what only reads works, and an apply says what is in the way before it does anything.
#![cfg(target_os = "linux")]
use crate::support::{Run, SHOP_AND_BLOG, STATE, Workspace, through};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

const FOLDER: &str = ".pinpoint-streams/sandbox";

/// Runs a command that nothing lets past the modes of files: not even root.
fn bound(workspace: &Workspace, line: &str) -> Run {
    let line = format!("--sandbox {line}");
    let mut command = workspace.command(&line);
    if fs::metadata(workspace.path("")).unwrap().uid() == 0 {
        let without = ["--bounding-set", "-dac_override,-dac_read_search"];
        command = through("setpriv", &without, &command, workspace);
    }
    workspace.ran(&line, command.output().unwrap())
}

/// An applied workspace with an edit, of whose folder this is made read-only.
fn refused(path: &str, mode: u32, because: &str) {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"news\"");
    let world = || workspace.read(&format!("{FOLDER}/aws/world.jsonl"));
    let writable = fs::metadata(workspace.path(path)).unwrap().permissions();
    fs::set_permissions(workspace.path(path), PermissionsExt::from_mode(mode)).unwrap();
    let (files, before) = (workspace.files(), world());
    for line in ["plan", "show", "state list", "report"] {
        bound(&workspace, line).code(0);
    }
    for line in ["apply --auto-approve", "destroy --auto-approve --delete-apps"] {
        let run = bound(&workspace, line).code(1);
        assert!(run.stderr.contains("failed to write") && run.stderr.contains(because), "{run}");
    }
    assert!(workspace.files() == files && world() == before, "nothing was done");
    fs::set_permissions(workspace.path(path), writable).unwrap();
    workspace.run("apply --auto-approve -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn a_state_that_its_owner_made_read_only_is_not_replaced() {
    refused(STATE, 0o400, "it is read-only");
}

#[test]
fn a_state_in_a_folder_that_may_not_be_written_is_said_to_be_so() {
    refused(FOLDER, 0o500, "Permission denied");
}

#[cfg(target_env = "gnu")]
#[test]
fn a_journal_that_cannot_be_made_is_an_error_before_anything_is_begun() {
    use crate::power_cut::{Fate, Point, befall};
    const EROFS: i32 = 30;
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let line = "--sandbox apply --auto-approve -q";
    let mut command = workspace.command(line);
    befall(&mut command, &workspace, Point::of(1, "create", ".journal"), Fate::Refused(EROFS));
    let run = workspace.ran(line, command.output().unwrap()).code(1);
    assert!(run.stderr.contains("nothing was started") && run.stderr.contains("Read-only file system"), "{run}");
    workspace.run("apply --auto-approve -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}
