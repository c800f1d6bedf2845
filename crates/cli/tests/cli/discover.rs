//! A manifest for what is there already.
use crate::support::Workspace;
use crate::sweep::{contents, seeded};
use insta::assert_snapshot;
use serde_json::{Value, json};

fn discovered() -> Workspace {
    let workspace = seeded(|_| true);
    workspace.run("discover --workspace growth --out pinpoint-streams.toml").code(0);
    workspace
}

#[test]
fn what_is_discovered_is_adopted_without_a_change_and_then_there_is_nothing_to_do() {
    let workspace = discovered();
    let before = contents(&workspace);
    assert_snapshot!("discovered", workspace.read("pinpoint-streams.toml"));
    let plan = workspace.run("plan --adopt").code(0);
    let counts = "Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 6 to adopt";
    assert!(plan.last_line().starts_with(counts), "{plan}");
    workspace.run("apply --adopt --auto-approve=safe -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
    let mut after = contents(&workspace);
    for account in after["accounts"].as_object_mut().unwrap().values_mut() {
        for role in account["roles"].as_array_mut().unwrap() {
            role["tags"].as_object_mut().unwrap().retain(|key, _| !key.starts_with("pinpoint-streams:"));
        }
    }
    assert!(after == before, "nothing was written but tags");
}

/// What is identical is adopted without `--adopt`.
#[test]
fn an_adoption_without_a_change_says_what_it_writes() {
    let plan = discovered().run("plan").code(0);
    assert!(plan.last_line().contains(", 6 to adopt"), "{plan}");
    let says = "identical to the manifest: writes only ownership tags (on roles and apps) and the state";
    assert!(plan.shows(says), "{plan}");
}

/// After it was discovered, someone let another account assume a role.
#[test]
fn an_adoption_that_rewrites_a_trust_policy_is_an_update_and_names_who_loses_access() {
    let workspace = discovered();
    let mut seed: Value = serde_json::from_str(&workspace.read("seed.json")).unwrap();
    let roles = seed["accounts"][0]["roles"].as_array_mut().unwrap();
    let is_shop = |role: &Value| role["arn"].as_str().unwrap().ends_with("/PinpointEventStream-Shop");
    let role = roles.iter_mut().find(|role| is_shop(role)).unwrap();
    let mut trust: Value = serde_json::from_str(role["trust_json"].as_str().unwrap()).unwrap();
    let other = json!({"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "sts:AssumeRole"});
    trust["Statement"].as_array_mut().unwrap().push(other);
    role["trust_json"] = json!(trust.to_string());
    let changed = Workspace::empty();
    changed.write("seed.json", &seed.to_string());
    changed.run("sandbox seed seed.json").code(0);
    changed.write("pinpoint-streams.toml", &workspace.read("pinpoint-streams.toml"));
    let plan = changed.run("plan --adopt").code(0);
    assert!(plan.stdout.contains(" ~ role.shop "), "{plan}");
    assert!(plan.shows("! may no longer assume it: ") && plan.stdout.contains("210987654321"), "{plan}");
    assert!(plan.last_line().contains(" 1 to update, ") && plan.last_line().contains(", 5 to adopt"), "{plan}");
}

#[test]
fn a_file_that_is_there_is_left_as_it_is_and_without_one_the_manifest_is_printed() {
    let workspace = discovered();
    let written = workspace.read("pinpoint-streams.toml");
    workspace.run("discover --out pinpoint-streams.toml").code(1);
    assert_eq!(workspace.read("pinpoint-streams.toml"), written);
    let fresh = seeded(|_| true);
    let printed = fresh.command("--sandbox discover --workspace growth").output().unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), written);
}

#[test]
fn beside_a_state_the_note_names_all_roles_of_the_workspace_once() {
    let workspace = Workspace::applied();
    let run = workspace.run("discover").code(0);
    let note = "skipped: PinpointEventStream-blog, PinpointEventStream-shop: this workspace, `growth`, manages it; if its state";
    assert!(run.says(note), "{run}");
    assert_eq!(run.stderr.matches("manages it").count(), 1, "{run}");
}
