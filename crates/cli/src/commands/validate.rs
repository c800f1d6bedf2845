//! `validate`: the manifest alone, offline.
use super::{Format, Output};
use crate::ui::error::{self, Error};
use crate::ui::views::{self, count};
use crate::ui::wrap::folded;
use crate::ui::{CommandContext, Exit};
use crate::workspace::Workspace;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::desired::{AppIdentity, Desired, DesiredApp};
use pinpoint_streams_model::ids::AppKey;
use pinpoint_streams_model::problem::{Problem, ProblemCode};
use serde_json::json;

/// The format of the result. Since 2, with the code and the place of each warning. Mistakes are in the document of
/// errors, which has the same version and the same `problems`.
const FORMAT_VERSION: u32 = 2;

pub(super) fn run(Output { format }: Output, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let workspace = Workspace::open(context)?;
    let manifest = workspace.manifest()?;
    let desired = manifest.offline();
    if !context.settings.sandbox {
        no_examples(desired, context)?;
    }
    let streams = desired.apps.values().filter(|app| app.event_stream.is_some()).count();
    let (apps, roles, workspace) = (desired.apps.len(), desired.roles.len(), manifest.workspace());
    context.show(&match format {
        Format::Text => {
            let (apps, streams) = (count(apps, "app"), count(streams, "event stream"));
            let text = format!("{workspace}: {apps}, {streams}, {}. No errors found.\n", count(roles, "role"));
            folded(&text, context.environment.width())
        }
        Format::Json => {
            let in_workspace = |hint: &str| context.settings.in_this_workspace(hint);
            let warnings = error::entries(manifest.sources(), manifest.warnings(), in_workspace);
            views::json(&json!({
                "format_version": FORMAT_VERSION, "problems": [], "warnings": warnings, "workspace": workspace,
                "apps": apps, "event_streams": streams, "roles": roles,
            }))
        }
    })?;
    Ok(Exit::Done)
}

/// What AWS's documentation and the starter manifest have in place of an ID: no app has it.
const EXAMPLE: &str = "example";

/// Refuses apps that were left as `init` wrote them.
fn no_examples(desired: &Desired, context: &CommandContext<'_>) -> Result<(), Error> {
    let problem = |(key, app): (&AppKey, &DesiredApp)| match &app.identity {
        AppIdentity::Existing(id) if id.as_str().ends_with(EXAMPLE) => {
            let message = format!("{id} is a placeholder and not the ID of an app");
            let hint = format!(
                "`aws pinpoint get-apps --region {}` lists yours; `{}` writes a manifest of what exists",
                app.region,
                context.settings.command_without_manifest("discover --out FILE")
            );
            Some(Problem::new(ProblemCode::AppNotFound, message, hint).at(&Address::App(key.clone())))
        }
        AppIdentity::Existing(_) | AppIdentity::Owned { .. } => None,
    };
    let problems: Vec<Problem> = desired.apps.iter().filter_map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Problems(problems)) }
}
