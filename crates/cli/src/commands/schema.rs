//! `schema`: the JSON Schema of the manifest.
use crate::ui::{CommandContext, Error, Exit};
use pinpoint_streams_model::manifest::schema;

pub(super) fn run(context: &CommandContext<'_>) -> Result<Exit, Error> {
    context.show(&schema::json())?;
    Ok(Exit::Done)
}
