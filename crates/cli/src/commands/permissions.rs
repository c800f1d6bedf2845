//! `permissions`: the least IAM policy for a kind of work.
use super::Output;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::views;
use clap::{Args, ValueEnum};
use pinpoint_streams_aws::permissions::permissions;
use pinpoint_streams_aws::permissions::{Scope, Work};
use pinpoint_streams_model::ids::{RoleName, RolePath, Workspace};

/// `permissions`
#[derive(Debug, Args)]
pub(crate) struct PermissionsArgs {
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
pub(crate) enum WorkChoice {
    /// plan, sweep without --apply, discover, policy show.
    Audit,
    /// apply and destroy.
    Apply,
    /// sweep --apply: quarantine, release, and reap what is quarantined.
    Teardown,
    /// restore: makes roles as they were, whatever they may do.
    Restore,
}

impl PermissionsArgs {
    /// As the adapter names it.
    pub(crate) fn work(&self) -> Work {
        match self.work {
            WorkChoice::Audit => Work::Audit,
            WorkChoice::Apply => Work::Apply,
            WorkChoice::Teardown => Work::Teardown,
            WorkChoice::Restore => Work::Restore,
        }
    }

    /// How far it reaches.
    pub(crate) fn scope(self) -> Scope {
        let PermissionsArgs { work: _, workspace, role_path, role, output: _ } = self;
        Scope { workspace, role_path, organization_role: role }
    }
}

pub(super) fn run(args: PermissionsArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let work = args.work();
    context.show(&views::json(&permissions(work, &args.scope())))?;
    Ok(Exit::Done)
}
