//! `sandbox`: the embedded account by itself.
use crate::args::{Format, Output, Sandbox as Args};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::project::{Places, locate, read_text};
use crate::sandbox;
use crate::view;
use crate::view::escape::escape;
use pinpoint_streams_sandbox::decorators::Ended;
use pinpoint_streams_sandbox::{Contents, RegionContents, Sandbox, Seed};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

pub(super) fn run(command: Args, context: &Context<'_>) -> Result<Exit, Error> {
    let places = places(context)?;
    let text = match command {
        Args::Seed { file } => {
            let seed = match file {
                Some(file) => read(&context.environment.folder.join(file))?,
                None => {
                    let manifest = context.project()?.manifest;
                    sandbox::seed(&manifest.resolve(&manifest.placeholder_accounts())?)
                }
            };
            let created = sandbox::open(&places.world)?.seed(&seed)?.created;
            match created.len() {
                0 => "Nothing was missing.\n".to_owned(),
                _ => created.iter().map(|arn| format!("+ {}\n", escape(arn))).collect(),
            }
        }
        Args::Show(Output { format }) => {
            let contents = sandbox::open(&places.world)?.contents()?;
            match format {
                Format::Text => text(&contents),
                Format::Json => view::json(&contents),
            }
        }
        Args::End { how, region } => {
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
        Args::Reset => {
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
fn places(context: &Context<'_>) -> Result<Places, Error> {
    let places = match locate(context.settings, context.environment) {
        Ok(manifest) => Places::of(&manifest, None, true),
        Err(Error::NoManifest) => Places::in_folder(&context.environment.folder, true),
        Err(error) => return Err(error),
    };
    places.must_not_lead_elsewhere()?;
    Ok(places)
}

fn read(path: &Path) -> Result<Seed, Error> {
    serde_json::from_str(&read_text(path, sandbox::LARGEST)?).map_err(|error| Error::Usage {
        message: format!("{} holds nothing for the sandbox: {error}", path.display()),
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
