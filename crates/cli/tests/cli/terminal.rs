//! A terminal that the test plays, in process.
use crate::support::Workspace;
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
pub(crate) fn typing(workspace: &Workspace, line: &str, answers: &'static str) -> (Exit, String) {
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
    let program = || runtime.block_on(run(args, &environment, streams));
    // A program's own thread has more stack than a test's.
    let exit = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(8 * 1024 * 1024).spawn_scoped(scope, program);
        thread.unwrap().join().unwrap()
    });
    (exit, stderr.text())
}
