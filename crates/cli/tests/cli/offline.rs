//! Commands that need neither manifest nor state nor credentials.
use crate::support::Workspace;
use crate::terminal::typing;
use insta::assert_snapshot;
use pinpoint_streams::Exit;

#[test]
fn init_writes_a_manifest_that_validates_and_never_overwrites_one() {
    let workspace = Workspace::empty();
    assert_snapshot!("init", workspace.run_for_real("init", &[]).code(0));
    workspace.run("validate").code(0);
    let before = workspace.files();
    assert_snapshot!("init_again", workspace.run_for_real("init", &[]).code(1));
    assert_eq!(workspace.files(), before);
}

#[test]
fn the_placeholder_of_the_starter_is_refused_outside_the_sandbox() {
    let workspace = Workspace::empty();
    workspace.run_for_real("init", &[]).code(0);
    let refused = workspace.run_for_real("validate", &[]).code(3);
    assert!(refused.stderr.contains("is a placeholder and not the ID of an app"), "{refused}");
    assert!(refused.stderr.contains("aws pinpoint get-apps") && refused.stderr.contains("discover"), "{refused}");
    workspace.run("apply --auto-approve -q").code(0);
}

#[test]
fn init_knows_the_region_of_the_environment_and_takes_flags() {
    let workspace = Workspace::empty();
    let run = workspace.run_for_real("init --config new.toml", &[("AWS_REGION", "eu-west-1")]).code(0);
    assert!(workspace.read("new.toml").contains("region = \"eu-west-1\""));
    assert!(run.stdout.contains("`pinpoint-streams --config new.toml validate`"), "{run}");
    assert!(run.stdout.contains("`pinpoint-streams discover --out new.toml`"), "{run}");
    let flags =
        "--account 210987654321 --region eu-central-1 --app 0123456789abcdef0123456789abcdef --workspace ads";
    workspace.run_for_real(&format!("init {flags}"), &[]).code(0);
    let valid = workspace.run_for_real("validate", &[]).code(0);
    assert!(valid.stdout.starts_with("ads: 1 app, 1 event stream, 1 role."), "{valid}");
}

#[test]
fn what_to_run_after_init_is_about_the_manifest_that_it_wrote() {
    let workspace = Workspace::empty();
    let run = workspace.run_for_real("init --config new.toml", &[]).code(0);
    for command in ["validate", "--sandbox apply"] {
        assert!(run.shows(&format!("`pinpoint-streams --config new.toml {command}`")), "{run}");
    }
    workspace.run_for_real("--config new.toml --sandbox apply --auto-approve -q", &[]).code(0);
}

#[test]
fn on_a_terminal_init_asks_and_writes_a_manifest_that_works() {
    let workspace = Workspace::empty();
    let answers = "12\n210987654321\neu-west-1\n0123456789abcdef0123456789abcdef\nevents\n";
    let (exit, seen) = typing(&workspace, "init", answers);
    assert_eq!(exit, Exit::Done, "{seen}");
    assert_eq!(seen.matches("Account ID").count(), 2, "a wrong answer is asked again: {seen}");
    let manifest = workspace.read("pinpoint-streams.toml");
    for expected in ["id      = \"210987654321\"", "region = \"eu-west-1\"", "kinesis = \"events\""] {
        assert!(manifest.contains(expected), "{manifest}");
    }
    workspace.run_for_real("validate", &[]).code(0);
    workspace.run("apply --auto-approve -q").code(0);
    workspace.run("plan --detailed-exitcode").code(0);
    // What the manifest could not have is asked again, and nothing that was answered is lost.
    let workspace = Workspace::empty();
    let answers = "\neu-west-3\neu-west-1\na1\nbad name!\nevents\n";
    let (exit, seen) = typing(&workspace, "init", answers);
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(seen.contains("Pinpoint is not in eu-west-3; did you mean eu-west-"), "{seen}");
    assert!(seen.contains("a kinesis stream's name is 1 to 128 of"), "{seen}");
    let manifest = workspace.read("pinpoint-streams.toml");
    assert!(
        manifest.contains("region = \"eu-west-1\"") && manifest.contains("kinesis = \"events\""),
        "{manifest}"
    );
    let refused = workspace.run_for_real("init --config b.toml --region eu-west-3", &[]).code(1);
    assert!(refused.stderr.contains("Pinpoint is not in eu-west-3"), "{refused}");
    // Without an app, there is none that is not there.
    let workspace = Workspace::empty();
    assert_eq!(typing(&workspace, "init", "\n\n\n").0, Exit::Done);
    workspace.run_for_real("validate", &[]).code(0);
    // Nothing is written without answers.
    let workspace = Workspace::empty();
    assert_eq!(typing(&workspace, "init", "").0, Exit::Error);
    assert!(!workspace.path("pinpoint-streams.toml").exists());
}

#[test]
fn policies_are_compared_by_meaning() {
    let workspace = Workspace::empty();
    let statement = |actions: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": {actions}, "Resource": "*"}}}}"#
        )
    };
    workspace.write("a.json", &statement(r#""kinesis:PutRecords""#));
    workspace.write("same.json", &statement(r#"["KINESIS:putrecords"]"#));
    workspace.write("wider.json", &statement(r#"["kinesis:PutRecords", "kinesis:DescribeStream"]"#));
    workspace.write("none.json", "[]");
    workspace.run_for_real("policy diff a.json same.json", &[]).code(0);
    assert_snapshot!("policy_diff", workspace.run_for_real("policy diff a.json wider.json", &[]).code(2));
    assert_snapshot!(
        "policy_diff_json",
        workspace.run_for_real("policy diff wider.json a.json --format json", &[]).code(2)
    );
    assert_snapshot!("policy_diff_broken", workspace.run_for_real("policy diff a.json none.json", &[]).code(1));
}

#[test]
fn completions_version_and_help_are_results() {
    let workspace = Workspace::empty();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = workspace.run_for_real(&format!("completions {shell}"), &[]).code(0).stdout;
        assert!(script.contains("PINPOINT_STREAMS_COMPLETE"), "{shell}: {script}");
    }
    assert!(workspace.run_for_real("--version", &[]).code(0).stdout.starts_with("pinpoint-streams 0."));
    assert!(workspace.run_for_real("apply --help", &[]).code(0).stdout.contains("PLANFILE"));
    assert!(workspace.run_for_real("", &[]).code(1).stderr.contains("Usage"));
}

#[test]
fn the_least_policy_for_each_kind_of_work_is_printed_and_fits_into_a_managed_policy() {
    let workspace = Workspace::empty();
    for work in ["audit", "apply", "teardown", "restore"] {
        let line = format!("permissions --for {work} --workspace growth --role-path /pinpoint/ --role Reader");
        let policy = workspace.run_for_real(&line, &[]).code(0).stdout;
        // Source: IAM quotas page, "Managed policies", 6,144 characters, white space not counted.
        assert!(policy.chars().filter(|character| !character.is_whitespace()).count() <= 6144, "{policy}");
        workspace.write("policy.json", &policy);
        workspace.run_for_real("policy diff policy.json policy.json", &[]).code(0);
    }
    assert_snapshot!(
        "permissions",
        workspace.run_for_real("permissions --for apply --workspace growth", &[]).code(0)
    );
    workspace.run_for_real("permissions", &[]).code(1);
}

const IN_A_BUCKET: &str = r#"version = 1
workspace = "growth"

[state]
s3 = { bucket = "growth-state", key = "{workspace}.json", region = "eu-west-1", profile = "state", kms_key_id = "alias/state" }
"#;

#[test]
fn a_state_in_a_bucket_is_in_the_policy_and_the_sandbox_has_none() {
    let workspace = Workspace::new(IN_A_BUCKET);
    for work in ["audit", "apply", "teardown", "restore"] {
        let line = format!("permissions --for {work} --workspace growth --role-path /pinpoint/ --role Reader");
        let policy = workspace.run_for_real(&line, &[]).code(0).stdout;
        assert!(policy.contains("arn:*:s3:::growth-state/growth.json.lock"), "{policy}");
        assert!(policy.chars().filter(|character| !character.is_whitespace()).count() <= 6144, "{policy}");
        workspace.write("policy.json", &policy);
        workspace.run_for_real("policy diff policy.json policy.json", &[]).code(0);
    }
    let run = workspace.run_for_real("permissions --for restore", &[]).code(0);
    let (_, of_the_bucket) = run.stdout.split_once("\"PutEventStreams\"").unwrap();
    assert_snapshot!("permissions_on_a_bucket", format!("{of_the_bucket}--- stderr\n{}", run.stderr));
    assert!(!workspace.run("permissions --for apply").code(0).stdout.contains("s3:"));
    // A manifest that cannot be read may have a bucket.
    workspace.edit("pinpoint-streams.toml", "version = 1", "version = ");
    workspace.run_for_real("permissions --for apply", &[]).code(3);
}

const STATEMENT: &str =
    r#"{"Effect":"Allow","Principal":{"Service":"pinpoint.us-east-1.amazonaws.com"},"Action":"sts:AssumeRole"}"#;

#[test]
fn a_diff_prints_actions_as_they_were_given() {
    let workspace = Workspace::empty();
    let policy = |actions: &str| {
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{actions},"Resource":"*"}}}}"#)
    };
    workspace.write("a.json", &policy(r#""s3:GetObject""#));
    workspace.write("b.json", &policy(r#"["S3:getobject","dynamodb:PutItem"]"#));
    let run = workspace.run_for_real("policy diff a.json b.json", &[]).code(2);
    assert!(
        run.stdout.contains("+         \"dynamodb:PutItem\"") && run.stdout.contains("\"s3:GetObject\""),
        "{run}"
    );
    assert!(!run.stdout.contains("- "), "letter case alone is no difference: {run}");
}

#[test]
fn a_diff_takes_addresses_saved_output_of_other_commands_stdin_and_encoded_text() {
    use std::io::Write as _;
    let workspace = Workspace::applied();
    let shown = workspace.run("policy show role.shop").code(0).stdout;
    workspace.write("shown.json", &shown);
    let trust = serde_json::from_str::<serde_json::Value>(&shown).unwrap()["trust_policy"].clone();
    workspace.write("role.json", &serde_json::json!({"Role": {"AssumeRolePolicyDocument": trust}}).to_string());
    workspace.write("bom.json", &format!("\u{feff}{trust}"));
    let encoded: String = trust.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect();
    workspace.write("encoded.txt", &encoded);
    for other in ["shown.json", "role.json", "bom.json", "encoded.txt", "role.shop"] {
        workspace.run(&format!("policy diff role.shop {other}")).code(0);
        workspace.run(&format!("policy diff {other} role.shop")).code(0);
    }
    let differs = workspace.run("policy diff role.shop role.blog --format json").code(2);
    let json: serde_json::Value = serde_json::from_str(&differs.stdout).unwrap();
    assert_eq!(
        (&json["parts"]["trust_policy"]["equal"], &json["parts"]["permissions"]["equal"]),
        (&false.into(), &true.into())
    );
    let mut command = workspace.command("--sandbox policy diff role.shop -");
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(shown.as_bytes()).unwrap();
    workspace.ran("policy diff role.shop -", child.wait_with_output().unwrap()).code(0);
    assert!(workspace.run("policy diff role.shop none.json").code(1).stderr.contains("error[PS0003]"));
    assert!(workspace.run("policy diff role.shop app.shop").code(1).stderr.contains("error[PS0008]"));
}

#[test]
fn lint_finds_what_is_weak_and_nothing_in_what_this_program_writes() {
    let workspace = Workspace::applied();
    assert_snapshot!("policy_lint_clean", workspace.run("policy lint role.shop").code(0));
    workspace.write("weak.json", &format!(r#"{{"Version":"2012-10-17","Statement":{STATEMENT}}}"#));
    assert_snapshot!("policy_lint", workspace.run_for_real("policy lint weak.json", &[]).code(2));
    assert_snapshot!(
        "policy_lint_json",
        workspace.run_for_real("policy lint weak.json --format json", &[]).code(2)
    );
}

#[test]
fn the_schema_and_the_manual_are_results() {
    let workspace = Workspace::empty();
    let schema = workspace.run_for_real("schema", &[]).code(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["properties"]["apps"]["type"], "object");
    let page = workspace.run_for_real("man", &[]).code(0).stdout;
    assert!(page.contains(".TH") && page.contains("pinpoint\\-streams"), "{page}");
    assert!(workspace.run_for_real("man state mv", &[]).code(0).stdout.contains("new address"));
    workspace.run_for_real("man no such", &[]).code(1);
    let written = workspace.run_for_real("man --out pages", &[]).code(0);
    assert!(written.stdout.starts_with("Wrote "), "{written}");
    for page in ["pinpoint-streams.1", "pinpoint-streams-plan.1", "pinpoint-streams-state-mv.1"] {
        assert!(workspace.path("pages").join(page).is_file(), "{page}");
    }
}
