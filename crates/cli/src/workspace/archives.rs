//! Finds archives in a file, a directory or a bucket. If a local archive is missing, its copy in the state bucket is used.
use super::{S3Address, Store, Workspace};
use crate::ui::Error;
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_store::archive;
use pinpoint_streams_store::state::State;
use std::path::Path;

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
