//! Without the sandbox, and without a way to AWS.
use crate::support::{Run, SHOP_AND_BLOG, Workspace};
use insta::assert_snapshot;

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "none")];

/// The manifest without accounts, so that the SDK's credential chain is asked.
fn chain() -> String {
    let (before, rest) = SHOP_AND_BLOG.split_once("[accounts.main]").unwrap();
    let (_, after) = rest.split_once("\n\n").unwrap();
    format!("{}{after}", before.replace("account = \"main\"\n", ""))
}

#[track_caller]
fn refused(manifest: &str, variables: &[(&str, &str)]) -> Run {
    let workspace = Workspace::new(manifest);
    let before = workspace.files();
    workspace.run_for_real("apply --auto-approve", variables).code(1);
    let run = workspace.run_for_real("plan", variables).code(1);
    assert_eq!(workspace.files(), before);
    run
}

#[test]
fn without_credentials() {
    assert_snapshot!("no_credentials", refused(&chain(), &[]));
}

#[test]
fn with_a_profile_that_does_not_exist() {
    let manifest = SHOP_AND_BLOG.replace("of no meaning in the sandbox", "growth-prod");
    assert_snapshot!("unknown_profile", refused(&manifest, &[]));
}

#[test]
fn with_a_closed_port_in_place_of_aws() {
    let [key, secret] = KEYS;
    let run = refused(&chain(), &[key, secret, ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]);
    assert!(run.stderr.contains("no connection to AWS for account `default`"), "{run}");
    assert!(run.stderr.contains("help: check the network, the proxy, and AWS_ENDPOINT_URL"), "{run}");
}

#[test]
fn with_a_profile_of_the_environment_that_does_not_exist() {
    let workspace = Workspace::new(&chain());
    workspace.write(".aws/config", "[default]\nregion = us-east-1\n[profile prod]\nregion = us-east-1\n");
    let run = workspace.run_for_real("plan", &[("AWS_PROFILE", "nope")]).code(1);
    assert_snapshot!("unknown_profile_of_the_environment", run);
    workspace.edit(
        "pinpoint-streams.toml",
        "[defaults]",
        "[state.s3]\nbucket = \"team-state\"\nkey = \"s.json\"\n\n[defaults]",
    );
    let run = workspace.run_for_real("state list", &[("AWS_PROFILE", "nope")]).code(1);
    assert!(run.stderr.contains("no profile `nope`, only `default`, `prod`"), "{run}");
    assert!(!run.stderr.contains("set AWS_PROFILE"), "{run}");
}

#[test]
fn with_an_endpoint_that_is_not_an_address() {
    let [key, secret] = KEYS;
    for (name, value) in [
        ("AWS_ENDPOINT_URL", "localhost:4566"),
        ("AWS_ENDPOINT_URL", "not a url"),
        ("AWS_ENDPOINT_URL", "ftp://example.com"),
        ("AWS_ENDPOINT_URL", "http://"),
        ("AWS_ENDPOINT_URL_STS", "nonsense"),
        ("AWS_ENDPOINT_URL_PINPOINT", "://"),
    ] {
        let run = refused(&chain(), &[key, secret, (name, value)]);
        assert!(run.stderr.contains(&format!("{name}, or `endpoint_url`")), "{run}");
        assert!(run.stderr.contains(&format!("is `{value}`, which is not the address of an endpoint")), "{run}");
        assert!(!run.stderr.contains(['{', '"']) && !run.stderr.contains("Error"), "{run}");
    }
    assert_snapshot!(
        "invalid_endpoint",
        refused(&chain(), &[key, secret, ("AWS_ENDPOINT_URL", "localhost:4566")])
    );
}
