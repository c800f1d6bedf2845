//! Bad input: a clear error, the right exit code, and nothing written.
use crate::support::{Run, SHOP_AND_BLOG, Workspace};
use insta::assert_snapshot;

/// Applies with this manifest, and nothing may come of it.
#[track_caller]
fn refused(manifest: &str, code: i32) -> Run {
    let workspace = Workspace::new(manifest);
    let before = workspace.files();
    let run = workspace.run("apply --auto-approve").code(code);
    assert_eq!(workspace.files(), before);
    run
}

fn with(from: &str, to: &str) -> String {
    assert!(SHOP_AND_BLOG.contains(from), "{from}");
    SHOP_AND_BLOG.replace(from, to)
}

#[test]
fn a_manifest_that_is_not_toml() {
    assert_snapshot!("broken_toml", refused(&with("version = 1", "version = = 1"), 3));
}

#[test]
fn a_stream_that_is_misspelt() {
    let misspelt = SHOP_AND_BLOG.replacen("stream = \"clickstream\"", "stream = \"clickstraem\"", 1);
    assert_snapshot!("misspelt_stream", refused(&misspelt, 3));
}

#[test]
fn several_mistakes_come_at_once() {
    let text = with("tags = {", "tgas = {").replace("region = \"us-east-1\"", "region = \"us-esat-1\"");
    assert_snapshot!("several_mistakes", refused(&text, 3));
}

#[test]
fn an_arn_that_is_none() {
    assert_snapshot!(
        "wrong_arn",
        refused(&with("kinesis = \"clickstream\"", "kinesis = \"arn:aws:s3:::clicks\""), 3)
    );
}

#[test]
fn an_arn_of_another_account() {
    let elsewhere = "kinesis = \"arn:aws:kinesis:us-east-1:210987654321:stream/clicks\"";
    assert_snapshot!("arn_of_another_account", refused(&with("kinesis = \"clickstream\"", elsewhere), 3));
}

#[test]
fn an_included_file_with_a_mistake_is_named() {
    let workspace = Workspace::new(&format!("include = [\"apps/*.toml\"]\n{SHOP_AND_BLOG}"));
    workspace.write("apps/mail.toml", "[apps.mail]\nname = \"Mail\"\nstream = \"none\"\n");
    assert_snapshot!("mistake_in_an_included_file", workspace.run("validate").code(3));
    workspace.write("apps/mail.toml", "[apps.mail]\nname = \"Mail\"\nstream = \"clickstream\"\n");
    workspace.run("validate").code(0);
}

#[test]
fn no_manifest_here_or_above() {
    let workspace = Workspace::empty();
    assert_snapshot!("no_manifest", workspace.run("plan").code(1));
    assert_snapshot!("no_such_manifest", workspace.run("plan --config none.toml").code(1));
    assert!(workspace.files().is_empty());
}

#[test]
fn a_manifest_is_found_from_a_folder_below() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.write("deep/er/file", "");
    let output = workspace.command("validate").current_dir(workspace.path("deep/er")).output().unwrap();
    workspace.ran("validate", output).code(0);
}

#[test]
fn an_undeclared_variable() {
    assert_snapshot!("undeclared_variable", Workspace::new(SHOP_AND_BLOG).run("plan --var stage=prod").code(1));
}

#[test]
fn a_selector_that_matches_nothing() {
    assert_snapshot!(
        "selector_without_match",
        Workspace::new(SHOP_AND_BLOG).run("plan --target role.shp").code(3)
    );
    let json = Workspace::new(SHOP_AND_BLOG).run("plan --target role.shp --format json").code(3);
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["problems"][0]["code"], "selector");
}

#[test]
fn the_account_is_pinned_at_the_first_apply() {
    let workspace = Workspace::applied();
    workspace.edit("pinpoint-streams.toml", "123456789012", "210987654321");
    let before = workspace.files();
    assert_snapshot!("another_account", workspace.run("apply --auto-approve -q").code(3));
    assert_eq!(workspace.files(), before);
}

#[test]
fn flags_that_cannot_be_meant() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_snapshot!("usage", workspace.run("apply some.plan --destroy").code(1));
    workspace.run("nonsense").code(1);
    workspace.run("plan --out no/such/folder/f.plan").code(1);
}

#[test]
fn mistakes_come_as_json_where_json_is_asked_for() {
    let workspace = Workspace::new(&with("tags = {", "tgas = {"));
    let run = workspace.run("validate --format json").code(3);
    assert_eq!(run.stderr, "");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let problem = &json["problems"][0];
    assert_eq!((problem["code"].as_str(), problem["line"].as_u64()), (Some("manifest"), Some(22)), "{problem}");
}

#[test]
fn a_folder_that_cannot_be_made() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.write(".pinpoint-streams", "a file in its place");
    let before = workspace.files();
    assert_snapshot!("folder_that_cannot_be_made", workspace.run("apply --auto-approve").code(1));
    workspace.run("plan").code(1);
    assert_eq!(workspace.files(), before);
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let folder = workspace.path("");
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o555)).unwrap();
    // Root writes where it likes.
    let is_root = std::fs::write(workspace.path("probe"), "").is_ok();
    if !is_root {
        let refused = workspace.run("apply --auto-approve").code(1);
        assert!(refused.stderr.contains("help: check the permissions"), "{refused}");
        workspace.run_for_real("init --config new.toml", &[]).code(1);
    }
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
}
