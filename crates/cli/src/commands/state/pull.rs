//! `state pull`: the state on stdout, byte for byte as it is kept. Takes no lock and writes nothing.
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape_lines;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_store::session::SessionError;
use pinpoint_streams_store::state::StateStore as _;
use std::path::Path;

pub(super) async fn run(context: &CommandContext<'_>) -> Result<(), Error> {
    let workspace = Workspace::open(context)?;
    let store = Store::of(&workspace).await?;
    let Some(bytes) = store.raw().await.map_err(SessionError::from)? else {
        return Err(Error::NotThere {
            what: format!(
                "workspace {} has no state at {}",
                workspace.name,
                context.environment.shown(Path::new(&store.place()))
            ),
            hint: "the first `pinpoint-streams apply` makes it; `state recover` makes a lost one again".to_owned(),
        });
    };
    if context.environment.stdout_is_terminal {
        // What would steer the terminal is shown, not done.
        return context.show(&format!("{}\n", escape_lines(&String::from_utf8_lossy(&bytes))));
    }
    context.printer.bytes(&bytes).map_err(Error::of_output)
}
