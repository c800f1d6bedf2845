//! Colors. They only repeat what the text says; the printer strips them if color is off.
use anstyle::{AnsiColor, Style};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::plan::Action;
use std::fmt::{self, Display};

pub(crate) const ADDED: Style = AnsiColor::Green.on_default();
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default();
pub(crate) const REMOVED: Style = AnsiColor::Red.on_default();
/// Changes of the state alone.
pub(crate) const RECORDED: Style = AnsiColor::Cyan.on_default();
/// Secondary text.
pub(crate) const QUIET: Style = Style::new().dimmed();
/// Headings.
pub(crate) const STRONG: Style = Style::new().bold();
/// `error:`
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// `warning:`
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// `help:`
pub(crate) const HELP: Style = AnsiColor::Cyan.on_default().bold();

pub(crate) fn paint<T: Display>(style: Style, text: T) -> Painted<T> {
    Painted { style, text }
}

#[derive(Debug)]
pub(crate) struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:#}", self.style, self.text, self.style)
    }
}

/// The name of an action as in JSON, its sign, and its color.
pub(crate) fn of_action(action: Action) -> (&'static str, &'static str, Style) {
    match action {
        Action::Create => ("create", "+", ADDED),
        Action::Update => ("update", "~", CHANGED),
        Action::Replace => ("replace", "-/+", REMOVED),
        Action::Delete => ("delete", "-", REMOVED),
        Action::Adopt => ("adopt", ">", RECORDED),
        Action::Forget => ("forget", "x", RECORDED),
        Action::Quarantine => ("quarantine", "||", REMOVED),
        Action::Release => ("release", "|>", RECORDED),
        Action::Keep => ("keep", "=", QUIET),
    }
}

pub(crate) fn of_ending(ending: Ending) -> Style {
    match ending {
        Ending::Done | Ending::NoChanges => ADDED,
        Ending::Failed | Ending::Refused => REMOVED,
        Ending::Stopped => CHANGED,
    }
}
