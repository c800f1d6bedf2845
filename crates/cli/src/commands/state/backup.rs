//! The state as it was, kept on this machine before a person's change takes its place.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::workspace::Workspace;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::{State, write_copy};

/// Keeps it, and says where.
pub(super) async fn keep(
    state: &State,
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> Result<String, Error> {
    let path = workspace.places.backup(state.serial, SystemClock.now());
    write_copy(&path, state).await.map_err(SessionError::from)?;
    let path = context.environment.shown(&path).to_string();
    Ok(format!("The state as it was is kept in {}.\n", escape(&path)))
}
