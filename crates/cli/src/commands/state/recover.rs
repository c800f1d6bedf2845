//! `state recover`: a lost record, made again from the ownership tags of what is live, or what a record lacks added to
//! it. Writes nothing to AWS.
use super::backup;
use crate::accounts::{Selection, connect};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::views::problems;
use crate::workspace::locking::locked;
use crate::workspace::{Store, Workspace};
use pinpoint_streams_executor::state::{Archives, State, StateStore};
use pinpoint_streams_executor::{SurveyOptions, session, survey};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::{AccountId, Lineage, Serial};
use pinpoint_streams_model::live::Live;
use pinpoint_streams_model::recorded::{Object, Recorded};
use pinpoint_streams_model::region::Region;
use pinpoint_streams_planner::recover::{Counts, Recovery, recover, recover_missing, recover_wants};
use std::collections::{BTreeMap, BTreeSet};

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
    let (desired, live) = read(workspace, &BTreeSet::new(), context).await?;
    let Recovery { lineages, recorded, problems, warnings } = recover(&live, &desired, lineage);
    context.printer.aside(&problems::warnings(&warnings));
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
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
            hint: format!("move {} away to recover that lineage", store.place()),
        });
    }
    let known = state.recorded();
    let (desired, live) = read(workspace, &places_of_apps(&known), context).await?;
    let Recovery { recorded, problems, warnings, lineages: _ } = recover_missing(&live, &desired, &known);
    context.printer.aside(&problems::warnings(&warnings));
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
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

/// Where apps are recorded, whether the manifest still names those places or not.
fn places_of_apps(recorded: &Recorded) -> BTreeSet<(AccountId, Region)> {
    let placed = recorded.resources.values().filter_map(|known| match &known.object {
        Object::App(app) => Some((known.account.clone(), app.region.clone())),
        Object::Role(_) | Object::EventStream(_) => None,
    });
    placed.collect()
}

/// Reads whatever may bear the workspace's tags.
async fn read(
    workspace: &Workspace,
    also: &BTreeSet<(AccountId, Region)>,
    context: &CommandContext<'_>,
) -> Result<(Desired, Live), Error> {
    let accounts = connect(Selection::Manifest, workspace, None, context).await?;
    let (desired, cloud) = (accounts.desired(workspace)?, accounts.cloud);
    let _busy = context.busy("reading");
    let wants = |live: &_| recover_wants(&desired, also, live);
    let read = survey(&cloud, wants, SurveyOptions { parallelism: context.settings.parallelism }).await;
    context.hints(&read.hints);
    Ok((desired, read.live))
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
