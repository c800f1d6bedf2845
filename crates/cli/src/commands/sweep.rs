//! `sweep`: reads, judges, shows, and plans what could be done. Writes nothing to AWS, because it is handed
//! nothing that could; `sweep --apply` is an apply.
mod request;
pub(crate) mod terraform;

pub(super) use request::SweepRequest;

use super::change::{self, ApplyArgs, Concluded, Expected};
use super::planning::AllowDetach;
use super::{Format, Output, saved};
use crate::accounts::AccountSelector;
use crate::plan_file;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::views::problems;
use crate::ui::views::sweep::{self as view, Swept};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::sweep::Verdict;
use pinpoint_streams_planner::SweepReport;
use std::path::PathBuf;

/// `sweep`
#[derive(Debug, Clone, Args)]
pub(crate) struct SweepArgs {
    /// Which accounts are read.
    #[command(flatten)]
    pub reach: AccountSelector,
    /// How roles are judged.
    #[command(flatten)]
    pub judging: Judging,
    /// What is to be done with what is found.
    #[command(flatten)]
    pub action: SweepAction,
    /// Save the plan; `apply FILE` does it within 24 hours.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Ask at once, on this terminal, and do it.
    #[arg(long, conflicts_with_all = ["out", "format"])]
    pub apply: bool,
    /// How the result is printed.
    #[command(flatten)]
    pub output: Output,
}

/// How roles are judged.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What counts as unused")]
pub(crate) struct Judging {
    /// A role used since then is alive [default: 2026-10-31, when Pinpoint had ended].
    #[arg(long, value_name = "DATE", value_parser = moment, conflicts_with = "unused_for")]
    pub unused_since: Option<Timestamp>,
    /// A role used within this time is alive: `90d`, `12w`.
    #[arg(long, value_name = "TIME", value_parser = days)]
    pub unused_for: Option<u32>,
    /// A role younger than this is left alone.
    #[arg(long, value_name = "TIME", value_parser = days, default_value = "30d")]
    pub min_age: u32,
    /// Which roles are judged.
    #[arg(long, value_enum, default_value_t)]
    pub purpose: PurposeChoice,
    /// A role to leave alone, by its name or a pattern such as 'PinpointLegacy*'.
    #[arg(long, value_name = "NAME")]
    pub exclude: Vec<String>,
    /// Assert that no event streams remain in ACCOUNT/REGION, where they can no longer be read.
    #[arg(long, value_name = "ACCOUNT/REGION")]
    pub event_streams_gone: Vec<AccountRegion>,
    /// A Terraform state, or what `terraform show -json` printed: the roles in it are left alone.
    #[arg(long, value_name = "FILE")]
    pub terraform_state: Vec<PathBuf>,
}

/// What is to be done with what is found; without a flag, quarantine.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What the plan does")]
pub(crate) struct SweepAction {
    /// Remove quarantines.
    #[arg(long, conflicts_with_all = ["reap", "delete"])]
    pub release: bool,
    /// Delete what has been quarantined and unused since.
    #[arg(long, conflicts_with = "delete")]
    pub reap: bool,
    /// How long a quarantine must have lasted before --reap deletes.
    #[arg(long, value_name = "TIME", value_parser = days, default_value = "30d")]
    pub after: u32,
    /// Delete at once, without quarantine, what has strong evidence.
    #[arg(long)]
    pub delete: bool,
    /// At most so many deletes an account.
    #[arg(long, value_name = "N", default_value_t = 25)]
    pub max_delete: usize,
    /// Detach this from a role before deleting it, although pinpoint-streams did not attach it.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub allow_detach: Vec<AllowDetach>,
}

/// Which roles a sweep judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum PurposeChoice {
    /// Those that write events to Kinesis or Firehose.
    #[default]
    EventStream,
    /// Every role that trusts only Pinpoint.
    All,
}

/// A number of days: `30d`, `12w`.
fn days(text: &str) -> Result<u32, String> {
    let wrong = || "a time looks like 30d or 12w".to_owned();
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u32 = digits.parse().map_err(|_| wrong())?;
    let factor = match unit {
        "d" => 1,
        "w" => 7,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).filter(|days| *days <= 36_500).ok_or_else(wrong)
}

/// A day, which begins at midnight UTC, or a moment.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    let day = text.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    day.map(|day| day.timestamp()).ok_or_else(|| "a date looks like 2026-10-31".to_owned())
}

pub(super) async fn run(args: SweepArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let request = SweepRequest::open(&args, context);
    if args.apply {
        let doing = ApplyArgs::default();
        return change::run(request.map(|request| (request, Expected::default())), &doing, context).await;
    }
    let Concluded { output: SweepReport { findings, planned }, access, accounts } =
        change::conclude(&request?, context).await?;
    let swept = Swept { accounts, findings, plan: planned.map(|planned| planned.plan) };
    if let (Some(out), Ok(plan)) = (&args.out, &swept.plan) {
        plan_file::save(&context.environment.folder.join(out), plan, Some(&access))?;
    }
    if let Ok(plan) = &swept.plan {
        context.printer.aside(&problems::warnings(&plan.warnings));
    }
    context.show(&match args.output.format {
        Format::Text => view::text(&swept, context.evidences(), context.environment.width()),
        Format::Json => view::json(&swept),
    })?;
    match &swept.plan {
        Err(found) if args.output.format == Format::Text => return Err(Error::Problems(found.clone())),
        // They stand in the document.
        Err(_) => return Ok(Exit::Problems),
        Ok(plan) => context.printer.aside(&next(&args, plan.is_empty(), context)),
    }
    Ok(exit(&swept))
}

fn next(args: &SweepArgs, nothing: bool, context: &CommandContext<'_>) -> String {
    match &args.out {
        Some(out) => saved(out, ", within 24 hours", context),
        None if nothing => String::new(),
        None => "Nothing was done. The same with --out FILE saves the plan for `apply FILE`; with --apply it is \
                 asked and done at once.\n"
            .to_owned(),
    }
}

/// What is not known comes before what was found.
fn exit(swept: &Swept) -> Exit {
    let found = [Verdict::Obsolete, Verdict::Quarantined, Verdict::Tripped];
    if swept.has_unknown() {
        Exit::Unknown
    } else if found.iter().any(|verdict| swept.findings.count(*verdict) > 0) {
        Exit::Differs
    } else {
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_days() {
        assert_eq!((days("30d"), days("2w"), days("0d")), (Ok(30), Ok(14), Ok(0)));
        for wrong in ["", "30", "d", "1h", "-3d", "4294967295w", "é"] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_date_begins_at_midnight_utc() {
        assert_eq!(moment("2026-10-31").unwrap().to_string(), "2026-10-31T00:00:00Z");
        assert_eq!(moment("2026-10-31T12:00:00+02:00").unwrap().to_string(), "2026-10-31T10:00:00Z");
        assert!(moment("yesterday").is_err());
    }
}
