//! Where results and messages go: results to stdout, everything else to stderr, coloured or not.
use crate::args::Verbosity;
use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, BufRead, Write};

/// The process's three streams, or a test's.
pub struct Streams {
    /// Answers of a person.
    pub stdin: Box<dyn BufRead + Send>,
    /// Results.
    pub stdout: Box<dyn Write + Send>,
    /// Progress, questions, warnings and errors.
    pub stderr: Box<dyn Write + Send>,
}

impl Streams {
    /// Those of this process.
    pub fn of_process() -> Streams {
        Streams {
            stdin: Box::new(io::BufReader::new(io::stdin())),
            stdout: Box::new(io::stdout()),
            stderr: Box::new(io::stderr()),
        }
    }
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Streams")
    }
}

/// Writes to the streams as the settings want it. Shared by the parts of one task: a run's events and a
/// signal's words go through one printer.
#[derive(Debug)]
pub struct Printer {
    streams: RefCell<Streams>,
    color_results: bool,
    color_messages: bool,
    verbosity: Verbosity,
}

impl Printer {
    /// A printer on these streams.
    pub fn new(streams: Streams, color_results: bool, color_messages: bool, verbosity: Verbosity) -> Printer {
        Printer { streams: RefCell::new(streams), color_results, color_messages, verbosity }
    }

    /// How much is said.
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// A result. Fails where stdout cannot take it; a reader that has gone is
    /// [`io::ErrorKind::BrokenPipe`].
    pub fn result(&self, text: &str) -> io::Result<()> {
        let stdout = &mut self.streams.borrow_mut().stdout;
        stdout.write_all(colored(text, self.color_results).as_bytes())?;
        stdout.flush()
    }

    /// An error or a question: shown whatever the verbosity. That it cannot be shown stops nothing.
    pub fn message(&self, text: &str) {
        let text = colored(text, self.color_messages);
        let stderr = &mut self.streams.borrow_mut().stderr;
        // Where stderr is gone there is nobody left to tell.
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }

    /// A warning, progress or other words beside the result: not where quiet was asked for.
    pub fn aside(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.message(text);
        }
    }

    /// A line from stdin without its end; none at the end of input.
    pub fn answer(&self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.streams.borrow_mut().stdin.read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

fn colored(text: &str, color: bool) -> Cow<'_, str> {
    if color { Cow::Borrowed(text) } else { Cow::Owned(anstream::adapter::strip_str(text).to_string()) }
}
