//! `state pull`: prints the stored state byte for byte. Takes no lock.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape_lines;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateStore as _;
use std::path::Path;

pub(super) async fn run(context: &CommandContext<'_>) -> Result<(), Error> {
    let workspace = Workspace::open(context)?;
    let store = Store::open(&workspace).await?;
    let Some(bytes) = store.raw().await.map_err(SessionError::from)? else {
        return Err(Error::NotFound {
            message: format!(
                "workspace {} has no state at {}",
                workspace.name,
                context.environment.display_path(Path::new(&store.place()))
            ),
            hint: "the first `pinpoint-streams apply` creates it; rebuild a lost one with `pinpoint-streams state recover`".to_owned(),
        });
    };
    if context.environment.stdout_is_terminal {
        return context.show(&format!("{}\n", escape_lines(&String::from_utf8_lossy(&bytes))));
    }
    context.printer.bytes(&bytes).map_err(Error::of_output)
}
