//! What documents promise, held against the tests: a table whose last column is headed `test` names, for each
//! sentence, a test or a script that is there.
#![expect(clippy::unwrap_used, reason = "what a test takes for granted and is not so fails it")]
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// All words of the sources, names of tests among them: macros make some of those.
fn words() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for folder in ["crates", "tests"] {
        collect(&root().join(folder), &mut words);
    }
    words
}

fn collect(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, words);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
            words.extend(text.split(|character| !is_part(character)).map(str::to_owned));
        }
    }
}

/// What the last column of a page's tables names, where it is headed `test`; with the line's number.
fn promised(page: &str) -> Vec<(usize, Vec<String>)> {
    let mut promised = Vec::new();
    let mut in_table = false;
    for (at, line) in page.lines().enumerate() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split(" | ").map(str::trim).collect();
        let last = cells.last().copied().unwrap_or_default();
        if !line.starts_with('|') {
            in_table = false;
        } else if last == "test" {
            in_table = true;
        } else if in_table && !last.starts_with("---") {
            let names = last.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            promised.push((at + 1, names));
        }
    }
    promised
}

#[test]
fn every_promise_of_a_document_names_a_test_that_is_there() {
    let words = words();
    let mut count = 0;
    for page in ["docs/state.md", "docs/threat-model.md"] {
        for (line, names) in promised(&fs::read_to_string(root().join(page)).unwrap()) {
            assert!(!names.is_empty(), "{page}:{line} names no test");
            for name in names {
                let is_there = words.contains(&name) || (name.contains('/') && root().join(&name).is_file());
                assert!(is_there, "{page}:{line} names `{name}`, which is neither a test nor a script");
                count += 1;
            }
        }
    }
    assert!(count > 60, "{count} tests are named");
}

/// The commands of the block of code that begins with this one, without their comments.
fn commands<'p>(page: &'p str, first: &str) -> Vec<&'p str> {
    let mut blocks = page.split("\n```").skip(1).step_by(2).map(|block| block.lines().skip(1).collect::<Vec<_>>());
    let block = blocks.find(|lines| lines.first().is_some_and(|line| line.starts_with(first)));
    block.unwrap().into_iter().map(|line| line.split(" #").next().unwrap_or_default().trim()).collect()
}

#[test]
fn the_first_screen_of_the_readme_leads_from_a_clone_to_a_plan_by_discover() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (screen, _) = readme.split_once("\n## The manifest\n").unwrap();
    assert!(screen.lines().count() < 50, "it is one screen");
    let commands = commands(screen, "cargo install");
    let at = |name: &str| commands.iter().position(|line| line.starts_with(&format!("pinpoint-streams {name}")));
    let (discover, plan) = (at("discover"), at("plan"));
    assert!(discover.is_some() && discover < plan && plan < Some(4), "{commands:#?}");
}
