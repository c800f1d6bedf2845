//! The flags of `sweep`: which accounts are read, what counts as unused, and what is to be done about it.
use super::Output;
use super::planning::AllowDetach;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pinpoint_streams_model::ids::{AccountAlias, RoleName};
use pinpoint_streams_model::plan::AccountRegion;
use pinpoint_streams_model::region::Region;
use std::path::PathBuf;

/// `sweep`
#[derive(Debug, Args)]
pub struct Sweep {
    /// Which accounts are read.
    #[command(flatten)]
    pub reach: Reach,
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

/// Which accounts are read, and by whose credentials.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Accounts")]
pub struct Reach {
    /// A profile of the AWS configuration; repeatable. By default the accounts of the manifest, or the caller's.
    #[arg(long, value_name = "PROFILE")]
    pub profile: Vec<String>,
    /// Every account of the AWS organization that the caller, or the one --profile, can list.
    #[arg(long, requires = "role")]
    pub organization: bool,
    /// The role to assume in each account of the organization; a path may stand before its name.
    #[arg(long, value_name = "NAME", requires = "organization", value_parser = role_in_accounts)]
    pub role: Option<(String, RoleName)>,
    /// Only these accounts, by their aliases.
    #[arg(long, value_name = "ALIAS", value_delimiter = ',')]
    pub accounts: Vec<AccountAlias>,
    /// Only these regions. What is not read is unknown, not absent.
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    pub regions: Vec<Region>,
}

/// How roles are judged.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What counts as unused")]
pub struct Judging {
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
    /// Your word that no event stream is left there, where it can no longer be read.
    #[arg(long, value_name = "ACCOUNT/REGION")]
    pub event_streams_gone: Vec<AccountRegion>,
    /// A Terraform state, or what `terraform show -json` printed: the roles in it are left alone.
    #[arg(long, value_name = "FILE")]
    pub terraform_state: Vec<PathBuf>,
}

/// What is to be done with what is found; without a flag, quarantine.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What the plan does")]
pub struct SweepAction {
    /// Take quarantines off.
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
    /// Take this off a role that is to be deleted, although it is not ours.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub allow_detach: Vec<AllowDetach>,
}

/// Which roles a sweep judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PurposeChoice {
    /// Those that write events to Kinesis or Firehose.
    #[default]
    EventStream,
    /// Every role that trusts only Pinpoint.
    All,
}

fn role_in_accounts(text: &str) -> Result<(String, RoleName), String> {
    let (path, name) = match text.rsplit_once('/') {
        Some((path, name)) => (format!("/{}/", path.trim_matches('/')).replace("//", "/"), name),
        None => ("/".to_owned(), text),
    };
    name.parse()
        .map(|name| (path, name))
        .map_err(|error: pinpoint_streams_model::ids::InvalidId| error.to_string())
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

    #[test]
    fn a_role_of_the_organization_may_have_a_path() {
        let role = |text: &str| role_in_accounts(text).map(|(path, name)| format!("{path} {name}"));
        assert_eq!(role("Audit").unwrap(), "/ Audit");
        assert_eq!(role("ops/Audit").unwrap(), "/ops/ Audit");
        assert_eq!(role("/ops/x/Audit").unwrap(), "/ops/x/ Audit");
        assert!(role("a b").is_err());
    }
}
