//! Finds archives in a file, a directory or a bucket. If a local archive is missing, its copy in the state bucket is used.
use super::{Store, Workspace};
use crate::ui::error::Error;
use pinpoint_streams_aws::ConnectOptions;
use pinpoint_streams_aws::s3::{Location, RemoteState};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::manifest::S3State;
use pinpoint_streams_store::archive;
use pinpoint_streams_store::state::State;
use std::path::Path;

const SCHEME: &str = "s3://";

/// Reads the archives at a path. Also returns where they were found.
pub(crate) async fn archives_at(
    path: &Path,
    workspace: &Workspace,
    state: Option<&State>,
) -> Result<(String, Vec<Archived>), Error> {
    let url = match (s3_url(path), Store::open(workspace).await?.remote()) {
        (Some(url), _) => Some(url),
        (None, Some(remote)) if !path.exists() => below(&remote.archive_url(), path, &workspace.paths.archive),
        (None, _) => None,
    };
    let Some(url) = url else {
        return Ok((path.display().to_string(), archive::read_all(path, state)?));
    };
    let (remote, location) = bucket_of(&url, workspace).await?;
    let archived = remote.read_archives(&location.key, state).await?;
    Ok((url, archived))
}

/// The S3 URL that was given as a path, and possibly joined to a directory.
fn s3_url(path: &Path) -> Option<String> {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let scheme = parts.iter().position(|part| part == "s3:")?;
    Some(format!("{SCHEME}{}", parts[scheme + 1..].join("/")))
}

/// Maps a path below `folder` to the URL below `root`; `None` for other paths.
fn below(root: &str, path: &Path, folder: &Path) -> Option<String> {
    let parts: Vec<_> = path.strip_prefix(folder).ok()?.iter().map(|part| part.to_string_lossy()).collect();
    Some(format!("{root}{}", parts.join("/")))
}

/// The bucket and key of this URL: an archive, or a prefix. Uses the region and profile of the state bucket if it is the
/// same.
async fn bucket_of(url: &str, workspace: &Workspace) -> Result<(RemoteState, Location), Error> {
    let is_one = url.ends_with(".json") || url.ends_with('/');
    let whole = if is_one { url.to_owned() } else { format!("{url}/") };
    let location = Location::of_url(&whole, None, None).ok_or_else(|| Error::Usage {
        message: format!("{url} is not an S3 URL with a key"),
        hint: "use a URL such as s3://BUCKET/KEY.archive/RUN/ADDRESS.json".to_owned(),
    })?;
    let own = workspace.remote.as_ref().filter(|remote| remote.bucket.as_str() == location.bucket);
    let location = match own {
        Some(S3State { region, profile, .. }) => {
            let region = region.as_ref().map(ToString::to_string);
            Location { region, profile: profile.clone(), ..location }
        }
        None => location,
    };
    let options = ConnectOptions::new(workspace.name.clone(), None);
    Ok((RemoteState::connect(&location, &options).await?, location))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_bucket_is_told_from_a_path() {
        let typed = "s3://growth-state/state.json.archive/r1/role.shop.json";
        assert_eq!(s3_url(Path::new(typed)).as_deref(), Some(typed));
        assert_eq!(s3_url(&Path::new("/home/ana").join(typed)).as_deref(), Some(typed));
        assert_eq!(s3_url(Path::new("/home/ana/.pinpoint-streams/archive")), None);
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
