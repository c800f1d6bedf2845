use crate::caller::{ACCOUNT, Caller, Clock, settings, trust};
use pinpoint_streams_sandbox::{Sandbox, StoreError};
use serde_json::{Value, json};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn open(folder: &Path) -> Sandbox {
    Sandbox::open(folder, settings(&Clock::default())).unwrap()
}

fn world(folder: &Path) -> PathBuf {
    folder.join("world.jsonl")
}

async fn has_role(sandbox: &Sandbox, name: &str) -> bool {
    let answer = Caller::of(sandbox).iam("GetRole", &[("RoleName", name)]).await;
    answer.status == 200
}

#[tokio::test]
async fn everything_is_there_again_when_reopened() {
    let folder = TempDir::new().unwrap();
    let first = open(folder.path());
    let caller = Caller::of(&first);
    let id = caller.create_app("Blog").await;
    caller.create_role("Shop", &trust(ACCOUNT)).await.ok();
    caller.json11("kinesis", "CreateStream", json!({ "StreamName": "clicks" })).await.ok();
    caller.in_account("210987654321").create_role("Other", &trust(ACCOUNT)).await.ok();
    let before = first.contents().unwrap();
    drop((first, caller));

    let second = open(folder.path());
    assert_eq!(second.contents().unwrap(), before);
    let path = format!("/v1/apps/{id}");
    let app = Caller::of(&second).pinpoint("GET", &path, Value::Null).await.ok().json();
    assert_eq!(app["Name"], "Blog");
}

#[tokio::test]
async fn two_processes_see_each_others_writes() {
    let folder = TempDir::new().unwrap();
    let (one, two) = (open(folder.path()), open(folder.path()));
    Caller::of(&one).create_role("One", &trust(ACCOUNT)).await.ok();
    assert!(has_role(&two, "One").await);
    Caller::of(&two).create_role("Two", &trust(ACCOUNT)).await.ok();
    assert!(has_role(&one, "Two").await);
    let again = Caller::of(&one).create_role("two", &trust(ACCOUNT)).await;
    assert_eq!(again.error(), (409, "EntityAlreadyExists".to_owned()));
    assert_eq!(one.contents().unwrap(), two.contents().unwrap());
}

#[tokio::test]
async fn many_writes_at_once_are_all_kept() {
    let folder = TempDir::new().unwrap();
    let sandbox = open(folder.path());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..50 {
        let caller = Caller::of(&sandbox);
        tasks.spawn(async move {
            caller.create_role(&format!("Role{n}"), &trust(ACCOUNT)).await.ok();
        });
    }
    tasks.join_all().await;
    let contents = open(folder.path()).contents().unwrap();
    assert_eq!(contents.accounts[ACCOUNT].roles.len(), 50);
}

#[tokio::test]
async fn a_torn_last_line_is_cut_before_the_next_write() {
    let folder = TempDir::new().unwrap();
    let sandbox = open(folder.path());
    Caller::of(&sandbox).create_role("One", &trust(ACCOUNT)).await.ok();
    drop(sandbox);
    let mut file = OpenOptions::new().append(true).open(world(folder.path())).unwrap();
    file.write_all(b"{\"iam/123456789012/role/torn\":{\"name\":\"To\xC3").unwrap();

    let sandbox = open(folder.path());
    assert!(has_role(&sandbox, "One").await);
    assert!(!has_role(&sandbox, "torn").await);
    Caller::of(&sandbox).create_role("Two", &trust(ACCOUNT)).await.ok();
    let sandbox = open(folder.path());
    assert!(has_role(&sandbox, "One").await && has_role(&sandbox, "Two").await);
}

#[test]
fn a_newer_format_is_refused_before_the_rest_is_parsed_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let text = "{\"format\":3,\"x\":[]}\nno json\n";
    fs::write(world(folder.path()), text).unwrap();
    let error = Sandbox::open(folder.path(), settings(&Clock::default())).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 3, known: 2, .. }), "{error}");
    assert_eq!(fs::read_to_string(world(folder.path())).unwrap(), text);
}

#[test]
fn a_broken_file_is_an_error_that_says_where_and_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let broken = ["", "hello\n", "{\"format\":1}\n{\"seeded/x\":true}\n{oops\n{}\n"];
    for text in broken {
        fs::write(world(folder.path()), text).unwrap();
        let error = Sandbox::open(folder.path(), settings(&Clock::default())).unwrap_err();
        assert!(matches!(error, StoreError::Broken { .. }), "{error}");
        assert_eq!(fs::read_to_string(world(folder.path())).unwrap(), text);
    }
    let error = Sandbox::open(folder.path(), settings(&Clock::default())).unwrap_err();
    assert!(error.to_string().contains("line 3"), "{error}");
}

#[test]
fn an_entry_of_the_wrong_shape_is_named() {
    let folder = TempDir::new().unwrap();
    let text = "{\"format\":1}\n{\"iam/123456789012/role/x\":{\"name\":1}}\n";
    fs::write(world(folder.path()), text).unwrap();
    let error = Sandbox::open(folder.path(), settings(&Clock::default())).unwrap_err();
    assert!(error.to_string().contains("iam/123456789012/role/x"), "{error}");
}

#[tokio::test]
async fn a_reset_empties_the_world_for_everyone() {
    let folder = TempDir::new().unwrap();
    let sandbox = open(folder.path());
    Caller::of(&sandbox).create_role("One", &trust(ACCOUNT)).await.ok();
    Sandbox::reset(folder.path()).unwrap();
    assert!(!has_role(&sandbox, "One").await);
    Caller::of(&sandbox).create_role("Two", &trust(ACCOUNT)).await.ok();
    assert!(has_role(&open(folder.path()), "Two").await);
}

#[test]
fn resetting_nothing_makes_nothing() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing");
    Sandbox::reset(&missing).unwrap();
    assert!(!missing.exists());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("sandbox");
    open(&folder);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&world(&folder)), 0o600);
}

#[tokio::test]
async fn a_refused_or_a_reading_call_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let sandbox = open(folder.path());
    let caller = Caller::of(&sandbox);
    caller.create_role("One", &trust(ACCOUNT)).await.ok();
    let before = fs::read(world(folder.path())).unwrap();
    caller.create_role("ONE", &trust(ACCOUNT)).await;
    caller.iam("ListRoles", &[]).await.ok();
    caller.pinpoint("GET", "/v1/apps", Value::Null).await.ok();
    assert_eq!(fs::read(world(folder.path())).unwrap(), before);
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats/world").join(name)
}

/// Kinesis streams are made by another crate, which reads the real clock.
fn at_one_time(text: &str) -> String {
    let mut parts = text.split("\"created_timestamp\":\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('"').map_or(part, |(_, rest)| rest))
}

/// Everything that a seed can hold, and what calls make of it, in a world whose clock stands still and whose ids are
/// drawn from a seed.
async fn rich(folder: &Path) -> Sandbox {
    let sandbox = open(folder);
    let seed = include_str!("../../../../examples/leftovers.json");
    sandbox.seed(&serde_json::from_str(seed).unwrap()).unwrap();
    let caller = Caller::of(&sandbox);
    let id = caller.create_app("Blog").await;
    caller.create_role("Shop", &trust(ACCOUNT)).await.ok();
    caller
        .iam("TagRole", &[("RoleName", "Shop"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")])
        .await
        .ok();
    caller.json11("kinesis", "CreateStream", json!({ "StreamName": "clicks" })).await.ok();
    caller.create_role("Gone", &trust(ACCOUNT)).await.ok();
    caller.iam("DeleteRole", &[("RoleName", "Gone")]).await.ok();
    caller.pinpoint("DELETE", &format!("/v1/apps/{id}"), Value::Null).await.ok();
    caller.create_app("Journal").await;
    sandbox
}

/// A file in `tests/formats` is never changed: what is written otherwise has a new format, and a new file.
#[tokio::test]
async fn the_world_that_is_written_today_is_the_one_that_is_kept() {
    let folder = TempDir::new().unwrap();
    let sandbox = rich(folder.path()).await;
    let contents = serde_json::to_string_pretty(&sandbox.contents().unwrap()).unwrap() + "\n";
    let written = fs::read_to_string(world(folder.path())).unwrap();
    for (name, today) in [("v2.jsonl", written), ("v2.contents.json", contents)] {
        if at_one_time(&fs::read_to_string(kept(name)).unwrap_or_default()) != at_one_time(&today) {
            let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            fs::write(&beside, today).unwrap();
            let beside = beside.display();
            panic!(
                "what is written is not tests/formats/world/{name}: raise the format and keep {beside} beside it"
            );
        }
    }
}

#[tokio::test]
async fn a_world_of_an_older_version_is_read_as_it_was_and_goes_on() {
    for version in ["v1", "v2"] {
        let folder = TempDir::new().unwrap();
        fs::copy(kept(&format!("{version}.jsonl")), world(folder.path())).unwrap();
        let sandbox = open(folder.path());
        let contents = serde_json::to_value(sandbox.contents().unwrap()).unwrap();
        let known = fs::read_to_string(kept(&format!("{version}.contents.json"))).unwrap();
        assert_eq!(contents, serde_json::from_str::<Value>(&known).unwrap(), "{version}");
        assert!(has_role(&sandbox, "Shop").await && !has_role(&sandbox, "Gone").await);
        Caller::of(&sandbox).create_role("Next", &trust(ACCOUNT)).await.ok();
        assert!(has_role(&open(folder.path()), "Next").await);
        let header = fs::read_to_string(world(folder.path())).unwrap();
        assert!(header.starts_with("{\"format\":2}\n"), "{version}");
    }
}
