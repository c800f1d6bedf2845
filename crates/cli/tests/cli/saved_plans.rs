//! A saved plan is carried out as it is, or not at all.
use crate::support::{SHOP_AND_BLOG, STATE, Workspace};
use insta::assert_snapshot;
use pinpoint_streams_model::digest;
use pinpoint_streams_model::plan::Plan;
use serde_json::{Value, json};

fn saved() -> Workspace {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.run("plan --out shop.plan").code(0);
    workspace
}

const APPLY: &str = "apply shop.plan --auto-approve -q";

#[test]
fn a_saved_plan_is_shown_and_carried_out_once() {
    let workspace = saved();
    assert_eq!(workspace.run("show shop.plan").code(0).stdout, workspace.run("plan").code(0).stdout);
    workspace.run(APPLY).code(0);
    assert_snapshot!("saved_plan_a_second_time", workspace.run(APPLY).code(4));
}

#[test]
fn a_plan_from_an_older_serial_is_stale() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"journal\"");
    workspace.run("plan --out shop.plan").code(0);
    workspace.run("apply --auto-approve -q").code(0);
    let stale = workspace.run(APPLY).code(4);
    assert!(stale.stderr.contains("serial"), "{stale}");
}

#[test]
fn a_plan_whose_manifest_means_something_else_by_now_is_stale_but_comments_do_not_matter() {
    let workspace = saved();
    workspace.edit("pinpoint-streams.toml", "version = 1", "version = 1 # the first");
    workspace.run("plan --out again.plan").code(0);
    workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"journal\"");
    assert_snapshot!("saved_plan_of_another_manifest", workspace.run(APPLY).code(4));
    workspace.edit("pinpoint-streams.toml", "site = \"journal\"", "site = \"blog\"");
    workspace.run(APPLY).code(0);
}

#[test]
fn a_plan_for_another_account_is_stale() {
    let workspace = saved();
    workspace.edit("pinpoint-streams.toml", "123456789012", "210987654321");
    let stale = workspace.run(APPLY).code(4);
    assert!(stale.stderr.contains("account 123456789012"), "{stale}");
}

#[test]
fn a_plan_whose_steps_are_no_longer_the_same_shows_how_they_differ() {
    let workspace = Workspace::new(SHOP_AND_BLOG.split("[apps.blog]").next().unwrap());
    workspace.run("apply --auto-approve -q").code(0);
    workspace.edit(
        "pinpoint-streams.toml",
        "[defaults]",
        "[role_defaults]\ntags = { team = \"growth\" }\n\n[defaults]",
    );
    workspace.run("plan --out shop.plan").code(0);
    std::fs::remove_dir_all(workspace.path(".pinpoint-streams/sandbox/aws")).unwrap();
    let stale = workspace.run(APPLY).code(4);
    assert!(stale.stderr.contains("\n  role.shop: tag_role is no longer needed\n"), "{stale}");
    assert!(stale.stderr.contains("\n  role.shop: create_role is now needed\n"), "{stale}");
}

#[test]
fn a_plan_that_was_edited_torn_or_is_newer_is_refused() {
    let workspace = saved();
    let whole = workspace.read("shop.plan");
    workspace.edit("shop.plan", "\"name\": \"Blog\"", "\"name\": \"Evil\"");
    assert_snapshot!("saved_plan_edited", workspace.run(APPLY).code(4));
    workspace.write("shop.plan", &whole.replacen("\"format_version\": 3", "\"format_version\": 4", 1));
    assert_snapshot!("saved_plan_newer", workspace.run(APPLY).code(1));
    workspace.write("shop.plan", &whole[..whole.len() / 2]);
    workspace.run(APPLY).code(1);
    workspace.run("apply none.plan --auto-approve").code(1);
}

#[test]
fn a_plan_that_says_one_thing_and_does_another_is_refused_before_it_is_shown() {
    let workspace = saved();
    workspace.edit("shop.plan", "\"action\": \"create\"", "\"action\": \"delete\"");
    for line in ["show shop.plan", APPLY] {
        let refused = workspace.run(line).code(4);
        assert!(refused.stderr.contains("was edited") && refused.stdout.is_empty(), "{refused}");
    }
}

#[test]
fn a_plan_of_a_newer_format_is_refused_unread() {
    let workspace = saved();
    workspace.write("shop.plan", "{\"format_version\": 4, \"steps\": {\"no\": [\"idea\"]}}");
    for line in ["show shop.plan", APPLY] {
        let refused = workspace.run(line).code(1);
        assert!(refused.stderr.contains("has format 4, newer than 3"), "{refused}");
    }
}

#[test]
fn what_shaped_a_saved_plan_cannot_be_shaped_again() {
    let workspace = saved();
    for flag in [
        "--target role.shop",
        "--exclude role.shop",
        "--accounts main",
        "--replace role.shop",
        "--adopt",
        "--allow-mass-delete",
        "--delete-apps",
        "--include-adopted",
        "--destroy",
    ] {
        let refused = workspace.run(&format!("{APPLY} {flag}")).code(1);
        assert!(refused.stderr.contains("cannot be used with"), "{refused}");
    }
    workspace.run(APPLY).code(0);
}

/// All applied, then a change of tags planned and saved.
fn saved_after_an_apply() -> Workspace {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"journal\"");
    workspace.run("plan --out shop.plan -q").code(0);
    workspace
}

/// The plan is refused with these words, nothing is written, and a plan made anew can be applied.
#[track_caller]
fn stale(workspace: &Workspace, words: &str) {
    let before = workspace.files();
    let refused = workspace.run(APPLY).code(4);
    assert!(refused.stderr.contains(words) && refused.stderr.contains("help: "), "{refused}");
    assert_eq!(workspace.files(), before);
}

#[test]
fn a_plan_whose_state_was_edited_since_is_stale() {
    let workspace = saved_after_an_apply();
    workspace.run("state mv role.shop role.other").code(0);
    stale(&workspace, "made from serial");
    workspace.run("state mv role.other role.shop").code(0);
    stale(&workspace, "made from serial");
}

#[test]
fn of_two_plans_saved_from_one_state_the_second_is_stale() {
    let workspace = saved_after_an_apply();
    workspace.run("plan --out other.plan -q").code(0);
    workspace.run("apply other.plan --auto-approve -q").code(0);
    stale(&workspace, "made from serial");
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn a_plan_whose_state_is_gone_or_was_made_since_is_stale() {
    let workspace = saved_after_an_apply();
    let state = workspace.read(STATE);
    std::fs::remove_file(workspace.path(STATE)).unwrap();
    stale(&workspace, "but there is no state now");
    workspace.write(STATE, &state);
    workspace.run(APPLY).code(0);
    // From before there was a state.
    let workspace = saved();
    workspace.run("apply --auto-approve -q --target role.shop").code(0);
    stale(&workspace, "there is one now, of lineage");
}

#[test]
fn a_plan_from_a_state_of_another_lineage_is_stale_and_so_is_one_from_a_state_that_was_put_back() {
    let workspace = saved_after_an_apply();
    let old = workspace.read(STATE);
    let lineage = serde_json::from_str::<serde_json::Value>(&old).unwrap()["lineage"].as_str().unwrap().to_owned();
    workspace.edit(STATE, &lineage, "another");
    stale(&workspace, "but the lineage is now another");
    workspace.write(STATE, &old);
    workspace.run(APPLY).code(0);
    workspace.edit("pinpoint-streams.toml", "site = \"journal\"", "site = \"diary\"");
    workspace.run("plan --out shop.plan -q").code(0);
    workspace.write(STATE, &old);
    stale(&workspace, "restore the latest state");
}

#[test]
fn a_plan_of_another_workspace_is_refused_as_that() {
    let workspace = saved();
    workspace.edit("pinpoint-streams.toml", "workspace = \"growth\"", "workspace = \"ads\"");
    stale(&workspace, "belongs to workspace `growth`, not to `ads`");
}

#[test]
fn a_plan_to_create_what_was_since_created_elsewhere_is_refused() {
    let workspace = saved();
    let other = Workspace::new(SHOP_AND_BLOG);
    other.run("apply --auto-approve -q").code(0);
    let world = ".pinpoint-streams/sandbox/aws/world.jsonl";
    workspace.write(world, &other.read(world));
    let before = workspace.files();
    let refused = workspace.run(APPLY);
    assert!(refused.code == 3 || refused.code == 4, "{refused}");
    assert_eq!(workspace.files(), before);
}

#[test]
fn saved_sweeps_and_restores_are_carried_out_once_and_not_after_another_apply() {
    use crate::sweep::{apply, few};
    let workspace = few();
    workspace.run("sweep --out one.plan -q").code(2);
    workspace.run("sweep --out two.plan -q").code(2);
    apply(&workspace, "one.plan").code(0);
    for file in ["one.plan", "two.plan"] {
        let stale = apply(&workspace, file).code(4);
        assert!(stale.stderr.contains("there is one now, of lineage"), "{stale}");
    }
    workspace.run("sweep --reap --after 0d --out reap.plan -q").code(2);
    apply(&workspace, "reap.plan").code(0);
    let stale = apply(&workspace, "reap.plan").code(4);
    assert!(stale.stderr.contains("made from serial"), "{stale}");
    let archives = ".pinpoint-streams/sandbox/archive";
    let mut runs: Vec<_> =
        std::fs::read_dir(workspace.path(archives)).unwrap().map(|one| one.unwrap().path()).collect();
    runs.sort();
    let first = runs[0].file_name().unwrap().to_string_lossy().into_owned();
    workspace.run(&format!("restore {archives}/{first} --out back.plan -q")).code(0);
    workspace.edit("back.plan", "\"unverified\": false", "\"unverified\": true");
    let edited = workspace.run("apply back.plan --auto-approve -q").code(4);
    assert!(edited.stderr.contains("was edited"), "{edited}");
    workspace.edit("back.plan", "\"unverified\": true", "\"unverified\": false");
    workspace.run("apply back.plan --auto-approve -q").code(0);
    let stale = workspace.run("apply back.plan --auto-approve -q").code(4);
    assert!(stale.stderr.contains("made from serial"), "{stale}");
}

#[cfg(unix)]
#[test]
fn what_stands_where_a_plan_is_to_be_saved_is_replaced_only_where_it_is_a_plan_or_an_empty_file() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let refused = workspace.run("plan --out pinpoint-streams.toml").code(1);
    assert!(refused.stderr.contains("exists and is not a saved plan"), "{refused}");
    assert_eq!(workspace.read("pinpoint-streams.toml"), SHOP_AND_BLOG);
    workspace.write("target", "");
    std::os::unix::fs::symlink(workspace.path("target"), workspace.path("shop.plan")).unwrap();
    let refused = workspace.run("plan --out shop.plan").code(1);
    assert!(refused.stderr.contains("caused by: it is a symbolic link"), "{refused}");
    assert_eq!(workspace.read("target"), "");
    workspace.run("plan --out target -q").code(0);
    workspace.run("show shop.plan").code(0);
    assert_eq!(workspace.run("plan --out .").code(1).stdout, "");
}

#[test]
fn an_expected_digest_binds_a_fresh_plan_too() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let refused = workspace.run("apply --auto-approve --expect-digest sha256:0 -q").code(4);
    assert!(refused.stderr.contains("sha256:0 was expected"), "{refused}");
    let plan = workspace.command("--sandbox plan --format json").output().unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&plan.stdout).unwrap();
    let digest = plan["plan_digest"].as_str().unwrap();
    workspace.run(&format!("apply --auto-approve --expect-digest {digest} -q")).code(0);
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_a_saved_plan() {
    use std::os::unix::fs::PermissionsExt;
    let mode = saved().path("shop.plan").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

fn parsed(workspace: &Workspace, file: &str) -> Value {
    serde_json::from_str(&workspace.read(file)).unwrap()
}

/// With the digests that fit its content, as an attacker would compute them.
pub(crate) fn signed(mut plan: Value) -> String {
    plan.as_object_mut().unwrap().remove("file_digest");
    let read = serde_json::from_value::<Plan>(plan.clone());
    plan["plan_digest"] = read.map_or_else(|_| json!(digest::of(&plan)), |read| json!(read.digest()));
    plan["file_digest"] = json!(digest::of(&plan));
    plan.to_string()
}

/// A sweep that deletes three roles, with a warning, and that says how to connect.
fn saved_sweep() -> (Workspace, Value) {
    let workspace = crate::sweep::few();
    workspace.run("sweep --delete --exclude nothing-* --out sweep.plan -q").code(2);
    let plan = parsed(&workspace, "sweep.plan");
    assert!(!plan["warnings"].as_array().unwrap().is_empty(), "{plan:#}");
    assert_eq!(plan["summary"]["delete"], 3);
    (workspace, plan)
}

/// How the plan connects to its account.
fn source(plan: &mut Value) -> &mut Value {
    plan["access"]["accounts"].as_object_mut().unwrap().values_mut().next().unwrap()
}

type Edit = (&'static str, fn(&mut Value));

fn renumbered(steps: &mut Vec<Value>) {
    let last = steps.len();
    steps.remove(last - 2);
    steps[last - 2]["id"] = json!(last - 1);
    steps[last - 2]["after"].as_array_mut().unwrap().retain(|after| *after != json!(last - 1));
}

/// What the digest covers and the steps do not show, and what they do.
const BESIDE_THE_STEPS: [Edit; 5] = [
    ("a warning is removed", |plan| plan["warnings"] = json!([])),
    ("evidence is removed", |plan| plan["changes"][0]["notes"] = json!([])),
    ("another profile", |plan| source(plan)["profile"] = json!("other")),
    ("another role to assume", |plan| {
        source(plan)["assume_role"] = json!("arn:aws:iam::123456789012:role/other");
    }),
    ("other archives", |plan| plan["access"]["archive"] = json!("elsewhere")),
];

const UNLIKE_THE_STEPS: [Edit; 9] = [
    ("no changes", |plan| plan["changes"] = json!([])),
    ("no changes, and none counted", |plan| {
        plan["changes"] = json!([]);
        plan["summary"]["delete"] = json!(0);
    }),
    ("none counted", |plan| plan["summary"]["delete"] = json!(0)),
    ("one change less", |plan| {
        plan["changes"].as_array_mut().unwrap().pop();
        plan["summary"]["delete"] = json!(2);
    }),
    ("quarantine is shown", |plan| {
        plan["changes"][0]["action"] = json!("quarantine");
        plan["summary"]["delete"] = json!(2);
        plan["summary"]["quarantine"] = json!(1);
    }),
    ("another name is shown", |plan| plan["changes"][0]["fields"][0]["before"] = json!("harmless")),
    ("a step is removed", |plan| drop(plan["steps"].as_array_mut().unwrap().remove(0))),
    ("a step is removed and the rest renumbered", |plan| renumbered(plan["steps"].as_array_mut().unwrap())),
    ("a step deletes another role", |plan| {
        let steps = plan["steps"].as_array_mut().unwrap();
        let role = &mut steps.last_mut().unwrap()["op"]["delete_role"]["role"];
        *role = json!("arn:aws:iam::123456789012:role/another");
    }),
];

#[test]
fn the_digest_of_a_saved_plan_covers_what_a_person_reads_and_how_it_is_done() {
    let (workspace, plan) = saved_sweep();
    let (before, digest) = (crate::sweep::contents(&workspace), plan["plan_digest"].clone());
    for (what, edit) in BESIDE_THE_STEPS.iter().chain(&UNLIKE_THE_STEPS) {
        let mut edited = plan.clone();
        edit(&mut edited);
        workspace.write("sweep.plan", &edited.to_string());
        for run in [workspace.run("show sweep.plan"), crate::sweep::apply(&workspace, "sweep.plan")] {
            let refused = run.code(4);
            assert!(refused.stderr.contains("was edited") && refused.stdout.is_empty(), "{what}: {refused}");
        }
        // Signed again, it has another digest than the plan that was reviewed.
        let signed = signed(edited);
        assert!(!signed.contains(digest.as_str().unwrap()), "{what}");
        workspace.write("sweep.plan", &signed);
        let digest = digest.as_str().unwrap();
        let line = format!("apply sweep.plan -q --expect-digest {digest} --approve-accounts 123456789012");
        assert!(!workspace.run(&line).code(4).stderr.is_empty(), "{what}");
    }
    assert_eq!(crate::sweep::contents(&workspace), before);
    workspace.write("sweep.plan", &plan.to_string());
    workspace.run("show sweep.plan").code(0);
    crate::sweep::apply(&workspace, "sweep.plan").code(0);
}

#[test]
fn a_plan_whose_changes_are_not_those_of_its_steps_is_refused_even_with_a_digest_that_fits() {
    let (workspace, plan) = saved_sweep();
    let before = crate::sweep::contents(&workspace);
    for (what, edit) in UNLIKE_THE_STEPS {
        let mut edited = plan.clone();
        edit(&mut edited);
        workspace.write("sweep.plan", &signed(edited));
        for run in [workspace.run("show sweep.plan"), crate::sweep::apply(&workspace, "sweep.plan")] {
            let refused = run.code(4);
            let is_clear =
                refused.stderr.contains("are not those of its steps") && refused.stderr.contains("plan again");
            assert!(is_clear && refused.stdout.is_empty(), "{what}: {refused}");
        }
    }
    // What does not follow from the steps is compared with the plan that is made again.
    let mut edited = plan;
    edited["changes"][0].as_object_mut().unwrap().remove("notes");
    workspace.write("sweep.plan", &signed(edited));
    let refused = crate::sweep::apply(&workspace, "sweep.plan").code(4);
    assert!(refused.stderr.contains("the changes have changed since the plan was made"), "{refused}");
    assert_eq!(crate::sweep::contents(&workspace), before);
}

#[test]
fn a_plan_that_shows_another_policy_than_it_writes_is_refused() {
    let workspace = saved();
    let mut plan = parsed(&workspace, "shop.plan");
    let puts = plan["steps"].as_array_mut().unwrap().iter_mut();
    let mut policies = puts.filter_map(|step| step["op"].get_mut("put_role_policy"));
    policies.next().unwrap()["document"]["Statement"][0]["Resource"] = json!("*");
    workspace.write("shop.plan", &signed(plan));
    for line in ["show shop.plan", APPLY] {
        let refused = workspace.run(line).code(4);
        assert!(refused.stderr.contains("is not what its steps write") && refused.stdout.is_empty(), "{refused}");
    }
}
