use crate::caller::{ACCOUNT, Caller, settings, trust};
use crate::clock::Clock;
use pinpoint_streams_sandbox::{Sandbox, StoreError};
use serde_json::{Value, json};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use tempfile::TempDir;

fn open(folder: &Path) -> Sandbox {
    Sandbox::open(folder, settings(&Clock::default())).unwrap()
}

fn world(folder: &Path) -> std::path::PathBuf {
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
fn a_newer_format_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let text = "{\"format\":2}\nwhatever comes then\n";
    fs::write(world(folder.path()), text).unwrap();
    let error = Sandbox::open(folder.path(), settings(&Clock::default())).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
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
