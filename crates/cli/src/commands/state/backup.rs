//! Backs up the state on this machine before a manual change replaces it.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::workspace::Workspace;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::{State, write_copy};

/// Returns a message with the path of the backup.
pub(super) async fn keep(
    state: &State,
    workspace: &Workspace,
    context: &CommandContext<'_>,
) -> Result<String, Error> {
    let path = workspace.paths.backup(state.serial, SystemClock.now());
    write_copy(&path, state).await.map_err(SessionError::from)?;
    let path = context.environment.display_path(&path).to_string();
    Ok(format!("The previous state was backed up to {}.\n", escape(&path)))
}
