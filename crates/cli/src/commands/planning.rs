//! Planning flags, shared by `plan`, `apply` and `destroy`.
use clap::{Args, ValueEnum};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::AccountAlias;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_model::region::AccountRegion;
use pinpoint_streams_model::sweep::Detach;

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
    /// Plan only this address or pattern, such as 'role.shop-*', and its dependencies.
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
