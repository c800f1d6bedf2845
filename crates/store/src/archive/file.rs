//! Archives in files: a folder per run, with a JSON file and a script per resource.
use super::{ArchiveError, ArchiveStore, Entry, FORMAT, Kept, restore_script};
use crate::disk::{self, DiskError};
use pinpoint_streams_model::digest::{self, Digest};
use std::io;
use std::path::{Path, PathBuf};

/// Archives below a folder: `<time>-<run>/<address>.json` and `<address>.restore.sh`, with the time of the run's first
/// archive.
#[derive(Debug)]
pub struct FileArchive {
    folder: PathBuf,
    of_run: tokio::sync::OnceCell<PathBuf>,
}

impl FileArchive {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        FileArchive { folder: folder.into(), of_run: tokio::sync::OnceCell::new() }
    }
}

/// The files of an entry, for a store that copies them elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Where it is in this folder.
    pub kept: Kept,
    /// `<time>-<run>/<address>.json`, relative to the archive folder.
    pub name: String,
    pub json: Vec<u8>,
    /// The name of the script beside it.
    pub script_name: String,
    pub script: String,
}

impl FileArchive {
    /// Writes an entry and its script to the folder.
    pub async fn file(&self, entry: &Entry) -> Result<Filed, ArchiveError> {
        let name = || format!("{}-{}", entry.time.strftime("%Y%m%dT%H%M%SZ"), entry.run);
        let folder = self.of_run.get_or_init(|| async { self.folder.join(name()) }).await.clone();
        let entry = entry.clone();
        disk::blocking(move || write(&folder, &entry)).await
    }
}

impl ArchiveStore for FileArchive {
    async fn keep(&self, entry: &Entry) -> Result<Kept, ArchiveError> {
        Ok(self.file(entry).await?.kept)
    }
}

fn write(folder: &Path, entry: &Entry) -> Result<Filed, ArchiveError> {
    let mut json = serde_json::to_vec_pretty(entry)
        .map_err(|error| DiskError::at("write", folder)(io::Error::other(error)))?;
    json.push(b'\n');
    disk::make_folder(folder)?;
    let stem = entry.address.to_string().replace('/', "_");
    // An address can have two archives in one run: an event stream that is replaced, and then its successor.
    for nth in 1.. {
        let stem = if nth == 1 { stem.clone() } else { format!("{stem}-{nth}") };
        // Creating the script reserves the name; then the archive is written atomically.
        let script = restore_script(entry);
        match disk::write_new(&folder.join(format!("{stem}.restore.sh")), script.as_bytes(), 0o600) {
            Err(error) if error.source.kind() == io::ErrorKind::AlreadyExists => continue,
            written => written?,
        }
        let path = folder.join(format!("{stem}.json"));
        disk::replace(&path, &json)?;
        disk::sync_folder(disk::folder_of(folder))?;
        let kept = Kept { path: path.display().to_string(), digest: digest::of_bytes(&json) };
        let of_run = folder.file_name().unwrap_or_default().to_string_lossy();
        let (name, script_name) = (format!("{of_run}/{stem}.json"), format!("{of_run}/{stem}.restore.sh"));
        return Ok(Filed { kept, name, json, script_name, script });
    }
    unreachable!("some number is free")
}

/// The largest archive that is read, in bytes: a hundred times what AWS allows on one role.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Reads an archive and computes its digest.
pub fn read(path: &Path) -> Result<(Entry, Digest), ArchiveError> {
    let place = path.display().to_string();
    match disk::read(path, LARGEST)? {
        Some(json) => parse(&place, &json),
        None => Err(ArchiveError::Broken { path: place, reason: "it is not there".to_owned() }),
    }
}

/// Parses an archive and computes its digest. A newer format is refused unread. `place` is for messages.
pub fn parse(place: &str, json: &[u8]) -> Result<(Entry, Digest), ArchiveError> {
    /// The only field that is read of an unknown format.
    #[derive(serde::Deserialize)]
    struct Header {
        format: u32,
    }
    let broken =
        |error: serde_json::Error| ArchiveError::Broken { path: place.to_owned(), reason: error.to_string() };
    let Header { format } = serde_json::from_slice(json).map_err(broken)?;
    if format > FORMAT {
        return Err(ArchiveError::NewerFormat { path: place.to_owned(), format });
    }
    Ok((serde_json::from_slice(json).map_err(broken)?, digest::of_bytes(json)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::archive::{EventStream, Object};
    use pinpoint_streams_model::live::LiveEventStream;

    pub(in crate::archive) fn entry() -> Entry {
        let stream = EventStream {
            account: "123456789012".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            app_id: "abc".parse().unwrap(),
            event_stream: LiveEventStream { destination: "arn:d".to_owned(), role_arn: "arn:it's".to_owned() },
        };
        Entry {
            format: FORMAT,
            workspace: "growth".parse().unwrap(),
            lineage: "3f2a".parse().unwrap(),
            run: "r1".parse().unwrap(),
            time: jiff::Timestamp::UNIX_EPOCH,
            address: "event_stream.shop".parse().unwrap(),
            object: Object::EventStream(stream),
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_read_back_and_its_digest_agrees() {
        let folder = tempfile::tempdir().unwrap();
        let archive = FileArchive::new(folder.path().join("archive"));
        let (first, second) = (archive.keep(&entry()).await.unwrap(), archive.keep(&entry()).await.unwrap());
        assert!(first.path.ends_with("archive/19700101T000000Z-r1/event_stream.shop.json"), "{}", first.path);
        assert!(second.path.ends_with("event_stream.shop-2.json"), "{}", second.path);
        assert_eq!(read(Path::new(&first.path)).unwrap(), (entry(), first.digest));
        let script = std::fs::read_to_string(first.path.replace(".json", ".restore.sh")).unwrap();
        assert!(script.contains("put-event-stream"), "{script}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn whatever_a_role_is_called_its_archive_lies_in_the_folder_of_its_run_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("archive");
        let store = FileArchive::new(&root);
        let long = "x".repeat(64);
        for name in ["..", ".", "-rf", "=cmd", "a@b,c", ".hidden", "...", &long] {
            let address = format!("iam.123456789012/{name}").parse().unwrap();
            let kept = store.keep(&Entry { address, ..entry() }).await.unwrap();
            let path = Path::new(&kept.path);
            assert_eq!(path.parent().unwrap(), root.join("19700101T000000Z-r1"), "{name}");
            for file in [path.to_owned(), path.with_extension("restore.sh")] {
                assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
            }
        }
        for folder in [root.join("19700101T000000Z-r1"), root] {
            assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
        // No address leads out of the folder, because such addresses cannot be parsed.
        for bad in [
            "role.../x",
            "role./etc/passwd",
            "iam.123456789012/../x",
            "iam.123456789012/a\0",
            "app.a/b",
            "role.\u{202e}",
        ] {
            assert!(bad.parse::<pinpoint_streams_model::address::Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_archive_that_is_too_large_or_a_link_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("role.shop.json");
        std::fs::File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        let Err(ArchiveError::Disk(error)) = read(&path) else { panic!("it is too large") };
        assert_eq!(error.source.to_string(), "it is larger than 16 MiB");
        #[cfg(unix)]
        {
            let (whole, link) = (folder.path().join("whole.json"), folder.path().join("link.json"));
            std::fs::write(&whole, serde_json::to_vec(&entry()).unwrap()).unwrap();
            assert_eq!(read(&whole).unwrap().0, entry());
            std::os::unix::fs::symlink(&whole, &link).unwrap();
            let Err(ArchiveError::Disk(error)) = read(&link) else { panic!("it is a link") };
            assert_eq!(error.source.to_string(), "it is a symbolic link");
        }
    }
}
