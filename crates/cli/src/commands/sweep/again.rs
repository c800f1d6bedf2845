//! The command line of a sweep once more: of the same accounts by the same criteria, and of what it does.
use super::region_pattern::RegionPattern;
use super::{
    Criteria, EvidenceArgs, MAX_DELETE, MIN_AGE_DAYS, PurposeChoice, REAP_AFTER_DAYS, SweepActionArgs, SweepArgs,
};
use crate::accounts::AccountSelector;
use crate::commands::planning::allow_detach_value;
use crate::settings::Settings;
use crate::ui::facts::patterns;
use clap::ValueEnum as _;
use jiff::Timestamp;
use pinpoint_streams_model::region::AWS_REGIONS;
use pinpoint_streams_model::sweep::{Detach, SweepAction, SweepOptions};
use pinpoint_streams_store::archive::quoted;
use std::collections::BTreeSet;

/// Without what the sweep does (`--reap`, `--apply`, …) and how it is shown.
pub(super) fn again(args: &SweepArgs, settings: &Settings) -> String {
    settings.command("sweep") + &criteria(args)
}

/// The flags of what the sweep does, each after a space.
pub(super) fn action(args: &SweepActionArgs) -> String {
    let SweepActionArgs { release: _, reap: _, after: _, delete: _, max_delete, allow_detach } = args;
    let allow_detach = allow_detach.iter().map(|what| Detach::from(*what)).collect();
    action_flags(args.action(), *max_delete, &allow_detach)
}

/// The same of a saved plan.
pub(super) fn action_of(options: &SweepOptions) -> String {
    action_flags(options.action, options.max_delete, &options.allow_detach)
}

fn action_flags(action: SweepAction, max_delete: usize, allow_detach: &BTreeSet<Detach>) -> String {
    let mut flags = match action {
        SweepAction::Quarantine => return String::new(),
        SweepAction::Release => return " --release".to_owned(),
        SweepAction::Reap { after_days: REAP_AFTER_DAYS } => " --reap".to_owned(),
        SweepAction::Reap { after_days } => format!(" --reap --after {after_days}d"),
        SweepAction::Delete => " --delete".to_owned(),
    };
    if max_delete != MAX_DELETE {
        flags.push_str(&format!(" --max-delete {max_delete}"));
    }
    for what in allow_detach {
        flags.push_str(&format!(" --allow-detach {}", allow_detach_value(*what)));
    }
    flags
}

/// The flags of which accounts are swept, and by which criteria; each after a space.
pub(super) fn criteria(args: &SweepArgs) -> String {
    let SweepArgs { selector, criteria, action: _, evidence, out: _, review: _, apply: _, residue: _, output: _ } =
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
    let EvidenceArgs { sources, evidence, live } = evidence;
    let mut flags = String::new();
    let mut add = |flag: &str, value: Option<&str>| {
        flags.push_str(&format!(" --{flag}"));
        if let Some(value) = value {
            flags.push_str(&format!(" {}", quoted(value)));
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
    flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Command, parse};
    use crate::settings::Environment;

    fn parsed(line: &str) -> (SweepArgs, Settings) {
        let invocation = parse(line.split_whitespace().map(Into::into)).unwrap();
        let Command::Sweep(args) = invocation.command else { panic!("it is a sweep") };
        (args, Settings::of(invocation.globals, &Environment::default()))
    }

    #[test]
    fn what_a_sweep_does_is_done_again_in_the_same_way() {
        for flags in [
            "",
            " --release",
            " --reap",
            " --reap --after 0d --max-delete 60 --allow-detach managed --allow-detach profile",
            " --delete",
        ] {
            assert_eq!(action(&parsed(&format!("pinpoint-streams sweep{flags}")).0.action), flags);
        }
    }

    #[test]
    fn the_same_accounts_are_swept_by_the_same_criteria() {
        let line = "pinpoint-streams --sandbox sweep --organization --role ops/Audit --regions eu-west-1 --unused-for 90d \
                    --min-age 7d --exclude Legacy* --event-streams-gone 123456789012/us-east-1 --reap --after 7d";
        let (args, settings) = parsed(line);
        assert_eq!(
            again(&args, &settings),
            "pinpoint-streams --sandbox sweep --organization --role ops/Audit --regions eu-west-1 --unused-for 90d \
             --min-age 7d --exclude 'Legacy*' --event-streams-gone 123456789012/us-east-1"
        );
    }
}
