//! Saves a state that could not be written to its bucket next to the manifest, for `state push`.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_executor::Outcome;
use pinpoint_streams_executor::execute::NotWritten;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::write_copy;
use std::path::PathBuf;

/// The path of the saved state; `None` if the state was written, or is a local file anyway.
pub(super) async fn keep(
    store: &Store,
    outcome: &Outcome,
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> Option<PathBuf> {
    let (Some(_), Err(NotWritten::State(_)), Some(state)) =
        (store.remote(), &outcome.state_written, &outcome.state)
    else {
        return None;
    };
    let path = workspace.paths.unpushed(state.last_run.as_ref());
    match write_copy(&path, state).await {
        Ok(()) => Some(path),
        Err(error) => {
            let error = Error::from(SessionError::from(error));
            context.printer.message(&error.text(context.environment));
            None
        }
    }
}
