//! `validate`: the manifest alone, offline.
use super::{Format, Output};
use crate::ui::views::{self, count};
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::Workspace;
use serde_json::json;

pub(super) fn run(Output { format }: Output, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let workspace = Workspace::open(context)?;
    let manifest = workspace.manifest()?;
    let desired = manifest.resolve(&manifest.placeholder_accounts())?;
    let streams = desired.apps.values().filter(|app| app.event_stream.is_some()).count();
    let (apps, roles, workspace) = (desired.apps.len(), desired.roles.len(), manifest.workspace());
    context.show(&match format {
        Format::Text => {
            let (apps, streams) = (count(apps, "app"), count(streams, "event stream"));
            format!("{workspace}: {apps}, {streams}, {}. No mistakes found.\n", count(roles, "role"))
        }
        Format::Json => views::json(&json!({
            "format_version": 1, "workspace": workspace, "apps": apps, "event_streams": streams, "roles": roles,
            "warnings": manifest.warnings().iter().map(|warning| &warning.message).collect::<Vec<_>>(),
        })),
    })?;
    Ok(Exit::Done)
}
