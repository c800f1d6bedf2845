//! `sandbox`: manages the embedded account.
use super::{Format, Output};
use crate::accounts::sandbox;
use crate::settings::Verbosity;
use crate::ui::text::count;
use crate::ui::wrap::folded;
use crate::ui::{CommandContext, Error, Exit, escape, views};
use crate::workspace::{Workspace, WorkspacePaths, locate, locking, read_text};
use clap::Subcommand;
use pinpoint_streams_model::ids::{AccountId, AppId};
use pinpoint_streams_model::region::Region;
use pinpoint_streams_sandbox::decorators::Ended;
use pinpoint_streams_sandbox::{Contents, RegionContents, Sandbox, Seed};
use pinpoint_streams_store::lock::{FileLock, HeldFile, LockStore as _};
use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// `sandbox`
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Create the resources in a file, or those that the manifest needs but does not create.
    Seed {
        /// A seed file (JSON) [default: what the manifest needs].
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Show the contents.
    Show(Output),
    /// Simulate the end of the Pinpoint service for event streams.
    End {
        /// gone, html, not-found, no-such-path, forbidden or failing for event streams; no-name, closed-port, all-gone or
        /// empty for all of Pinpoint; control-policy for all regional services, denied by the organization; `not` stops
        /// the simulation.
        #[arg(value_name = "HOW")]
        how: String,
        /// Only in these regions [default: all].
        #[arg(long, value_delimiter = ',')]
        region: Vec<Region>,
    },
    /// Delete the embedded account and its state.
    Reset,
}

pub(super) async fn run(command: SandboxCommand, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let paths = paths(context)?;
    let text = match command {
        SandboxCommand::Seed { file } => {
            let seed = match file {
                Some(file) => read(&context.environment.folder.join(file))?,
                None => {
                    let workspace = Workspace::open(context)?;
                    sandbox::seed(workspace.manifest()?.offline())
                }
            };
            let created = sandbox::open(&paths.world, context.clock())?.seed(&seed)?.created;
            match created.len() {
                0 => "Nothing to create.\n".to_owned(),
                number if context.settings.verbosity == Verbosity::Quiet => {
                    format!("Created {}.\n", count(number, "resource"))
                }
                _ => created.iter().map(|arn| format!("+ {}\n", escape(arn))).collect(),
            }
        }
        SandboxCommand::Show(Output { format }) => {
            let contents = sandbox::open(&paths.world, context.clock())?.contents()?;
            match format {
                Format::Text => folded(&text(&contents), context.environment.width()),
                Format::Json => views::json(&contents),
            }
        }
        SandboxCommand::End { how, region } => {
            let ended = match how.as_str() {
                "not" => Vec::new(),
                how => {
                    let how = how.parse().map_err(|message| Error::Usage {
                        message,
                        hint: "see `pinpoint-streams sandbox end --help`".to_owned(),
                    })?;
                    let ended = |region: &Region| Ended::in_region(region.as_str(), how);
                    let ended: Vec<Ended> = region.iter().map(ended).collect();
                    if ended.is_empty() { vec![Ended::everywhere(how)] } else { ended }
                }
            };
            sandbox::end(&paths.world, ended)?;
            "Done.\n".to_owned()
        }
        SandboxCommand::Reset => {
            let _held = lock_all(&paths, context).await?;
            Sandbox::reset(&paths.world)?;
            let gone = fs::remove_dir_all(&paths.sandbox);
            gone.or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
                .map_err(|source| Error::File { operation: "remove", path: paths.sandbox.clone(), source })?;
            "The sandbox is empty.\n".to_owned()
        }
    };
    context.show(&text)?;
    Ok(Exit::Done)
}

/// Locks every state of the sandbox, so that no run is active. Fails if one is.
async fn lock_all(paths: &WorkspacePaths, context: &CommandContext<'_>) -> Result<Vec<HeldFile>, Error> {
    let files = fs::read_dir(&paths.sandbox).into_iter().flatten().filter_map(Result::ok);
    let locked = files.filter_map(|file| file.path().to_str()?.strip_suffix(".lock").map(PathBuf::from));
    let states: BTreeSet<PathBuf> = locked.collect();
    let (mut held, holder) = (Vec::new(), locking::holder(context.environment));
    for state in states {
        held.push(FileLock::beside(&state).acquire(&holder).await?);
    }
    Ok(held)
}

/// Next to the manifest, or in the current directory.
fn paths(context: &CommandContext<'_>) -> Result<WorkspacePaths, Error> {
    let paths = match locate(context.settings, context.environment) {
        Ok(manifest) => WorkspacePaths::of(&manifest, None, true),
        Err(Error::NoManifest) => WorkspacePaths::in_folder(&context.environment.folder, true),
        Err(error) => return Err(error),
    };
    paths.reject_symlinks()?;
    Ok(paths)
}

fn read(path: &Path) -> Result<Seed, Error> {
    let invalid = |problem: String| Error::InvalidFile {
        path: path.to_owned(),
        problem: format!("is not a seed file for the sandbox: {problem}"),
        hint: "see examples/leftovers.json for an example".to_owned(),
    };
    let text = read_text(path, sandbox::MAX_SEED_BYTES)?;
    let seed: Seed = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
    check_ids(&seed).map_err(invalid)?;
    Ok(seed)
}

/// The embedded account takes what AWS would have made: with another id or region it could not be read again.
fn check_ids(seed: &Seed) -> Result<(), String> {
    fn is_valid<T: FromStr<Err: Display>>(what: &str, text: &str) -> Result<(), String> {
        text.parse::<T>().map(drop).map_err(|why| format!("{what} `{text}`: {why}"))
    }
    for account in &seed.accounts {
        is_valid::<AccountId>("account", &account.id)?;
        for app in &account.apps {
            is_valid::<Region>("region", &app.region)?;
            is_valid::<AppId>("app", &app.id)?;
        }
        for stream in &account.event_streams {
            is_valid::<Region>("region", &stream.region)?;
            is_valid::<AppId>("app", &stream.app)?;
        }
    }
    Ok(())
}

fn text(contents: &Contents) -> String {
    let mut text = String::new();
    for (id, account) in &contents.accounts {
        let _ = writeln!(text, "account {id}");
        for role in &account.roles {
            let _ = writeln!(text, "  {}", escape(&role.arn));
        }
        for (region, RegionContents { apps, kinesis, firehose }) in &account.regions {
            let _ = writeln!(text, "  {region}");
            for app in apps {
                let to = app.event_stream.as_ref().map(|stream| format!(" → {}", stream.destination));
                let name = format!("app {} {}{}", app.id, app.name, to.unwrap_or_default());
                let _ = writeln!(text, "    {}", escape(&name));
            }
            for arn in kinesis.iter().chain(firehose) {
                let _ = writeln!(text, "    {}", escape(arn));
            }
        }
    }
    if text.is_empty() { "The sandbox is empty.\n".to_owned() } else { text }
}
