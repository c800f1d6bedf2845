//! Planning flags, shared by `plan`, `apply` and `destroy`.
use clap::{Args, ValueEnum};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::AccountAlias;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::sweep::Detach;
use pinpoint_streams_store::archive::quoted;
use std::fmt::Write as _;

#[derive(Debug, Clone, Default, Args)]
pub struct Planning {
    #[command(flatten)]
    pub selectors: Selectors,
    #[command(flatten)]
    pub shaping: PlanFlags,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selectors")]
pub struct Selectors {
    /// Only this address or pattern, such as 'role.shop-*', and its dependencies.
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Exclude this address or pattern and its dependents.
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
    /// Only these account aliases.
    #[arg(long, value_name = "ALIAS", value_delimiter = ',')]
    pub accounts: Vec<AccountAlias>,
}

#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What the plan may do")]
pub struct PlanFlags {
    /// Adopt existing resources that have the names in the manifest.
    #[arg(long)]
    pub adopt: bool,
    /// Delete and recreate this resource.
    #[arg(long, value_name = "ADDRESS")]
    pub replace: Vec<Address>,
    /// Allow more deletes and replaces than [safety] max_delete.
    #[arg(long)]
    pub allow_mass_delete: bool,
    /// Also delete apps, with all their data.
    #[arg(long)]
    pub delete_apps: bool,
    /// Delete adopted resources instead of forgetting them.
    #[arg(long)]
    pub include_adopted: bool,
    /// Before deleting a role, also detach what pinpoint-streams did not attach.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub allow_detach: Vec<AllowDetach>,
    /// Assert that no event streams remain in ACCOUNT/REGION, if they can no longer be read.
    #[arg(long, value_name = "ACCOUNT/REGION")]
    pub event_streams_gone: Vec<AccountRegion>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AllowDetach {
    /// Managed policies.
    Managed,
    /// Inline policies that pinpoint-streams did not create.
    Inline,
    /// Instance profiles.
    Profile,
}

impl From<AllowDetach> for Detach {
    fn from(what: AllowDetach) -> Detach {
        match what {
            AllowDetach::Managed => Detach::Managed,
            AllowDetach::Inline => Detach::Inline,
            AllowDetach::Profile => Detach::Profile,
        }
    }
}

impl From<Planning> for Options {
    fn from(planning: Planning) -> Options {
        let Planning { selectors: Selectors { target, exclude, accounts }, shaping } = planning;
        let PlanFlags {
            adopt,
            replace,
            allow_mass_delete,
            delete_apps,
            include_adopted,
            allow_detach,
            event_streams_gone,
        } = shaping;
        Options {
            targets: target,
            excludes: exclude,
            accounts,
            replace: replace.into_iter().collect(),
            adopt,
            allow_mass_delete,
            delete_apps,
            include_adopted,
            allow_detach: allow_detach.into_iter().map(Detach::from).collect(),
            event_streams_gone: event_streams_gone.into_iter().collect(),
            sweep: None,
            restore: None,
        }
    }
}

/// The flags that give these options, each after a space and quoted for the shell.
pub(super) fn flags(options: &Options) -> String {
    let Options {
        targets,
        excludes,
        accounts,
        replace,
        adopt,
        allow_mass_delete,
        delete_apps,
        include_adopted,
        allow_detach,
        event_streams_gone,
        sweep: _,
        restore: _,
    } = options;
    let mut flags = String::new();
    let mut flag = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = write!(flags, " --{name} {}", quoted(&value));
    };
    targets.iter().for_each(|target| flag("target", target.clone()));
    excludes.iter().for_each(|exclude| flag("exclude", exclude.clone()));
    accounts.iter().for_each(|alias| flag("accounts", alias.to_string()));
    replace.iter().for_each(|address| flag("replace", address.to_string()));
    allow_detach.iter().for_each(|what| flag("allow-detach", allow_detach_value(*what).to_owned()));
    event_streams_gone.iter().for_each(|place| flag("event-streams-gone", place.to_string()));
    let switches = [
        (*adopt, "adopt"),
        (*allow_mass_delete, "allow-mass-delete"),
        (*delete_apps, "delete-apps"),
        (*include_adopted, "include-adopted"),
    ];
    for (_, name) in switches.into_iter().filter(|(is_set, _)| *is_set) {
        let _ = write!(flags, " --{name}");
    }
    flags
}

pub(super) fn allow_detach_value(what: Detach) -> &'static str {
    match what {
        Detach::Managed => "managed",
        Detach::Inline => "inline",
        Detach::Profile => "profile",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        planning: Planning,
    }

    #[test]
    fn the_flags_of_options_give_the_options() {
        let given = [
            "--target",
            "role.shop-*",
            "--exclude",
            "app.blog",
            "--accounts",
            "main,test",
            "--replace",
            "role.shop",
            "--allow-detach",
            "managed",
            "--event-streams-gone",
            "123456789012/us-east-1",
            "--adopt",
            "--allow-mass-delete",
            "--delete-apps",
            "--include-adopted",
        ];
        let options =
            |args: &[&str]| -> Options { Flags::parse_from(std::iter::once(&"ps").chain(args)).planning.into() };
        let (all, flags) = (options(&given), flags(&options(&given)));
        assert!(flags.contains(" --target 'role.shop-*'"), "{flags}");
        let words: Vec<String> = flags.split_whitespace().map(|word| word.replace('\'', "")).collect();
        assert_eq!(options(&words.iter().map(String::as_str).collect::<Vec<_>>()), all);
        assert_eq!(super::flags(&Options::default()), "");
    }
}
