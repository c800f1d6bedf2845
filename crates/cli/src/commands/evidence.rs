//! `evidence`: keeps what AWS answers to the questions of a sweep, for a time when it no longer does.
mod bundles;
mod capture;
mod redact;
mod summary;

pub(super) use bundles::{Bundles, open};

use super::{Format, Output};
use crate::accounts::AccountSelector;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::exit::Exit;
use crate::ui::text::count;
use clap::{Args, Subcommand, ValueEnum};
use pinpoint_streams_model::fact::EvidenceSource;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// `evidence`
#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Read everything that a sweep could need, and save the answers to a file. Writes nothing to AWS.
    #[command(after_help = "\
Examples:
  pinpoint-streams evidence capture
  pinpoint-streams evidence capture --organization --role Audit \\
      --out 2026-12.evidence

Run the same command again to continue an interrupted capture, or to retry what could not be read. Exits with 6 \
if something could not be read.")]
    Capture(CaptureArgs),
    /// Summarize a bundle: accounts, regions, answers and failures.
    #[command(after_help = "\
Examples:
  pinpoint-streams evidence show 2026-12.evidence
  pinpoint-streams evidence show 2026-12.evidence --redact \\
      --out report.evidence

A redacted bundle replaces account IDs, names and ARNs consistently, so that it gives the same verdicts. It can \
be attached to a bug report.")]
    Show(ShowArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct CaptureArgs {
    #[command(flatten)]
    pub selector: AccountSelector,
    /// The bundle to write, continue or complete [default: pinpoint-DATE.evidence].
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Only these optional sources [default: all].
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SOURCE")]
    pub sources: Vec<SourceChoice>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    /// A file that `evidence capture` wrote.
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// Write a copy without real account IDs, names and ARNs.
    #[arg(long, requires = "out")]
    pub redact: bool,
    /// The file of the redacted copy.
    #[arg(long, value_name = "FILE", requires = "redact")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

/// A source of evidence besides IAM, Pinpoint and CloudFormation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SourceChoice {
    /// AWS Config: which event streams exist and existed.
    Config,
    /// CloudTrail's event history, which covers 90 days.
    Cloudtrail,
    /// IAM's last accessed data.
    LastAccessed,
    /// IAM Access Analyzer's findings of unused roles.
    AccessAnalyzer,
    /// All of them.
    All,
}

impl SourceChoice {
    pub(super) fn sources(choices: &[SourceChoice]) -> BTreeSet<EvidenceSource> {
        let sources = |choice: &SourceChoice| match choice {
            SourceChoice::Config => vec![EvidenceSource::Config],
            SourceChoice::Cloudtrail => vec![EvidenceSource::CloudTrail],
            SourceChoice::LastAccessed => vec![EvidenceSource::LastAccessed],
            SourceChoice::AccessAnalyzer => vec![EvidenceSource::AccessAnalyzer],
            SourceChoice::All => EvidenceSource::ALL.to_vec(),
        };
        choices.iter().flat_map(sources).collect()
    }
}

pub(super) async fn run(command: EvidenceCommand, context: &CommandContext<'_>) -> Result<Exit, Error> {
    match command {
        EvidenceCommand::Capture(args) => capture::run(args, context).await,
        EvidenceCommand::Show(args) => show(&args, context),
    }
}

fn show(args: &ShowArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let bundle = bundles::read(&args.bundle, context)?;
    if let Some(out) = &args.out {
        if bundle.end.is_none() {
            return Err(bundles::interrupted(&args.bundle, context));
        }
        let path = context.environment.folder.join(out);
        if path.exists() {
            return Err(bundles::exists(out));
        }
        let end = redact::write(&bundle, &path)?;
        let (out, digest) = (out.to_string_lossy(), end.digest.to_string());
        context.show_prose(&format!(
            "Wrote {}: {}\ndigest {}\n",
            escape(&out),
            count(end.answers, "answer"),
            escape(&digest)
        ))?;
        return Ok(Exit::Done);
    }
    let summary = summary::Summary::of(&bundle);
    context.show(&match args.output.format {
        Format::Text => summary.text(&args.bundle, context.environment.width()),
        Format::Json => summary.json(),
    })?;
    Ok(if summary.is_whole() { Exit::Done } else { Exit::Unknown })
}
