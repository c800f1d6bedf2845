//! What the program is for, from the first plan to the last delete.
use crate::support::{SHOP_AND_BLOG, Workspace};
use insta::assert_snapshot;

#[test]
fn the_main_job_from_the_first_plan_to_destroy() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_snapshot!("validate", workspace.run("validate").code(0));
    assert_snapshot!("plan", workspace.run("plan").code(0));
    assert_snapshot!("plan_with_every_field", workspace.run("plan --diff --target role.blog").code(0));
    workspace.run("plan --detailed-exitcode").code(2);
    assert_snapshot!("apply_without_approval", workspace.run("apply").code(1));
    assert_snapshot!("apply", workspace.run("apply --auto-approve -q").code(0));
    assert_snapshot!("apply_again", workspace.run("apply --auto-approve -q").code(0));
    workspace.run("plan --detailed-exitcode").code(0);
    workspace.run("plan --drift").code(0);
    assert_snapshot!("state_list", workspace.run("state list").code(0));
    assert_snapshot!("state_list_json", workspace.run("state list --format json").code(0));
    assert_snapshot!("destroy_without_approval", workspace.run("destroy").code(1));
    assert_snapshot!("destroy_safe", workspace.run("destroy --auto-approve=safe -q").code(3));
    assert_snapshot!("destroy", workspace.run("destroy --auto-approve --delete-apps -q").code(0));
    let empty = workspace.run("state list").code(0);
    assert_eq!((empty.stdout.as_str(), empty.stderr.as_str()), ("", "The state records no resources.\n"));
    assert_eq!(workspace.run("destroy --auto-approve -q").code(0).last_line(), "No changes.");
    workspace.run("plan --detailed-exitcode").code(2);
}

#[test]
fn a_destroy_points_to_plan_destroy_until_nothing_is_left() {
    let workspace = Workspace::applied();
    let kept = workspace.run("destroy --auto-approve").code(0);
    assert!(kept.last_line().starts_with("Next: run `pinpoint-streams --sandbox plan --destroy`"), "{kept}");
    let all = workspace.run("destroy --auto-approve --delete-apps").code(0);
    assert_eq!(all.last_line(), "Next: nothing to do; the state has no resources left", "{all}");
}

#[test]
fn a_change_of_the_manifest_shows_only_the_fields_that_change() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "site = \"blog\"", "site = \"journal\"");
    workspace.edit("pinpoint-streams.toml", "[apps.shop]\n", "[apps.shop]\nprotect = true\n");
    assert_snapshot!("plan_of_a_change", workspace.run("plan").code(0));
    workspace.run("apply --auto-approve=safe -q").code(0);
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn what_vanished_is_made_again_and_shown_as_drift() {
    let manifest = SHOP_AND_BLOG.split("[apps.blog]").next().unwrap();
    let workspace = Workspace::new(manifest);
    workspace.run("apply --auto-approve -q").code(0);
    std::fs::remove_dir_all(workspace.path(".pinpoint-streams/sandbox/aws")).unwrap();
    assert_snapshot!("drift", workspace.run("plan --drift").code(2));
    assert_snapshot!("plan_after_vanishing", workspace.run("plan").code(0));
    workspace.run("apply --auto-approve -q").code(0);
    assert_eq!(workspace.run("plan --drift").code(0).last_line(), "No drift.");
}

#[test]
fn state_and_live_policies_can_be_looked_at() {
    let workspace = Workspace::applied();
    assert_snapshot!("policy_show", workspace.run("policy show role.shop").code(0));
    workspace.run("policy show event_stream.shop").code(1);
    let nobody = workspace.run("policy show iam.123456789012/Nobody").code(1);
    assert!(nobody.stderr.contains("help: `aws iam list-roles`"), "no plan would create it: {nobody}");
    // An account has an alias in the manifest alone.
    let meant = workspace.run("policy lint iam.main/Nobody").code(1);
    assert!(meant.stderr.contains("did you mean `iam.123456789012/Nobody`?"), "{meant}");
    let unknown = workspace.run("policy lint iam.other/Nobody").code(1);
    assert!(unknown.stderr.contains("iam.ACCOUNT/NAME with the ID of the account"), "{unknown}");
    let file = workspace.run("policy lint missing.json").code(1);
    assert!(file.stderr.contains("failed to read missing.json"), "{file}");
    let shown = workspace.run("state show role.shop").code(0).stdout;
    assert!(shown.contains("trust_policy:") && shown.contains("PinpointEventStream-shop"), "{shown}");
    workspace.run("state show role.none").code(1);
    for (line, format) in
        [("show --format json", 1), ("state list --format json", 2), ("state show app.blog --format json", 1)]
    {
        let json: serde_json::Value = serde_json::from_str(&workspace.run(line).code(0).stdout).unwrap();
        assert_eq!(json["format_version"], format, "{line}");
    }
}

#[test]
fn the_list_of_a_state_without_resources_says_so() {
    let workspace = Workspace::applied();
    workspace.run("destroy --auto-approve --delete-apps -q").code(0);
    let empty = workspace.run("state list").code(0);
    assert_eq!((empty.stdout.as_str(), empty.stderr.as_str()), ("", "The state records no resources.\n"));
    let none = Workspace::new(SHOP_AND_BLOG).run("state list").code(0);
    assert!(none.stdout.is_empty() && none.stderr.contains("has no state yet"), "{none}");
}

#[test]
fn the_json_of_the_list_has_the_id_and_the_arn_of_each_resource() {
    let list = Workspace::applied().run("state list --format json").code(0).stdout;
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let resources = list["resources"].as_array().unwrap();
    let row = |address: &str| {
        let row = resources.iter().find(|row| row["address"] == address).unwrap();
        (row["id"].as_str(), row["arn"].as_str())
    };
    let role = "arn:aws:iam::123456789012:role/pinpoint-streams/PinpointEventStream-shop";
    assert_eq!(row("role.shop"), (Some("[role id]"), Some(role)));
    let app = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/[id]";
    assert_eq!(row("app.blog"), (Some("[id]"), Some(app)));
    assert_eq!(row("event_stream.shop"), (Some("810c7aab86d42fb2b56c8c966example"), None));
}

#[test]
fn a_plan_that_deletes_an_event_stream_says_that_the_events_of_its_app_stop() {
    let plan = Workspace::applied().run("plan --destroy").code(0);
    let stop = "events of app 810c7aab86d42fb2b56c8c966example will not be delivered until it has another";
    assert!(plan.shows(stop), "{plan}");
}

#[test]
fn the_embedded_account_can_be_seeded_shown_and_emptied() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_snapshot!("sandbox_seed", workspace.run("sandbox seed").code(0));
    assert_snapshot!("sandbox_show", workspace.run("sandbox show").code(0));
    workspace.run("apply --auto-approve -q").code(0);
    workspace.run("sandbox reset").code(0);
    assert_eq!(workspace.run("sandbox show").code(0).stdout, "The sandbox is empty.\n");
    assert!(workspace.run("plan").code(0).last_line().starts_with("Plan: 5 to create"));
}

#[test]
fn nothing_is_written_where_the_environment_or_the_manifest_forbids_it() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let before = workspace.files();
    let refused = workspace.run_for_real("--sandbox apply --auto-approve", &[("PINPOINT_STREAMS_READ_ONLY", "1")]);
    assert_snapshot!("read_only", refused.code(3));
    assert_eq!(workspace.files(), before);
    workspace.write("pinpoint-streams.toml", &format!("{SHOP_AND_BLOG}\n[safety]\nread_only = true\n"));
    workspace.run("apply --auto-approve").code(3);
    workspace.run("plan").code(0);
}

/// A role made elsewhere, for the shop alone.
const ROLE_ELSEWHERE: &str = r#"version = 1
workspace = "growth"

[defaults]
account = "main"
region = "us-east-1"

[accounts.main]
id = "123456789012"

[streams.clickstream]
kinesis = "clickstream"

[apps.shop]
id = "810c7aab86d42fb2b56c8c966example"
stream = "clickstream"
role = { arn = "arn:aws:iam::123456789012:role/made/Elsewhere" }
"#;

#[test]
fn a_step_that_fails_stops_nothing_else_and_the_table_says_why() {
    let workspace = Workspace::new(ROLE_ELSEWHERE);
    workspace.run("sandbox seed").code(0);
    let mail = ROLE_ELSEWHERE.replace("[apps.shop]", "[apps.mail]").replace("810c7aab", "910c7aab");
    let mail = &mail[mail.find("[apps.mail]").unwrap()..];
    workspace.write("pinpoint-streams.toml", &format!("{ROLE_ELSEWHERE}\n{mail}"));
    assert_snapshot!("failed_in_part", workspace.run("apply --auto-approve -q").code(5));
    let plan = workspace.run("plan -q").code(0);
    assert_eq!(plan.last_line(), "Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 1 unchanged.");
}
