//! Where an account's credentials come from, and the SDK configuration that holds them.
use crate::calling::Timeouts;
use crate::session;
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::app_name::AppName;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use aws_types::{SdkConfig, region};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountId, RunId, Workspace};
use pinpoint_streams_model::region::Partition;
use std::fmt;
use std::sync::Arc;

/// Where an account's credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCredentials {
    /// The account that is meant; none for "whatever the credentials lead to".
    pub id: Option<AccountId>,
    /// The partition of its regions. IAM and STS are called in that partition's global region; the
    /// environment's region is never used.
    pub partition: Partition,
    /// A profile of the AWS configuration files; none for the SDK's credential chain. A named profile is
    /// used alone: unlike in the SDK's chain, keys in the environment do not come before it.
    pub profile: Option<String>,
    /// A role to assume, skipped when the caller is in its account already.
    pub assume_role: Option<RoleArn>,
    pub external_id: Option<String>,
    /// The session's name; none for `ps-WORKSPACE-RUN`.
    pub session_name: Option<String>,
}

impl AccountCredentials {
    /// The SDK's credential chain, and whatever account it leads to.
    pub fn chain(partition: Partition) -> AccountCredentials {
        let (id, profile, assume_role, external_id, session_name) = (None, None, None, None, None);
        AccountCredentials { id, partition, profile, assume_role, external_id, session_name }
    }
}

/// Gives the access key id with which an account is called, in place of all real credentials.
pub type StaticCredentials = Arc<dyn Fn(Option<&AccountId>) -> String + Send + Sync>;

/// Whether a name of the network resolves, in place of the system's resolver.
pub type HostLookup = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What holds for all accounts.
#[derive(Clone)]
pub struct ConnectOptions {
    /// Who calls: part of the session's name and of the user agent, so that CloudTrail shows it.
    pub workspace: Workspace,
    pub run: Option<RunId>,
    pub timeouts: Timeouts,
    /// The transport, in place of the network.
    pub http_client: Option<SharedHttpClient>,
    /// What resolves names where `http_client` is not the network; without it no name there is ever gone.
    pub resolves: Option<HostLookup>,
    /// Keys that are no secret, for the sandbox and for tests. With them nothing of the environment and of
    /// the configuration files is used, endpoints included.
    pub static_credentials: Option<StaticCredentials>,
}

impl ConnectOptions {
    pub fn new(workspace: Workspace, run: Option<RunId>) -> ConnectOptions {
        let timeouts = Timeouts::default();
        ConnectOptions { workspace, run, timeouts, http_client: None, resolves: None, static_credentials: None }
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConnectOptions { workspace, run, timeouts, http_client, resolves, static_credentials } = self;
        f.debug_struct("ConnectOptions")
            .field("workspace", workspace)
            .field("run", run)
            .field("timeouts", timeouts)
            .field("http_client", http_client)
            .field("resolves", &resolves.is_some())
            .field("static_credentials", &static_credentials.is_some())
            .finish()
    }
}

/// The configuration of all clients of one place that credentials come from. `key` stands for all real
/// credentials, and for the environment and the configuration files too.
pub(crate) async fn configured(
    region: region::Region,
    profile: Option<&str>,
    key: Option<String>,
    options: &ConnectOptions,
) -> SdkConfig {
    let mut loader: ConfigLoader = aws_config::defaults(BehaviorVersion::latest())
        .region(region.clone())
        .retry_config(options.timeouts.repeated())
        .timeout_config(options.timeouts.config());
    // A workspace and a run are of characters that an app name may have; were they not, it is left out.
    if let Ok(name) = AppName::new(session::app_name(&options.workspace, options.run.as_ref())) {
        loader = loader.app_name(name);
    }
    if let Some(client) = &options.http_client {
        loader = loader.http_client(client.clone());
    }
    if let Some(key) = key {
        let config = loader.credentials_provider(Credentials::new(key, "none", None, None, "static")).load().await;
        return without_environment(config);
    }
    if let Some(profile) = profile {
        let mut environment = ProviderConfig::default().with_region(Some(region));
        if let Some(client) = &options.http_client {
            environment = environment.with_http_client(client.clone());
        }
        let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&environment);
        loader = loader.profile_name(profile).credentials_provider(provider.build());
    }
    loader.load().await
}

/// The same configuration without what it took from the environment and the configuration files.
fn without_environment(config: SdkConfig) -> SdkConfig {
    let mut builder = config.into_builder().service_config(NoSettings);
    builder.set_endpoint_url(None).set_use_fips(None).set_use_dual_stack(None);
    builder.build()
}

/// In place of what the environment and the configuration files say of single services.
#[derive(Debug)]
struct NoSettings;

impl LoadServiceConfig for NoSettings {
    fn load_config(&self, _: ServiceConfigKey<'_>) -> Option<String> {
        None
    }
}

pub(crate) async fn assume(
    role: &RoleArn,
    credentials: &AccountCredentials,
    options: &ConnectOptions,
    config: SdkConfig,
) -> SdkConfig {
    let session = credentials
        .session_name
        .clone()
        .unwrap_or_else(|| session::session_name(&options.workspace, options.run.as_ref()));
    let mut provider = AssumeRoleProvider::builder(role.to_string()).session_name(session).configure(&config);
    if let Some(id) = &credentials.external_id {
        provider = provider.external_id(id);
    }
    let provider = SharedCredentialsProvider::new(provider.build().await);
    // A cache of its own: the one in the configuration holds the credentials that the role is assumed with.
    let cache = IdentityCache::lazy().build();
    config.into_builder().credentials_provider(provider).identity_cache(cache).build()
}

/// The endpoint that the environment or the profile sets in place of AWS's own, for one service or for all.
pub(crate) fn endpoint_override(config: &SdkConfig, service_id: &str) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id(service_id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let for_service = match (key, config.service_config()) {
        (Ok(key), Some(settings)) => settings.load_config(key),
        _ => None,
    };
    for_service.or_else(|| config.endpoint_url().map(str::to_owned))
}
