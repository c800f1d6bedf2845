//! Private files with crash-safe append and replace.
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// In bytes.
const MAX_SIZE: u64 = 512 * 1024 * 1024;

/// Identifies a file independently of its name, to detect that it was replaced.
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

/// Opens a file for reading and writing, creating it with mode 0600. Symbolic links and anything but regular files are
/// refused.
pub(super) fn private_file(path: &Path) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(io::Error::other("is a symbolic link")),
        Ok(found) if !found.is_file() => Err(io::Error::other("not a regular file")),
        Ok(_) | Err(_) => private().open(path),
    }
}

/// Creates a folder and its parents with mode 0700.
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

/// The complete lines of a file from an offset on, without the bytes after the last newline.
pub(super) fn lines_from(mut file: &File, offset: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(offset))?;
    let left = file.metadata()?.len().saturating_sub(offset);
    // One byte more than the limit is enough to refuse it.
    if left > MAX_SIZE || file.take(MAX_SIZE + 1).read_to_end(&mut bytes)? as u64 > MAX_SIZE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 512 MiB"));
    }
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    bytes.truncate(end.map_or(0, |at| at + 1));
    String::from_utf8(bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
}

/// Writes `bytes` at the offset `end`, truncating what follows it, and syncs. A partial write is removed.
pub(super) fn append(mut file: &File, end: u64, bytes: &[u8]) -> io::Result<()> {
    if file.metadata()?.len() > end {
        file.set_len(end)?;
    }
    file.seek(SeekFrom::Start(end))?;
    let written = file.write_all(bytes).and_then(|()| file.sync_data());
    if written.is_err() {
        // If this fails too, readers see an incomplete line or an unacknowledged write. Both are allowed.
        let _ = file.set_len(end);
    }
    written
}

/// Replaces a file atomically.
pub(super) fn replace(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (temporary, mut file) = temporary_file(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // A leftover temporary file does no harm.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(folder)
}

/// A new temporary file in the same folder, with an unpredictable name.
fn temporary_file(path: &Path) -> io::Result<(PathBuf, File)> {
    let temporary = path.with_extension(format!("{:016x}.new", fastrand::Rng::new().u64(..)));
    let file = private().create_new(true).open(&temporary)?;
    Ok((temporary, file))
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
