//! Whose state, journal, archive and run log a command works with: those of a manifest, or where there is none
//! and none is needed, those of the folder.
use super::{Places, Project, Store};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use pinpoint_streams_executor::journal::FileJournal;
use pinpoint_streams_executor::session::{self, Loaded};
use pinpoint_streams_model::ids::Workspace;
use pinpoint_streams_model::manifest::{Notices, S3State, Sweep};

/// The workspace that a sweep without a manifest works as.
const WITHOUT_MANIFEST: &str = "sweep";

/// A workspace and where it keeps what must outlive a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    /// Whose it is.
    pub(crate) workspace: Workspace,
    /// Where it is.
    pub(crate) places: Places,
    /// The bucket that its state is in; none: it is a file.
    pub(crate) remote: Option<S3State>,
}

impl Home {
    /// What runs do, until the state holds it; and from then on, for `report`.
    pub(crate) fn journal(&self) -> FileJournal {
        FileJournal::beside(&self.places.state).kept_in(&self.places.runs)
    }

    /// What is recorded, without a lock and without writing.
    pub(crate) async fn load(&self) -> Result<Loaded, Error> {
        let store = Store::of(self).await?;
        Ok(session::load(&store, &self.journal()).await?)
    }
}

impl Project {
    /// Where the project keeps things.
    pub(crate) fn home(&self) -> Home {
        let Project { manifest, places, remote } = self.clone();
        Home { workspace: manifest.workspace().clone(), places, remote }
    }
}

/// What commands that need no manifest stand on.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    /// The project, where a manifest is named or found.
    pub(crate) project: Option<Project>,
    /// Where things are kept.
    pub(crate) home: Home,
    /// Which notices are shown.
    pub(crate) notices: Notices,
    sweep: Sweep,
}

impl Ground {
    /// With the manifest that is named or found, or without one.
    pub(crate) fn of(context: &CommandContext<'_>) -> Result<Ground, Error> {
        match context.project() {
            Ok(project) => Ok(Ground::with(project)),
            Err(Error::NoManifest) => Ground::without(context),
            Err(error) => Err(error),
        }
    }

    /// With this manifest.
    pub(crate) fn with(project: Project) -> Ground {
        let sweep = project.manifest.sweep().clone();
        Ground { home: project.home(), sweep, notices: project.manifest.notices(), project: Some(project) }
    }

    /// In the current folder, whether or not there is a manifest.
    pub(crate) fn without(context: &CommandContext<'_>) -> Result<Ground, Error> {
        #[expect(clippy::expect_used, reason = "letters alone")]
        let workspace = WITHOUT_MANIFEST.parse().expect("a workspace");
        let places = Places::in_folder(&context.environment.folder, context.settings.sandbox);
        places.must_not_lead_elsewhere()?;
        Ok(Ground {
            project: None,
            home: Home { workspace, places, remote: None },
            sweep: Sweep::default(),
            notices: Notices::default(),
        })
    }

    /// The same manifest's rules for accounts that are not its own: nothing of theirs comes into its state.
    pub(crate) fn elsewhere(self, context: &CommandContext<'_>) -> Result<Ground, Error> {
        Ok(Ground { sweep: self.sweep, notices: self.notices, ..Ground::without(context)? })
    }

    /// `[sweep]` of the manifest.
    pub(crate) fn sweep(&self) -> Sweep {
        self.sweep.clone()
    }

    /// Refuses where nothing may be written.
    pub(crate) fn must_be_writable(&self, context: &CommandContext<'_>) -> Result<(), Error> {
        if context.settings.read_only {
            return Err(Error::ReadOnly { because: "PINPOINT_STREAMS_READ_ONLY is set" });
        }
        if self.project.as_ref().is_some_and(|project| project.manifest.safety().read_only) {
            return Err(Error::ReadOnly { because: "the manifest says `[safety] read_only = true`" });
        }
        Ok(())
    }
}
