//! The crates and their edges, held against the manifests: a wrong edge is a failing test, not a review.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted and is not so fails it")]
mod circles;
mod role_kinds;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml::{Table, Value};

/// Each crate's normal dependencies within the workspace, as ARCHITECTURE.md draws them.
const EDGES: [(&str, &[&str]); 8] = [
    ("model", &[]),
    ("planner", &["model"]),
    ("store", &["model"]),
    ("executor", &["model", "planner", "store"]),
    ("aws", &["model", "store", "executor"]),
    ("sandbox", &["model"]),
    ("cli", &["model", "planner", "store", "executor", "aws", "sandbox"]),
    ("testkit", &["model", "planner", "store", "executor"]),
];

/// The one crate that every other may use in its tests.
const DEV_EDGE: &str = "testkit";

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn manifest(path: &str) -> Table {
    let path = root().join(path).join("Cargo.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap()
}

/// The folder that each package of the workspace lives in.
fn folders() -> BTreeMap<String, &'static str> {
    let name = |folder| manifest(&format!("crates/{folder}"))["package"]["name"].as_str().unwrap().to_owned();
    EDGES.iter().map(|(folder, _)| (name(folder), *folder)).collect()
}

fn edges(folder: &str, section: &str) -> BTreeSet<&'static str> {
    let folders = folders();
    let manifest = manifest(&format!("crates/{folder}"));
    let dependencies = manifest.get(section).and_then(Value::as_table);
    dependencies.into_iter().flat_map(Table::keys).filter_map(|name| folders.get(name.as_str()).copied()).collect()
}

#[test]
fn every_crate_is_in_the_table() {
    let there: BTreeSet<String> = std::fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(there, EDGES.iter().map(|(folder, _)| (*folder).to_owned()).collect());
}

#[test]
fn every_normal_edge_is_in_the_table() {
    for (folder, allowed) in EDGES {
        assert_eq!(
            edges(folder, "dependencies"),
            allowed.iter().copied().collect(),
            "dependencies of crates/{folder}"
        );
    }
}

#[test]
fn tests_use_the_testkit_and_no_other_crate() {
    for (folder, normal) in EDGES {
        let extra: Vec<&str> = edges(folder, "dev-dependencies")
            .into_iter()
            .filter(|edge| *edge != DEV_EDGE && !normal.contains(edge))
            .collect();
        assert!(extra.is_empty(), "crates/{folder} uses {extra:?} in its tests");
    }
}

/// rustdoc takes half a second to find that a crate has none.
#[test]
fn examples_in_docs_are_in_crates_whose_doctests_run() {
    for (folder, _) in EDGES {
        let manifest = manifest(&format!("crates/{folder}"));
        let runs = manifest.get("lib").and_then(|lib| lib.get("doctest")).and_then(Value::as_bool) != Some(false);
        let has_examples = rust_files(&root().join("crates").join(folder).join("src")).iter().any(|file| {
            let source = std::fs::read_to_string(file).unwrap();
            let fences = source.lines().filter_map(|line| {
                let doc = line.trim_start();
                doc.strip_prefix("//!").or_else(|| doc.strip_prefix("///"))?.trim().strip_prefix("```")
            });
            fences.step_by(2).any(|language| language != "text")
        });
        assert_eq!(runs, has_examples, "crates/{folder}");
    }
}

#[test]
fn only_the_aws_crate_names_the_sdk() {
    for (folder, _) in EDGES {
        let manifest = manifest(&format!("crates/{folder}"));
        let names = manifest.get("dependencies").and_then(Value::as_table).into_iter().flat_map(Table::keys);
        let sdk: Vec<&String> =
            names.filter(|name| name.starts_with("aws-sdk-") || *name == "aws-config").collect();
        assert!(folder == "aws" || sdk.is_empty(), "crates/{folder} depends on {sdk:?}");
    }
}

#[test]
fn deciding_knows_neither_time_nor_tasks() {
    for folder in ["model", "planner"] {
        let manifest = manifest(&format!("crates/{folder}"));
        let dependencies = manifest["dependencies"].as_table().unwrap();
        for banned in ["tokio", "futures", "fastrand", "uuid"] {
            assert!(!dependencies.contains_key(banned), "crates/{folder} depends on {banned}");
        }
    }
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
