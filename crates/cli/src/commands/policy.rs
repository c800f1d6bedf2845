//! `policy`: shows the live policies of a role, compares policies by meaning, and looks for mistakes in them.
mod diff;
mod lint;
mod show;
mod source;

use super::Output;
use crate::ui::{CommandContext, Error, Exit};
use clap::Subcommand;
use pinpoint_streams_model::address::Address;

/// `policy`
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Show the live policies of a role as JSON.
    Show {
        /// role.KEY, or iam.ACCOUNT/NAME for a role that is not in the manifest.
        address: Address,
        #[command(flatten)]
        output: Output,
    },
    /// Compare two policies by meaning.
    #[command(after_help = "\
Examples:
  pinpoint-streams policy diff old.json new.json
  pinpoint-streams policy diff role.shop saved.json
  aws iam get-role --role-name shop | pinpoint-streams policy diff role.shop -

Accepts policy documents and the output of `policy show`, `aws iam get-role`, `get-role-policy` and \
`get-policy-version`, also percent-encoded. Ignores order, Sid, letter case where IAM does, and whether a single \
value is in a list. Exits with 0 if the policies are equivalent, and with 2 if not. Files need no manifest, \
state or credentials.")]
    Diff {
        /// The old policies: an address, a file, or - for stdin.
        before: String,
        /// The new policies: an address, a file, or - for stdin.
        after: String,
        #[command(flatten)]
        output: Output,
    },
    /// Look for mistakes in the policies of a role for event streams.
    #[command(after_help = "\
Examples:
  pinpoint-streams policy lint role.shop
  aws iam get-role --role-name shop | pinpoint-streams policy lint -

Reports trust policies without aws:SourceArn or aws:SourceAccount, wildcards, sources that match no app, \
regional, unexpected and deleted principals, external IDs, and unnecessary or missing permissions, including \
those on the KMS key of a stream. Accepts the same input as `policy diff`. Exits with 2 if there are findings. \
Files need no manifest, state or credentials.")]
    Lint {
        /// The policies: an address, a file, or - for stdin.
        policy: String,
        #[command(flatten)]
        output: Output,
    },
}

pub(super) async fn run(command: PolicyCommand, context: &CommandContext<'_>) -> Result<Exit, Error> {
    match command {
        PolicyCommand::Show { address, output: _ } => show::show(&address, context).await,
        PolicyCommand::Diff { before, after, output: Output { format } } => {
            let (before, after) = (source::read(&before, context).await?, source::read(&after, context).await?);
            diff::compare(&before, &after, format, context)
        }
        PolicyCommand::Lint { policy, output: Output { format } } => {
            let policies = source::read(&policy, context).await?;
            lint::lint(&policies, format, context)
        }
    }
}
