//! Whether a region's Pinpoint is unreachable because its host name no longer exists, as with CodeStar: it counts as
//! discontinued only if STS of the same region still responds with the same resolver and credentials.
use crate::account::Regional;
use crate::sts;
use aws_sdk_pinpoint::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::live::FailureKind;
use std::net::ToSocketAddrs;

/// Converts a connection error to `ServiceEnded` if that is proven.
pub(super) async fn unless_gone<T>(answer: Result<T, CloudError>, regional: &Regional) -> Result<T, CloudError> {
    match answer {
        Err(error) if error.kind == FailureKind::Connection && has_no_name(regional).await => {
            let message = "the name of the service is gone, while STS of the region answers".to_owned();
            let (kind, code) = (FailureKind::ServiceEnded, "NoDnsName".to_owned());
            // Whether the call was sent is for `error` to say: the name may have gone after it.
            Err(CloudError { kind, code, message, ..error })
        }
        answer => answer,
    }
}

async fn has_no_name(regional: &Regional) -> bool {
    let Some(host) = regional.real_host().await else { return false };
    let resolves = match &regional.resolves {
        Some(resolves) => resolves(&host),
        // An aborted lookup proves nothing.
        None => tokio::task::spawn_blocking(move || (host.as_str(), 443).to_socket_addrs().is_ok())
            .await
            .unwrap_or(true),
    };
    !resolves && sts::answers(&regional.config).await
}

impl Regional {
    /// AWS's host name of Pinpoint in this region; none with a custom endpoint.
    async fn real_host(&self) -> Option<String> {
        let config = &self.config;
        if self.pinpoint_endpoint_is_set() {
            return None;
        }
        let params = Params::builder()
            .set_region(config.region().map(ToString::to_string))
            .set_use_fips(config.use_fips())
            .set_use_dual_stack(config.use_dual_stack())
            .build()
            .ok()?;
        let endpoint = DefaultResolver::new().resolve_endpoint(&params).await.ok()?;
        endpoint.url().strip_prefix("https://").map(|host| host.trim_end_matches('/').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::account::Account;
    use aws_config::BehaviorVersion;
    use aws_types::SdkConfig;
    use aws_types::sdk_config::Builder;

    async fn host(set: impl Fn(Builder) -> Builder) -> Option<String> {
        let config = set(SdkConfig::builder().behavior_version(BehaviorVersion::latest())).build();
        let account =
            Account::new(crate::sts::Caller { account: "123456789012".parse().unwrap(), arn: None }, config, None);
        account.regional(&"eu-west-1".parse().unwrap()).real_host().await
    }

    #[tokio::test]
    async fn the_name_looked_up_is_the_one_that_is_called() {
        assert_eq!(host(|config| config).await.as_deref(), Some("pinpoint.eu-west-1.amazonaws.com"));
        let dual_stack = host(|config| config.use_dual_stack(true)).await;
        assert_eq!(dual_stack.as_deref(), Some("pinpoint.eu-west-1.api.aws"));
    }

    #[tokio::test]
    async fn an_endpoint_that_somebody_set_proves_nothing_of_awss_names() {
        assert_eq!(host(|config| config.endpoint_url("http://localhost:5000")).await, None);
    }
}
