//! Manifests of several files, and whose lines may be shown.
use crate::folder::{BASE, Folder, MANIFEST, report};
use pinpoint_streams_model::manifest::{Fault, Manifest, OneFile, Overrides};

fn including(patterns: &str) -> Folder {
    Folder::of(format!("include = [{patterns}]\n{BASE}"))
}

#[test]
fn included_files_hold_apps_streams_and_roles() {
    let folder = including("\"apps/*.toml\", \"more.toml\"")
        .with("apps/a.toml", "[apps.a]\nid = \"a1\"\nstream = \"lake\"\nrole = \"shared\"\n")
        .with("apps/b.toml", "[streams.lake]\nfirehose = \"lake\"\n")
        .with("more.toml", "[roles.shared]\n");
    assert_eq!(folder.desired().roles.len(), 1);
    let names: Vec<String> = folder.load().unwrap().sources().iter().map(|source| source.name.clone()).collect();
    assert_eq!(names, [MANIFEST, "apps/a.toml", "apps/b.toml", "more.toml"]);
}

#[test]
fn a_file_that_two_patterns_match_is_read_once_and_the_manifest_never_again() {
    let folder = including("\"*.toml\", \"a.toml\"").with("a.toml", "[apps.a]\nid = \"a1\"\n");
    assert_eq!(folder.desired().apps.len(), 1);
}

#[test]
fn included_files_hold_nothing_else() {
    let folder = including("\"a.toml\"").with("a.toml", "version = 1\ninclude = [\"b.toml\"]\n[sweeping]\n");
    insta::assert_snapshot!(report(&folder));
}

#[test]
fn what_stands_in_two_files_is_shown_in_both() {
    let folder = including("\"*.toml\"")
        .with("a.toml", "[apps.shop]\nid = \"a1\"\n[streams.clicks]\nkinesis = \"x\"\n")
        .with("b.toml", "[apps.shop]\nid = \"a2\"\n");
    assert_eq!(
        report(&folder),
        "a.toml:3:10 streams.clicks is declared twice
  clicks — again here
  6:10  clicks — first here
b.toml:1:7 apps.shop is declared twice
  shop — again here
  a.toml:1:7  shop — first here
"
    );
}

#[test]
fn nothing_outside_the_manifests_folder_is_included() {
    let folder =
        including("\"../x.toml\", \"/etc/*.toml\", \"out.toml\", \"none.toml\", \"a.toml\", 3, \"a\\\\b\"")
            .with("a.toml", "unreadable");
    insta::assert_snapshot!(report(&folder));
    let errors = folder.load().unwrap_err().errors;
    let files: Vec<&str> =
        errors.iter().filter(|error| error.fault == Fault::File).map(|error| error.message.as_str()).collect();
    assert_eq!(files, ["`a.toml` cannot be included"]);
}

#[test]
fn where_a_file_is_missing_nothing_is_concluded_from_that() {
    let folder =
        Folder::of(format!("include = [\"none.toml\"]\n{BASE}[apps.a]\nid = \"a1\"\nstream = \"lake\"\n"));
    let messages: Vec<String> = folder.errors().into_iter().map(|error| error.message).collect();
    assert_eq!(messages, ["`none.toml` matches no file"]);
}

#[test]
fn a_pattern_may_wait_for_its_first_file() {
    let folder = including("\"apps/*.toml\"");
    assert_eq!(folder.warnings()[0].message, "`apps/*.toml` matches no file");
}

#[test]
fn only_lines_of_manifests_are_shown() {
    let shown = |name: &str, text: &str| {
        let errors = Manifest::load(name, text.to_owned(), &OneFile, &Overrides::default()).unwrap_err();
        errors.sources[0].show_snippet
    };
    assert!(shown("a.toml", "version = 3\n[apps]\n"));
    assert!(shown("a.toml", "version = 1\n[strems]\n"), "a misspelt table");
    assert!(shown("a.toml", "version = 1\nworkspace = growth\n"), "a line that is no TOML");
    assert!(!shown("a.conf", "version = 3\n"), "no .toml");
    assert!(!shown("credentials.toml", "[registry]\ntoken = \"secret\"\n"), "something else");
    assert!(!shown("a.toml", "version = 1\npassword = \"secret\"\n"), "something else, too");
    assert!(!shown("a.toml", "secret"), "no TOML at all");
}
