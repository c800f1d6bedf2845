//! The command line that sweeps the same accounts by the same criteria, for what to do next.
use super::region_pattern::RegionPattern;
use super::{Criteria, EvidenceArgs, MIN_AGE_DAYS, PurposeChoice, SweepActionArgs, SweepArgs};
use crate::accounts::AccountSelector;
use crate::settings::Settings;
use crate::ui::facts::patterns;
use clap::ValueEnum as _;
use jiff::Timestamp;
use pinpoint_streams_model::region::AWS_REGIONS;
use pinpoint_streams_store::archive::quoted;

/// Without what the sweep does (`--reap`, `--apply`, …) and how it is shown.
pub(super) fn again(args: &SweepArgs, settings: &Settings) -> String {
    let SweepArgs { selector, criteria, action, evidence, out: _, review: _, apply: _, residue: _, output: _ } =
        args;
    let AccountSelector { profile, organization, role, accounts, regions } = selector;
    let Criteria {
        unused_since,
        unused_for,
        min_age,
        purpose,
        exclude,
        event_streams_gone,
        no_stacks_in,
        terraform_state,
        pulumi_state,
    } = criteria;
    let SweepActionArgs { release: _, reap: _, after: _, delete: _, max_delete: _, allow_detach: _ } = action;
    let EvidenceArgs { sources, evidence, live } = evidence;
    let mut command = settings.command("sweep");
    let mut add = |flag: &str, value: Option<&str>| {
        command.push_str(&format!(" --{flag}"));
        if let Some(value) = value {
            command.push_str(&format!(" {}", quoted(value)));
        }
    };
    profile.iter().for_each(|profile| add("profile", Some(profile)));
    if *organization {
        add("organization", None);
    }
    if let Some((path, name)) = role {
        add("role", Some(format!("{path}{name}").trim_start_matches('/')));
    }
    let joined = |values: Vec<String>| values.join(",");
    if !accounts.is_empty() {
        add("accounts", Some(&joined(accounts.iter().map(ToString::to_string).collect())));
    }
    if !regions.is_empty() {
        add("regions", Some(&joined(regions.iter().map(ToString::to_string).collect())));
    }
    if let Some(since) = unused_since {
        add("unused-since", Some(&Timestamp::to_string(since)));
    }
    if let Some(days) = unused_for {
        add("unused-for", Some(&format!("{days}d")));
    }
    if *min_age != MIN_AGE_DAYS {
        add("min-age", Some(&format!("{min_age}d")));
    }
    if *purpose == PurposeChoice::All {
        add("purpose", Some("all"));
    }
    exclude.iter().for_each(|pattern| add("exclude", Some(pattern)));
    for (flag, asserted) in [("event-streams-gone", event_streams_gone), ("no-stacks-in", no_stacks_in)] {
        // Quoted already.
        for pattern in patterns(&RegionPattern::all(asserted), &AWS_REGIONS) {
            add(flag, Some(pattern.trim_matches('\'')));
        }
    }
    for (flag, files) in
        [("terraform-state", terraform_state), ("pulumi-state", pulumi_state), ("evidence", evidence)]
    {
        files.iter().for_each(|file| add(flag, Some(&file.to_string_lossy())));
    }
    if !sources.is_empty() {
        let names = sources.iter().filter_map(|source| Some(source.to_possible_value()?.get_name().to_owned()));
        add("sources", Some(&joined(names.collect())));
    }
    if *live {
        add("live", None);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Command, parse};
    use crate::settings::Environment;

    #[test]
    fn the_same_accounts_are_swept_by_the_same_criteria() {
        let line = "pinpoint-streams --sandbox sweep --organization --role ops/Audit --regions eu-west-1 --unused-for 90d \
                    --min-age 7d --exclude Legacy* --event-streams-gone 123456789012/us-east-1 --reap --after 7d";
        let invocation = parse(line.split(' ').map(Into::into)).unwrap();
        let Command::Sweep(args) = invocation.command else { panic!("it is a sweep") };
        let settings = Settings::of(invocation.globals, &Environment::default());
        assert_eq!(
            again(&args, &settings),
            "pinpoint-streams --sandbox sweep --organization --role ops/Audit --regions eu-west-1 --unused-for 90d \
             --min-age 7d --exclude 'Legacy*' --event-streams-gone 123456789012/us-east-1"
        );
    }
}
