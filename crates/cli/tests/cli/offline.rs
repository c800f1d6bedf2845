//! Commands that need neither manifest nor state nor credentials.
use crate::support::Workspace;
use insta::assert_snapshot;

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
        assert!(script.contains("event-streams-gone"), "{shell}");
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
