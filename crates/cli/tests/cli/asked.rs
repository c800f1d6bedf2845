//! The question before an apply, on a terminal.
use crate::signals::terminal::Terminal;
use crate::support::{SHOP_AND_BLOG, STATE, Workspace};
use crate::sweep::{apply, contents, few};
use std::process::Child;

const QUESTION: &str = "`details` shows every field";
const PROMPT: &str = "\n> ";

/// A command on a terminal. What is typed first is there before the program starts.
fn started(workspace: &Workspace, line: &str, typed_ahead: &[u8]) -> (Terminal, Child) {
    let command = workspace.command(&format!("--sandbox {line}"));
    let (mut terminal, mut command) = Terminal::with(&command, workspace);
    terminal.types(typed_ahead);
    let process = command.spawn().unwrap();
    (terminal, process)
}

#[test]
fn what_was_typed_before_the_question_approves_nothing() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (mut terminal, mut process) = started(&workspace, "apply", b"yes\nyes\nyes\nyes\n");
    terminal.shows(QUESTION);
    terminal.shows(PROMPT);
    terminal.types(b"no\n");
    assert_eq!(process.wait().unwrap().code(), Some(1));
    terminal.shows("Not approved. Nothing was done.");
    assert!(!terminal.text().contains("error:"), "{}", terminal.text());
    assert!(!workspace.path(STATE).exists());
}

#[test]
fn what_was_typed_before_the_question_deletes_nothing() {
    let workspace = Workspace::applied();
    let (mut terminal, mut process) = started(&workspace, "destroy", b"growth\n");
    terminal.shows(PROMPT);
    terminal.shows("This plan deletes ");
    terminal.shows("event_stream.shop");
    terminal.types(b"no\n");
    assert_eq!(process.wait().unwrap().code(), Some(1));
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}

#[test]
fn what_was_typed_before_the_question_quarantines_and_deletes_no_role() {
    let workspace = few();
    let refuses = |line: &str| {
        let before = contents(&workspace);
        let (mut terminal, mut process) = started(&workspace, line, b"123456789012\n123456789012\n");
        terminal.shows("To approve, type the account ID");
        terminal.shows(PROMPT);
        terminal.types(b"no\n");
        assert_eq!(process.wait().unwrap().code(), Some(1), "{line}: {}", terminal.text());
        assert!(contents(&workspace) == before, "{line}: {}", terminal.text());
    };
    refuses("sweep --apply");
    workspace.run("sweep --out q.plan -q").code(2);
    apply(&workspace, "q.plan").code(0);
    refuses("sweep --reap --after 0d --apply");
}

#[test]
fn a_y_is_enough_where_nothing_is_lost_and_a_wrong_answer_is_asked_again() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (mut terminal, mut process) = started(&workspace, "apply", b"");
    terminal.shows(PROMPT);
    terminal.types(b"ja\n");
    terminal.shows("`ja` is not `yes`");
    terminal.shows_again(PROMPT, 2);
    terminal.types(b"y\n");
    assert_eq!(process.wait().unwrap().code(), Some(0));
    assert_eq!(workspace.run("plan").code(0).last_line(), "No changes.");
}
