//! The flags of `report`.
use clap::{Args, ValueEnum};

/// `report`
#[derive(Debug, Args)]
pub struct Report {
    /// Only this run: its id, or as much of its beginning as is unique.
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
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
    /// For programs. The document has a version.
    Json,
    /// For spreadsheets: a line a write.
    Csv,
    /// For a comment: cut below 65,000 characters.
    Markdown,
    /// One page that can be filtered, and needs nothing else.
    Html,
}
