//! `permissions`: the least-privilege IAM policy for a task.
use super::Output;
use crate::ui::{CommandContext, Error, Exit, views};
use clap::{Args, ValueEnum};
use pinpoint_streams_aws::permissions::{Scope, Work, permissions};
use pinpoint_streams_model::ids::{RoleName, RolePath, Workspace};

/// `permissions`
#[derive(Debug, Args)]
pub(crate) struct PermissionsArgs {
    /// The task.
    #[arg(long = "for", value_name = "WORK", value_enum)]
    pub work: WorkChoice,
    /// Allow changes only to resources of this workspace.
    #[arg(long, value_name = "NAME")]
    workspace: Option<Workspace>,
    /// Allow writes only to roles with this path, such as /pinpoint/.
    #[arg(long, value_name = "PATH")]
    role_path: Option<RolePath>,
    /// The role that `sweep --organization` assumes in each account.
    #[arg(long, value_name = "NAME")]
    role: Option<RoleName>,
    /// A policy is JSON in either format.
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WorkChoice {
    /// plan, sweep without --apply, discover, policy show and verify.
    Audit,
    /// apply and destroy.
    Apply,
    /// sweep --apply: quarantine, release and reap.
    Teardown,
    /// restore: recreates roles with any permissions.
    Restore,
}

impl PermissionsArgs {
    pub(crate) fn work(&self) -> Work {
        match self.work {
            WorkChoice::Audit => Work::Audit,
            WorkChoice::Apply => Work::Apply,
            WorkChoice::Teardown => Work::Teardown,
            WorkChoice::Restore => Work::Restore,
        }
    }

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
