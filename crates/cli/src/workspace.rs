//! The manifest, and the locations of its state, lock, journal, archives and run logs.
mod archives;
mod includes;
pub(crate) mod locking;
mod paths;
mod s3_address;
mod stores;
mod tracked;

pub(crate) use archives::{all_archives, archives_at, runs_with_archives};
pub(crate) use includes::Folder;
pub(crate) use paths::WorkspacePaths;
pub(crate) use s3_address::S3Address;
pub(crate) use stores::{HeldLock, Store};

use crate::settings::{Environment, FILE_NAME, Settings};
use crate::ui::error::{self, Error, Severity};
use crate::ui::style::{WARNING, paint};
use crate::ui::{CommandContext, escape};
use pinpoint_streams_aws::s3::Location;
use pinpoint_streams_executor::clock::{Clock as _, SystemClock};
use pinpoint_streams_model::ids::Workspace as WorkspaceName;
use pinpoint_streams_model::manifest::{MAX_BYTES, Manifest, Notices, Overrides, S3State, StateAt, Sweep};
use pinpoint_streams_store::disk;
use pinpoint_streams_store::journal::FileJournal;
use pinpoint_streams_store::session::{self, Loaded};
use std::io;
use std::path::{Path, PathBuf};

/// The workspace name without a manifest.
const WITHOUT_MANIFEST: &str = "sweep";

#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    pub(crate) name: WorkspaceName,
    /// `None` if there is no manifest, or if the accounts are not the manifest's.
    pub(crate) manifest: Option<Manifest>,
    pub(crate) paths: WorkspacePaths,
    /// The bucket of the state; `None` for a local file.
    pub(crate) remote: Option<S3State>,
    pub(crate) notices: Notices,
    /// `[sweep]` of the manifest. Also applies to other accounts.
    pub(crate) sweep: Sweep,
}

impl Workspace {
    /// The workspace of the manifest. Prints the manifest's warnings.
    pub(crate) fn open(context: &CommandContext<'_>) -> Result<Workspace, Error> {
        let CommandContext { settings, environment, printer } = *context;
        let path = locate(settings, environment)?;
        let manifest = read_manifest(&path, settings, environment)?;
        let (file, remote) = match manifest.state() {
            None => (None, None),
            Some(StateAt::File(file)) => (Some(file.as_str()), None),
            Some(StateAt::S3(s3)) => (None, Some(s3.clone())),
        };
        let paths = WorkspacePaths::of(&path, file, settings.sandbox);
        paths.reject_symlinks()?;
        if !manifest.warnings().is_empty() {
            let width = environment.width();
            context.warn_in_words(&error::warnings(manifest.sources(), manifest.warnings(), width));
            let (sources, warnings) = (manifest.sources(), manifest.warnings());
            printer.note(&error::annotations(Severity::Warning, sources, warnings, environment));
        }
        Ok(Workspace {
            name: manifest.workspace().clone(),
            paths,
            remote: remote.filter(|_| !settings.sandbox),
            notices: manifest.notices(),
            sweep: manifest.sweep().clone(),
            manifest: Some(manifest),
        })
    }

    /// The workspace of the manifest, else of the current directory.
    pub(crate) fn open_if_any(context: &CommandContext<'_>) -> Result<Workspace, Error> {
        match Workspace::open(context) {
            Err(Error::NoManifest) => Workspace::without_manifest(context),
            result => result,
        }
    }

    /// The workspace of the current directory, even if there is a manifest.
    pub(crate) fn without_manifest(context: &CommandContext<'_>) -> Result<Workspace, Error> {
        #[expect(clippy::expect_used, reason = "letters alone")]
        let name = WITHOUT_MANIFEST.parse().expect("a workspace");
        let paths = WorkspacePaths::in_folder(&context.environment.folder, context.settings.sandbox);
        paths.reject_symlinks()?;
        let (notices, sweep) = (Notices::default(), Sweep::default());
        Ok(Workspace { name, manifest: None, paths, remote: None, notices, sweep })
    }

    /// The workspace of the directory with the `[sweep]` rules of this manifest, for accounts outside the manifest, so that
    /// its state does not record them.
    pub(crate) fn for_other_accounts(self, context: &CommandContext<'_>) -> Result<Workspace, Error> {
        let Workspace { notices, sweep, .. } = self;
        Ok(Workspace { notices, sweep, ..Workspace::without_manifest(context)? })
    }

    pub(crate) fn manifest(&self) -> Result<&Manifest, Error> {
        self.manifest.as_ref().ok_or(Error::NoManifest)
    }

    pub(crate) fn journal(&self) -> FileJournal {
        FileJournal::beside(&self.paths.state).kept_in(&self.paths.runs)
    }

    /// The bucket of the state.
    pub(crate) fn bucket(&self) -> Option<Location> {
        self.remote.as_ref().map(stores::location)
    }

    /// Reads state and journal without taking the lock.
    pub(crate) async fn load(&self) -> Result<Loaded, Error> {
        let store = Store::open(self).await?;
        Ok(session::load(&store, &self.journal(), SystemClock.now()).await?)
    }

    /// Fails if the environment or the manifest is read-only.
    pub(crate) fn check_writable(&self, settings: &Settings) -> Result<(), Error> {
        if settings.read_only {
            return Err(Error::ReadOnly { reason: "PINPOINT_STREAMS_READ_ONLY is set" });
        }
        if self.manifest.as_ref().is_some_and(|manifest| manifest.safety().read_only) {
            return Err(Error::ReadOnly { reason: "the manifest has `[safety] read_only = true`" });
        }
        Ok(())
    }
}

/// What an interrupted run left in its journal is part of the state from here on.
pub(crate) fn announce_interrupted_run(start: &Loaded, context: &CommandContext<'_>) {
    if let Some(run) = &start.resumed {
        let report = context.settings.command(&format!("report {run}"));
        let text = format!("run {run} was interrupted; the state now includes its journal (`{report}` shows it)");
        context.printer.message(&format!("{} {}\n", paint(WARNING, "warning:"), escape(&text)));
    }
}

fn read_manifest(path: &Path, settings: &Settings, environment: &Environment) -> Result<Manifest, Error> {
    let name = environment.display_path(path).to_string();
    let text = disk::read_text(path, MAX_BYTES as u64).map_err(|source| match source.kind() {
        io::ErrorKind::InvalidData => Manifest::not_text(&name).into(),
        _ => Error::File { operation: "read the manifest", path: name.clone().into(), source },
    })?;
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    let overrides = Overrides {
        command_line: settings.variables.clone(),
        environment: environment.manifest_variables.clone(),
    };
    Ok(Manifest::load(&name, text, &Folder::new(&folder), &overrides)?)
}

/// The path of the manifest.
pub(crate) fn locate(settings: &Settings, environment: &Environment) -> Result<PathBuf, Error> {
    match &settings.manifest {
        Some(named) => Ok(environment.folder.join(named)),
        None => search(&environment.folder),
    }
}

/// The nearest manifest, in this directory or a parent. What has its name and cannot be read, such as a pipe or a link
/// that leads nowhere, is found too: without its manifest a directory must not be swept, nor by that of a parent. In a
/// parent, such as `/tmp`, another user may have put one: it must be named.
fn search(from: &Path) -> Result<PathBuf, Error> {
    let is_there = |path: &PathBuf| path.symlink_metadata().is_ok();
    let found = from.ancestors().map(|folder| folder.join(FILE_NAME)).find(is_there).ok_or(Error::NoManifest)?;
    if found.parent() != Some(from)
        && let Err(why) = disk::must_be_own(&found)
        && why.kind() == io::ErrorKind::PermissionDenied
    {
        return Err(Error::ForeignManifest { path: found, why });
    }
    Ok(found)
}

/// Reads a file that was named on the command line.
pub(crate) fn read_text(path: &Path, max_bytes: u64) -> Result<String, Error> {
    disk::read_given_text(path, max_bytes).map_err(|source| Error::File {
        operation: "read",
        path: path.to_owned(),
        source,
    })
}

/// Creates a world-readable file. Fails if the path exists, and does not follow a symbolic link.
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
