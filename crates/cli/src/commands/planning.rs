//! The flags that shape a plan, which `plan`, `apply` and `destroy` share.
use clap::{Args, ValueEnum};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::detach::Detach;
use pinpoint_streams_model::ids::AccountAlias;
use pinpoint_streams_model::plan::Options;
use pinpoint_streams_model::region::AccountRegion;

/// All that shapes a plan.
#[derive(Debug, Clone, Default, Args)]
pub struct Planning {
    /// A part of the manifest.
    #[command(flatten)]
    pub selectors: Selectors,
    /// What is allowed, and what is asked for beyond the manifest.
    #[command(flatten)]
    pub shaping: Shaping,
}

/// A part of the manifest.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selectors")]
pub struct Selectors {
    /// Only this and what it needs: an address, or a pattern such as 'role.shop-*'.
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// Not this, nor what needs it.
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<String>,
    /// Only these accounts, by their aliases.
    #[arg(long, value_name = "ALIAS", value_delimiter = ',')]
    pub accounts: Vec<AccountAlias>,
}

/// What is allowed, and what is asked for beyond the manifest.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What the plan may do")]
pub struct Shaping {
    /// Take over what exists under the names of the manifest.
    #[arg(long)]
    pub adopt: bool,
    /// Delete this and create it again.
    #[arg(long, value_name = "ADDRESS")]
    pub replace: Vec<Address>,
    /// Allow more deletes and replaces than `[safety] max_delete`.
    #[arg(long)]
    pub allow_mass_delete: bool,
    /// Delete apps too, with all their data.
    #[arg(long)]
    pub delete_apps: bool,
    /// Delete adopted resources instead of forgetting them.
    #[arg(long)]
    pub include_adopted: bool,
    /// Detach this from a role before deleting it, although pinpoint-streams did not attach it.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub allow_detach: Vec<AllowDetach>,
    /// Assert that no event streams remain in ACCOUNT/REGION, where they can no longer be read.
    #[arg(long, value_name = "ACCOUNT/REGION")]
    pub event_streams_gone: Vec<AccountRegion>,
}

/// What may be taken off a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AllowDetach {
    /// Managed policies.
    Managed,
    /// Inline policies that are not ours.
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
        let Shaping {
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
