//! `report`: what runs found, did, and on whose word. Reads the logs on this disk, and nothing of AWS.
use crate::args::{Report as Args, ReportFormat};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::project::Ground;
use crate::view::report as view;
use pinpoint_streams_executor::journal;
use pinpoint_streams_executor::session::SessionError;

pub(super) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Error> {
    let Args { run, format } = args;
    let ground = Ground::of(context)?;
    let mut logs = journal::runs(&ground.home.places.runs).map_err(SessionError::from)?;
    if let Some(run) = run {
        logs.retain(|log| log.header.run == run);
        if logs.is_empty() {
            return Err(Error::NotThere {
                what: format!("no run {run} was recorded here"),
                hint: "`pinpoint-streams report` shows those there are".to_owned(),
            });
        }
    }
    let runs: Vec<_> = logs.iter().map(view::of).collect();
    context.show(&match format {
        ReportFormat::Text => view::text(&runs),
        ReportFormat::Json => view::json(&runs),
        ReportFormat::Csv => view::csv(&runs),
        ReportFormat::Markdown => view::markdown(&runs),
        ReportFormat::Html => view::html(&runs),
    })?;
    Ok(Exit::Done)
}
