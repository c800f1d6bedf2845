//! Archives, found where they are meant: in a file or folder, in a bucket, or, where a folder of ours is gone that the
//! bucket of the state has too, there.
use super::{Store, Workspace};
use crate::ui::error::Error;
use pinpoint_streams_aws::ConnectOptions;
use pinpoint_streams_aws::s3::{Location, RemoteState};
use pinpoint_streams_model::archive::Archived;
use pinpoint_streams_model::manifest::S3State;
use pinpoint_streams_store::archive;
use pinpoint_streams_store::state::State;
use std::path::Path;

/// What an address in a bucket begins with.
const SCHEME: &str = "s3://";

/// Reads the archives that are meant, and says where they were found.
pub(crate) async fn archives_at(
    meant: &Path,
    workspace: &Workspace,
    state: Option<&State>,
) -> Result<(String, Vec<Archived>), Error> {
    let url = match (address(meant), Store::of(workspace).await?.remote()) {
        (Some(url), _) => Some(url),
        (None, Some(remote)) if !meant.exists() => below(&remote.archive_url(), meant, &workspace.places.archive),
        (None, _) => None,
    };
    let Some(url) = url else {
        return Ok((meant.display().to_string(), archive::read_all(meant, state)?));
    };
    let (remote, location) = bucket_of(&url, workspace).await?;
    let archived = remote.read_archives(&location.key, state).await?;
    Ok((url, archived))
}

/// The address in a bucket that was typed as a path, whatever folder it was joined to.
fn address(path: &Path) -> Option<String> {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let scheme = parts.iter().position(|part| part == "s3:")?;
    Some(format!("{SCHEME}{}", parts[scheme + 1..].join("/")))
}

/// The place below `root` in a bucket of what is below `folder` on disk; none where it is not.
fn below(root: &str, path: &Path, folder: &Path) -> Option<String> {
    let parts: Vec<_> = path.strip_prefix(folder).ok()?.iter().map(|part| part.to_string_lossy()).collect();
    Some(format!("{root}{}", parts.join("/")))
}

/// The bucket of this address, called as the state's own where it is that one, and what of it is meant: an
/// archive, or all below a folder.
async fn bucket_of(url: &str, workspace: &Workspace) -> Result<(RemoteState, Location), Error> {
    let is_one = url.ends_with(".json") || url.ends_with('/');
    let whole = if is_one { url.to_owned() } else { format!("{url}/") };
    let location = Location::of_url(&whole, None, None).ok_or_else(|| Error::Usage {
        message: format!("{url} names nothing in a bucket"),
        hint: "an archive looks like s3://BUCKET/KEY.archive/RUN/ADDRESS.json".to_owned(),
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
        assert_eq!(address(Path::new(typed)).as_deref(), Some(typed));
        assert_eq!(address(&Path::new("/home/ana").join(typed)).as_deref(), Some(typed));
        assert_eq!(address(Path::new("/home/ana/.pinpoint-streams/archive")), None);
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
