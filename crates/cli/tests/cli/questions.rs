//! What a person is asked, on a terminal that the test plays.
use crate::support::{SHOP_AND_BLOG, Workspace};
use pinpoint_streams::{Environment, Exit, Streams, run};
use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// A stream whose text can be looked at afterwards.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Runs a command of a person who types this; gives the exit and what the person saw on stderr.
fn typing(workspace: &Workspace, line: &str, answers: &'static str) -> (Exit, String) {
    let environment = Environment {
        folder: workspace.path(""),
        stdin_is_terminal: true,
        stderr_is_terminal: true,
        no_color: true,
        continuous_integration: true,
        ..Environment::default()
    };
    let (stdout, stderr) = (Paper::default(), Paper::default());
    let streams = Streams {
        stdin: Box::new(answers.as_bytes()),
        stdout: Box::new(stdout.clone()),
        stderr: Box::new(stderr.clone()),
    };
    let args = ["pinpoint-streams", "--sandbox", "-q"].into_iter().chain(line.split(' ')).map(OsString::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let exit = runtime.block_on(run(args, &environment, streams));
    (exit, stderr.text())
}

#[test]
fn a_plan_that_adds_takes_a_yes_and_nothing_less() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    for answers in ["no\n", "y\n", "", "growth\n"] {
        let (exit, seen) = typing(&workspace, "apply", answers);
        assert_eq!(exit, Exit::Error, "{answers:?}");
        assert!(seen.contains("not approved; nothing was done"), "{seen}");
    }
    assert!(!workspace.path(".pinpoint-streams/sandbox/pinpoint-streams.state.json").exists());
    let (exit, seen) = typing(&workspace, "apply", "details\nyes\n");
    assert_eq!(exit, Exit::Done, "{seen}");
    assert!(seen.contains("\"sts:AssumeRole\""), "details shows whole policies: {seen}");
}

#[test]
fn a_plan_that_deletes_takes_the_workspaces_name() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_eq!(typing(&workspace, "apply", "yes\n").0, Exit::Done);
    let (exit, seen) = typing(&workspace, "destroy", "yes\n");
    assert_eq!(exit, Exit::Error);
    assert!(seen.contains("type the workspace's name, `growth`"), "{seen}");
    assert_eq!(typing(&workspace, "destroy --delete-apps", "growth\n").0, Exit::Done);
}

#[test]
fn where_nothing_is_to_do_nothing_is_asked() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    assert_eq!(typing(&workspace, "apply", "yes\n").0, Exit::Done);
    let (exit, seen) = typing(&workspace, "apply", "");
    assert_eq!((exit, seen.as_str()), (Exit::Done, ""));
}
