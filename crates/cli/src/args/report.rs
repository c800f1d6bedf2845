//! The flags of `report`.
use clap::{Args, ValueEnum};
use pinpoint_streams_model::ids::RunId;

/// `report`
#[derive(Debug, Args)]
pub struct Report {
    /// Only this run.
    #[arg(long, value_name = "RUN")]
    pub run: Option<RunId>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReportFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For spreadsheets: a line a write.
    Csv,
    /// For a pull request.
    Markdown,
    /// One page with a filter, which needs nothing else.
    Html,
}
