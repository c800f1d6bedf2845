//! What was deleted comes back from its archive.
use crate::support::{Run, Workspace};
use crate::sweep::{apply, contents, few};
use crate::terminal::typing;
use pinpoint_streams::Exit;
use pinpoint_streams_model::policy::Document;
use serde_json::Value;

const ARCHIVE: &str = ".pinpoint-streams/sandbox/archive";

/// An account whose three leftovers were quarantined, then deleted; and what it held before.
fn reaped() -> (Workspace, Value) {
    let workspace = few();
    let before = contents(&workspace);
    workspace.run("sweep --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    workspace.run("sweep --reap --after 0d --out reap.plan -q").code(2);
    apply(&workspace, "reap.plan").code(0);
    (workspace, before)
}

/// The archives of what the quarantine came over, which is as it was before all.
fn first_archive(workspace: &Workspace) -> String {
    let folders = std::fs::read_dir(workspace.path(ARCHIVE)).unwrap();
    let mut names: Vec<_> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    format!("{ARCHIVE}/{}", names[0])
}

/// Without the id, which a role that is made anew cannot have again; policies by what they mean.
fn without_ids(mut contents: Value) -> Value {
    for account in contents["accounts"].as_object_mut().unwrap().values_mut() {
        for role in account["roles"].as_array_mut().unwrap() {
            let role = role.as_object_mut().unwrap();
            role.remove("id");
            let policies = role["inline_policies"].as_object_mut().unwrap();
            policies.values_mut().for_each(canonical);
            canonical(&mut role["trust_policy"]);
        }
    }
    contents
}

fn canonical(policy: &mut Value) {
    *policy = Document::from_json(&policy.to_string()).unwrap().canonical_lines().into();
}

#[test]
fn swept_reaped_and_restored_the_account_is_as_before_but_for_role_ids() {
    let (workspace, before) = reaped();
    let archive = first_archive(&workspace);
    assert!(without_ids(contents(&workspace)) != without_ids(before.clone()));
    workspace.run(&format!("restore {archive} --out back.plan -q")).code(0);
    workspace.run("apply back.plan -q").code(1);
    let applied = workspace.run("apply back.plan --auto-approve").code(0);
    assert!(
        applied.stdout.contains("Next: run `pinpoint-streams --sandbox sweep` to see what is there now"),
        "{applied}"
    );
    assert!(without_ids(contents(&workspace)) == without_ids(before));
    workspace.run("sweep").code(2);
}

#[test]
fn a_restore_is_shown_first_and_takes_a_yes() {
    let (workspace, before) = reaped();
    let archive = first_archive(&workspace);
    let run = workspace.run(&format!("restore {archive}")).code(0);
    assert_eq!(run.last_line(), "Plan: 3 to create, 0 to update, 0 to replace, 0 to delete, 0 unchanged.");
    assert!(
        run.stdout.contains("+ iam.123456789012/pinpoint-search-dev  pinpoint-search-dev: Pinpoint app "),
        "{run}"
    );
    assert!(run.stdout.contains("it gets a new ID"), "{run}");
    assert_eq!(typing(&workspace, &format!("restore {archive} --apply"), "no\n").0, Exit::Error);
    let (exit, seen) = typing(&workspace, &format!("restore {archive} --apply"), "yes\n");
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(without_ids(contents(&workspace)) == without_ids(before));
}

#[test]
fn auto_approve_applies_a_restore() {
    let (workspace, before) = reaped();
    let archive = first_archive(&workspace);
    for flags in ["--auto-approve --out back.plan", "--events --format json", "--expect-digest sha256:0"] {
        workspace.run(&format!("restore {archive} {flags}")).code(1);
    }
    workspace.run(&format!("restore {archive} --auto-approve --expect-digest sha256:0 -q")).code(4);
    assert!(without_ids(contents(&workspace)) != without_ids(before.clone()));
    let restored = workspace.run(&format!("restore {archive} --auto-approve --format json")).code(0);
    let document: Value = serde_json::from_str(&restored.stdout).unwrap();
    assert_eq!(document["outcome"]["ending"], "done", "{restored}");
    assert!(without_ids(contents(&workspace)) == without_ids(before));
}

#[test]
fn after_quarantine_and_reap_the_whole_archive_or_a_run_is_restored() {
    let (workspace, before) = reaped();
    // As it is printed: what a run prints is shown without IDs elsewhere.
    let list = workspace.command("--sandbox restore --format json").output().unwrap();
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    let runs = list["runs"].as_array().unwrap();
    assert_eq!(runs.iter().map(|run| run["archives"].as_array().unwrap().len()).collect::<Vec<_>>(), [3, 3]);
    assert!(runs.iter().flat_map(|run| run["archives"].as_array().unwrap()).all(|of| of["is_verified"] == true));
    let text = workspace.run("restore").code(0);
    assert!(text.stdout.contains("3 roles of account 123456789012"), "{text}");
    assert!(text.stdout.contains("iam.123456789012/pinpoint-search-dev"), "{text}");
    workspace.run("restore --auto-approve").code(1);
    workspace.run("restore nosuchrun").code(1);

    let all = workspace.run(&format!("restore {ARCHIVE} -q")).code(0);
    assert_eq!(all.last_line(), "Plan: 3 to create, 0 to update, 0 to replace, 0 to delete, 0 unchanged.");
    let run = runs[0]["run"].as_str().unwrap();
    let copy = workspace.copy();
    copy.run(&format!("restore {ARCHIVE} --auto-approve -q")).code(0);
    assert!(without_ids(contents(&copy)) == without_ids(before.clone()));
    workspace.run(&format!("restore {run} --out back.plan -q")).code(0);
    workspace.run("apply back.plan --auto-approve -q").code(0);
    assert!(without_ids(contents(&workspace)) == without_ids(before));
    // All of it is there again.
    assert_eq!(workspace.run(&format!("restore {} -q", &run[..8])).code(0).last_line(), "No changes.");
}

/// As a person would copy it from the listing.
fn proposed(listing: &Run) -> Option<String> {
    let line = listing.stderr.lines().find(|line| line.contains("plans to restore"))?;
    Some(line.split('`').nth(1).unwrap().trim_start_matches("pinpoint-streams --sandbox ").to_owned())
}

#[test]
fn what_is_quarantined_is_there_and_is_released_instead() {
    let workspace = few();
    workspace.run("sweep --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    let listing = workspace.run("restore").code(0);
    assert!(listing.stdout.starts_with("Nothing can be restored"), "{listing}");
    assert!(
        listing
            .stderr
            .contains("lift the quarantine of 3 roles, run `pinpoint-streams --sandbox sweep --release`")
    );
    assert_eq!(proposed(&listing), None);
    let json: Value = serde_json::from_str(&workspace.run("restore --format json").code(0).stdout).unwrap();
    let archives = json["runs"][0]["archives"].as_array().unwrap();
    assert!(archives.len() == 3 && archives.iter().all(|archive| archive["is_restorable"] == false), "{json}");
    workspace.run("sweep --release --out r.plan -q").code(2);
    apply(&workspace, "r.plan").code(0);
    let listing = workspace.run("restore").code(0);
    assert!(
        listing.stdout.starts_with("Nothing can be restored") && !listing.stderr.contains("quarantine"),
        "{listing}"
    );
}

#[test]
fn what_the_listing_proposes_works_until_it_is_done() {
    let (workspace, before) = reaped();
    let output = workspace.command("--sandbox restore").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let command = said.split('`').nth(1).unwrap().trim_start_matches("pinpoint-streams --sandbox ");
    workspace.run(&format!("{command} --auto-approve -q")).code(0);
    assert!(without_ids(contents(&workspace)) == without_ids(before));
    let listing = workspace.run("restore").code(0);
    assert!(listing.stdout.starts_with("Nothing can be restored"), "{listing}");
}

#[test]
fn an_archive_that_was_changed_needs_confirmation() {
    let (workspace, _) = reaped();
    let folder = first_archive(&workspace);
    let files = std::fs::read_dir(workspace.path(&folder)).unwrap().map(|entry| entry.unwrap().path());
    let file = files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).min().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    workspace.write(
        "changed.json",
        &text.replacen("kinesis:PutRecords", "kinesis:*", 1).replacen("firehose:PutRecordBatch", "firehose:*", 1),
    );
    let refused = workspace.run("restore changed.json").code(3);
    assert!(refused.stderr.contains("--unverified"), "{refused}");
    workspace.run("restore changed.json --unverified").code(0);
    workspace.run("restore nowhere.json").code(1);
}
