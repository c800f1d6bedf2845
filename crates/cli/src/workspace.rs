//! The manifest that is named or found, and where its state, lock, journal, archives and runs are kept.
mod archives;
mod includes;
pub(crate) mod locking;
mod places;
mod stores;

pub(crate) use archives::archives_at;
pub(crate) use includes::Folder;
pub(crate) use places::Places;
pub(crate) use stores::{Held, Store};

use crate::settings::{Environment, FILE_NAME, Settings};
use crate::ui::CommandContext;
use crate::ui::error::{self, Error};
use pinpoint_streams_model::ids::Workspace as WorkspaceName;
use pinpoint_streams_model::manifest::{MAX_BYTES, Manifest, Notices, Overrides, S3State, StateAt, Sweep};
use pinpoint_streams_store::disk;
use pinpoint_streams_store::journal::FileJournal;
use pinpoint_streams_store::session::{self, Loaded};
use std::io;
use std::path::{Path, PathBuf};

/// The workspace of a command that needs no manifest and has none.
const WITHOUT_MANIFEST: &str = "sweep";

/// A workspace and where it keeps what must outlive a run.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    pub(crate) name: WorkspaceName,
    /// None where no manifest is named or found, or where accounts are meant that are not its own.
    pub(crate) manifest: Option<Manifest>,
    pub(crate) places: Places,
    /// The bucket that its state is in; none: it is a file.
    pub(crate) remote: Option<S3State>,
    pub(crate) notices: Notices,
    /// `[sweep]` of the manifest, also for accounts that are not its own.
    pub(crate) sweep: Sweep,
}

impl Workspace {
    /// The manifest's workspace. Shows what the manifest warns of.
    pub(crate) fn open(context: &CommandContext<'_>) -> Result<Workspace, Error> {
        let CommandContext { settings, environment, printer } = *context;
        let path = locate(settings, environment)?;
        let manifest = read_manifest(&path, settings, environment)?;
        let (file, remote) = match manifest.state() {
            None => (None, None),
            Some(StateAt::File(file)) => (Some(file.as_str()), None),
            Some(StateAt::S3(s3)) => (None, Some(s3.clone())),
        };
        let places = Places::of(&path, file, settings.sandbox);
        places.must_not_lead_elsewhere()?;
        if !manifest.warnings().is_empty() {
            let width = environment.width();
            printer.aside(&error::warnings(manifest.sources(), manifest.warnings(), width));
        }
        Ok(Workspace {
            name: manifest.workspace().clone(),
            places,
            remote: remote.filter(|_| !settings.sandbox),
            notices: manifest.notices(),
            sweep: manifest.sweep().clone(),
            manifest: Some(manifest),
        })
    }

    /// The manifest's workspace where a manifest is named or found, else the folder's own.
    pub(crate) fn open_if_any(context: &CommandContext<'_>) -> Result<Workspace, Error> {
        match Workspace::open(context) {
            Err(Error::NoManifest) => Workspace::without_manifest(context),
            result => result,
        }
    }

    /// The current folder's own, whether or not there is a manifest.
    pub(crate) fn without_manifest(context: &CommandContext<'_>) -> Result<Workspace, Error> {
        #[expect(clippy::expect_used, reason = "letters alone")]
        let name = WITHOUT_MANIFEST.parse().expect("a workspace");
        let places = Places::in_folder(&context.environment.folder, context.settings.sandbox);
        places.must_not_lead_elsewhere()?;
        let (notices, sweep) = (Notices::default(), Sweep::default());
        Ok(Workspace { name, manifest: None, places, remote: None, notices, sweep })
    }

    /// The folder's own with the rules of this manifest, for accounts that are not the manifest's: nothing of theirs
    /// comes into its state.
    pub(crate) fn for_other_accounts(self, context: &CommandContext<'_>) -> Result<Workspace, Error> {
        let Workspace { notices, sweep, .. } = self;
        Ok(Workspace { notices, sweep, ..Workspace::without_manifest(context)? })
    }

    /// The manifest, for commands that need one.
    pub(crate) fn manifest(&self) -> Result<&Manifest, Error> {
        self.manifest.as_ref().ok_or(Error::NoManifest)
    }

    /// What runs do, until the state holds it; and from then on, for `report`.
    pub(crate) fn journal(&self) -> FileJournal {
        FileJournal::beside(&self.places.state).kept_in(&self.places.runs)
    }

    /// What is recorded, without a lock and without writing.
    pub(crate) async fn load(&self) -> Result<Loaded, Error> {
        let store = Store::of(self).await?;
        Ok(session::load(&store, &self.journal()).await?)
    }

    /// Refuses where nothing may be written.
    pub(crate) fn must_be_writable(&self, settings: &Settings) -> Result<(), Error> {
        if settings.read_only {
            return Err(Error::ReadOnly { because: "PINPOINT_STREAMS_READ_ONLY is set" });
        }
        if self.manifest.as_ref().is_some_and(|manifest| manifest.safety().read_only) {
            return Err(Error::ReadOnly { because: "the manifest says `[safety] read_only = true`" });
        }
        Ok(())
    }
}

fn read_manifest(path: &Path, settings: &Settings, environment: &Environment) -> Result<Manifest, Error> {
    let name = environment.shown(path).to_string();
    let text = disk::read_text(path, MAX_BYTES as u64).map_err(|source| Error::File {
        doing: "read the manifest",
        path: name.clone().into(),
        source,
    })?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let overrides = Overrides {
        command_line: settings.variables.clone(),
        environment: environment.manifest_variables.clone(),
    };
    Ok(Manifest::load(&name, text, &Folder::new(&folder), &overrides)?)
}

/// Where the manifest is, without reading it.
pub(crate) fn locate(settings: &Settings, environment: &Environment) -> Result<PathBuf, Error> {
    match &settings.manifest {
        Some(named) => Ok(environment.folder.join(named)),
        None => search(&environment.folder),
    }
}

/// The nearest manifest, here or in a folder above.
fn search(from: &Path) -> Result<PathBuf, Error> {
    from.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file()).ok_or(Error::NoManifest)
}

/// A file that a person names, read as text. It may hold so many bytes.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, Error> {
    disk::read_given_text(path, most).map_err(|source| Error::File {
        doing: "read",
        path: path.to_owned(),
        source,
    })
}

/// A file that is made, for everybody to read, and must not have been there. A link that stands in its place is not followed.
pub(crate) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    disk::write_new(path, text.as_bytes(), 0o644).map_err(|error| error.source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_manifest_is_found_here_or_above() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        assert!(matches!(search(&deep), Err(Error::NoManifest)));
        fs::write(folder.path().join(FILE_NAME), "").unwrap();
        assert_eq!(search(&deep).unwrap(), folder.path().join(FILE_NAME));
        fs::write(folder.path().join("a").join(FILE_NAME), "").unwrap();
        assert_eq!(search(&deep).unwrap(), folder.path().join("a").join(FILE_NAME));
    }
}
