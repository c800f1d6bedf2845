//! `graph` and `export`: what other tools get.
use crate::support::{SHOP_AND_BLOG, Workspace};
use insta::assert_snapshot;

#[test]
fn a_graph_needs_no_credentials() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_snapshot!("graph", workspace.run_for_real("graph", &[]).code(0));
    assert!(workspace.run_for_real("graph --format dot", &[]).code(0).stdout.starts_with("digraph \"growth\""));
    assert!(workspace.run_for_real("graph --format svg", &[]).code(0).stdout.starts_with("<svg"));
    assert!(Workspace::empty().run_for_real("graph", &[]).code(1).stderr.contains("no pinpoint-streams.toml"));
}

#[test]
fn an_export_is_a_new_file_and_needs_no_credentials_where_the_manifest_names_its_accounts() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let shown = workspace.run_for_real("export aws-cli", &[]).code(0).stdout;
    workspace.run_for_real("export aws-cli --out build.sh", &[]).code(0);
    assert_eq!(workspace.read("build.sh"), shown);
    let again = workspace.run_for_real("export aws-cli --out build.sh", &[]).code(1);
    assert!(again.stderr.contains("build.sh already exists"), "{again}");
    assert_eq!(workspace.read("build.sh"), shown);
}

#[test]
fn the_terraform_configuration_imports_what_the_state_records() {
    let workspace = Workspace::applied();
    assert_snapshot!("terraform_after_apply", workspace.run("export terraform").code(0));
}

const TERRAFORM_STATE: &str = r#"{
  "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "3f2a", "outputs": {},
  "resources": [
    {"mode": "managed", "type": "aws_iam_role", "name": "shop", "provider": "provider[\"aws\"]", "instances": [
      {"schema_version": 0, "attributes": {"id": "shop", "name": "shop", "arn": "arn:aws:iam::123456789012:role/shop",
        "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"pinpoint.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}}]},
    {"mode": "managed", "type": "aws_iam_role_policy", "name": "shop", "provider": "provider[\"aws\"]", "instances": [
      {"schema_version": 0, "attributes": {"id": "shop:write", "name": "write", "role": "shop"}, "dependencies": ["aws_iam_role.shop"]}]},
    {"mode": "managed", "type": "aws_pinpoint_event_stream", "name": "each", "provider": "provider[\"aws\"]", "instances": [
      {"index_key": "it's", "schema_version": 0, "attributes": {"id": "810c", "application_id": "810c", "role_arn": "arn:aws:iam::123456789012:role/shop"}}]},
    {"mode": "managed", "type": "aws_iam_role", "name": "all", "provider": "provider[\"aws\"]", "instances": [
      {"index_key": "a", "schema_version": 0, "attributes": {"id": "a", "name": "a", "arn": "arn:aws:iam::123456789012:role/a",
        "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"pinpoint.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"}},
      {"index_key": "b", "schema_version": 0, "attributes": {"id": "b", "name": "b", "arn": "arn:aws:iam::123456789012:role/b", "assume_role_policy": "{}"}}]},
    {"mode": "managed", "type": "aws_lambda_function", "name": "f", "provider": "provider[\"aws\"]", "instances": [
      {"schema_version": 0, "attributes": {"id": "f"}, "dependencies": ["aws_iam_role.shop"]}]}
  ]
}"#;

#[test]
fn what_terraform_gives_up_is_listed_with_the_steps() {
    let workspace = Workspace::empty();
    workspace.write("terraform.tfstate", TERRAFORM_STATE);
    let line = "export release --terraform-state terraform.tfstate";
    assert_snapshot!("release_terraform", workspace.run_for_real(line, &[]).code(0));
    let json: serde_json::Value =
        serde_json::from_str(&workspace.run_for_real(&format!("{line} --format json"), &[]).code(0).stdout)
            .unwrap();
    assert_eq!(json["terraform"][0]["resources"].as_array().unwrap().len(), 4);
    workspace.write("terraform.tfstate", "{}");
    assert!(workspace.run_for_real(line, &[]).code(1).stderr.contains("is not a Terraform state file"));
    workspace.run_for_real("export release", &[]).code(1);
}

#[test]
fn a_stack_that_does_not_exist_is_an_error() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let run = workspace.run("export release --stack nope").code(1);
    assert!(run.stderr.contains("no stack `nope` was found in account 123456789012, in "), "{run}");
    assert!(run.stderr.contains("help: ") && run.stdout.is_empty(), "{run}");
    let json = workspace.run("export release --stack nope --regions us-east-1 --format json").code(1);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(document["problems"][0]["message"].as_str().unwrap().ends_with("in us-east-1"), "{json}");
}

#[test]
fn an_encrypted_state_of_opentofu_is_refused_with_what_reads_it() {
    let workspace = Workspace::empty();
    let encrypted = r#"{"serial": 3, "lineage": "3f2a", "meta": {"key_provider.pbkdf2.state": "eyJzYWx0IjoiIn0="},
        "encrypted_data": "b3BlbnRvZnU=", "encryption_version": "v0"}"#;
    workspace.write("infra/terraform.tfstate", encrypted);
    let run = workspace.run_for_real("export release --terraform-state infra", &[]).code(1);
    assert!(run.stderr.contains("infra/terraform.tfstate is an encrypted OpenTofu state file"), "{run}");
    assert!(run.stderr.contains("help: use the output of `tofu state pull`"), "{run}");
    assert_eq!(run.stdout, "");
}

#[test]
fn what_a_stack_gives_up_is_listed_with_the_steps() {
    let workspace = Workspace::empty();
    let leftovers = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/leftovers.json");
    workspace.write("leftovers.json", &std::fs::read_to_string(leftovers).unwrap());
    workspace.run("sandbox seed leftovers.json").code(0);
    assert_snapshot!("release_stack", workspace.run("export release --stack growth-analytics").code(0));
}
