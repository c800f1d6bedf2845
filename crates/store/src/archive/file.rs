//! Archives in files: a folder per run, with a JSON file and a script per resource.
use super::{ArchiveError, ArchiveStore, Archived, Entry, FORMAT, Kept, restore_script};
use crate::disk::{self, DiskError};
use crate::state::State;
use pinpoint_streams_model::digest::{self, Digest};
use std::path::{Path, PathBuf};
use std::{fs, io};

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
    let broken =
        |error: serde_json::Error| ArchiveError::Broken { path: place.to_owned(), reason: error.to_string() };
    let format = crate::format_of(json).map_err(broken)?;
    if format > FORMAT {
        return Err(ArchiveError::NewerFormat { path: place.to_owned(), format });
    }
    Ok((serde_json::from_slice(json).map_err(broken)?, digest::of_bytes(json)))
}

/// The maximum number of archives in one folder.
const MOST: usize = 100_000;

/// The archive in this file, or all archives below this folder, ordered by path.
pub fn read_all(path: &Path, state: Option<&State>) -> Result<Vec<Archived>, ArchiveError> {
    read_each(path, state)?.into_iter().collect()
}

/// The same, where one that cannot be read spoils no other.
pub fn read_each(path: &Path, state: Option<&State>) -> Result<Vec<Result<Archived, ArchiveError>>, ArchiveError> {
    let mut files = Vec::new();
    if path.is_dir() {
        collect(path, &mut files)?;
        files.sort();
    } else {
        files.push(path.to_owned());
    }
    let broken = |reason: String| Err(ArchiveError::Broken { path: path.display().to_string(), reason });
    match files.len() {
        0 => return broken("it contains no archives".to_owned()),
        many if many > MOST => return broken(format!("it contains more than {MOST} archives")),
        _ => {}
    }
    Ok(files.iter().map(|file| found(file, state)).collect())
}

/// Whether the state knows this archive, so a run of this workspace wrote it.
pub fn is_verified(digest: &Digest, state: Option<&State>) -> bool {
    state.is_some_and(|state| state.archives.values().any(|known| known == digest))
}

fn found(file: &Path, state: Option<&State>) -> Result<Archived, ArchiveError> {
    let (entry, digest) = read(file)?;
    let is_verified = is_verified(&digest, state);
    Ok(Archived { path: file.display().to_string(), digest, is_verified, entry })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), DiskError> {
    for entry in fs::read_dir(folder).map_err(DiskError::at("read", folder))? {
        let entry = entry.map_err(DiskError::at("read", folder))?;
        let (kind, path) = (entry.file_type().map_err(DiskError::at("read", folder))?, entry.path());
        // Links are not followed, so no folder is read twice.
        if kind.is_dir() {
            if files.len() <= MOST {
                collect(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::archive::{EventStream, Object};
    use pinpoint_streams_model::ids::Serial;
    use pinpoint_streams_model::live::LiveEventStream;
    use pinpoint_streams_model::recorded::Recorded;
    use std::collections::BTreeMap;

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
        let script = fs::read_to_string(first.path.replace(".json", ".restore.sh")).unwrap();
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
                assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
            }
        }
        for folder in [root.join("19700101T000000Z-r1"), root] {
            assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
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
        fs::File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        let Err(ArchiveError::Disk(error)) = read(&path) else { panic!("it is too large") };
        assert_eq!(error.source.to_string(), "it is larger than 16 MiB");
        #[cfg(unix)]
        {
            let (whole, link) = (folder.path().join("whole.json"), folder.path().join("link.json"));
            fs::write(&whole, serde_json::to_vec(&entry()).unwrap()).unwrap();
            assert_eq!(read(&whole).unwrap().0, entry());
            std::os::unix::fs::symlink(&whole, &link).unwrap();
            let Err(ArchiveError::Disk(error)) = read(&link) else { panic!("it is a link") };
            assert_eq!(error.source.to_string(), "it is a symbolic link");
        }
    }

    #[tokio::test]
    async fn archives_are_found_below_their_folder_and_only_what_the_state_knows_is_verified() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("archive");
        let archive = FileArchive::new(&root);
        let (first, second) = (archive.keep(&entry()).await.unwrap(), archive.keep(&entry()).await.unwrap());
        let lineage = Some("3f2a".parse().unwrap());
        let recorded = Recorded { lineage, serial: Serial(1), ..Recorded::default() };
        let known = BTreeMap::from([("elsewhere by now".to_owned(), first.digest.clone())]);
        let state = State::of(&"growth".parse().unwrap(), &recorded, known).unwrap();
        // One extra space makes it another archive.
        let text = fs::read_to_string(&second.path).unwrap();
        fs::write(&second.path, format!("{text} ")).unwrap();
        let found = read_all(&root, Some(&state)).unwrap();
        let seen: Vec<_> = found.iter().map(|one| (one.path.as_str(), one.is_verified)).collect();
        assert_eq!(seen, [(second.path.as_str(), false), (first.path.as_str(), true)]);
        assert!(!is_verified(&first.digest, None));
        assert_eq!(read_all(Path::new(&first.path), None).unwrap()[0].entry, entry());
        assert!(read_all(folder.path().join("no such").as_path(), None).is_err());
    }
}
