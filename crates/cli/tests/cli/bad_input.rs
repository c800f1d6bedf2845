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
fn a_manifest_that_is_not_text_ends_like_every_other_mistake() {
    let workspace = Workspace::empty();
    // UTF-16, as some editors of Windows save it.
    let utf_16: Vec<u8> = SHOP_AND_BLOG.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [utf_16, vec![0xff, 0xfe, 0x00], b"\x7fELF\xff\x01".to_vec()] {
        std::fs::write(workspace.path("pinpoint-streams.toml"), bytes).unwrap();
        let run = workspace.run("validate").code(3);
        assert!(run.stderr.contains("error[PS0101]: this is not TOML"), "{run}");
    }
    workspace.write("pinpoint-streams.toml", &format!("include = [\"a.toml\"]\n{SHOP_AND_BLOG}"));
    std::fs::write(workspace.path("a.toml"), [0xff, 0xfe, 0x00]).unwrap();
    assert_snapshot!("included_file_that_is_not_text", workspace.run("validate").code(3));
}

#[test]
fn a_misspelt_version_is_one_error() {
    assert_snapshot!("misspelt_version", refused(&with("version = 1", "versoin = 1"), 3));
}

#[test]
fn every_error_is_a_json_document_too_where_json_is_asked_for() {
    let workspace = Workspace::empty();
    let document = |line: &str, code: i32| -> serde_json::Value {
        let run = workspace.run(line).code(code);
        assert!(run.stderr.starts_with("error["), "{run}");
        let json: serde_json::Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|why| panic!("{why}: {run}"));
        assert_eq!(json["format_version"], 2, "{run}");
        let problem = json["problems"][0].clone();
        assert!(problem["error"].as_str().unwrap().starts_with("PS0"), "{problem}");
        assert!(problem["message"].as_str().is_some_and(|message| !message.is_empty()), "{problem}");
        problem
    };
    assert_snapshot!("error_as_json", workspace.run("plan --format json").code(1));
    assert_eq!(document("state list --format json", 1)["code"], "no_manifest");
    assert_eq!(document("show none.plan --format json", 1)["code"], "plan_unreachable");
    assert_eq!(document("plan --format=json --no-such-flag", 1)["error"], "PS0001");
    workspace.write("pinpoint-streams.toml", SHOP_AND_BLOG);
    workspace.write(crate::support::STATE, "{");
    assert_eq!(document("state list --format json", 1)["error"], "PS0301");
}

#[test]
fn validate_as_json_has_the_same_shape_whether_there_are_mistakes_or_not() {
    let warned = format!("{SHOP_AND_BLOG}\n[streams.lake]\nfirehose = \"lake\"\n");
    let read = |manifest: &str, code: i32| -> serde_json::Value {
        let run = Workspace::new(manifest).run("validate --format json").code(code);
        serde_json::from_str(&run.stdout).unwrap_or_else(|why| panic!("{why}: {run}"))
    };
    let fine = read(&warned, 0);
    assert_eq!(
        (&fine["format_version"], &fine["problems"], &fine["apps"]),
        (&2.into(), &serde_json::json!([]), &2.into())
    );
    let warning = &fine["warnings"][0];
    assert_eq!((warning["error"].as_str(), warning["line"].as_u64()), (Some("PS0150"), Some(24)), "{warning}");
    let wrong = read(&with("tags = {", "tgas = {"), 3);
    assert_eq!((&wrong["format_version"], &wrong["problems"][0]["error"]), (&2.into(), &"PS0103".into()));
}

#[test]
fn mistakes_are_annotations_under_github_actions() {
    let workspace = Workspace::new(&with("tags = {", "tgas = {"));
    let root = workspace.path("").parent().unwrap().to_owned();
    let folder = workspace.path("").file_name().unwrap().to_string_lossy().into_owned();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_WORKSPACE", root.to_str().unwrap())];
    let run = workspace.run_for_real("validate", &variables).code(3);
    let expected = format!("::error file={folder}/pinpoint-streams.toml,line=22,col=1,title=PS0103::");
    assert!(run.stderr.lines().any(|line| line.starts_with(&expected)), "{run}");
    assert!(!workspace.run_for_real("validate", &[]).code(3).stderr.contains("::error"));
}

#[test]
fn a_hint_names_the_flags_that_select_the_workspace() {
    let workspace = Workspace::empty();
    let manifest = SHOP_AND_BLOG.replace("version = 1", "version = 1\nvariables.v = \"x\"");
    workspace.write("my shop.toml", &manifest);
    let args = ["--sandbox", "--config", "my shop.toml", "--var", "v=it's", "state", "show", "app.none"];
    let output = workspace.command("").args(args).output().unwrap();
    let run = workspace.ran("state show", output).code(1);
    let command = r"`pinpoint-streams --sandbox --config 'my shop.toml' --var 'v=it'\''s' state list`";
    assert!(run.stderr.contains(command), "{run}");
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
fn an_arn_in_place_of_the_id_of_an_app_is_answered_with_the_id() {
    let id = "810c7aab86d42fb2b56c8c966example";
    let run = refused(&with(id, &format!("arn:aws:mobiletargeting:us-east-1:123456789012:apps/{id}")), 3);
    assert!(run.says(&format!("help: the id is the part after `apps/`: `{id}`")), "{run}");
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
    let output = workspace.command("--sandbox validate").current_dir(workspace.path("deep/er")).output().unwrap();
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
    assert!(run.stderr.starts_with("error[PS0103]: "), "{run}");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let problem = &json["problems"][0];
    assert_eq!((problem["code"].as_str(), problem["line"].as_u64()), (Some("manifest"), Some(22)), "{problem}");
    assert_eq!(problem["error"], "PS0103");
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
