//! `state recover`: rebuilds a lost state from ownership tags, or adds missing resources to it. Writes nothing to AWS.
use super::back_up;
use crate::accounts::{Selection, connect};
use crate::ui::text::count;
use crate::ui::{CommandContext, Error, problems};
use crate::workspace::locking::locked;
use crate::workspace::{Store, Workspace, announce_interrupted_run};
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
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
    let store = Store::open(&workspace).await?;
    locked(&store, context, async || recovered(&workspace, &store, lineage, context).await).await
}

async fn recovered(
    workspace: &Workspace,
    store: &Store,
    lineage: Option<&Lineage>,
    context: &CommandContext<'_>,
) -> Result<String, Error> {
    let start = session::open(store, &workspace.journal(), SystemClock.now()).await?;
    announce_interrupted_run(&start, context);
    if let Some(state) = start.state {
        return completed(workspace, store, state, lineage, context).await;
    }
    let from = Known::Nothing { lineage: lineage.cloned() };
    let Recovery { lineages, recorded, .. } = ask(workspace, from, context).await?;
    let Some(recorded) = recorded else { return Err(undecided(&lineages)) };
    let recorded = Recorded { serial: Serial(1), ..recorded };
    let resources = count(recorded.resources.len(), "resource");
    let state = State::of(&workspace.name, &recorded, Archives::new());
    let Some(state) = state else { return Err(undecided(&lineages)) };
    store.write(&state).await.map_err(session::SessionError::from)?;
    Ok(format!(
        "Recorded {resources} of workspace {}, lineage {}. Run `{}` to see the remaining changes.\n",
        workspace.name,
        state.lineage,
        context.settings.command("plan")
    ))
}

/// Adds resources whose tags have the lineage of the state.
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
                "workspace {} has a state of lineage {}, not {asked}",
                state.workspace, state.lineage
            ),
            hint: format!(
                "move {} aside to recover that lineage",
                context.environment.display_path(Path::new(&store.place()))
            ),
        });
    }
    let known = state.recorded();
    let Recovery { recorded, .. } = ask(workspace, Known::Record(known.clone()), context).await?;
    let before = known.resources.len();
    let Recorded { accounts, resources, .. } = recorded.unwrap_or(known);
    let added = resources.len() - before;
    if added == 0 {
        return Ok(format!(
            "The state of workspace {} already has every resource with its tags.\n",
            state.workspace
        ));
    }
    let kept = back_up(&state, workspace, context).await?;
    let state = State { serial: state.serial.next(), accounts, resources, ..state };
    store.write(&state).await.map_err(session::SessionError::from)?;
    let added = count(added, "more resource");
    Ok(format!(
        "Recorded {added} of workspace {}, lineage {}. Run `{}` to see the remaining changes.\n{kept}",
        state.workspace,
        state.lineage,
        context.settings.command("plan")
    ))
}

/// Finds resources with the tags of the workspace.
async fn ask(workspace: &Workspace, from: Known, context: &CommandContext<'_>) -> Result<Recovery, Error> {
    let accounts = connect(Selection::Manifest, workspace, None, context).await?;
    let desired = accounts.desired(workspace)?;
    let recovery = context.ask(&Recover { desired, from }, &accounts.cloud).await;
    context.printer.note(&problems::warnings(&recovery.warnings));
    if recovery.problems.is_empty() { Ok(recovery) } else { Err(Error::Problems(recovery.problems)) }
}

/// No lineage, or more than one.
fn undecided(lineages: &BTreeMap<Lineage, Counts>) -> Error {
    if lineages.is_empty() {
        return Error::NotFound {
            message: "no resource in these accounts has the tags of this workspace".to_owned(),
            hint: "check `workspace` and the accounts; to adopt untagged resources, use `pinpoint-streams plan \
                   --adopt`"
                .to_owned(),
        };
    }
    let list = lineages.iter().map(|(lineage, Counts { apps, roles })| {
        format!("{lineage} with {} and {}", count(*apps, "app"), count(*roles, "role"))
    });
    Error::NotFound {
        message: format!(
            "the tags of this workspace contain several lineages: {}",
            list.collect::<Vec<_>>().join("; ")
        ),
        hint: "choose one with `pinpoint-streams state recover --lineage LINEAGE`".to_owned(),
    }
}
