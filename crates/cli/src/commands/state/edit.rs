//! `state mv` and `state rm`: manual edits of the state. They do not change AWS.
use super::backup;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::locking::locked;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_planner::record::{EditError, Removed, move_address, remove_address};
use pinpoint_streams_store::session;
use pinpoint_streams_store::state::{State, StateStore as _};

pub(super) async fn mv(from: &Address, to: &Address, context: &CommandContext<'_>) -> Result<String, Error> {
    edit(context, |recorded| {
        let text = format!("Moved {from} to {to}. The next apply updates the address in its tags.\n");
        Ok((move_address(recorded, from, to)?, text))
    })
    .await
}

pub(super) async fn rm(address: &Address, context: &CommandContext<'_>) -> Result<String, Error> {
    edit(context, |recorded| {
        let Removed { recorded, resource: _, named_by } = remove_address(recorded, address)?;
        let mut text =
            format!("Removed {address} from the state. The resource and its ownership tags remain in AWS.\n");
        for stream in named_by {
            text.push_str(&format!("{stream} still references it.\n"));
        }
        Ok((recorded, text))
    })
    .await
}

/// Applies a change to the state under the lock, after a backup.
async fn edit(
    context: &CommandContext<'_>,
    change: impl FnOnce(&Recorded) -> Result<(Recorded, String), EditError>,
) -> Result<String, Error> {
    let workspace = Workspace::open(context)?;
    let store = Store::open(&workspace).await?;
    locked(&store, context, async || {
        let loaded = session::open(&store, &workspace.journal()).await?;
        let (recorded, text) =
            change(&loaded.recorded).map_err(|EditError { message, hint }| Error::NotFound { message, hint })?;
        let Some(state) = loaded.state else { return Ok(text) };
        let kept = backup::keep(&state, &workspace, context).await?;
        let Recorded { lineage: _, serial: _, accounts, resources, pending } = recorded;
        let state = State { serial: state.serial.next(), accounts, resources, pending, ..state };
        store.write(&state).await.map_err(session::SessionError::from)?;
        Ok(format!("{text}{kept}"))
    })
    .await
}
