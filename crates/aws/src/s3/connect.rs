//! The client for a location in S3.
use super::error::S3Error;
use super::location::Location;
use super::objects::{Objects, Over, Versioning};
use crate::answer_form::SizeLimit;
use crate::calling::without_budget;
use crate::connect_error::Failure;
use crate::credentials::{ConnectOptions, configured, endpoint_override};
use crate::profile::{CredentialSettings, default_region, must_exist};
use crate::service_time::ServiceTime;
use aws_types::SdkConfig;
use aws_types::region::Region;
use pinpoint_streams_model::ids::{Lineage, Serial};
use pinpoint_streams_store::state::State;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The default region, which redirects to the bucket's.
const ANY_REGION: &str = "us-east-1";

/// A state in S3 with its lock and its archives. Cheap to clone; clones and their stores share the last read version.
#[derive(Debug, Clone)]
pub struct RemoteState {
    pub(super) at: Location,
    pub(super) objects: Objects,
    pub(super) seen: Arc<Mutex<Option<Seen>>>,
}

impl RemoteState {
    /// Reads profile and region but makes no call: the first call reports problems with credentials, region or bucket.
    ///
    /// A custom endpoint of the environment or the profile is called with path-style URLs, since few services but AWS
    /// support virtual hosts.
    pub async fn connect(at: &Location, options: &ConnectOptions) -> Result<RemoteState, S3Error> {
        let Location { bucket, key: _, region, profile, encryption } = at;
        let access_key = options.static_credentials.as_ref().map(|access_key| access_key(None));
        let failed = |failure: Failure| S3Error::of_cloud(&at.to_string(), None, failure.into_cloud_error());
        if let (Some(profile), None) = (profile, &access_key) {
            must_exist(profile).await.map_err(failed)?;
        }
        let settings = match access_key {
            // An error in the configuration files is reported by the first call.
            None => Some(CredentialSettings::read(profile.as_deref()).await),
            Some(_) => None,
        };
        let region = match region {
            Some(region) => Some(Region::new(region.clone())),
            None if access_key.is_some() => None,
            None => default_region(profile.as_deref()).await,
        };
        let region = region.unwrap_or(Region::from_static(ANY_REGION));
        let config = configured(region, profile.as_deref(), access_key, options).await.map_err(failed)?;
        let time = ServiceTime::default();
        let mut client = aws_sdk_s3::config::Builder::from(&config)
            .retry_partition(without_budget())
            .interceptor(time.clone())
            .interceptor(SizeLimit);
        if has_custom_endpoint(&config) {
            client = client.force_path_style(true);
        }
        let client = aws_sdk_s3::Client::from_conf(client.build());
        let objects = Objects::new(client, bucket.clone(), encryption.clone(), options.timeouts, time, settings);
        Ok(RemoteState { at: at.clone(), objects, seen: Arc::default() })
    }

    pub fn location(&self) -> &Location {
        &self.at
    }

    /// Whether the bucket keeps old versions of objects. [`Versioning::Unknown`] if the caller may not read that.
    pub async fn versioning(&self) -> Result<Versioning, S3Error> {
        self.objects.versioning().await
    }

    /// The object at the location, whatever it is; none if there is none.
    pub async fn read(&self) -> Result<Option<Vec<u8>>, S3Error> {
        Ok(self.objects.get(&self.at.key).await?.map(|object| object.bytes))
    }
}

/// The version of the state object that was last read or written, on which the next write is conditional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Nothing,
    State { etag: String, lineage: Lineage, serial: Serial },
}

impl Seen {
    pub(super) fn of(state: &State, etag: String) -> Seen {
        Seen::State { etag, lineage: state.lineage.clone(), serial: state.serial }
    }

    pub(super) fn predecessor(&self) -> Option<(&Lineage, Serial)> {
        match self {
            Seen::Nothing => None,
            Seen::State { etag: _, lineage, serial } => Some((lineage, *serial)),
        }
    }

    pub(super) fn over(&self) -> Over {
        match self {
            Seen::Nothing => Over::Nothing,
            Seen::State { etag, .. } => Over::ETag(etag.clone()),
        }
    }
}

/// Whether there is a custom endpoint outside AWS.
fn has_custom_endpoint(config: &SdkConfig) -> bool {
    endpoint_override(config, "S3").is_some_and(|endpoint| !endpoint.contains(".amazonaws.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_endpoints_that_are_not_of_aws_are_asked_by_path() {
        for (endpoint, is_custom) in [
            (None, false),
            (Some("https://s3.eu-west-1.amazonaws.com"), false),
            (Some("https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com"), false),
            (Some("https://s3.cn-north-1.amazonaws.com.cn"), false),
            (Some("http://127.0.0.1:5000"), true),
            (Some("http://localhost:9000"), true),
            (Some("https://storage.example.com"), true),
        ] {
            let mut config = SdkConfig::builder();
            config.set_endpoint_url(endpoint.map(str::to_owned));
            assert_eq!(has_custom_endpoint(&config.build()), is_custom, "{endpoint:?}");
        }
    }
}
