//! `state`: shows, edits, transfers and rebuilds the state.
mod backup;
mod edit;
mod pull;
mod push;
mod recover;
mod unlock;

use super::{Format, Output};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::exit::Exit;
use crate::ui::views::state as view;
use crate::workspace::Workspace;
use clap::Subcommand;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::Lineage;
use pinpoint_streams_model::recorded::Recorded;
use std::path::PathBuf;

/// `state`
#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List recorded resources.
    List(Output),
    /// Show one recorded resource.
    Show {
        /// role.KEY, event_stream.KEY or app.KEY.
        address: Address,
        #[command(flatten)]
        output: Output,
    },
    /// Change the address of a recorded resource. Does not change AWS.
    #[command(after_help = "\
To do this for everyone who applies the manifest, use [[moved]].")]
    Mv {
        /// The recorded address.
        from: Address,
        /// The new address.
        to: Address,
    },
    /// Remove a resource from the state. Does not change AWS.
    Rm {
        /// role.KEY, event_stream.KEY or app.KEY.
        address: Address,
    },
    /// Print the stored state unchanged.
    #[command(after_help = "\
Examples:
  pinpoint-streams state pull > copy.state.json")]
    Pull,
    /// Replace the stored state by a later one from a file.
    #[command(after_help = "\
Rejects a state of another workspace or lineage, and one whose serial is not greater.
An apply that cannot write its state saves it to a file next to the manifest.")]
    Push {
        /// The state file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Force-release a stale S3 state lock.
    #[command(after_help = "\
A run renews its lock every 30 seconds. Rejects a lock that was renewed within the last two minutes.
`apply` prints the ID of a lock that it finds.")]
    Unlock {
        /// The ID of the lock.
        id: String,
    },
    /// Rebuild a lost state from ownership tags.
    Recover {
        /// The lineage to rebuild, if the tags contain several.
        #[arg(long)]
        lineage: Option<Lineage>,
    },
}

pub(super) async fn run(command: StateCommand, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let recorded = async || {
        let workspace = Workspace::open(context)?;
        let recorded = workspace.load().await?.recorded;
        if recorded.lineage.is_none() {
            context.printer.note(&format!("Workspace {} has no state yet.\n", workspace.name));
        }
        Ok::<_, Error>(recorded)
    };
    let text = match command {
        StateCommand::List(Output { format: Format::Text }) => view::list(&recorded().await?),
        StateCommand::List(Output { format: Format::Json }) => view::list_json(&recorded().await?),
        StateCommand::Show { address, output: Output { format } } => {
            show_resource(&recorded().await?, &address, format)?
        }
        StateCommand::Mv { from, to } => edit::mv(&from, &to, context).await?,
        StateCommand::Rm { address } => edit::rm(&address, context).await?,
        StateCommand::Pull => {
            pull::run(context).await?;
            return Ok(Exit::Done);
        }
        StateCommand::Push { file } => push::run(&file, context).await?,
        StateCommand::Unlock { id } => unlock::run(&id, context).await?,
        StateCommand::Recover { lineage } => recover::run(lineage.as_ref(), context).await?,
    };
    context.show(&text)?;
    Ok(Exit::Done)
}

fn show_resource(recorded: &Recorded, address: &Address, format: Format) -> Result<String, Error> {
    let resource = recorded.resources.get(address).ok_or_else(|| Error::NotFound {
        message: format!("nothing is recorded at {address}"),
        hint: "run `pinpoint-streams state list` to list recorded resources".to_owned(),
    })?;
    Ok(match format {
        Format::Text => view::resource(address, resource),
        Format::Json => view::resource_json(address, resource),
    })
}
