//! Finds archives in a file, a directory or a bucket. If a local archive is missing, its copy in the state bucket is used.
use super::{S3Address, Store, Workspace};
use crate::ui::Error;
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::ids::RunId;
use pinpoint_streams_store::archive::{self, ArchiveError};
use pinpoint_streams_store::state::State;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// All archives of the workspace, here and in its bucket. One that cannot be read spoils no other.
pub(crate) async fn all_archives(
    workspace: &Workspace,
    state: Option<&State>,
) -> Result<Vec<Result<Archived, ArchiveError>>, Error> {
    let folder = &workspace.paths.archive;
    if folder.exists() {
        return Ok(archive::read_each(folder, state)?);
    }
    match Store::open(workspace).await?.remote() {
        None => Ok(Vec::new()),
        Some(remote) => {
            let remote = S3Address(remote.archive_url()).connect(workspace).await?;
            match remote.read_archives(&remote.location().key, state).await {
                Ok(archived) => Ok(archived.into_iter().map(Ok).collect()),
                // There are none.
                Err(ArchiveError::Broken { .. }) => Ok(Vec::new()),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// The folders of archives by run.
pub(crate) fn runs_with_archives(folder: &Path) -> Result<BTreeMap<RunId, PathBuf>, Error> {
    let read = |source| Error::File { operation: "read", path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        entries => entries.map_err(read)?,
    };
    let mut runs = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(read)?.path();
        if let Some(run) = path.file_name().and_then(run_of) {
            runs.insert(run, path);
        }
    }
    Ok(runs)
}

/// The run of a folder `<time>-<run>`.
fn run_of(folder: &OsStr) -> Option<RunId> {
    folder.to_str()?.split_once('-')?.1.parse().ok()
}

/// Reads the archives at a path. Also returns where they were found.
pub(crate) async fn archives_at(
    path: &Path,
    workspace: &Workspace,
    state: Option<&State>,
) -> Result<(String, Vec<Archived>), Error> {
    let url = match (S3Address::of_path(path), Store::open(workspace).await?.remote()) {
        (Some(S3Address(url)), _) => Some(url),
        (None, Some(remote)) if !path.exists() => below(&remote.archive_url(), path, &workspace.paths.archive),
        (None, _) => None,
    };
    let Some(url) = url else {
        return Ok((path.display().to_string(), archive::read_all(path, state)?));
    };
    // One archive, or all below a prefix.
    let is_one = url.ends_with(".json") || url.ends_with('/');
    let remote = S3Address(if is_one { url.clone() } else { format!("{url}/") }).connect(workspace).await?;
    let archived = remote.read_archives(&remote.location().key, state).await?;
    Ok((url, archived))
}

/// Maps a path below `folder` to the URL below `root`; `None` for other paths.
fn below(root: &str, path: &Path, folder: &Path) -> Option<String> {
    let parts: Vec<_> = path.strip_prefix(folder).ok()?.iter().map(|part| part.to_string_lossy()).collect();
    Some(format!("{root}{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_of_a_folder_follows_its_time() {
        let of = |name: &str| run_of(OsStr::new(name)).map(|run| run.to_string());
        assert_eq!(of("20261123T111256Z-7b8c988bcfc5").as_deref(), Some("7b8c988bcfc5"));
        assert_eq!(of("notes"), None);
    }

    #[test]
    fn what_is_gone_below_our_folder_has_its_place_in_the_bucket() {
        let folder = Path::new("/p/.pinpoint-streams/archive");
        let of = |path: &str| below("s3://b/k.archive/", Path::new(path), folder);
        assert_eq!(
            of("/p/.pinpoint-streams/archive/r1/role.shop.json").unwrap(),
            "s3://b/k.archive/r1/role.shop.json"
        );
        assert_eq!(of("/p/.pinpoint-streams/archive").unwrap(), "s3://b/k.archive/");
        assert_eq!(of("/p/elsewhere/r1"), None);
    }
}
