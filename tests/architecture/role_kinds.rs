//! What is particular to a kind of role stands in `model::role_kind` alone.
//!
//! - The crates that decide and do name no principal and no action of a kind or a purpose, no purpose but `Unclear`,
//!   and ask for the kind of event streams only where the matter is an event stream. The kinds themselves cannot be
//!   named: their modules are private. `EXCEPTIONS` has the files that name one of these words for another reason.
//! - What plays AWS judges by AWS's documents: it asks `role_kind` nothing, so that a slip there does not prove itself.
use super::{EDGES, root, rust_files};
use pinpoint_streams_model::role_kind::{Purpose, RoleKind};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What only looks like a kind's, by file: the words, and why they are there.
const EXCEPTIONS: &[(&str, &[&str], &str)] = &[
    (
        "crates/model/src/policy/name.rs",
        &[
            "firehose:describedeliverystream",
            "firehose:putrecordbatch",
            "kinesis:describestream",
            "kinesis:putrecords",
            "kms:decrypt",
            "kms:generatedatakey",
        ],
        "how AWS spells the names that are written; a test of role_kind demands every kind's actions here",
    ),
    (
        "crates/aws/src/permissions.rs",
        &["firehose:describedeliverystream"],
        "what the operator reads of a delivery stream",
    ),
    (
        "crates/aws/src/cloudtrail.rs",
        &["mobiletargeting.amazonaws.com", "pinpoint.amazonaws.com"],
        "the sources of Pinpoint's events in CloudTrail",
    ),
    (
        "crates/aws/src/permissions/bucket.rs",
        &["kms:decrypt", "kms:generatedatakey", "s3:getobject", "s3:listbucket", "s3:putobject"],
        "what the operator does with the bucket of the state, and its key",
    ),
    (
        "crates/aws/src/s3/error.rs",
        &["kms:decrypt", "kms:generatedatakey", "s3:getobject", "s3:listbucket", "s3:putobject"],
        "what the operator does with the bucket of the state, and its key",
    ),
    (
        "crates/model/src/manifest/resolve/role.rs",
        &[EVENT_STREAMS],
        "the roles of a manifest are for event streams",
    ),
    ("crates/planner/src/discover/roles.rs", &[EVENT_STREAMS], "a manifest is written for event streams"),
    (
        "crates/planner/src/preflight.rs",
        &[EVENT_STREAMS],
        "what a role managed elsewhere must let an event stream do",
    ),
    ("crates/planner/src/undo/former.rs", &[EVENT_STREAMS], "a run created roles of this kind"),
    ("crates/planner/src/verify.rs", &[EVENT_STREAMS], "whether an event stream can work"),
    ("crates/executor/src/execute/diagnose.rs", &[EVENT_STREAMS], "why PutEventStream refused a role"),
    ("crates/aws/src/permissions/policy.rs", &[EVENT_STREAMS], "PutEventStream passes a role"),
    ("crates/cli/src/accounts/sandbox.rs", &[EVENT_STREAMS], "roles managed elsewhere that event streams name"),
    ("crates/cli/src/commands/policy/lint.rs", &[EVENT_STREAMS], "the policies of a role for event streams"),
];

/// What plays AWS.
const JUDGES: [&str; 2] = ["crates/sandbox/src", "crates/testkit/src/cloud"];

const EVENT_STREAMS: &str = "for_event_streams";

#[test]
fn what_makes_a_kind_is_named_in_its_file_alone() {
    let words = words();
    let is_elsewhere = |path: &str| {
        !path.starts_with("crates/model/src/role_kind")
            && !path.starts_with("crates/testkit/")
            && !path.starts_with("crates/sandbox/")
    };
    let mut named = BTreeSet::new();
    for (path, code) in source().into_iter().filter(|(path, _)| is_elsewhere(path)) {
        let code = code.to_lowercase();
        named.extend(words.iter().filter(|word| holds(&code, word)).map(|word| (path.clone(), word.clone())));
    }
    let allowed: BTreeSet<(String, String)> = EXCEPTIONS
        .iter()
        .flat_map(|(path, words, _)| words.iter().map(|word| ((*path).to_owned(), (*word).to_owned())))
        .collect();
    let wrong: Vec<_> = named.difference(&allowed).collect();
    assert!(wrong.is_empty(), "named outside model::role_kind: {wrong:#?}");
    let stale: Vec<_> = allowed.difference(&named).collect();
    assert!(stale.is_empty(), "no longer named, so no longer an exception: {stale:#?}");
}

#[test]
fn what_plays_aws_asks_no_kind_of_role() {
    let asking: Vec<String> = source()
        .into_iter()
        .filter(|(path, code)| JUDGES.iter().any(|judge| path.starts_with(judge)) && code.contains("role_kind"))
        .map(|(path, _)| path)
        .collect();
    assert!(asking.is_empty(), "{asking:?}");
}

/// What no other file names, in small letters.
fn words() -> BTreeSet<String> {
    let mut words = BTreeSet::from([EVENT_STREAMS.to_owned()]);
    for kind in RoleKind::all() {
        let principals = kind.principals().iter().copied().chain(kind.passed_to());
        // A name with a region in it is recognized by what stands before it.
        words.extend(principals.map(|name| match name.split_once("{region}") {
            Some((before, _)) => format!("{before}{{"),
            None => name.to_owned(),
        }));
        words.extend(kind.actions().map(str::to_lowercase));
    }
    for purpose in Purpose::all() {
        words.insert(format!("purpose::{purpose:?}").to_lowercase());
        words.extend(purpose.actions().map(|(_, action)| action.to_lowercase()));
    }
    words
}

/// Whether the code has the word, and not as a part of a longer one.
fn holds(code: &str, word: &str) -> bool {
    let is_part = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || next == '_');
    code.match_indices(word).any(|(at, _)| {
        let (before, after) = (code[..at].chars().next_back(), code[at + word.len()..].chars().next());
        !is_part(before) && (word.ends_with('{') || !is_part(after))
    })
}

/// The code of every crate without its tests and comments, by path.
fn source() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut of_tests = BTreeSet::new();
    for (folder, _) in EDGES {
        for file in rust_files(&root().join("crates").join(folder).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            of_tests.extend(test_modules(&file, &text));
            files.push((file, text));
        }
    }
    files.retain(|(file, _)| !of_tests.iter().any(|module| file.with_extension("").starts_with(module)));
    let path = |file: &Path| file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    files.iter().map(|(file, text)| (path(file), code(text))).collect()
}

/// The modules of a file that are compiled for tests alone and have files of their own, without the `.rs`.
fn test_modules(file: &Path, text: &str) -> Vec<PathBuf> {
    let is_root = file.file_name().is_some_and(|name| name == "lib.rs" || name == "main.rs");
    let folder = if is_root { file.parent().unwrap().to_owned() } else { file.with_extension("") };
    let after = text.split("#[cfg(test)]\n").skip(1).filter_map(|rest| rest.lines().next());
    let names = after.filter_map(|line| line.trim().strip_suffix(';')?.split("mod ").nth(1));
    names.map(|name| folder.join(name)).collect()
}

fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}
