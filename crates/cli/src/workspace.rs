//! The manifest on disk: found, read with what it includes, and what stands beside it.
mod archives;
mod home;
mod includes;
pub(crate) mod locking;
mod places;
mod stores;

pub(crate) use archives::archives_at;
pub(crate) use home::{Ground, Home};
pub(crate) use includes::Folder;
pub(crate) use places::Places;
pub(crate) use stores::{Held, Store};

use crate::settings::Environment;
use crate::settings::{FILE_NAME, Settings};
use crate::ui::error::Error;
use pinpoint_streams_executor::disk;
use pinpoint_streams_model::manifest::{MAX_BYTES, Manifest, Overrides, S3State, StateAt};
use std::io;
use std::path::{Path, PathBuf};

/// A manifest and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    /// What it says.
    pub(crate) manifest: Manifest,
    /// Where its state and other files are.
    pub(crate) places: Places,
    /// The bucket that its state is in; none: it is a file.
    pub(crate) remote: Option<S3State>,
}

impl Project {
    /// Finds and reads the manifest.
    pub(crate) fn open(settings: &Settings, environment: &Environment) -> Result<Project, Error> {
        let path = locate(settings, environment)?;
        let name = shown(&path, &environment.folder);
        let text = disk::read_text(&path, MAX_BYTES as u64).map_err(|source| Error::File {
            doing: "read the manifest",
            path: name.clone().into(),
            source,
        })?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let overrides = Overrides {
            command_line: settings.variables.clone(),
            environment: environment.manifest_variables.clone(),
        };
        let manifest = Manifest::load(&name, text, &Folder::new(&folder), &overrides)?;
        let (file, remote) = match manifest.state() {
            None => (None, None),
            Some(StateAt::File(file)) => (Some(file.as_str()), None),
            Some(StateAt::S3(s3)) => (None, Some(s3.clone())),
        };
        let places = Places::of(&path, file, settings.sandbox);
        places.must_not_lead_elsewhere()?;
        let remote = remote.filter(|_| !settings.sandbox);
        Ok(Project { manifest, places, remote })
    }
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

/// The path as a person here would write it.
fn shown(path: &Path, here: &Path) -> String {
    path.strip_prefix(here).unwrap_or(path).display().to_string()
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

    #[test]
    fn a_path_is_shown_as_a_person_here_would_write_it() {
        assert_eq!(shown(Path::new("/home/ana/x.toml"), Path::new("/home/ana")), "x.toml");
        assert_eq!(shown(Path::new("/etc/x.toml"), Path::new("/home/ana")), "/etc/x.toml");
    }
}
