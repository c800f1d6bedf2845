//! `permissions`
use super::Output;
use clap::{Args, ValueEnum};
use pinpoint_streams_aws::permissions::{Scope, Work};
use pinpoint_streams_model::ids::{RoleName, RolePath, Workspace};

/// `permissions`
#[derive(Debug, Args)]
pub struct Permissions {
    /// What is to be done.
    #[arg(long = "for", value_name = "WORK", value_enum)]
    pub work: WorkChoice,
    /// Change only what this workspace owns.
    #[arg(long, value_name = "NAME")]
    workspace: Option<Workspace>,
    /// Write only roles of this path, such as /pinpoint/.
    #[arg(long, value_name = "PATH")]
    role_path: Option<RolePath>,
    /// For `sweep --organization`: the role that is assumed in each account.
    #[arg(long, value_name = "NAME")]
    role: Option<RoleName>,
    /// How the result is printed: a policy is JSON either way.
    #[command(flatten)]
    pub output: Output,
}

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WorkChoice {
    /// plan, sweep without --apply, discover, policy show.
    Audit,
    /// apply and destroy.
    Apply,
    /// sweep --apply: quarantine, release, and reap what is quarantined.
    Teardown,
    /// restore: makes roles as they were, whatever they may do.
    Restore,
}

impl Permissions {
    /// As the adapter names it.
    pub fn work(&self) -> Work {
        match self.work {
            WorkChoice::Audit => Work::Audit,
            WorkChoice::Apply => Work::Apply,
            WorkChoice::Teardown => Work::Teardown,
            WorkChoice::Restore => Work::Restore,
        }
    }

    /// How far it reaches.
    pub fn scope(self) -> Scope {
        let Permissions { work: _, workspace, role_path, role, output: _ } = self;
        Scope { workspace, role_path, organization_role: role }
    }
}
