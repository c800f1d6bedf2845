//! `sweep --residue` over the example's account.
use crate::support::Workspace;
use crate::sweep::contents;
use insta::assert_snapshot;
use serde_json::Value;

const RESIDUE: &str = include_str!("../../../../examples/residue.json");
const FLAGS: &str = "--regions us-east-1,eu-west-1";

fn seeded(seed: &str) -> Workspace {
    let workspace = Workspace::empty();
    workspace.write("seed.json", seed);
    workspace.run("sandbox seed seed.json").code(0);
    workspace
}

fn json(workspace: &Workspace) -> (Option<i32>, Value) {
    let output = workspace.command(&format!("--sandbox sweep --residue {FLAGS} --format json")).output().unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn what_else_names_pinpoint_is_shown_and_nothing_is_written() {
    let workspace = seeded(RESIDUE);
    let before = contents(&workspace);
    assert_snapshot!("residue", workspace.run(&format!("sweep --residue {FLAGS}")).code(2).stdout);
    let (code, document) = json(&workspace);
    assert_eq!((code, &document["format_version"]), (Some(2), &Value::from(1)));
    let kinds = document["found"].as_array().unwrap().iter().map(|found| found["kind"].as_str().unwrap());
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [
            "message_template",
            "identity_policy",
            "event_destination",
            "function_policy",
            "import_jobs",
            "recommender",
            "email_channel",
            "idle_stream"
        ]
    );
    assert_eq!(document["found"][7]["monthly_usd_cents"], 1095);
    assert_eq!(document["gaps"], Value::Array(Vec::new()));
    assert_eq!(contents(&workspace), before);
}

#[test]
fn what_can_no_longer_be_read_is_unknown_and_the_rest_is_shown() {
    let workspace = seeded(RESIDUE);
    workspace.run("sandbox end all-gone").code(0);
    let run = workspace.run(&format!("sweep --residue {FLAGS}")).code(6);
    assert_snapshot!("residue_where_pinpoint_has_ended", run.stdout);
    assert!(run.says("Exits with 6 because something that could refer to Pinpoint could not be read"), "{run}");
    let (code, document) = json(&workspace);
    assert_eq!(code, Some(6));
    assert_eq!(document["gaps"][0]["why"]["operation"], "GetApps");
}

#[test]
fn an_account_without_residue_ends_with_0() {
    let workspace = seeded(
        r#"{"accounts":[{"id":"123456789012","partition":"aws","apps":[{"region":"us-east-1","id":"a1","name":"Shop"}]}]}"#,
    );
    let run = workspace.run("sweep --residue").code(0);
    assert_eq!(run.last_line(), "Nothing else refers to Pinpoint.");
}
