//! Files that only their owner may read: private modes, atomic replacement, fsync of the file and its folder. Writes
//! never follow a symbolic link; `reading` limits sizes.
mod reading;
mod trust;

pub use reading::{LARGEST, open_trusted, read, read_given, read_given_text, read_text, read_trusted};
pub use trust::must_be_own;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
#[error("failed to {action} {}", path.display())]
pub struct DiskError {
    pub action: &'static str,
    pub path: PathBuf,
    #[source]
    pub source: io::Error,
}

impl DiskError {
    pub(crate) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError {
        move |source| DiskError { action, path: path.to_owned(), source }
    }
}

/// Runs file work on a blocking thread. A paused clock does not advance meanwhile.
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

/// Replaces one of our own files atomically. Creates missing folders.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    make_folder(folder_of(path))?;
    replace_beside(path, bytes)
}

/// The same, if `is_allowed` is true once the draft exists and is locked, so that [`is_being_written`] is true until the
/// file is replaced. Returns whether it was replaced.
pub(crate) fn replace_if(path: &Path, bytes: &[u8], is_allowed: impl FnOnce() -> bool) -> Result<bool, DiskError> {
    make_folder(folder_of(path))?;
    replace_beside_if(path, bytes, is_allowed)
}

/// The same in an existing folder. Anything at the path that is not a regular file (a link, a device) is left alone.
pub fn replace_beside(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    replace_beside_if(path, bytes, || true).map(|_| ())
}

fn replace_beside_if(path: &Path, bytes: &[u8], is_allowed: impl FnOnce() -> bool) -> Result<bool, DiskError> {
    must_be_ordinary(path).map_err(DiskError::at("write", path))?;
    let temporary = draft_of(path);
    let draft = create_new(&temporary, 0o600)?;
    let locked = Locked::try_new(draft).map_err(|error| DiskError::at("lock", &temporary)(error.into()));
    let written = locked.and_then(|mut draft| {
        if !is_allowed() {
            return Ok(false);
        }
        let filled = draft.write_all(bytes).and_then(|()| draft.sync_all());
        filled.map_err(DiskError::at("write", &temporary))?;
        fs::rename(&temporary, path).map_err(DiskError::at("write", path))?;
        Ok(true)
    });
    if !matches!(written, Ok(true)) {
        // A leftover file does no harm.
        let _ = fs::remove_file(&temporary);
    }
    if written? {
        sync_folder(folder_of(path))?;
        return Ok(true);
    }
    Ok(false)
}

/// Whether [`replace`] may write: neither the file nor its folder is read-only. A rename would work on a read-only
/// file, and root may write anything, but the owner's choice counts.
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

/// Creates a file durably, or nothing on failure. The caller syncs the folder.
pub fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), DiskError> {
    let mut file = create_new(path, mode)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).map_err(DiskError::at("write", path));
    if written.is_err() {
        // A leftover file does no harm.
        let _ = fs::remove_file(path);
    }
    written
}

/// Creates a file. An existing link is not followed.
pub(crate) fn create_new(path: &Path, mode: u32) -> Result<File, DiskError> {
    private(OpenOptions::new().write(true).create_new(true), mode)
        .open(path)
        .map_err(DiskError::at("create", path))
}

/// Opens a file for reading and writing in place, and creates it if needed. It must have no other hard link, and only the
/// user may be able to write it.
pub(crate) fn open_or_create(path: &Path) -> Result<File, DiskError> {
    make_folder(folder_of(path))?;
    let mut options = OpenOptions::new();
    private(options.read(true).write(true).create(true).truncate(false), 0o600);
    open_own(&mut options, path)
        .and_then(|file| match other_names(&file)? {
            0 => trust::must_be_trusted(&file).map(|()| file),
            _ => Err(io::Error::other("it has another hard link")),
        })
        .map_err(DiskError::at("open", path))
}

/// Opens one of our own files. Does not follow links or wait for pipes.
fn open_own(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    must_be_ordinary(path)?;
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        // Something put there since the check is not followed or awaited either.
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_ordinary()) }
}

/// Identifies an open file; on systems without inodes, no file in particular.
pub(crate) type FileId = (u64, u64);

pub(crate) fn file_id(file: &fs::Metadata) -> FileId {
    #[cfg(unix)]
    return (std::os::unix::fs::MetadataExt::dev(file), std::os::unix::fs::MetadataExt::ino(file));
    #[cfg(not(unix))]
    return (0, file.file_type().is_file().into());
}

/// A file that nobody else can lock until this is dropped, or its process ends.
#[derive(Debug)]
pub(crate) struct Locked(File);

impl Locked {
    /// On systems without inodes, locks also keep others from reading, so there are none.
    pub(crate) fn try_new(file: File) -> Result<Self, TryLockError> {
        if cfg!(unix) {
            file.try_lock()?;
        }
        Ok(Locked(file))
    }
}

impl Deref for Locked {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl DerefMut for Locked {
    fn deref_mut(&mut self) -> &mut File {
        &mut self.0
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Closing it is not enough: a process that is being started holds a copy of it for a moment.
        let _ = self.0.unlock();
    }
}

/// Whether the path leads to this file.
pub(crate) fn is_in_place(path: &Path, id: FileId) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| file_id(&found) == id)
}

/// A file of ours, if it exists.
#[derive(Debug)]
pub(crate) enum Taken {
    Absent,
    Locked(Locked),
    /// Another process has locked it.
    InUse,
}

/// Locks a file that exists.
pub(crate) fn take(path: &Path) -> Result<Taken, DiskError> {
    // Some file systems lock only what is open for writing.
    match open_own(OpenOptions::new().read(true).write(true), path) {
        Ok(file) => match Locked::try_new(file) {
            Ok(file) => {
                let id = file_id(&file.metadata().map_err(DiskError::at("look at", path))?);
                // Replaced between the two calls: what is there now is another run's.
                Ok(if is_in_place(path, id) { Taken::Locked(file) } else { Taken::InUse })
            }
            Err(TryLockError::WouldBlock) => Ok(Taken::InUse),
            Err(TryLockError::Error(error)) => Err(DiskError::at("lock", path)(error)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Taken::Absent),
        Err(error) => Err(DiskError::at("open", path)(error)),
    }
}

/// How many other hard links a file has.
fn other_names(file: &File) -> io::Result<u64> {
    #[cfg(unix)]
    return Ok(std::os::unix::fs::MetadataExt::nlink(&file.metadata()?).saturating_sub(1));
    #[cfg(not(unix))]
    return file.metadata().map(|_| 0);
}

/// Removes a file durably, if it exists.
pub(crate) fn remove(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(folder_of(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(DiskError::at("remove", path)(error)),
    }
}

/// Creates a folder and its missing parents, accessible to the owner only.
pub(crate) fn make_folder(path: &Path) -> Result<(), DiskError> {
    if path.is_dir() {
        return Ok(());
    }
    must_not_be_file(path)?;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(DiskError::at("create", path))
}

/// An error where a file is in the way of a directory.
pub(crate) fn must_not_be_file(path: &Path) -> Result<(), DiskError> {
    match fs::metadata(path).or_else(|_| fs::symlink_metadata(path)) {
        Ok(found) if !found.is_dir() => {
            let reason = "a file with this name is in the way; move or delete it";
            Err(DiskError::at("create the directory", path)(io::Error::new(io::ErrorKind::AlreadyExists, reason)))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Makes creations, renames and removals in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), DiskError> {
    if cfg!(unix) {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(DiskError::at("sync", path))
    } else {
        Ok(())
    }
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Checks that there is a regular file, or nothing, at this path.
fn must_be_ordinary(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(found) if found.is_symlink() => Err(io::Error::other("it is a symbolic link")),
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => Err(not_ordinary()),
        // The caller's next operation reports it.
        Err(_) => Ok(()),
    }
}

fn not_ordinary() -> io::Error {
    io::Error::other("it is not a regular file")
}

fn private(options: &mut OpenOptions, mode: u32) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options
}

/// Removes temporary files for this file that killed runs left. No other process may be replacing it. Leftovers do no
/// harm, so errors are ignored.
pub(crate) fn clear_drafts(path: &Path) {
    for draft in drafts_of(path) {
        let _ = fs::remove_file(draft);
    }
}

/// Whether a process is about to replace this file: it has locked its draft.
pub(crate) fn is_being_written(path: &Path) -> bool {
    drafts_of(path).any(|draft| matches!(take(&draft), Ok(Taken::InUse)))
}

fn drafts_of(path: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder_of(path)).into_iter().flatten().flatten();
    entries.filter(|entry| is_draft_of(path, &entry.file_name().to_string_lossy())).map(|entry| entry.path())
}

/// The unpredictable name of a file's replacement until it is renamed.
fn draft_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    folder_of(path).join(format!(".{name}.{}.tmp", uuid::Uuid::new_v4().simple()))
}

fn is_draft_of(path: &Path, name: &str) -> bool {
    let whole = path.file_name().unwrap_or_default().to_string_lossy();
    let drawn = name.strip_prefix('.').and_then(|rest| rest.strip_prefix(&*whole)).and_then(|rest| {
        let drawn = rest.strip_prefix('.')?.strip_suffix(".tmp")?;
        (drawn.len() == 32).then_some(drawn)
    });
    drawn.is_some_and(|drawn| drawn.bytes().all(|byte| byte.is_ascii_hexdigit()))
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
        for refused in [replace(&link, b"x"), open_or_create(&link).map(drop)] {
            assert!(refused.unwrap_err().source.to_string().contains("symbolic link"));
        }
        assert!(create_new(&link, 0o600).is_err());
        assert!(write_new(&link, b"x", 0o600).is_err());
        assert_eq!(fs::read(&target).unwrap(), b"keep");
        assert!(link.is_symlink());
        // A dangling link does not create its target.
        fs::remove_file(&target).unwrap();
        assert!(replace(&link, b"x").is_err() && open_or_create(&link).is_err());
        assert!(write_new(&link, b"x", 0o600).is_err() && !target.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_another_name_is_replaced_under_this_one_alone_and_never_written_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let (other, path) = (folder.path().join("other"), folder.path().join("path"));
        fs::write(&other, "keep").unwrap();
        fs::hard_link(&other, &path).unwrap();
        let refused = open_or_create(&path).unwrap_err();
        assert!(refused.source.to_string().contains("another hard link"), "{refused:?}");
        replace(&path, b"new").unwrap();
        assert_eq!((fs::read(&other).unwrap(), fs::read(&path).unwrap()), (b"keep".to_vec(), b"new".to_vec()));
        assert!(open_or_create(&path).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_device_a_pipe_or_a_folder_is_never_replaced_by_a_file() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (pipe, inner) = (folder.path().join("pipe"), folder.path().join("inner"));
        reading::tests::make_pipe(&pipe);
        fs::create_dir(&inner).unwrap();
        for path in [&pipe, &inner] {
            assert!(replace(path, b"x").is_err(), "{}", path.display());
            assert!(open_or_create(path).is_err(), "{}", path.display());
        }
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo() && inner.is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside them");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_stood_open_to_all_is_private_once_it_is_replaced() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.plan");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        replace_beside(&path, b"new").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(replace_beside(&folder.path().join("none/x.plan"), b"new").is_err());
    }

    #[test]
    fn the_name_of_a_file_in_the_making_cannot_be_foretold_and_none_stays_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        // Files with predictable names are not in the way.
        for name in [".state.json.tmp", "state.json.tmp", "state.tmp", "state.new"] {
            fs::write(folder.path().join(name), "keep").unwrap();
        }
        replace(&path, b"new").unwrap();
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
        left.sort();
        assert_eq!(
            left,
            [b"keep".to_vec(), b"keep".to_vec(), b"keep".to_vec(), b"keep".to_vec(), b"new".to_vec()]
        );
    }

    #[test]
    fn what_killed_runs_left_of_a_file_is_taken_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.json");
        clear_drafts(&folder.path().join("none/state.json"));
        let others = [
            ".state.json.tmp",
            ".state.json.0123456789abcdef0123456789abcdeg.tmp",
            ".other.state.json.0123456789abcdef0123456789abcdef.tmp",
            "state.json.0123456789abcdef0123456789abcdef.tmp",
            "state.json",
        ];
        for name in others {
            fs::write(folder.path().join(name), "keep").unwrap();
        }
        fs::write(draft_of(&path), "half").unwrap();
        clear_drafts(&path);
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|one| one.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut others = others.to_vec();
        others.sort_unstable();
        assert_eq!(left, others);
    }
}
