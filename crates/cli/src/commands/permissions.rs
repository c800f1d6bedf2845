//! `permissions`: the least-privilege IAM policy for a task.
use super::Output;
use crate::ui::style::{QUIET, paint};
use crate::ui::{CommandContext, Error, Exit, escape, views};
use crate::workspace::Workspace;
use clap::{Args, ValueEnum};
use pinpoint_streams_aws::permissions::{Scope, Work, permissions};
use pinpoint_streams_aws::s3::Location;
use pinpoint_streams_model::ids::{RoleName, RolePath, Workspace as WorkspaceName};

/// `permissions`
#[derive(Debug, Args)]
pub(crate) struct PermissionsArgs {
    /// The task.
    #[arg(long = "for", value_name = "WORK", value_enum)]
    pub work: WorkChoice,
    /// Allow changes only to resources of this workspace.
    #[arg(long, value_name = "NAME")]
    workspace: Option<WorkspaceName>,
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

    /// `state`: where the state of the manifest is, if that is a bucket.
    pub(crate) fn scope(self, state: Option<Location>) -> Scope {
        let PermissionsArgs { work: _, workspace, role_path, role, output: _ } = self;
        Scope { workspace, role_path, organization_role: role, state }
    }
}

pub(super) fn run(args: PermissionsArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let work = args.work();
    let state = Workspace::open_if_any(context)?.bucket();
    if let Some(profile) = state.as_ref().and_then(|state| state.profile.as_ref()) {
        let text = format!(
            "the manifest uses profile `{profile}` for the bucket of its state: the statements on s3 and kms belong to the \
             policy of that profile's identity, if it is not that of the accounts"
        );
        context.printer.note(&format!("{} {}\n", paint(QUIET, "note:"), escape(&text)));
    }
    context.show(&views::json(&permissions(work, &args.scope(state))))?;
    Ok(Exit::Done)
}
