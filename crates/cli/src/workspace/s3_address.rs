//! An `s3://` URL that was given where a path can be.
use super::Workspace;
use crate::ui::Error;
use pinpoint_streams_aws::ConnectOptions;
use pinpoint_streams_aws::s3::{Location, RemoteState};
use pinpoint_streams_model::manifest::S3State;
use std::fmt;
use std::path::Path;

const SCHEME: &str = "s3://";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct S3Address(pub(super) String);

impl S3Address {
    /// The URL that was given as a path, and possibly joined to a directory.
    pub(crate) fn of_path(path: &Path) -> Option<S3Address> {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let scheme = parts.iter().position(|part| part == "s3:")?;
        Some(S3Address(format!("{SCHEME}{}", parts[scheme + 1..].join("/"))))
    }

    /// A connection to the bucket, with the region and profile of the state bucket if it is the same.
    pub(super) async fn connect(&self, workspace: &Workspace) -> Result<RemoteState, Error> {
        let location = Location::of_url(&self.0, None, None).ok_or_else(|| self.without_key())?;
        let own = workspace.remote.as_ref().filter(|remote| remote.bucket.as_str() == location.bucket);
        let location = match own {
            Some(S3State { region, profile, .. }) => {
                let region = region.as_ref().map(ToString::to_string);
                Location { region, profile: profile.clone(), ..location }
            }
            None => location,
        };
        let options = ConnectOptions::new(workspace.name.clone(), None);
        Ok(RemoteState::connect(&location, &options).await?)
    }

    /// The object at this address.
    pub(crate) async fn read(&self, workspace: &Workspace) -> Result<Vec<u8>, Error> {
        let remote = self.connect(workspace).await?;
        if remote.location().key.is_empty() {
            return Err(self.without_key());
        }
        remote.read().await?.ok_or_else(|| Error::NotFound {
            message: format!("there is no object {self}"),
            hint: "check the bucket and the key".to_owned(),
        })
    }

    fn without_key(&self) -> Error {
        Error::Usage {
            message: format!("{self} is not an S3 URL with a key"),
            hint: "use a URL such as s3://BUCKET/KEY".to_owned(),
        }
    }
}

impl fmt::Display for S3Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_bucket_is_distinguished_from_a_path() {
        let of = |path: &Path| S3Address::of_path(path).map(|address| address.to_string());
        let typed = "s3://growth-state/state.json.archive/r1/role.shop.json";
        assert_eq!(of(Path::new(typed)).as_deref(), Some(typed));
        assert_eq!(of(&Path::new("/home/ana").join(typed)).as_deref(), Some(typed));
        assert_eq!(of(Path::new("/home/ana/.pinpoint-streams/archive")), None);
    }
}
