//! Files of one's own: made private, appended to and replaced so that nothing is lost in a crash.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The largest world that is read, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// Tells a file from another that has taken its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity(#[cfg(unix)] (u64, u64), #[cfg(not(unix))] Option<std::time::SystemTime>);

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Identity {
        use std::os::unix::fs::MetadataExt;
        Identity((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Identity {
        Identity(metadata.created().ok())
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Opens a file for reading and writing; where it must be made, only its owner may read it. A link is not followed,
/// and what is no ordinary file is not opened.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(io::Error::other("it is a symbolic link")),
        Ok(found) if !found.is_file() => Err(io::Error::other("it is no ordinary file")),
        Ok(_) | Err(_) => private().open(path),
    }
}

/// Makes a folder, with those above it, that only its owner may enter.
pub(super) fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// The whole lines of a file from an offset on; what follows the last newline is left out. Fails as invalid data
/// on what is no UTF-8.
pub(super) fn lines_from(mut file: &File, offset: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    // One byte more than is allowed is enough to be refused for.
    if file.take(LARGEST + 1).read_to_end(&mut bytes)? as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 512 MiB"));
    }
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    bytes.truncate(end.map_or(0, |at| at + 1));
    String::from_utf8(bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}

/// Puts `bytes` at the offset `end`, cutting whatever was after it, and waits until they are on the disk. What
/// could be written only in part is taken off again.
pub(super) fn append(mut file: &File, end: u64, bytes: &[u8]) -> io::Result<()> {
    if file.metadata()?.len() > end {
        file.set_len(end)?;
    }
    file.seek(SeekFrom::Start(end))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    if written.is_err() {
        // If this fails too, the next reader sees a torn line or an unacknowledged write: both are allowed.
        let _ = file.set_len(end);
    }
    written
}

/// Replaces a file as a whole: after a crash it is the old one or the new one.
pub(super) fn replace(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (beside, mut file) = new_beside(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left over is of no use; that it cannot be taken away changes nothing.
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_folder(folder)
}

/// A file in the making, under a name that nobody can foretell and that nothing else has.
fn new_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let beside = path.with_extension(format!("{:016x}.new", fastrand::Rng::new().u64(..)));
    let file = private().create_new(true).open(&beside)?;
    Ok((beside, file))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
