//! What is written for other tools.
use super::*;
use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};
use pinpoint_streams_model::recorded::Recorded;
use std::path::Path;

/// Two accounts and three regions; an app that exists, two that are created, a role for two apps, one that is managed
/// elsewhere, and texts that mean something to a shell or to Terraform.
const MANY: &str = r#"
version = 1
workspace = "growth"
[defaults]
account = "main"
region = "us-east-1"
[accounts.main]
id = "123456789012"
profile = "growth"
[accounts.other]
id = "210987654321"
assume_role = "arn:aws:iam::210987654321:role/Deploy"
[role_defaults]
path = "/pinpoint/"
description = "it's ${{not}} a %{{template}} \"x\" \\ $(reboot)"
tags = { team = "growth", "cost center" = "a=b:c" }
[streams.clicks]
kinesis = "clicks"
[streams.lake]
firehose = "lake"
kms_key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
[roles.shared]
permissions_boundary = "boundary"
[apps.shop]
id = "a1"
stream = "clicks"
role = "shared"
protect = true
[apps.2nd-blog]
name = "Blog's"
stream = "clicks"
role = "shared"
tags = { site = "blog" }
[apps.lake]
name = "Lake"
region = "eu-west-1"
stream = "lake"
[apps.news]
id = "a2"
stream = "clicks"
role = { arn = "arn:aws:iam::123456789012:role/team/Ours" }
[apps.far]
id = "a4"
account = "other"
stream = "clicks"
"#;

fn resolved(text: &str) -> (Manifest, Desired) {
    let manifest = Manifest::load("m", text.to_owned(), &OneFile, &Overrides::default()).unwrap();
    let desired = Desired::clone(manifest.offline());
    (manifest, desired)
}

fn example(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)).unwrap()
}

fn script(text: &str) -> String {
    aws_cli::script(&Declared::of(&resolved(text).1))
}

fn configuration(text: &str, recorded: &Recorded) -> String {
    let (manifest, desired) = resolved(text);
    terraform::configuration(&Declared::of(&desired), &manifest.accounts(), recorded)
}

#[test]
fn the_script_of_an_app_that_exists() {
    insta::assert_snapshot!("aws_cli_one_app", script(&example("one-app.toml")));
}

#[test]
fn the_script_of_many() {
    insta::assert_snapshot!("aws_cli_many", script(MANY));
}

/// What the script calls, with an `aws` that answers with the ID of an app.
#[cfg(unix)]
fn calls(text: &str, account: &str) -> Vec<String> {
    let aws = format!(
        "aws() {{ printf '%s\\0' \"$@\" >&2; printf '\\0' >&2; \
         case $1 in sts) echo {account} ;; pinpoint) echo 0a1b ;; esac; }}\n{text}"
    );
    let output = std::process::Command::new("sh").arg("-c").arg(aws).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let calls = String::from_utf8(output.stderr).unwrap();
    calls.split("\0\0").filter(|call| !call.is_empty()).map(|call| call.replace('\0', " ")).collect()
}

#[cfg(unix)]
#[test]
fn a_shell_makes_the_calls_of_the_account_whose_credentials_it_has_with_the_ids_of_new_apps() {
    let text = script(MANY);
    insta::assert_snapshot!("aws_cli_calls", calls(&text, "123456789012").join("\n"));
    let other = calls(&text, "210987654321");
    assert_eq!(other.len(), 4, "{other:#?}");
    let stranger = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("aws() {{ echo 999999999999; }}\n{text}"))
        .output()
        .unwrap();
    assert_eq!(stranger.status.code(), Some(1));
    let message = String::from_utf8(stranger.stderr).unwrap();
    assert_eq!(message, "the manifest declares nothing in account 999999999999\n");
}

#[test]
fn the_terraform_configuration_of_one_place_has_a_provider_without_alias() {
    let text = configuration(&example("one-app.toml"), &Recorded::default());
    insta::assert_snapshot!("terraform_one_app", text);
    hcl::parse(&text).unwrap();
}

#[test]
fn the_terraform_configuration_of_many() {
    let text = configuration(MANY, &Recorded::default());
    insta::assert_snapshot!("terraform_many", text);
}

/// The evaluated value of an attribute of a resource.
fn attribute(body: &hcl::Body, kind: &str, label: &str, name: &str) -> hcl::Value {
    let is_it = |block: &&hcl::Block| {
        block.identifier() == "resource"
            && block.labels().iter().map(|label| label.as_str()).collect::<Vec<_>>() == [kind, label]
    };
    let block = body.blocks().find(is_it).unwrap_or_else(|| panic!("no {kind}.{label}"));
    let attribute = block.body().attributes().find(|attribute| attribute.key() == name).unwrap();
    use hcl::eval::Evaluate as _;
    let mut context = hcl::eval::Context::new();
    context.declare_var("aws_pinpoint_app", hcl::value!({ "_2nd_blog" = { arn = "ARN" } }));
    // `jsonencode`, as a value.
    let same =
        hcl::eval::FuncDef::builder().param(hcl::eval::ParamType::Any).build(|arguments| Ok(arguments[0].clone()));
    context.declare_func("jsonencode", same);
    attribute.expr().evaluate(&context).unwrap()
}

#[test]
fn a_parser_of_hcl_reads_every_text_as_it_was() {
    let body = hcl::parse(&configuration(MANY, &Recorded::default())).unwrap();
    let description = attribute(&body, "aws_iam_role", "shared", "description");
    assert_eq!(description, hcl::Value::from(r#"it's ${not} a %{template} "x" \ $(reboot)"#));
    let tags = attribute(&body, "aws_iam_role", "shared", "tags");
    assert_eq!(tags, hcl::value!({ team = "growth", "cost center" = "a=b:c" }));
    let trust = attribute(&body, "aws_iam_role", "shared", "assume_role_policy");
    let trust: serde_json::Value = serde_json::to_value(trust).unwrap();
    assert_eq!(
        trust["Statement"][0]["Condition"],
        serde_json::json!({
            "ArnLike": {"aws:SourceArn": ["arn:aws:mobiletargeting:us-east-1:123456789012:apps/a1", "ARN"]},
            "StringEquals": {"aws:SourceAccount": "123456789012"},
        })
    );
}
