//! `--review`: a plan on the whole terminal.
use crate::signals::terminal::Terminal;
use crate::support::{SHOP_AND_BLOG, STATE, Workspace};
use std::process::Child;

const KEYS: &str = "c continue";
const LEAVES_FULL_SCREEN: &str = "\x1b[?1049l";

fn started(workspace: &Workspace, line: &str) -> (Terminal, Child) {
    let command = workspace.command(&format!("--sandbox {line}"));
    let (terminal, mut command) = Terminal::with(&command, workspace);
    (terminal, command.spawn().unwrap())
}

#[test]
fn what_is_left_out_in_a_review_is_planned_again_without_it_and_not_applied() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (mut terminal, mut process) = started(&workspace, "apply --review");
    terminal.shows_on_screen("event_stream.shop");
    terminal.types(b"/app.blog  app\r");
    terminal.shows_on_screen("1 of 5");
    terminal.types(b"\x1b");
    terminal.shows_on_screen("role.shop");
    terminal.types(b"/event_stream.shop\rx");
    terminal.shows_on_screen("1 left out");
    terminal.types(b"c");
    terminal.shows_on_screen("Plan: 4 to create");
    terminal.types(b"c");
    terminal.shows(LEAVES_FULL_SCREEN);
    terminal.shows("`details` shows every field");
    terminal.types(b"yes\n");
    assert_eq!(process.wait().unwrap().code(), Some(0), "{}", terminal.text());
    let state = workspace.read(STATE);
    assert!(state.contains("\"event_stream.blog\"") && !state.contains("\"event_stream.shop\""), "{state}");
    assert_eq!(workspace.run("plan --exclude event_stream.shop").code(0).last_line(), "No changes.");
}

#[test]
fn a_review_that_is_quit_does_nothing_and_restores_the_terminal() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    for (keys, code) in [(b"q", 1), (b"\x03", 130)] {
        let (mut terminal, mut process) = started(&workspace, "apply --review");
        terminal.shows_on_screen(KEYS);
        terminal.types(keys);
        assert_eq!(process.wait().unwrap().code(), Some(code), "{}", terminal.text());
        terminal.shows(LEAVES_FULL_SCREEN);
        assert!(!workspace.path(STATE).exists());
    }
}

#[test]
fn a_review_on_a_terminal_that_is_resized_is_drawn_anew_and_loses_nothing() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (mut terminal, mut process) = started(&workspace, "apply --review");
    terminal.shows_on_screen("event_stream.shop");
    terminal.types(b"/event_stream.shop\rx");
    terminal.shows_on_screen("1 left out");
    terminal.types(b"\x1b");
    let before = terminal.shows_a_screen_with("every address and key", |screen| {
        has_all(screen) && screen.ends_with("a unfold all")
    });

    terminal.resizes(20, 60);
    // The keys that have room are on the last row.
    let keys = "c continue   q quit   enter unfold   x leave out   / filter";
    let small = terminal.shows_a_screen_with(keys, |screen| screen.lines().nth(19) == Some(keys));
    assert_eq!(small.lines().count(), 20, "{small}");
    assert!(
        has_all(&small) && small.contains("1 left out") && small.contains("left out: event_stream.shop"),
        "{small}"
    );
    assert!(small.contains('…'), "{small}");

    terminal.resizes(24, 80);
    terminal.shows_a_screen_with("the same as before", |screen| rows(screen) == rows(&before));
    terminal.types(b"c");
    terminal.shows_on_screen("Plan: 4 to create");
    terminal.types(b"c");
    terminal.shows(LEAVES_FULL_SCREEN);
    terminal.shows("`details` shows every field");
    terminal.types(b"yes\n");
    assert_eq!(process.wait().unwrap().code(), Some(0), "{}", terminal.text());
    let state = workspace.read(STATE);
    assert!(state.contains("\"event_stream.blog\"") && !state.contains("\"event_stream.shop\""), "{state}");
}

/// The rows without the blanks that were drawn over longer ones.
fn rows(screen: &str) -> Vec<&str> {
    screen.lines().map(str::trim_end).collect()
}

fn has_all(screen: &str) -> bool {
    ["app.blog", "role.blog", "role.shop", "event_stream.blog", "event_stream.shop"]
        .iter()
        .all(|address| screen.contains(address))
}

#[test]
fn details_are_unfolded_in_a_review_of_a_saved_plan() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    workspace.run("plan --out shop.plan").code(0);
    let (mut terminal, mut process) = started(&workspace, "apply shop.plan --review");
    terminal.shows_on_screen(KEYS);
    terminal.types(b"a");
    terminal.shows_on_screen("in main (123456789012), us-east-1");
    terminal.types(b"/role.shop\r");
    terminal.shows_on_screen("PinpointEventStream-shop");
    terminal.types(b"q");
    assert_eq!(process.wait().unwrap().code(), Some(1));
}

#[test]
fn without_a_terminal_a_review_is_refused_before_anything_is_read() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let run = workspace.run("plan --review").code(1);
    assert!(run.stderr.contains("--review needs a terminal"), "{}", run.stderr);
}

#[test]
fn a_review_of_a_sweep_is_headed_by_what_the_sweep_would_do() {
    let workspace = crate::sweep::few();
    let (mut terminal, mut process) = started(&workspace, "sweep --review");
    terminal.shows_on_screen("Plan: 3 to quarantine; 3 roles unchanged.");
    terminal.types(b"q");
    assert_eq!(process.wait().unwrap().code(), Some(1));
}
