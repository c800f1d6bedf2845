//! `sweep`: finds and classifies roles, and plans their cleanup. Writes nothing to AWS without `--apply`.
mod again;
pub(super) mod iac_state;
mod region_pattern;
mod request;
mod residue;
pub(super) mod state_files;

pub(super) use request::SweepRequest;

use super::change::{self, ApplyArgs, Concluded, Expected};
use super::evidence::SourceChoice;
use super::page_output::{PageFormat, PageOutput};
use super::plan_output;
use super::planning::AllowDetach;
use super::{NOTHING_DONE, on_heap, review, saved_message};
use crate::accounts::AccountSelector;
use crate::plan_file;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::views::count;
use crate::ui::views::sweep::{self as view, SweepCommands, Swept, unread_totals};
use clap::{ArgGroup, Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pinpoint_streams_model::sweep::{SweepAction, Verdict};
use pinpoint_streams_planner::SweepReport;
use region_pattern::RegionPattern;
use std::path::PathBuf;

/// The default of `--min-age`.
const MIN_AGE_DAYS: u32 = 30;
/// The default of `--after`.
const REAP_AFTER_DAYS: u32 = 30;
/// The default of `--max-delete`.
const MAX_DELETE: usize = 25;

/// The flags that shape a sweep of roles.
const WITHOUT_RESIDUE: [&str; 21] = [
    "unused_since",
    "unused_for",
    "min_age",
    "purpose",
    "exclude",
    "event_streams_gone",
    "no_stacks_in",
    "terraform_state",
    "pulumi_state",
    "release",
    "reap",
    "after",
    "delete",
    "max_delete",
    "allow_detach",
    "sources",
    "evidence",
    "live",
    "out",
    "review",
    "apply",
];

/// `sweep`
#[derive(Debug, Clone, Args)]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub selector: AccountSelector,
    #[command(flatten)]
    pub criteria: Criteria,
    #[command(flatten)]
    pub action: SweepActionArgs,
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// Save the plan for `apply FILE`, within 24 hours.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// First review the findings in full screen, where roles can be excluded.
    #[arg(long, conflicts_with = "format")]
    pub review: bool,
    /// Prompt on this terminal and apply.
    #[arg(long, conflicts_with_all = ["out", "format"])]
    pub apply: bool,
    /// Report what else refers to Pinpoint: SES, Lambda, Pinpoint jobs, channels and templates, and idle streams.
    #[arg(long, conflicts_with_all = WITHOUT_RESIDUE)]
    pub residue: bool,
    #[command(flatten)]
    pub output: PageOutput,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What counts as unused")]
pub(crate) struct Criteria {
    /// Classify roles used since this date as alive [default: 2026-10-31, the end of support].
    #[arg(long, value_name = "DATE", value_parser = date, conflicts_with = "unused_for")]
    pub unused_since: Option<Timestamp>,
    /// Classify roles used within this time, such as 90d or 12w, as alive.
    #[arg(long, value_name = "TIME", value_parser = some_days)]
    pub unused_for: Option<u32>,
    /// Do not change roles younger than this.
    #[arg(long, value_name = "TIME", value_parser = days, default_value = "30d")]
    pub min_age: u32,
    /// Which roles to consider.
    #[arg(long, value_enum, default_value_t)]
    pub purpose: PurposeChoice,
    /// Do not change roles with this name or pattern, such as 'PinpointLegacy*'.
    #[arg(long, value_name = "NAME", value_parser = name_pattern)]
    pub exclude: Vec<String>,
    /// Assert that no event streams remain in ACCOUNT/REGION, such as 123456789012/eu-*, where they can no longer be
    /// read.
    #[arg(long, value_name = "ACCOUNT/REGION")]
    pub event_streams_gone: Vec<RegionPattern>,
    /// Assert that no CloudFormation stack in ACCOUNT/REGION, such as 123456789012/ap-*, contains a role.
    #[arg(long, value_name = "ACCOUNT/REGION")]
    pub no_stacks_in: Vec<RegionPattern>,
    /// Do not change roles in this Terraform or OpenTofu state: a file, a directory of them, an s3:// address, or the
    /// output of `terraform show -json`.
    #[arg(long, value_name = "FILE")]
    pub terraform_state: Vec<PathBuf>,
    /// Do not change roles in this output of `pulumi stack export`.
    #[arg(long, value_name = "FILE")]
    pub pulumi_state: Vec<PathBuf>,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What the plan does", group = ArgGroup::new("deletion").args(["reap", "delete"]))]
pub(crate) struct SweepActionArgs {
    /// Remove quarantines.
    #[arg(long, conflicts_with_all = ["reap", "delete"])]
    pub release: bool,
    /// Delete roles that were quarantined and have not been used since.
    #[arg(long, conflicts_with = "delete")]
    pub reap: bool,
    /// Minimum duration of a quarantine before --reap deletes the role.
    // clap requires nothing that conflicts with what is given.
    #[arg(long, value_name = "TIME", value_parser = days, default_value = "30d", requires = "reap",
          conflicts_with_all = ["release", "delete"])]
    pub after: u32,
    /// Delete obsolete roles at once, without quarantine.
    #[arg(long)]
    pub delete: bool,
    /// Maximum number of deletes per account.
    #[arg(long, value_name = "N", default_value_t = MAX_DELETE, requires = "deletion",
          conflicts_with = "release")]
    pub max_delete: usize,
    /// Before deleting a role, also detach what pinpoint-streams did not attach.
    #[arg(long, value_name = "WHAT", value_enum, requires = "deletion", conflicts_with = "release")]
    pub allow_detach: Vec<AllowDetach>,
}

impl SweepActionArgs {
    fn action(&self) -> SweepAction {
        match (self.release, self.reap, self.delete) {
            (true, ..) => SweepAction::Release,
            (_, true, _) => SweepAction::Reap { after_days: self.after },
            (.., true) => SweepAction::Delete,
            (false, false, false) => SweepAction::Quarantine,
        }
    }
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Evidence")]
pub(crate) struct EvidenceArgs {
    /// Also query these optional sources, where they are enabled.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "SOURCE")]
    pub sources: Vec<SourceChoice>,
    /// Classify from a bundle of `evidence capture`, without calling AWS; repeatable.
    #[arg(long, value_name = "BUNDLE")]
    pub evidence: Vec<PathBuf>,
    /// With --evidence: query AWS, too, and use the newer answer. Implied by --apply and --out.
    #[arg(long, requires = "evidence")]
    pub live: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum PurposeChoice {
    /// Roles that write events to Kinesis or Firehose.
    #[default]
    EventStream,
    /// All roles that trust only Pinpoint.
    All,
}

/// A number of days: `30d`, `12w`.
fn days(text: &str) -> Result<u32, String> {
    let wrong = || "expected days or weeks, such as 30d or 12w".to_owned();
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u32 = digits.parse().map_err(|_| wrong())?;
    let factor = match unit {
        "d" => 1,
        "w" => 7,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).filter(|days| *days <= 36_500).ok_or_else(wrong)
}

/// At least one day: with none, no role would count as used.
fn some_days(text: &str) -> Result<u32, String> {
    match days(text)? {
        0 => Err("no role would count as used; the least is 1d".to_owned()),
        days => Ok(days),
    }
}

/// A name or pattern of a role. The empty one matches no role.
fn name_pattern(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err(
            "it is empty and matches no role; give a role name or a pattern such as 'PinpointLegacy*'".to_owned()
        );
    }
    Ok(text.to_owned())
}

/// A timestamp, or a date at midnight UTC.
fn date(text: &str) -> Result<Timestamp, String> {
    if let Ok(timestamp) = text.parse() {
        return Ok(timestamp);
    }
    let day: Date = text.parse().map_err(|_| "expected a date such as 2026-10-31".to_owned())?;
    let midnight = day.to_zoned(TimeZone::UTC).map(|day| day.timestamp());
    midnight.map_err(|_| "it is too far in the future: no role would count as used".to_owned())
}

/// What a sweep with these flags finds, without the lock.
pub(super) async fn swept(args: &SweepArgs, context: &CommandContext<'_>) -> Result<Swept, Error> {
    let request = SweepRequest::open(args, context)?;
    let Concluded { output: SweepReport { findings, bundles, planned }, accounts, .. } =
        change::conclude(&request, context).await?;
    let action = args.action.action();
    Ok(Swept { accounts, findings, action, bundles, plan: planned.map(|planned| planned.plan) })
}

pub(super) async fn run(mut args: SweepArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    if args.residue {
        return residue::run(args, context).await;
    }
    if args.review {
        let excluded = on_heap(|| review::of_sweep(swept(&args, context), context)).await?;
        args.criteria.exclude.extend(excluded);
    }
    if args.apply {
        let request = SweepRequest::open(&args, context);
        let apply_args = ApplyArgs::default();
        return change::run(request.map(|request| (request, Expected::default())), &apply_args, context).await;
    }
    let swept = swept(&args, context).await?;
    if let (Some(out), Ok(plan)) = (&args.out, &swept.plan) {
        plan_file::save(&context.environment.folder.join(out), plan)?;
    }
    if let Ok(plan) = &swept.plan {
        context.warn(&plan.warnings);
    }
    let page = || view::page(&swept, &page_commands(&args, &swept, context));
    match args.output.format {
        PageFormat::Text => {
            let command = again::again(&args, context.settings);
            let closing = swept.plan.as_ref().map(|plan| view::last_line(plan, &swept.findings));
            let text = || view::text(&swept, context.evidences(), &command, context.environment.width());
            context.show_text(&closing.unwrap_or_default(), text)
        }
        PageFormat::Json => context.show(&view::json(&swept)),
        PageFormat::Markdown => context.show(&page().markdown()),
        PageFormat::Html => context.show(&page().html()),
    }?;
    match &swept.plan {
        // The JSON document contains them.
        Err(_) if args.output.format == PageFormat::Json => return Ok(Exit::Problems),
        Err(found) => return Err(Error::Problems(found.clone())),
        Ok(plan) => context.printer.note(&next_message(&args, plan.is_empty(), &swept, context)),
    }
    Ok(exit(&swept))
}

/// The commands that a page ends with.
fn page_commands(args: &SweepArgs, swept: &Swept, context: &CommandContext<'_>) -> SweepCommands {
    let again = again::again(args, context.settings);
    let saved = args.out.as_ref().zip(swept.plan.as_ref().ok().filter(|plan| !plan.is_empty()));
    let apply_saved = saved.map(|(out, plan)| plan_output::apply_saved(plan, &out.to_string_lossy(), context));
    let everything = format!("{again}{} --format html", again::action(&args.action));
    SweepCommands { again, apply_saved, everything }
}

fn next_message(args: &SweepArgs, is_empty: bool, swept: &Swept, context: &CommandContext<'_>) -> String {
    let mut text = match &args.out {
        Some(out) => saved_message(out, " within 24 hours", context),
        None if is_empty && args.action.reap => nothing_to_reap(args.action.after, swept),
        None if is_empty => String::new(),
        None => NOTHING_DONE.to_owned(),
    };
    if swept.has_unknown() {
        text.push_str(&unknown_message(swept));
    }
    text
}

/// Why `--reap` deletes nothing.
fn nothing_to_reap(after_days: u32, Swept { findings, .. }: &Swept) -> String {
    let (quarantined, obsolete) = (findings.count(Verdict::Quarantined), findings.count(Verdict::Obsolete));
    format!(
        "Nothing to delete: --reap deletes roles that were quarantined at least {after_days} days ago and not used \
         since. {quarantined} quarantined, {obsolete} obsolete but not quarantined.\n"
    )
}

/// Why the exit code is 6.
fn unknown_message(Swept { accounts, findings, .. }: &Swept) -> String {
    let unreachable = accounts.iter().filter(|account| account.unreachable.is_some()).count();
    let mut parts = Vec::new();
    let unknown = findings.count(Verdict::Unknown);
    if unknown > 0 {
        parts.push(format!("{} that could not be classified", count(unknown, "role")));
    }
    parts.extend(unread_totals(&findings.unread).map(|gap| format!("{gap} that could not be read")));
    if unreachable > 0 {
        parts.push(format!("{} that could not be reached", count(unreachable, "account")));
    }
    format!("Exits with 6 because something is unknown: {}.\n", parts.join(", "))
}

/// Unknowns take precedence over findings.
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
    fn what_would_classify_no_role_as_used_or_exclude_none_is_refused() {
        assert!(some_days("0d").unwrap_err().contains("the least is 1d"));
        assert!(some_days("0w").is_err());
        assert_eq!(some_days("1d"), Ok(1));
        assert!(name_pattern("").unwrap_err().contains("matches no role"));
        assert!(name_pattern(" ").is_err());
        assert_eq!(name_pattern("Legacy*").as_deref(), Ok("Legacy*"));
    }

    #[test]
    fn a_date_begins_at_midnight_utc() {
        assert_eq!(date("2026-10-31").unwrap().to_string(), "2026-10-31T00:00:00Z");
        assert_eq!(date("2026-10-31T12:00:00+02:00").unwrap().to_string(), "2026-10-31T10:00:00Z");
        assert!(date("yesterday").is_err());
        assert!(date("9999-12-31").unwrap_err().contains("too far in the future"));
    }
}
