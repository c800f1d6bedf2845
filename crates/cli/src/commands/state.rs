//! `state`: what is recorded, shown, edited by hand, carried from place to place, and made again where it was lost.
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
    /// List what is recorded.
    List(Output),
    /// Show one recorded resource.
    Show {
        /// Which: role.KEY, event_stream.KEY or app.KEY.
        address: Address,
        /// How the result is printed.
        #[command(flatten)]
        output: Output,
    },
    /// Give a recorded resource another address. Nothing in AWS changes.
    #[command(after_help = "\
In a manifest, [[moved]] does this for everybody who applies it.")]
    Mv {
        /// As it is recorded.
        from: Address,
        /// As it is to be recorded.
        to: Address,
    },
    /// Forget a recorded resource. It stays in AWS as it is.
    Rm {
        /// Which: role.KEY, event_stream.KEY or app.KEY.
        address: Address,
    },
    /// Print the state, byte for byte as it is kept.
    #[command(after_help = "\
Examples:
  pinpoint-streams state pull > copy.state.json")]
    Pull,
    /// Put a state from a file where it belongs, if it is later than the one there.
    #[command(after_help = "\
Refuses a state of another workspace or lineage, one that is not later, and one that cannot be read.
An apply that could not write its state leaves it in a file beside the manifest, and names it.")]
    Push {
        /// The state.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Force-release a stale S3 state lock.
    #[command(after_help = "\
Refuses a lock that its run still keeps up, which it does every half a minute: it must be silent for two minutes.
`apply` shows the id of a lock that it finds.")]
    Unlock {
        /// Which lock.
        id: String,
    },
    /// Rebuild a lost state from the tags of what this workspace owns.
    Recover {
        /// Whose of several: each state there ever was has its own.
        #[arg(long)]
        lineage: Option<Lineage>,
    },
}

pub(super) async fn run(command: StateCommand, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let recorded = async || Ok::<_, Error>(Workspace::open(context)?.load().await?.recorded);
    let text = match command {
        StateCommand::List(Output { format: Format::Text }) => view::list(&recorded().await?),
        StateCommand::List(Output { format: Format::Json }) => view::list_json(&recorded().await?),
        StateCommand::Show { address, output: Output { format } } => one(&recorded().await?, &address, format)?,
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

fn one(recorded: &Recorded, address: &Address, format: Format) -> Result<String, Error> {
    let resource = recorded.resources.get(address).ok_or_else(|| Error::NotThere {
        what: format!("nothing is recorded at {address}"),
        hint: "`pinpoint-streams state list` shows what is".to_owned(),
    })?;
    Ok(match format {
        Format::Text => view::resource(address, resource),
        Format::Json => view::resource_json(address, resource),
    })
}
