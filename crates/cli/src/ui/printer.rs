//! Prints results to stdout and everything else to stderr.
use crate::settings::{Verbosity, with_flags};
use crate::ui::wrap::folded;
use indicatif::MultiProgress;
use pinpoint_streams_model::invisible_chars::has_ascii_control;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// The standard streams of the process, or of a test.
pub struct Streams {
    /// Answers to prompts.
    pub stdin: Box<dyn BufRead + Send>,
    /// Results.
    pub stdout: Box<dyn Write + Send>,
    /// Progress, prompts, warnings and errors.
    pub stderr: Box<dyn Write + Send>,
}

impl Streams {
    /// The streams of this process.
    pub fn from_process() -> Streams {
        Streams {
            stdin: Box::new(io::BufReader::new(io::stdin())),
            stdout: Box::new(io::stdout()),
            stderr: Box::new(io::stderr()),
        }
    }
}

struct Output {
    stdout: Box<dyn Write + Send>,
    stderr: Box<dyn Write + Send>,
}

#[derive(Clone)]
struct Input(Arc<Mutex<Box<dyn BufRead + Send>>>);

macro_rules! debug_by_name {
    ($($type:ident),*) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($type))
            }
        }
    )*};
}

debug_by_name!(Streams, Output, Input);

impl Input {
    fn line(&self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.0.lock().unwrap_or_else(PoisonError::into_inner).read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

/// Writes to the streams according to the settings. Events and signal messages of a run share one printer.
#[derive(Debug)]
pub(crate) struct Printer {
    output: RefCell<Output>,
    bars: RefCell<Option<MultiProgress>>,
    has_result: Cell<bool>,
    stdin: Input,
    color_results: bool,
    color_messages: bool,
    verbosity: Verbosity,
    /// Put into the commands of messages.
    workspace_flags: String,
    /// Longer lines of messages are folded. `None`: what reads them is not a terminal.
    message_width: Option<usize>,
}

impl Printer {
    pub(crate) fn new(
        streams: Streams,
        color_results: bool,
        color_messages: bool,
        verbosity: Verbosity,
    ) -> Printer {
        let Streams { stdin, stdout, stderr } = streams;
        let (output, stdin) = (RefCell::new(Output { stdout, stderr }), Input(Arc::new(Mutex::new(stdin))));
        Printer {
            output,
            bars: RefCell::default(),
            has_result: Cell::new(false),
            stdin,
            color_results,
            color_messages,
            verbosity,
            workspace_flags: String::new(),
            message_width: None,
        }
    }

    /// Messages name commands without the flags that select the workspace; they are printed with them.
    pub(crate) fn with_workspace_flags(self, flags: &str) -> Printer {
        Printer { workspace_flags: flags.to_owned(), ..self }
    }

    /// Messages are folded to this width, if there is one.
    pub(crate) fn with_message_width(self, message_width: Option<usize>) -> Printer {
        Printer { message_width, ..self }
    }

    pub(crate) fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Whether messages are in color.
    pub(crate) fn colors_messages(&self) -> bool {
        self.color_messages
    }

    /// Sets the progress bars on stderr; messages are printed above them.
    pub(crate) fn set_bars(&self, bars: Option<MultiProgress>) {
        *self.bars.borrow_mut() = bars;
    }

    /// Prints a result. A closed reader is [`io::ErrorKind::BrokenPipe`].
    pub(crate) fn result(&self, text: &str) -> io::Result<()> {
        self.has_result.set(true);
        let stdout = &mut self.output.borrow_mut().stdout;
        stdout.write_all(colored(text, self.color_results).as_bytes())?;
        stdout.flush()
    }

    /// Whether a result was printed.
    pub(crate) fn has_result(&self) -> bool {
        self.has_result.get()
    }

    /// Prints an error or a prompt, at any verbosity. Failures are ignored.
    pub(crate) fn message(&self, text: &str) {
        let text = with_flags(text, &self.workspace_flags);
        let text = match self.message_width {
            Some(width) => Cow::Owned(folded(&text, width)),
            None => Cow::Borrowed(&*text),
        };
        let text = colored(&text, self.color_messages);
        let _ = match &*self.bars.borrow() {
            Some(bars) => bars.println(text.trim_end_matches('\n')),
            None => {
                let stderr = &mut self.output.borrow_mut().stderr;
                stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush())
            }
        };
    }

    /// Prints a warning, progress or a hint, except with `--quiet`.
    pub(crate) fn note(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.message(text);
        }
    }

    /// Prints a result as raw bytes.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let stdout = &mut self.output.borrow_mut().stdout;
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// Reads a line from stdin; `None` at the end of input. If the future is dropped, the reading thread stays blocked and
    /// does not delay the exit of the process.
    pub(crate) async fn read_line(&self) -> io::Result<Option<String>> {
        let (answered, answer) = tokio::sync::oneshot::channel();
        let stdin = self.stdin.clone();
        std::thread::spawn(move || answered.send(stdin.line()));
        answer.await.map_err(io::Error::other)?
    }
}

fn colored(text: &str, color: bool) -> Cow<'_, str> {
    if color || !has_ascii_control(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(anstream::adapter::strip_str(text).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_needs_no_stripping_is_as_stripped_text() {
        for character in '\0'..'\u{3000}' {
            let text = format!("a{character}b\n");
            assert_eq!(colored(&text, false), anstream::adapter::strip_str(&text).to_string(), "{character:?}");
        }
        assert_eq!(colored("\u{1b}[1mbold\u{1b}[0m", false), "bold");
    }
}
