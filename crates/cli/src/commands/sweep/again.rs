//! The command line of a sweep once more: of the same accounts by the same criteria, and of what it does.
use super::{
    Criteria, EvidenceArgs, MAX_DELETE, MIN_AGE_DAYS, PurposeChoice, REAP_AFTER_DAYS, SweepActionArgs, SweepArgs,
};
use crate::accounts::AccountSelector;
use crate::commands::change::SavedInputs;
use crate::commands::evidence::SourceChoice;
use crate::commands::planning::allow_detach_value;
use crate::settings::Settings;
use crate::ui::facts::patterns;
use clap::ValueEnum as _;
use jiff::Timestamp;
use pinpoint_streams_model::manifest::Manifest;
use pinpoint_streams_model::region::{AWS_REGIONS, PINPOINT_REGIONS, Partition, Region};
use pinpoint_streams_model::sweep::{Detach, SweepAction, SweepOptions};
use pinpoint_streams_store::archive::quoted;
use std::collections::BTreeSet;

/// Midnight UTC after the last day of support for Amazon Pinpoint: since when a role is unused unless --unused-since or
/// --unused-for says otherwise.
pub(super) const END_OF_SUPPORT: &str = "2026-10-31T00:00:00Z";

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
        asserted.iter().for_each(|pattern| add(flag, Some(pattern.as_str())));
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

/// The same of a saved plan, which has no flags: what it was made with, unless that is the default.
pub(super) fn criteria_of(saved: &SavedInputs<SweepOptions>, manifest: Option<&Manifest>) -> String {
    let SavedInputs { options, access, accounts } = saved;
    let SweepOptions {
        action: _,
        now: _,
        run: _,
        regions,
        unused_since,
        min_age_days,
        max_delete: _,
        all_purposes,
        exclude,
        no_pinpoint_in: _,
        event_streams_gone,
        no_stacks_in,
        allow_detach: _,
        terraform,
        sources,
        bundles,
    } = options;
    let mut flags = String::new();
    let mut add = |flag: &str, value: &str| flags.push_str(&format!(" --{flag} {}", quoted(value)));
    let joined = |values: Vec<String>| values.join(",");
    let connected = access.accounts.iter().flat_map(|accounts| accounts.values());
    let (members, own): (Vec<_>, Vec<_>) = connected.partition(|source| source.assume_role.is_some());
    let profiles: BTreeSet<&String> = own.iter().chain(&members).filter_map(|one| one.profile.as_ref()).collect();
    profiles.into_iter().for_each(|profile| add("profile", profile));
    let declared = manifest.map(Manifest::accounts).unwrap_or_default();
    if !declared.is_empty() && access.manifest && !declared.keys().eq(accounts.keys()) {
        add("accounts", &joined(accounts.keys().map(ToString::to_string).collect()));
    }
    let partitions: BTreeSet<Partition> = regions.iter().map(Region::partition).collect();
    let all = PINPOINT_REGIONS.iter().filter_map(|region| region.parse::<Region>().ok());
    if all.filter(|region| partitions.contains(&region.partition())).any(|region| !regions.contains(&region)) {
        add("regions", &joined(regions.iter().map(ToString::to_string).collect()));
    }
    let since = unused_since.to_string();
    if since != END_OF_SUPPORT {
        add("unused-since", &since);
    }
    if *min_age_days != MIN_AGE_DAYS {
        add("min-age", &format!("{min_age_days}d"));
    }
    if *all_purposes {
        add("purpose", "all");
    }
    exclude.iter().for_each(|pattern| add("exclude", pattern));
    let asserted = [
        ("event-streams-gone", patterns(event_streams_gone, &PINPOINT_REGIONS)),
        ("no-stacks-in", patterns(no_stacks_in, &AWS_REGIONS)),
    ];
    for (flag, patterns) in asserted {
        // Quoted already.
        patterns.iter().for_each(|pattern| add(flag, pattern.trim_matches('\'')));
    }
    let state_files: BTreeSet<&String> = terraform.values().collect();
    state_files.into_iter().for_each(|file| add("terraform-state", file));
    bundles.iter().for_each(|bundle| add("evidence", &bundle.file));
    if !sources.is_empty() {
        let names = SourceChoice::value_variants().iter().filter(|choice| {
            let of_choice = SourceChoice::sources(std::slice::from_ref(*choice));
            of_choice.len() == 1 && of_choice.is_subset(sources)
        });
        let names = names.filter_map(|choice| Some(choice.to_possible_value()?.get_name().to_owned()));
        add("sources", &joined(names.collect()));
    }
    // Of an organization all accounts have the role of this name.
    if let Some(role) = members.iter().find_map(|source| source.assume_role.as_ref()) {
        let name = format!("{}{}", role.path, role.name);
        flags.push_str(&format!(" --organization --role {}", quoted(name.trim_start_matches('/'))));
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::{Command, parse};
    use crate::settings::Environment;
    use pinpoint_streams_model::plan::Access;
    use std::collections::BTreeMap;

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
    fn an_assertion_is_given_back_as_it_was_given() {
        let (args, settings) = parsed("pinpoint-streams sweep --event-streams-gone 123456789012/*");
        let again = again(&args, &settings);
        assert_eq!(again, "pinpoint-streams sweep --event-streams-gone '123456789012/*'");
    }

    #[test]
    fn a_saved_plan_has_its_criteria_without_those_that_are_the_default() {
        let regions = PINPOINT_REGIONS.iter().filter(|region| !region.contains("-gov-"));
        let regions: BTreeSet<Region> = regions.map(|region| region.parse().unwrap()).collect();
        let options = SweepOptions {
            unused_since: END_OF_SUPPORT.parse().unwrap(),
            min_age_days: MIN_AGE_DAYS,
            all_purposes: false,
            ..SweepOptions::to_read(Timestamp::UNIX_EPOCH, regions, BTreeSet::new())
        };
        let saved = |options| SavedInputs {
            options,
            access: Access { manifest: false, accounts: None, archive: None },
            accounts: BTreeMap::new(),
        };
        assert_eq!(criteria_of(&saved(options.clone()), None), "");
        let options = SweepOptions {
            regions: ["eu-west-1".parse().unwrap()].into(),
            exclude: ["Legacy*".to_owned()].into(),
            event_streams_gone: ["123456789012/us-east-1".parse().unwrap()].into(),
            all_purposes: true,
            min_age_days: 7,
            sources: [pinpoint_streams_model::fact::EvidenceSource::CloudTrail].into(),
            ..options
        };
        assert_eq!(
            criteria_of(&saved(options), None),
            " --regions eu-west-1 --min-age 7d --purpose all --exclude 'Legacy*' \
             --event-streams-gone 123456789012/us-east-1 --sources cloudtrail"
        );
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
