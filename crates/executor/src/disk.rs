//! Files that only their owner may read and that are whole or not there: private modes, atomic
//! replacement, and fsync of the file and of its folder. Nothing here follows a symbolic link to write.
mod drafts;

pub(crate) use drafts::clear_drafts;

use drafts::draft_of;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file or folder that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("failed to {action} {}", path.display())]
pub struct DiskError {
    /// What was being done: "read".
    pub action: &'static str,
    /// To what.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl DiskError {
    pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError {
        move |source| DiskError { action, path: path.to_owned(), source }
    }
}

/// Runs file work where it may block. A paused clock does not run ahead of it.
pub(crate) async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// The file's bytes; none if it is not there.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, DiskError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::at("read", path)(error)),
    }
}

/// Replaces the file by these bytes, whole: a reader sees the old or the new, whatever happens.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    refuse_symlink(path)?;
    let folder = folder_of(path);
    make_folder(folder)?;
    let temporary = draft_of(path);
    let written = write_new(&temporary, bytes, 0o600)
        .and_then(|()| fs::rename(&temporary, path).map_err(DiskError::at("write", path)));
    if written.is_err() {
        // What is left over is of no use; that it cannot be taken away changes nothing.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(folder)
}

/// Whether [`replace`] may put a file there: neither it nor its folder is read-only. A file that its owner has made
/// read-only is left alone though a rename would get past that, and whoever runs this.
pub(crate) fn must_be_writable(path: &Path) -> Result<(), DiskError> {
    let found = match fs::metadata(path) {
        Ok(found) => Some(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(DiskError::at("look at", path)(error)),
    };
    if found.as_ref().is_some_and(|found| found.permissions().readonly()) {
        return Err(DiskError::at("write", path)(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is read-only",
        )));
    }
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        let folder = folder_of(path);
        for place in found.is_some().then_some(path).into_iter().chain(folder.is_dir().then_some(folder)) {
            access(place, Access::WRITE_OK).map_err(|errno| DiskError::at("write", place)(errno.into()))?;
        }
    }
    Ok(())
}

/// Makes a file that was not there, with these bytes, durably. The folder is synced by the caller.
pub(crate) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), DiskError> {
    let mut file = create_new(path, mode)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(DiskError::at("write", path))
}

/// Makes a file that was not there. A link that stands in its place is not followed.
pub(crate) fn create_new(path: &Path, mode: u32) -> Result<File, DiskError> {
    private(OpenOptions::new().write(true).create_new(true), mode)
        .open(path)
        .map_err(DiskError::at("create", path))
}

/// Opens a file for reading and writing, made if it is not there.
pub(crate) fn open_or_create(path: &Path) -> Result<File, DiskError> {
    refuse_symlink(path)?;
    make_folder(folder_of(path))?;
    private(OpenOptions::new().read(true).write(true).create(true).truncate(false), 0o600)
        .open(path)
        .map_err(DiskError::at("open", path))
}

/// Takes a file away, durably; that it is not there is well.
pub(crate) fn remove(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(folder_of(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(DiskError::at("remove", path)(error)),
    }
}

/// Makes a folder and those above it, where they are missing, for their owner alone.
pub(crate) fn make_folder(path: &Path) -> Result<(), DiskError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(DiskError::at("create", path))
}

/// Makes what was created, renamed or removed in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), DiskError> {
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(DiskError::at("sync", path))
    } else {
        Ok(())
    }
}

/// The folder that a path is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn refuse_symlink(path: &Path) -> Result<(), DiskError> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_symlink());
    if is_link {
        return Err(DiskError::at("write", path)(io::Error::other("it is a symbolic link")));
    }
    Ok(())
}

fn private(options: &mut OpenOptions, mode: u32) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_leaves_one_whole_file_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/state.json");
        replace(&path, b"old").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_what_is_written() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/state.json");
        replace(&path, b"x").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_not_followed_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "keep").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(replace(&link, b"x").unwrap_err().source.to_string().contains("symbolic link"));
        assert!(create_new(&link, 0o600).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"keep");
    }
}
