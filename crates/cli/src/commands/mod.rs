//! One file a command. A command reads, decides through the planner and shows; it holds no rules of its own.
mod apply;
mod completions;
mod init;
mod plan;
mod policy;
#[cfg(feature = "sandbox")]
mod sandbox;
mod show;
mod state;
mod validate;

use crate::args::{Apply, Command, Destroy, Settings};
use crate::environment::Environment;
use crate::error::{self, Error};
use crate::exit::Exit;
use crate::printer::Printer;
use crate::project::Project;
use pinpoint_streams_executor::journal::FileJournal;
use pinpoint_streams_executor::session::{self, Loaded};
use pinpoint_streams_executor::state::FileStateStore;
use pinpoint_streams_model::plan::Mode;

/// What every command is given.
#[derive(Debug)]
pub struct Context<'a> {
    /// What holds for the whole run.
    pub settings: &'a Settings,
    /// What the process runs in.
    pub environment: &'a Environment,
    /// Where results and messages go.
    pub printer: &'a Printer,
}

/// Does what was asked for.
pub async fn run(command: Command, context: Context<'_>) -> Result<Exit, Error> {
    match command {
        Command::Init => init::run(&context),
        Command::Validate(show) => validate::run(show, &context),
        Command::Plan(args) => plan::run(args, &context).await,
        Command::Apply(Apply { plan, planning, destroy, doing }) => {
            let mode = if destroy { Mode::Destroy } else { Mode::Converge };
            let source = match plan {
                Some(path) => apply::Source::Saved(path),
                None => apply::Source::Fresh { mode, options: Box::new(planning.into()) },
            };
            apply::run(source, doing, &context).await
        }
        Command::Destroy(Destroy { planning, doing }) => {
            let source = apply::Source::Fresh { mode: Mode::Destroy, options: Box::new(planning.into()) };
            apply::run(source, doing, &context).await
        }
        Command::Show(args) => show::run(args, &context).await,
        Command::State(command) => state::run(command, &context).await,
        Command::Policy(command) => policy::run(command, &context).await,
        Command::Completions { shell } => completions::run(shell, &context),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(command) => sandbox::run(command, &context),
    }
}

impl Context<'_> {
    /// The manifest, with what it warns of shown.
    fn project(&self) -> Result<Project, Error> {
        let project = Project::open(self.settings, self.environment)?;
        let manifest = &project.manifest;
        if !manifest.warnings().is_empty() {
            let width = self.environment.width();
            self.printer.aside(&error::warnings(manifest.sources(), manifest.warnings(), width));
        }
        Ok(project)
    }

    /// A result on stdout.
    fn show(&self, text: &str) -> Result<(), Error> {
        self.printer.result(text).map_err(Error::of_output)
    }
}

/// State and journal of a project.
fn stores(project: &Project) -> (FileStateStore, FileJournal) {
    let state = &project.places.state;
    (FileStateStore::new(state, project.manifest.workspace().clone()), FileJournal::beside(state))
}

/// What is recorded, without a lock and without writing.
async fn load(project: &Project) -> Result<Loaded, Error> {
    let (state, journal) = stores(project);
    Ok(session::load(&state, &journal).await?)
}
