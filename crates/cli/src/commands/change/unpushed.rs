//! A state that could not be written to its bucket: left whole beside the manifest, so that nothing is lost where
//! the folder outlives the journal's next reader.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_executor::Outcome;
use pinpoint_streams_executor::execute::NotWritten;
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::write_copy;
use std::path::PathBuf;

/// Leaves the state in a file, and says where; none where it is written or its store is a file itself.
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
    let path = workspace.places.unpushed(state.last_run.as_ref());
    match write_copy(&path, state).await {
        Ok(()) => Some(path),
        Err(error) => {
            let error = Error::from(SessionError::from(error));
            context.printer.message(&error.text(context.environment));
            None
        }
    }
}
