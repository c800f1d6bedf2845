//! From a location to a client that may go there. Makes no call.
use super::error::S3Error;
use super::location::Location;
use super::objects::Objects;
use super::s3_time::S3Time;
use super::seen::Seen;
use crate::calling::without_budget;
use crate::connect::must_exist;
use crate::credentials::{ConnectOptions, configured, endpoint_override};
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::profile::ProfileFileRegionProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The region where nothing says another: S3 answers from there where a bucket really is.
const ANY_REGION: &str = "us-east-1";

/// A state in S3 with its lock and its archives. Cheap to clone; clones and all stores made of it share what was
/// last read.
#[derive(Debug, Clone)]
pub struct RemoteState {
    pub(super) at: Location,
    pub(super) objects: Objects,
    pub(super) seen: Arc<Mutex<Option<Seen>>>,
}

impl RemoteState {
    /// The state at this location, reached with these options. Looks up profile and region, and calls nobody:
    /// what is wrong with credentials, region or bucket is said by the first call.
    ///
    /// Another endpoint is gone to where the environment or the profile names one, and is asked by path, since
    /// few but AWS answer to the name of a bucket.
    pub async fn connect(at: &Location, options: &ConnectOptions) -> Result<RemoteState, S3Error> {
        let Location { bucket, key: _, region, profile } = at;
        let access_key = options.static_credentials.as_ref().map(|access_key| access_key(None));
        if let (Some(profile), None) = (profile, &access_key) {
            must_exist(profile).await.map_err(|failure| S3Error::of_profile(at, failure))?;
        }
        let region = match region {
            Some(region) => Some(Region::new(region.clone())),
            None if access_key.is_some() => None,
            None => region_around(profile.as_deref()).await,
        };
        let region = region.unwrap_or(Region::from_static(ANY_REGION));
        let config = configured(region, profile.as_deref(), access_key, options).await;
        let time = S3Time::default();
        let mut client =
            aws_sdk_s3::config::Builder::from(&config).retry_partition(without_budget()).interceptor(time.clone());
        if is_elsewhere(&config) {
            client = client.force_path_style(true);
        }
        let client = aws_sdk_s3::Client::from_conf(client.build());
        let objects = Objects::new(client, bucket.clone(), options.timeouts, time);
        Ok(RemoteState { at: at.clone(), objects, seen: Arc::default() })
    }

    pub fn location(&self) -> &Location {
        &self.at
    }
}

/// The region that the environment names, or the profile.
async fn region_around(profile: Option<&str>) -> Option<Region> {
    use aws_config::meta::region::ProvideRegion;
    if let Some(region) = EnvironmentVariableRegionProvider::new().region().await {
        return Some(region);
    }
    let mut of_profile = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        of_profile = of_profile.profile_name(profile);
    }
    of_profile.build().region().await
}

/// Whether another endpoint than AWS's own is gone to, for all services or for this alone.
fn is_elsewhere(config: &SdkConfig) -> bool {
    endpoint_override(config, "S3").is_some_and(|endpoint| !endpoint.contains(".amazonaws.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_endpoints_that_are_not_of_aws_are_asked_by_path() {
        let of = |endpoint: Option<&str>| {
            let mut config = SdkConfig::builder();
            config.set_endpoint_url(endpoint.map(str::to_owned));
            is_elsewhere(&config.build())
        };
        assert!(!of(None));
        assert!(!of(Some("https://s3.eu-west-1.amazonaws.com")));
        assert!(!of(Some("https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com")));
        assert!(!of(Some("https://s3.cn-north-1.amazonaws.com.cn")));
        assert!(of(Some("http://127.0.0.1:5000")));
        assert!(of(Some("http://localhost:9000")));
        assert!(of(Some("https://storage.example.com")));
    }
}
