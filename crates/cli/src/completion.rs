//! Completion of arguments: what only this workspace knows, such as addresses, archives and runs.
use crate::commands::{self, completions};
use crate::settings::{Environment, Globals, Settings};
use crate::ui::CommandContext;
use crate::ui::printer::{Printer, Streams};
use crate::workspace::{Store, Workspace};
use clap::{Arg, Command};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter};
use clap_complete::env::Shells;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_model::region::PINPOINT_REGIONS;
use pinpoint_streams_store::session;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Answers a shell that asks for completions. `false` if none asks. Must run before any other thread starts.
///
/// # Errors
/// If the shell is not known, or stdout cannot be written.
pub fn complete(args: Vec<OsString>) -> io::Result<bool> {
    let environment = Environment::from_process();
    let (args, bash) = completions::Bash::of(args);
    let typed = args.clone();
    let factory = || {
        let globals = typed_globals(&typed);
        with_completers(commands::command(), &Arc::new(Known { environment: environment.clone(), globals }))
    };
    let folder = std::env::current_dir().ok();
    CompleteEnv::with_factory(factory)
        .shells(Shells(&completions::shells(&bash)))
        .var(completions::VARIABLE)
        .try_complete(args, folder.as_deref())
        .map_err(io::Error::other)
}

/// The global flags among the words of a command line that is not complete.
fn typed_globals(words: &[OsString]) -> Globals {
    let mut globals = Globals::default();
    let mut rest = words.iter().filter_map(|word| word.to_str());
    while let Some(word) = rest.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word, None),
        };
        match name {
            "--sandbox" => globals.sandbox = true,
            "--config" => globals.config = value.or_else(|| rest.next()).map(Into::into),
            "--var" => {
                let variable = value.map(str::to_owned).or_else(|| rest.next().map(str::to_owned));
                let pair = variable.and_then(|text| {
                    let (name, value) = text.split_once('=')?;
                    Some((name.to_owned(), value.to_owned()))
                });
                globals.var.extend(pair);
            }
            _ => {}
        }
    }
    globals
}

/// What is completed by the name of an argument, in every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Address,
    /// An address or a file.
    AddressOrFile,
    Archive,
    Run,
    Profile,
    Alias,
    Region,
}

fn kind(argument: &Arg) -> Option<Kind> {
    Some(match argument.get_id().as_str() {
        "target" | "exclude" | "replace" | "address" | "from" | "to" => Kind::Address,
        "before" | "after" | "policy" => Kind::AddressOrFile,
        "archive" | "archives" => Kind::Archive,
        "run" | "run_flag" => Kind::Run,
        "profile" => Kind::Profile,
        "accounts" => Kind::Alias,
        "regions" => Kind::Region,
        _ => return None,
    })
}

fn with_completers(command: Command, known: &Arc<Known>) -> Command {
    let command = command.mut_args(|argument| match kind(&argument) {
        Some(kind) => argument.add(ArgValueCompleter::new(Completer { kind, known: Arc::clone(known) })),
        None => argument,
    });
    command.mut_subcommands(|below| with_completers(below, known))
}

struct Completer {
    kind: Kind,
    known: Arc<Known>,
}

impl ValueCompleter for Completer {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let Completer { kind, known } = self;
        let paths = || PathCompleter::any().complete(current);
        let (names, others) = match kind {
            Kind::Address => (known.addresses(), Vec::new()),
            Kind::AddressOrFile => (known.addresses(), paths()),
            Kind::Archive => (known.archives(), paths()),
            Kind::Run => (known.runs(), Vec::new()),
            Kind::Profile => (known.profiles(), Vec::new()),
            Kind::Alias => (known.aliases(), Vec::new()),
            Kind::Region => (PINPOINT_REGIONS.map(str::to_owned).into(), Vec::new()),
        };
        let current = current.to_string_lossy();
        // Of a list, the last is completed.
        let (before, last) = match current.rsplit_once(',') {
            Some((before, last)) if matches!(kind, Kind::Alias | Kind::Region) => (format!("{before},"), last),
            _ => (String::new(), current.as_ref()),
        };
        let fitting = names.into_iter().filter(|name| name.starts_with(last));
        fitting.map(|name| CompletionCandidate::new(format!("{before}{name}"))).chain(others).collect()
    }
}

/// Where the candidates come from. What cannot be read has none.
struct Known {
    environment: Environment,
    globals: Globals,
}

impl Known {
    /// Does something with the workspace of the manifest, and without any output.
    fn with<T: Default>(&self, find: impl AsyncFnOnce(&Workspace) -> T) -> T {
        let settings = Settings::of(Globals { quiet: 1, ..self.globals.clone() }, &self.environment);
        let streams =
            Streams { stdin: Box::new(io::empty()), stdout: Box::new(io::sink()), stderr: Box::new(io::sink()) };
        let printer = Printer::new(streams, false, false, settings.verbosity);
        let context = CommandContext { settings: &settings, environment: &self.environment, printer: &printer };
        let Ok(workspace) = Workspace::open_if_any(&context) else { return T::default() };
        run(find(&workspace))
    }

    /// Of the manifest and of a local state.
    fn addresses(&self) -> BTreeSet<String> {
        self.with(async |workspace| {
            let mut addresses = BTreeSet::new();
            if let Some(manifest) = &workspace.manifest {
                let desired = manifest.offline();
                for (key, app) in &desired.apps {
                    addresses.insert(format!("app.{key}"));
                    addresses.extend(app.event_stream.as_ref().map(|_| format!("event_stream.{key}")));
                }
                addresses.extend(desired.roles.keys().map(|key| format!("role.{key}")));
            }
            // A bucket would take credentials and time.
            if workspace.remote.is_none()
                && let Ok(store) = Store::open(workspace).await
                && let Ok(loaded) = session::load(&store, &workspace.journal(), SystemClock.now()).await
            {
                addresses.extend(loaded.recorded.resources.iter().map(|(address, _)| address.to_string()));
            }
            addresses
        })
    }

    fn archives(&self) -> BTreeSet<String> {
        self.with(async |workspace| {
            let shown = |path: &Path| self.environment.display_path(path).to_string();
            entries(&workspace.paths.archive)
                .iter()
                .map(|name| shown(&workspace.paths.archive.join(name)))
                .collect()
        })
    }

    /// The IDs of the runs whose logs are kept.
    fn runs(&self) -> BTreeSet<String> {
        self.with(async |workspace| {
            let id = |name: &String| {
                let stem = name.split('.').next()?;
                stem.rsplit('-').next().map(str::to_owned)
            };
            entries(&workspace.paths.runs).iter().filter_map(id).collect()
        })
    }

    fn aliases(&self) -> BTreeSet<String> {
        self.with(async |workspace| {
            let manifest = workspace.manifest.as_ref();
            manifest
                .map(|manifest| manifest.accounts().keys().map(ToString::to_string).collect())
                .unwrap_or_default()
        })
    }

    fn profiles(&self) -> BTreeSet<String> {
        run(pinpoint_streams_aws::profile_names()).into_iter().collect()
    }
}

fn run<T: Default>(work: impl Future<Output = T>) -> T {
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(_) => T::default(),
    }
}

fn entries(folder: &Path) -> Vec<String> {
    let read = std::fs::read_dir(folder).into_iter().flatten().flatten();
    read.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| !name.starts_with('.')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_that_select_the_workspace_are_found_among_words_that_are_not_complete() {
        let words =
            ["--", "pinpoint-streams", "--sandbox", "plan", "--config=a b.toml", "--var", "x=1", "--target", "ro"];
        let globals = typed_globals(&words.map(OsString::from));
        assert!(globals.sandbox);
        assert_eq!(globals.config, Some("a b.toml".into()));
        assert_eq!(globals.var, [("x".to_owned(), "1".to_owned())]);
        assert_eq!(typed_globals(&["--config".into()]).config, None);
    }
}
