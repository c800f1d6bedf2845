//! `--review`: changes or findings on the whole terminal, where each can be looked at and left out.
mod details;
mod list;
mod screen;
mod terminal;

use crate::ui::{CommandContext, Error};
use anstyle::Style;
use crossterm::event::EventStream;
use list::List;

/// One change or finding.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// `+`, `-`, or the verdict.
    pub(crate) sign: String,
    pub(crate) style: Style,
    /// The address and what it is. What does not fit on a line is shown when it is unfolded.
    pub(crate) line: String,
    /// Shown below the line when it is unfolded; indented, and wrapped to the terminal.
    pub(crate) details: String,
    /// The value of `--exclude` that leaves it out, with every other item of this value; none if it cannot be left out.
    pub(crate) exclude: Option<String>,
    /// What the plan does to it, such as `quarantine`; none if nothing.
    pub(crate) verb: Option<&'static str>,
}

/// How a review ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reviewed {
    /// Go on, with these `--exclude` values added.
    Continue(Vec<String>),
    Quit,
    /// Ctrl-C.
    Interrupted,
}

/// A terminal to review on. One keyboard serves every list of a run: crossterm loses the keys that are pressed while one
/// stream of events is replaced by another.
pub(crate) struct Review {
    keyboard: EventStream,
    colored: bool,
}

impl Review {
    /// Fails where nothing can be drawn, before anything is read.
    pub(crate) fn on_terminal(context: &CommandContext<'_>) -> Result<Review, Error> {
        require_terminal(context)?;
        Ok(Review { keyboard: EventStream::new(), colored: context.printer.colors_messages() })
    }

    /// Shows the items until there is a decision. Nothing of it stays on the terminal.
    pub(crate) async fn show(&mut self, heading: &str, items: Vec<Item>) -> Result<Reviewed, Error> {
        let list = List::new(heading, items);
        let reviewed = terminal::run(list, &mut self.keyboard, self.colored).await;
        reviewed.map_err(|source| Error::File {
            operation: "draw the review on",
            path: "the terminal".into(),
            source,
        })
    }
}

fn require_terminal(context: &CommandContext<'_>) -> Result<(), Error> {
    let environment = context.environment;
    if environment.can_prompt() && !environment.dumb_terminal {
        return Ok(());
    }
    Err(Error::Usage {
        message: "--review needs a terminal on stdin and stderr".to_owned(),
        hint: "without one, read the plan with `plan --diff`, and leave out changes with --exclude ADDRESS"
            .to_owned(),
    })
}
