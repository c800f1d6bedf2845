//! A saved plan is carried out as it is, or not at all.
use crate::support::{SHOP_AND_BLOG, Workspace};
use insta::assert_snapshot;

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
    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.run("apply --auto-approve -q").code(0);
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
    assert!(stale.stderr.contains("-      \"tag_role\": {"), "{stale}");
    assert!(stale.stderr.contains("+      \"create_role\": {"), "{stale}");
}

#[test]
fn a_plan_that_was_edited_torn_or_is_newer_is_refused() {
    let workspace = saved();
    let whole = workspace.read("shop.plan");
    workspace.edit("shop.plan", "\"name\": \"Blog\"", "\"name\": \"Evil\"");
    assert_snapshot!("saved_plan_edited", workspace.run(APPLY).code(4));
    workspace.write("shop.plan", &whole.replacen("\"format_version\": 1", "\"format_version\": 2", 1));
    assert_snapshot!("saved_plan_newer", workspace.run(APPLY).code(1));
    workspace.write("shop.plan", &whole[..whole.len() / 2]);
    workspace.run(APPLY).code(1);
    workspace.run("apply none.plan --auto-approve").code(1);
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
