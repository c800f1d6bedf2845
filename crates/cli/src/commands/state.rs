//! `state`: shows, edits, transfers and rebuilds the state.
mod push;
mod recover;

use super::{Format, Output};
use crate::ui::escape::{escape, escape_lines};
use crate::ui::views::state as view;
use crate::ui::wrap::folded;
use crate::ui::{CommandContext, Error, Exit};
use crate::workspace::locking::locked;
use crate::workspace::{Store, Workspace, announce_interrupted_run};
use clap::Subcommand;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::ids::Lineage;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_planner::record::{EditError, Removed, move_address, remove_address};
use pinpoint_streams_store::session::{self, SessionError};
use pinpoint_streams_store::state::{State, StateStore as _, write_copy};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

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
To move it for everyone who applies the manifest, use [[moved]].")]
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
    /// Replace the stored state with a later one from a file.
    #[command(after_help = "\
Rejects a state of another workspace or lineage, and one whose serial is not greater. An apply that cannot write \
its state saves it to a file next to the manifest.")]
    Push {
        /// The state file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Force-release a stale S3 state lock.
    #[command(after_help = "\
A run renews its lock every 30 seconds. Rejects a lock that was renewed within the last two minutes. `apply` and \
`status` print the ID of a held lock.")]
    Unlock {
        /// The ID of the lock.
        id: String,
    },
    /// Rebuild a lost state from ownership tags.
    Recover {
        /// The lineage to rebuild, if there are several in the tags.
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
        // The process ends after what is shown, so that nothing need be freed.
        Ok::<_, Error>(ManuallyDrop::new(recorded))
    };
    let prose = |text: String| folded(&text, context.environment.width());
    let text = match command {
        StateCommand::List(Output { format: Format::Text }) => {
            let recorded = recorded().await?;
            if recorded.lineage.is_some() && recorded.resources.is_empty() {
                context.printer.note("The state records no resources.\n");
            }
            view::list(&recorded, context.environment.table_width())
        }
        StateCommand::List(Output { format: Format::Json }) => view::list_json(&*recorded().await?),
        StateCommand::Show { address, output: Output { format } } => {
            show_resource(&*recorded().await?, &address, format, context)?
        }
        StateCommand::Pull => {
            pull(context).await?;
            return Ok(Exit::Done);
        }
        StateCommand::Mv { from, to } => prose(mv(&from, &to, context).await?),
        StateCommand::Rm { address } => prose(rm(&address, context).await?),
        StateCommand::Push { file } => prose(push::run(&file, context).await?),
        StateCommand::Unlock { id } => prose(unlock(&id, context).await?),
        StateCommand::Recover { lineage } => prose(recover::run(lineage.as_ref(), context).await?),
    };
    context.show(&text)?;
    Ok(Exit::Done)
}

fn show_resource(
    recorded: &Recorded,
    address: &Address,
    format: Format,
    context: &CommandContext<'_>,
) -> Result<String, Error> {
    let resource = recorded.resources.get(address).ok_or_else(|| Error::NotFound {
        message: format!("nothing is recorded at {address}"),
        hint: "run `pinpoint-streams state list` to list recorded resources".to_owned(),
    })?;
    Ok(match format {
        Format::Text => view::resource(address, resource, context.environment.width()),
        Format::Json => view::resource_json(address, resource),
    })
}

/// Prints the stored state byte for byte. Takes no lock.
async fn pull(context: &CommandContext<'_>) -> Result<(), Error> {
    let workspace = Workspace::open(context)?;
    let store = Store::open(&workspace).await?;
    let Some(bytes) = store.raw().await.map_err(SessionError::from)? else {
        return Err(Error::NotFound {
            message: format!(
                "workspace {} has no state at {}",
                workspace.name,
                context.environment.display_path(Path::new(&store.place()))
            ),
            hint: "the first `pinpoint-streams apply` creates it; rebuild a lost one with `pinpoint-streams state recover`".to_owned(),
        });
    };
    if context.environment.stdout_is_terminal {
        return context.show(&format!("{}\n", escape_lines(&String::from_utf8_lossy(&bytes))));
    }
    context.printer.bytes(&bytes).map_err(Error::of_output)
}

/// Releases the S3 lock of a run that ended without releasing it.
async fn unlock(id: &str, context: &CommandContext<'_>) -> Result<String, Error> {
    let store = Store::open(&Workspace::open(context)?).await?;
    let Some(remote) = store.remote() else {
        return Err(Error::Usage {
            message: "nothing to unlock: the lock of a local state is released when its process ends".to_owned(),
            hint: "wait until that run ends, or stop its process; the error of a locked state names the process"
                .to_owned(),
        });
    };
    let taken = remote.unlock(id, SystemClock.now()).await?;
    Ok(format!(
        "Released the lock {} of {}. The next `{}` picks up what that run did.\n",
        escape(&taken.id),
        escape(&taken.holder.to_string()),
        context.settings.command("apply")
    ))
}

async fn mv(from: &Address, to: &Address, context: &CommandContext<'_>) -> Result<String, Error> {
    edit(context, |recorded| {
        let text = format!("Moved {from} to {to}. The next apply updates the address in its tags.\n");
        Ok((move_address(recorded, from, to)?, text))
    })
    .await
}

async fn rm(address: &Address, context: &CommandContext<'_>) -> Result<String, Error> {
    edit(context, |recorded| {
        let Removed { recorded, resource: _, named_by } = remove_address(recorded, address)?;
        let mut text =
            format!("Removed {address} from the state. The resource and its ownership tags remain in AWS.\n");
        for stream in named_by {
            text.push_str(&format!("{stream} still references it.\n"));
        }
        Ok((recorded, text))
    })
    .await
}

/// Applies a change to the state under the lock, after a backup.
async fn edit(
    context: &CommandContext<'_>,
    change: impl FnOnce(&Recorded) -> Result<(Recorded, String), EditError>,
) -> Result<String, Error> {
    let workspace = Workspace::open(context)?;
    let store = Store::open(&workspace).await?;
    locked(&store, context, async || {
        let loaded = session::open(&store, &workspace.journal(), SystemClock.now()).await?;
        announce_interrupted_run(&loaded, context);
        let (recorded, text) =
            change(&loaded.recorded).map_err(|EditError { message, hint }| Error::NotFound { message, hint })?;
        let Some(state) = loaded.state else { return Ok(text) };
        let kept = back_up(&state, &workspace, context).await?;
        let Recorded { lineage: _, serial: _, accounts, resources, pending, quarantined } = recorded;
        let state = State { serial: state.serial.next(), accounts, resources, pending, quarantined, ..state };
        store.write(&state).await.map_err(SessionError::from)?;
        Ok(format!("{text}{kept}"))
    })
    .await
}

/// Backs up the state on this machine before a manual change replaces it. Returns a message with the path.
async fn back_up(state: &State, workspace: &Workspace, context: &CommandContext<'_>) -> Result<String, Error> {
    let path = workspace.paths.backup(state.serial, SystemClock.now());
    write_copy(&path, state).await.map_err(SessionError::from)?;
    let path = context.environment.display_path(&path).to_string();
    Ok(format!("The previous state was backed up to {}.\n", escape(&path)))
}
