//! From a manifest, a record and a cloud to a plan: read what it takes, settle what is pending, plan.
use crate::settings::Verbosity;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::views::count;
use pinpoint_streams_executor::cloud::ReadCloud;
use pinpoint_streams_executor::{Loaded, SurveyOptions, survey};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::plan::{Mode, Options, Plan};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Which question the plan answers.
    pub(crate) mode: Mode,
    /// What shapes it.
    pub(crate) options: &'a Options,
}

/// A plan, and the record that it starts from.
#[derive(Debug)]
pub(crate) struct Planned {
    /// What is to be done.
    pub(crate) plan: Plan,
    /// State and journal, with what was pending settled as far as it could be.
    pub(crate) start: Loaded,
}

/// Plans. Handed a [`ReadCloud`] alone, so nothing can be written.
pub(crate) async fn plan(
    asked: Asked<'_>,
    desired: &Desired,
    mut start: Loaded,
    cloud: &impl ReadCloud,
    context: &CommandContext<'_>,
) -> Result<Planned, Error> {
    let CommandContext { settings, printer, .. } = *context;
    let Asked { mode, options } = asked;
    let wants = |live: &_| pinpoint_streams_planner::wants(mode, desired, &start.recorded, live, options);
    let read = {
        let _busy = context.busy("reading");
        survey(cloud, wants, SurveyOptions { parallelism: settings.parallelism }).await
    };
    if printer.verbosity() == Verbosity::Verbose {
        let roles = count(read.live.roles.len(), "role");
        let (regions, streams) =
            (count(read.live.apps.len(), "region"), count(read.live.event_streams.len(), "event stream"));
        printer.aside(&format!("read {roles}, the apps of {regions} and {streams}\n"));
    }
    context.hints(&read.hints);
    start.recorded = pinpoint_streams_planner::settle(&start.recorded, &read.live).recorded;
    let plan = pinpoint_streams_planner::plan(mode, desired, &start.recorded, &read.live, options)
        .map_err(Error::Problems)?;
    Ok(Planned { plan, start })
}
