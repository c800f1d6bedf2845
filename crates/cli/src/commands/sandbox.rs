//! `sandbox`: the embedded account by itself.
use super::{Format, Output};
use crate::accounts::sandbox;
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::exit::Exit;
use crate::ui::views;
use crate::workspace::{Places, Workspace, locate, read_text};
use clap::Subcommand;
use pinpoint_streams_model::region::Region;
use pinpoint_streams_sandbox::decorators::Ended;
use pinpoint_streams_sandbox::{Contents, RegionContents, Sandbox, Seed};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// `sandbox`
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Put in what a file says, or what the manifest takes for granted: streams, apps and the like.
    Seed {
        /// What to put in, as JSON. Without it the manifest decides.
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Show what is in it.
    Show(Output),
    /// From now on let event streams be answered as by a service that has ended.
    End {
        /// How: gone, html, no-name, closed-port, not-found, no-such-path, forbidden or failing; `not` ends the end.
        #[arg(value_name = "HOW")]
        how: String,
        /// In this region; by default in all.
        #[arg(long)]
        region: Option<Region>,
    },
    /// Delete it, with the state that belongs to it.
    Reset,
}

pub(super) fn run(command: SandboxCommand, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let places = places(context)?;
    let text = match command {
        SandboxCommand::Seed { file } => {
            let seed = match file {
                Some(file) => read(&context.environment.folder.join(file))?,
                None => {
                    let workspace = Workspace::open(context)?;
                    let manifest = workspace.manifest()?;
                    sandbox::seed(&manifest.resolve(&manifest.placeholder_accounts())?)
                }
            };
            let created = sandbox::open(&places.world)?.seed(&seed)?.created;
            match created.len() {
                0 => "Nothing was missing.\n".to_owned(),
                _ => created.iter().map(|arn| format!("+ {}\n", escape(arn))).collect(),
            }
        }
        SandboxCommand::Show(Output { format }) => {
            let contents = sandbox::open(&places.world)?.contents()?;
            match format {
                Format::Text => text(&contents),
                Format::Json => views::json(&contents),
            }
        }
        SandboxCommand::End { how, region } => {
            let ended = match how.as_str() {
                "not" => None,
                how => {
                    let how = how.parse().map_err(|message| Error::Usage {
                        message,
                        hint: "`pinpoint-streams sandbox end --help` lists the ways".to_owned(),
                    })?;
                    Some(Ended { region: region.map(|region| region.to_string()), how, without_apps: false })
                }
            };
            sandbox::end(&places.world, ended)?;
            "Done.\n".to_owned()
        }
        SandboxCommand::Reset => {
            Sandbox::reset(&places.world)?;
            let gone = fs::remove_dir_all(&places.sandbox);
            gone.or_else(|error| if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
                .map_err(|source| Error::File { doing: "remove", path: places.sandbox.clone(), source })?;
            "The sandbox is empty.\n".to_owned()
        }
    };
    context.show(&text)?;
    Ok(Exit::Done)
}

/// Beside the manifest, or where there is none, in the current folder.
fn places(context: &CommandContext<'_>) -> Result<Places, Error> {
    let places = match locate(context.settings, context.environment) {
        Ok(manifest) => Places::of(&manifest, None, true),
        Err(Error::NoManifest) => Places::in_folder(&context.environment.folder, true),
        Err(error) => return Err(error),
    };
    places.must_not_lead_elsewhere()?;
    Ok(places)
}

fn read(path: &Path) -> Result<Seed, Error> {
    serde_json::from_str(&read_text(path, sandbox::LARGEST)?).map_err(|error| Error::Unusable {
        path: path.to_owned(),
        problem: format!("is not a seed file for the sandbox: {error}"),
        hint: "examples/leftovers.json shows what it looks like".to_owned(),
    })
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
                let to = app.event_stream.as_ref().map(|stream| format!(" to {}", stream.destination));
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
