//! Finding archives, and checking them against the state.
use super::file::read;
use super::{ArchiveError, Archived};
use crate::disk::DiskError;
use crate::state::State;
use pinpoint_streams_model::digest::Digest;
use std::fs;
use std::path::{Path, PathBuf};

/// The maximum number of archives in one folder.
const MOST: usize = 100_000;

/// The archive in this file, or all archives below this folder, ordered by path.
pub fn read_all(path: &Path, state: Option<&State>) -> Result<Vec<Archived>, ArchiveError> {
    let mut files = Vec::new();
    if path.is_dir() {
        collect(path, &mut files)?;
        files.sort();
    } else {
        files.push(path.to_owned());
    }
    if files.len() > MOST {
        let reason = format!("it contains more than {MOST} archives");
        return Err(ArchiveError::Broken { path: path.display().to_string(), reason });
    }
    if files.is_empty() {
        let reason = "it contains no archives".to_owned();
        return Err(ArchiveError::Broken { path: path.display().to_string(), reason });
    }
    files.iter().map(|file| found(file, state)).collect()
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
mod tests {
    use super::*;
    use crate::archive::file::tests::entry;
    use crate::archive::{ArchiveStore, FileArchive};
    use pinpoint_streams_model::ids::Serial;
    use pinpoint_streams_model::recorded::Recorded;
    use std::collections::BTreeMap;

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
