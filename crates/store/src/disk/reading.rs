//! Reading whole files. A file that is too large, a device, or a pipe without a writer is an error at once.
use super::trust::must_be_trusted;
use super::{DiskError, not_ordinary, open_own};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// The largest state, journal, run or plan that is read, in bytes: a hundred times that of a thousand apps.
pub const LARGEST: u64 = 512 * 1024 * 1024;

/// The bytes of one of our own files, at most `most`; `None` if it does not exist. Links are not followed.
pub fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, DiskError> {
    if_any(path, open_own(OpenOptions::new().read(true), path).and_then(|file| all_of(&file, most)))
}

/// The same of a file whose content is believed: an error if someone else can have written it.
pub fn read_trusted(path: &Path, most: u64) -> Result<Option<Vec<u8>>, DiskError> {
    if_any(path, trusted(path).and_then(|file| all_of(&file, most)))
}

/// The same file, to be read in parts.
pub fn open_trusted(path: &Path) -> Result<Option<File>, DiskError> {
    if_any(path, trusted(path))
}

fn trusted(path: &Path) -> io::Result<File> {
    let file = open_own(OpenOptions::new().read(true), path)?;
    must_be_trusted(&file)?;
    Ok(file)
}

fn if_any<T>(path: &Path, read: io::Result<T>) -> Result<Option<T>, DiskError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::at("read", path)(error)),
    }
}

/// The bytes of a file named by the user, at most `most`. It may be a link or a pipe, such as `<(…)` and `/dev/stdin`;
/// a pipe without a writer is empty.
pub fn read_given(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags((OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed());
    }
    let file = options.open(path)?;
    let found = file.metadata()?;
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        must_be_pipe(&file)?;
    }
    all_of(&file, most)
}

pub fn read_given_text(path: &Path, most: u64) -> io::Result<String> {
    text(read_given(path, most)?)
}

/// The text of a regular file of at most `most` bytes. Links are followed.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    text(read_ordinary(path, most)?)
}

fn read_ordinary(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Resolves links, so that their target is checked before it is opened.
    let path = path.canonicalize()?;
    all_of(&open_own(OpenOptions::new().read(true), &path)?, most)
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Lets reads of a pipe wait for its writer.
#[cfg(unix)]
fn must_be_pipe(file: &File) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    if !file.metadata()?.file_type().is_fifo() {
        return Err(not_ordinary());
    }
    let flags = rustix::fs::fcntl_getfl(file)?;
    Ok(rustix::fs::fcntl_setfl(file, flags - rustix::fs::OFlags::NONBLOCK)?)
}

#[cfg(not(unix))]
fn must_be_pipe(_: &File) -> io::Result<()> {
    Err(not_ordinary())
}

fn all_of(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let size = if most < 1024 * 1024 {
            format!("{} KiB", most / 1024)
        } else {
            format!("{} MiB", most / 1024 / 1024)
        };
        io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {size}"))
    };
    let length = file.metadata()?.len();
    if length > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // One extra byte is enough to detect an excess.
    let read = file.take(most + 1).read_to_end(&mut bytes)?;
    if read as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::fs;

    #[cfg(unix)]
    pub(in crate::disk) fn make_pipe(path: &Path) {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    fn refusal(read: io::Result<Vec<u8>>) -> String {
        read.unwrap_err().to_string()
    }

    fn own(path: &Path, most: u64) -> io::Result<Vec<u8>> {
        read(path, most).map(Option::unwrap_or_default).map_err(|error| error.source)
    }

    #[test]
    fn a_file_may_be_as_large_as_is_said_and_not_a_byte_larger() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::write(&path, vec![b'x'; 2048]).unwrap();
        for read in [own, read_given, read_ordinary] {
            assert_eq!(read(&path, 2048).unwrap().len(), 2048);
            assert_eq!(refusal(read(&path, 2047)), "it is larger than 1 KiB");
        }
        // Detected without reading it.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(refusal(own(&path, LARGEST)), "it is larger than 512 MiB");
        assert_eq!(refusal(read_given(&path, LARGEST)), "it is larger than 512 MiB");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_without_an_end_is_refused_at_once() {
        for read in [own, read_given, read_ordinary] {
            assert_eq!(refusal(read(Path::new("/dev/zero"), LARGEST)), "it is not a regular file");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_where_a_person_names_it_and_a_silent_one_is_waited_for_nowhere() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        make_pipe(&pipe);
        assert_eq!(refusal(own(&pipe, 10)), "it is not a regular file");
        assert_eq!(refusal(read_ordinary(&pipe, 10)), "it is not a regular file");
        assert_eq!(read_given(&pipe, 10).unwrap(), b"");
        // Both ends, so that opening does not block.
        let mut writer = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || read_given(&pipe, 3)
        });
        writer.write_all(b"more than three").unwrap();
        assert_eq!(refusal(reader.join().unwrap()), "it is larger than 0 KiB");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_where_a_person_names_it_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "x").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert_eq!(read_given(&link, 10).unwrap(), b"x");
        assert_eq!(read_ordinary(&link, 10).unwrap(), b"x");
        assert_eq!(refusal(own(&link, 10)), "it is a symbolic link");
        assert_eq!(read_given(folder.path(), 10).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert!(read(&folder.path().join("none"), 10).unwrap().is_none());
    }
}
