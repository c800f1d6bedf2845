//! `state recover`: a lost record, made again from the ownership tags of what is live. Writes nothing to AWS.
use super::locked;
use crate::connection::{Connection, connect};
use crate::context::Context;
use crate::error::Error;
use crate::project::Project;
use crate::view::problems;
use pinpoint_streams_executor::state::{Archives, State, StateStore as _};
use pinpoint_streams_executor::{SurveyOptions, session, survey};
use pinpoint_streams_model::ids::{Lineage, Serial};
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_planner::recover::{Counts, Recovery, recover, recover_wants};
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn run(lineage: Option<&Lineage>, context: &Context<'_>) -> Result<String, Error> {
    let project = context.project()?;
    locked(&project.home(), context, async || recovered(&project, lineage, context).await).await
}

async fn recovered(project: &Project, lineage: Option<&Lineage>, context: &Context<'_>) -> Result<String, Error> {
    let home = project.home();
    let (store, journal) = home.stores();
    if session::open(&store, &journal).await?.state.is_some() {
        return Err(Error::Usage {
            message: format!("workspace {} has a state, which is left as it is", home.workspace),
            hint: "`pinpoint-streams plan` shows what it lacks; move the file away to recover all of it"
                .to_owned(),
        });
    }
    let Connection { cloud, desired } = connect(project, None, context).await?;
    let read = {
        let _busy = context.busy("reading");
        let wants = |live: &_| recover_wants(&desired, &BTreeSet::new(), live);
        survey(&cloud, wants, SurveyOptions { parallelism: context.settings.parallelism }).await
    };
    context.hints(&read.hints);
    let Recovery { lineages, recorded, problems, warnings } = recover(&read.live, &desired, lineage);
    context.printer.aside(&problems::warnings(&warnings));
    if !problems.is_empty() {
        return Err(Error::Problems(problems));
    }
    let Some(recorded) = recorded else { return Err(undecided(&lineages)) };
    let recorded = Recorded { serial: Serial(1), ..recorded };
    let resources = recorded.resources.len();
    let state = State::of(&home.workspace, &recorded, Archives::new());
    let Some(state) = state else { return Err(undecided(&lineages)) };
    store.write(&state).await.map_err(session::SessionError::from)?;
    Ok(format!(
        "Recorded {resources} resources of workspace {}, lineage {}. `{}` shows what is left to do.\n",
        home.workspace,
        state.lineage,
        context.settings.command("plan")
    ))
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
