//! Errors as a page and as a comment, in place of the result that was asked for.
use super::json::{Entry, Position};
use super::{Error, Work};
use crate::settings::Environment;
use crate::ui::page::{Notice, Page};
use crate::ui::text::count;

impl Error {
    /// `in_workspace` puts the flags of this workspace into the commands of a hint.
    pub(crate) fn page(
        &self,
        work: Option<Work>,
        environment: &Environment,
        in_workspace: impl Fn(&str) -> String,
    ) -> Page {
        let entries = self.entries(work, environment, in_workspace);
        let title = match self {
            Error::Manifest(_) => format!("{} in the manifest: nothing was done", count(entries.len(), "error")),
            Error::Problems(_) => format!("{}: nothing was done", count(entries.len(), "problem")),
            _ => "Failed".to_owned(),
        };
        let heading = if matches!(self, Error::Problems(_)) { "Problems" } else { "Errors" };
        let notices = Notice::of(heading, entries.iter().map(line)).into_iter().collect();
        Page { title: title.into(), notices, ..Page::default() }
    }
}

/// `pinpoint-streams.toml:14:10: apps.shop.stream is not a declared stream [PS0102]; did you mean …`
fn line(entry: &Entry<'_>) -> String {
    let Entry { error, code: _, address, message, hint, causes, request_id, position } = entry;
    let place = match (address, position) {
        (Some(address), _) => format!("{address}: "),
        (None, Some(Position { file: Some(file), line: Some(line), column: Some(column) })) => {
            format!("{file}:{line}:{column}: ")
        }
        (None, _) => String::new(),
    };
    let mut text = format!("{place}{message} [{error}]");
    causes.iter().for_each(|cause| text.push_str(&format!("; caused by: {cause}")));
    text.extend(request_id.map(|id| format!("; request id {id}")));
    text.extend(hint.as_ref().map(|hint| format!("; {hint}")));
    text
}
