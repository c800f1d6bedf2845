//! `state recover`: a lost record, made again from the ownership tags of what is live, or what a record lacks added to
//! it. Writes nothing to AWS.
use super::backup;
use crate::accounts::{Selection, connect};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::views::problems;
use crate::workspace::locking::locked;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_model::ids::{Lineage, Serial};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_planner::Recover;
use pinpoint_streams_planner::recover::{Counts, Known, Recovery};
use pinpoint_streams_store::session;
use pinpoint_streams_store::state::{Archives, State, StateStore};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) async fn run(lineage: Option<&Lineage>, context: &CommandContext<'_>) -> Result<String, Error> {
    let workspace = Workspace::open(context)?;
    let store = Store::of(&workspace).await?;
    locked(&store, context, async || recovered(&workspace, &store, lineage, context).await).await
}

async fn recovered(
    workspace: &Workspace,
    store: &Store,
    lineage: Option<&Lineage>,
    context: &CommandContext<'_>,
) -> Result<String, Error> {
    if let Some(state) = session::open(store, &workspace.journal()).await?.state {
        return completed(workspace, store, state, lineage, context).await;
    }
    let from = Known::Nothing { lineage: lineage.cloned() };
    let Recovery { lineages, recorded, .. } = ask(workspace, from, context).await?;
    let Some(recorded) = recorded else { return Err(undecided(&lineages)) };
    let recorded = Recorded { serial: Serial(1), ..recorded };
    let resources = recorded.resources.len();
    let state = State::of(&workspace.name, &recorded, Archives::new());
    let Some(state) = state else { return Err(undecided(&lineages)) };
    store.write(&state).await.map_err(session::SessionError::from)?;
    Ok(format!(
        "Recorded {resources} resources of workspace {}, lineage {}. `{}` shows what is left to do.\n",
        workspace.name,
        state.lineage,
        context.settings.command("plan")
    ))
}

/// Adds to a state what bears its lineage and is not in it.
async fn completed(
    workspace: &Workspace,
    store: &impl StateStore,
    state: State,
    lineage: Option<&Lineage>,
    context: &CommandContext<'_>,
) -> Result<String, Error> {
    if let Some(asked) = lineage.filter(|asked| **asked != state.lineage) {
        return Err(Error::Usage {
            message: format!(
                "workspace {} has a state of lineage {}, to which nothing of lineage {asked} is added",
                state.workspace, state.lineage
            ),
            hint: format!(
                "move {} away to recover that lineage",
                context.environment.shown(Path::new(&store.place()))
            ),
        });
    }
    let known = state.recorded();
    let Recovery { recorded, .. } = ask(workspace, Known::Record(known.clone()), context).await?;
    let before = known.resources.len();
    let Recorded { accounts, resources, .. } = recorded.unwrap_or(known);
    let added = resources.len() - before;
    if added == 0 {
        return Ok(format!("The state of workspace {} lacks nothing that bears its tags.\n", state.workspace));
    }
    let kept = backup::keep(&state, workspace, context).await?;
    let state = State { serial: state.serial.next(), accounts, resources, ..state };
    store.write(&state).await.map_err(session::SessionError::from)?;
    Ok(format!(
        "Recorded {added} more resources of workspace {}, lineage {}. `{}` shows what is left to do.\n{kept}",
        state.workspace,
        state.lineage,
        context.settings.command("plan")
    ))
}

/// Asks what bears the workspace's tags.
async fn ask(workspace: &Workspace, from: Known, context: &CommandContext<'_>) -> Result<Recovery, Error> {
    let accounts = connect(Selection::Manifest, workspace, None, context).await?;
    let desired = accounts.desired(workspace)?;
    let recovery = context.ask(&Recover { desired, from }, &accounts.cloud).await;
    context.printer.aside(&problems::warnings(&recovery.warnings));
    if recovery.problems.is_empty() { Ok(recovery) } else { Err(Error::Problems(recovery.problems)) }
}

/// Nothing to recover, or too much.
fn undecided(lineages: &BTreeMap<Lineage, Counts>) -> Error {
    if lineages.is_empty() {
        return Error::NotThere {
            what: "nothing in these accounts bears the tags of this workspace".to_owned(),
            hint: "check `workspace` and the accounts; `plan --adopt` takes over what exists without tags"
                .to_owned(),
        };
    }
    let list = lineages
        .iter()
        .map(|(lineage, Counts { apps, roles })| format!("{lineage} with {apps} apps and {roles} roles"));
    Error::NotThere {
        what: format!("several states were kept for this workspace: {}", list.collect::<Vec<_>>().join("; ")),
        hint: "choose one: `pinpoint-streams state recover --lineage LINEAGE`".to_owned(),
    }
}
