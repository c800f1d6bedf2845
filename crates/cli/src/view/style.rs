//! The colours. They only repeat what signs and words say; the printer takes them off where none are wanted.
use anstyle::{AnsiColor, Style};
use pinpoint_streams_model::event::Ending;
use pinpoint_streams_model::plan::Action;
use std::fmt::{self, Display};

/// What is added.
pub const ADDED: Style = AnsiColor::Green.on_default();
/// What changes.
pub const CHANGED: Style = AnsiColor::Yellow.on_default();
/// What goes.
pub const REMOVED: Style = AnsiColor::Red.on_default();
/// What only the record learns.
pub const RECORDED: Style = AnsiColor::Cyan.on_default();
/// What stands beside the matter.
pub const QUIET: Style = Style::new().dimmed();
/// What leads the eye.
pub const STRONG: Style = Style::new().bold();
/// `error:`
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// `warning:`
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// `help:`
pub const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// The text in this style.
pub fn paint<T: Display>(style: Style, text: T) -> Painted<T> {
    Painted { style, text }
}

/// A text in a style.
#[derive(Debug)]
pub struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:#}", self.style, self.text, self.style)
    }
}

/// The sign of an action.
pub fn sign(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Replace => "-/+",
        Action::Delete => "-",
        Action::Adopt => ">",
        Action::Forget => "x",
        Action::Quarantine => "||",
        Action::Release => "|>",
        Action::Keep => "=",
    }
}

/// The style of an action.
pub fn of_action(action: Action) -> Style {
    match action {
        Action::Create => ADDED,
        Action::Update => CHANGED,
        Action::Replace | Action::Delete | Action::Quarantine => REMOVED,
        Action::Adopt | Action::Forget | Action::Release => RECORDED,
        Action::Keep => QUIET,
    }
}

/// The style of a run's end.
pub fn of_ending(ending: Ending) -> Style {
    match ending {
        Ending::Done | Ending::NoChanges => ADDED,
        Ending::Failed | Ending::Refused => REMOVED,
        Ending::Stopped => CHANGED,
    }
}
