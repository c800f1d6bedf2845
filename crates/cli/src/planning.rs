//! From a manifest, a record and a cloud to a plan: read what it takes, settle what is pending, plan.
use crate::args::Settings;
use crate::error::Error;
use crate::printer::Printer;
use crate::view::escape::escape;
use crate::view::style::{QUIET, paint};
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
    settings: &Settings,
    printer: &Printer,
) -> Result<Planned, Error> {
    let Asked { mode, options } = asked;
    let wants = |live: &_| pinpoint_streams_planner::wants(mode, desired, &start.recorded, live, options);
    let read = survey(cloud, wants, SurveyOptions { parallelism: settings.parallelism }).await;
    for hint in &read.hints {
        printer.aside(&format!("{} {}\n", paint(QUIET, "hint:"), escape(&hint.to_string())));
    }
    start.recorded = pinpoint_streams_planner::settle(&start.recorded, &read.live).recorded;
    let plan = pinpoint_streams_planner::plan(mode, desired, &start.recorded, &read.live, options)
        .map_err(Error::Problems)?;
    Ok(Planned { plan, start })
}
