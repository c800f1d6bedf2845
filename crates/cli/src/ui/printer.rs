//! Where results and messages go: results to stdout, everything else to stderr, coloured or not.
use crate::settings::Verbosity;
use indicatif::MultiProgress;
use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

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

struct Output {
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Output")
    }
}

#[derive(Clone)]
struct Input(Arc<Mutex<Box<dyn BufRead + Send>>>);

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Input")
    }
}

impl Input {
    fn line(&self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.0.lock().unwrap_or_else(PoisonError::into_inner).read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// Writes to the streams as the settings want it. Shared by the parts of one task: a run's events and a
/// signal's words go through one printer.
#[derive(Debug)]
pub(crate) struct Printer {
    output: RefCell<Output>,
    bars: RefCell<Option<MultiProgress>>,
    stdin: Input,
    color_results: bool,
    color_messages: bool,
    verbosity: Verbosity,
}

impl Printer {
    /// A printer on these streams.
    pub(crate) fn new(
        streams: Streams,
        color_results: bool,
        color_messages: bool,
        verbosity: Verbosity,
    ) -> Printer {
        let Streams { stdin, stdout, stderr } = streams;
        let (output, stdin) = (RefCell::new(Output { stdout, stderr }), Input(Arc::new(Mutex::new(stdin))));
        Printer { output, bars: RefCell::default(), stdin, color_results, color_messages, verbosity }
    }

    /// How much is said.
    pub(crate) fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// From now on bars are drawn on stderr, and messages go above them; with none no longer.
    pub(crate) fn draws(&self, bars: Option<MultiProgress>) {
        *self.bars.borrow_mut() = bars;
    }

    /// A result. Fails where stdout cannot take it; a reader that has gone is
    /// [`io::ErrorKind::BrokenPipe`].
    pub(crate) fn result(&self, text: &str) -> io::Result<()> {
        let stdout = &mut self.output.borrow_mut().stdout;
        stdout.write_all(colored(text, self.color_results).as_bytes())?;
        stdout.flush()
    }

    /// An error or a question: shown whatever the verbosity. That it cannot be shown stops nothing.
    pub(crate) fn message(&self, text: &str) {
        let text = colored(text, self.color_messages);
        // Where stderr is gone there is nobody left to tell.
        let _ = match &*self.bars.borrow() {
            Some(bars) => bars.println(text.trim_end_matches('\n')),
            None => {
                let stderr = &mut self.output.borrow_mut().stderr;
                stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush())
            }
        };
    }

    /// A warning, progress or other words beside the result: not where quiet was asked for.
    pub(crate) fn aside(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.message(text);
        }
    }

    /// The same as bytes, just as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let stdout = &mut self.output.borrow_mut().stdout;
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// A line from stdin without its end; none at the end of input. Whoever does not wait for it any more leaves
    /// it to a thread that the process does not wait for either.
    pub(crate) async fn answer(&self) -> io::Result<Option<String>> {
        let (answered, answer) = tokio::sync::oneshot::channel();
        let stdin = self.stdin.clone();
        std::thread::spawn(move || answered.send(stdin.line()));
        answer.await.map_err(io::Error::other)?
    }
}

fn colored(text: &str, color: bool) -> Cow<'_, str> {
    if color { Cow::Borrowed(text) } else { Cow::Owned(anstream::adapter::strip_str(text).to_string()) }
}
