//! Sources of an account's credentials, and the SDK configuration with them.
use crate::calling::Timeouts;
use crate::connect_error::Failure;
use crate::{http_client, profile, trust_store};
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::app_name::AppName;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use aws_types::{SdkConfig, region};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountId, RunId, Workspace};
use pinpoint_streams_model::region::Partition;
use std::fmt;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCredentials {
    /// None for the account that the credentials belong to.
    pub id: Option<AccountId>,
    /// IAM and STS are called in this partition's global region; the environment's region is never used.
    pub partition: Partition,
    /// A profile of the AWS configuration files; none for the SDK's credential chain. Unlike in the chain, keys in the
    /// environment do not take precedence over it.
    pub profile: Option<String>,
    /// A role to assume, unless the caller is already in its account.
    pub assume_role: Option<RoleArn>,
    pub external_id: Option<String>,
    /// None for `ps-WORKSPACE-RUN`.
    pub session_name: Option<String>,
}

impl AccountCredentials {
    /// The SDK's credential chain.
    pub fn chain(partition: Partition) -> AccountCredentials {
        let (id, profile, assume_role, external_id, session_name) = (None, None, None, None, None);
        AccountCredentials { id, partition, profile, assume_role, external_id, session_name }
    }
}

/// Returns the access key ID for an account, instead of real credentials.
pub type StaticCredentials = Arc<dyn Fn(Option<&AccountId>) -> String + Send + Sync>;

/// Whether a host name resolves, instead of the system's resolver.
pub type HostLookup = Arc<dyn Fn(&str) -> bool + Send + Sync>;

#[derive(Clone)]
pub struct ConnectOptions {
    /// Part of the session name and of the user agent, for CloudTrail.
    pub workspace: Workspace,
    pub run: Option<RunId>,
    pub timeouts: Timeouts,
    /// The client of all accounts that have no CA bundle of their own.
    pub network: SharedHttpClient,
    /// Instead of the network.
    pub http_client: Option<SharedHttpClient>,
    /// The resolver for a custom `http_client`; without it, every name resolves.
    pub resolves: Option<HostLookup>,
    /// Keys that are not secret, for the sandbox and for tests. The environment and the configuration files are then
    /// ignored, including endpoints.
    pub static_credentials: Option<StaticCredentials>,
}

impl ConnectOptions {
    /// Whether this name resolves; none to ask the system.
    pub(crate) fn host_lookup(&self) -> Option<HostLookup> {
        let every_name = || self.http_client.is_some().then(|| -> HostLookup { Arc::new(|_| true) });
        self.resolves.clone().or_else(every_name)
    }

    pub fn new(workspace: Workspace, run: Option<RunId>) -> ConnectOptions {
        let (timeouts, network) = (Timeouts::default(), http_client::default());
        let (http_client, resolves, static_credentials) = (None, None, None);
        ConnectOptions { workspace, run, timeouts, network, http_client, resolves, static_credentials }
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConnectOptions { workspace, run, timeouts, network: _, http_client, resolves, static_credentials } =
            self;
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

/// The configuration of all clients with one source of credentials. `key` replaces real credentials, the environment and
/// the configuration files. Fails only if the file of `AWS_CA_BUNDLE` or `ca_bundle`, or a custom endpoint, is unusable.
pub(crate) async fn configured(
    region: region::Region,
    profile: Option<&str>,
    key: Option<String>,
    options: &ConnectOptions,
) -> Result<SdkConfig, Failure> {
    let http_client = match &options.http_client {
        Some(client) => client.clone(),
        None if key.is_some() => options.network.clone(),
        None => match profile::ca_bundle(profile).await {
            Some(path) => trust_store::client(&path)?,
            None => options.network.clone(),
        },
    };
    let mut loader: ConfigLoader = aws_config::defaults(BehaviorVersion::latest())
        .region(region.clone())
        .http_client(http_client.clone())
        .retry_config(options.timeouts.repeated())
        .timeout_config(options.timeouts.config());
    // Workspaces and runs consist of characters that are valid in an app name.
    if let Ok(name) = AppName::new(run_name(APP_NAME_LIMIT, &options.workspace, options.run.as_ref())) {
        loader = loader.app_name(name);
    }
    if let Some(key) = key {
        let config = loader.credentials_provider(Credentials::new(key, "none", None, None, "static")).load().await;
        return Ok(without_environment(config));
    }
    if let Some(profile) = profile {
        let environment = ProviderConfig::default().with_region(Some(region)).with_http_client(http_client);
        let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&environment);
        loader = loader.profile_name(profile).credentials_provider(provider.build());
    }
    let config = without_empty_settings(loader.load().await);
    check_endpoints(&config)?;
    Ok(config)
}

/// The services that are called, as the names of their settings contain them. Source: AWS SDKs and Tools Reference
/// Guide, "Service-specific endpoints".
const SERVICES: &[&str] = &[
    "AccessAnalyzer",
    "Account",
    "CloudFormation",
    "CloudTrail",
    "CloudWatch",
    "Config Service",
    "Firehose",
    "IAM",
    "Kinesis",
    "Lambda",
    "Organizations",
    "Pinpoint",
    "S3",
    "SESv2",
    "STS",
];

/// The ID of no service: its endpoint is the one that is set for all.
const NO_SERVICE: &str = "None";

/// Refuses a custom endpoint that is not an address, about which the SDK would say something of its own internals.
fn check_endpoints(config: &SdkConfig) -> Result<(), Failure> {
    let is_address = |value: &str| {
        let uri = value.parse::<http::Uri>().ok();
        let uri = uri.filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        uri.is_some_and(|uri| uri.host().is_some_and(|host| !host.is_empty()))
    };
    // What is not a URL at all is not in the configuration, but in the settings of every service.
    if let Some(value) = endpoint_override(config, NO_SERVICE).filter(|value| !is_address(value)) {
        let setting = "AWS_ENDPOINT_URL, or `endpoint_url` of the profile,".to_owned();
        return Err(Failure::Endpoint { setting, value });
    }
    for service in SERVICES {
        if let Some(value) = endpoint_override(config, service).filter(|value| !is_address(value)) {
            let name = service.to_uppercase().replace(' ', "_");
            let setting = format!("AWS_ENDPOINT_URL_{name}, or `endpoint_url` of the profile for that service,");
            return Err(Failure::Endpoint { setting, value });
        }
    }
    Ok(())
}

/// The AWS CLI takes an empty `AWS_ENDPOINT_URL` for one that is not set; the SDK panics.
fn without_empty_settings(config: SdkConfig) -> SdkConfig {
    let mut builder = config.to_builder().service_config(SetSettings(config.clone()));
    builder.set_endpoint_url(config.endpoint_url().filter(|url| !url.trim().is_empty()).map(str::to_owned));
    builder.set_credentials_provider(config.credentials_provider().map(sendable));
    builder.build()
}

/// The service-specific settings that are not empty.
#[derive(Debug)]
struct SetSettings(SdkConfig);

impl LoadServiceConfig for SetSettings {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.service_config()?.load_config(key).filter(|value| !value.trim().is_empty())
    }
}

fn without_environment(config: SdkConfig) -> SdkConfig {
    let mut builder = config.into_builder().service_config(NoSettings);
    builder.set_endpoint_url(None).set_use_fips(None).set_use_dual_stack(None);
    builder.build()
}

/// Replaces service-specific settings of the environment and the configuration files.
#[derive(Debug)]
struct NoSettings;

impl LoadServiceConfig for NoSettings {
    fn load_config(&self, _: ServiceConfigKey<'_>) -> Option<String> {
        None
    }
}

fn sendable(provider: SharedCredentialsProvider) -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Sendable(provider))
}

/// Refuses credentials that no HTTP header can hold, such as a key with a line break: the SDK panics.
#[derive(Debug)]
struct Sendable(SharedCredentialsProvider);

impl ProvideCredentials for Sendable {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let credentials = self.0.provide_credentials().await?;
            let sent = [Some(credentials.access_key_id()), credentials.session_token()];
            if sent.into_iter().flatten().any(|text| text.contains(|char: char| char.is_ascii_control())) {
                let message =
                    "the access key ID or the session token contains a line break or a control character";
                return Err(CredentialsError::invalid_configuration(message));
            }
            Ok(credentials)
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.0.fallback_on_interrupt()
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
        .unwrap_or_else(|| run_name(SESSION_LIMIT, &options.workspace, options.run.as_ref()));
    let mut provider = AssumeRoleProvider::builder(role.to_string()).session_name(session).configure(&config);
    if let Some(id) = &credentials.external_id {
        provider = provider.external_id(id);
    }
    let provider = sendable(SharedCredentialsProvider::new(provider.build().await));
    // A separate cache: the configuration's holds the credentials that assume the role.
    let cache = IdentityCache::lazy().build();
    config.into_builder().credentials_provider(provider).identity_cache(cache).build()
}

/// The custom endpoint in the environment or the profile, for one service or for all.
pub(crate) fn endpoint_override(config: &SdkConfig, service_id: &str) -> Option<String> {
    let key =
        ServiceConfigKey::builder().service_id(service_id).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let for_service = match (key, config.service_config()) {
        (Ok(key), Some(settings)) => settings.load_config(key),
        _ => None,
    };
    for_service.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// Maximum length of a session name, of `[\w+=,.@-]`. Source: STS API reference, AssumeRole.
const SESSION_LIMIT: usize = 64;
/// Maximum length of an app name that the SDK recommends. Source: aws-types, `AppName`.
const APP_NAME_LIMIT: usize = 50;

/// The name of a run in CloudTrail, as role session and in the user agent: `ps-WORKSPACE-RUN`, or `ps-WORKSPACE` without
/// a run. If it is too long, the workspace is truncated, never the run, which makes it unique.
fn run_name(limit: usize, workspace: &Workspace, run: Option<&RunId>) -> String {
    let prefix = "ps-";
    let suffix = run.map(|run| format!("-{run}")).unwrap_or_default();
    // `Workspace` and `RunId` are ASCII.
    let room = limit.saturating_sub(prefix.len() + suffix.len());
    let workspace = workspace.as_str();
    let workspace = workspace.get(..room).unwrap_or(workspace);
    format!("{prefix}{workspace}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(workspace: &str, run: Option<&str>) -> String {
        let run: Option<RunId> = run.map(|run| run.parse().unwrap());
        run_name(SESSION_LIMIT, &workspace.parse().unwrap(), run.as_ref())
    }

    #[test]
    fn a_session_is_named_after_workspace_and_run() {
        assert_eq!(name("growth", Some("20261123-7f3a")), "ps-growth-20261123-7f3a");
        assert_eq!(name("growth", None), "ps-growth");
    }

    #[derive(Debug)]
    struct Setting(&'static str);

    impl LoadServiceConfig for Setting {
        fn load_config(&self, _: ServiceConfigKey<'_>) -> Option<String> {
            Some(self.0.to_owned())
        }
    }

    #[test]
    fn an_empty_endpoint_counts_as_not_set() {
        let endpoint = |own: &'static str, general: &str| {
            let config = SdkConfig::builder().service_config(Setting(own)).endpoint_url(general).build();
            endpoint_override(&without_empty_settings(config), "STS")
        };
        assert_eq!(endpoint("", ""), None);
        assert_eq!(endpoint("", "http://general").as_deref(), Some("http://general"));
        assert_eq!(endpoint("http://own", "").as_deref(), Some("http://own"));
    }

    #[test]
    fn what_is_too_long_loses_its_workspace_and_keeps_its_run() {
        let run = "r".repeat(32);
        let long = name(&"w".repeat(64), Some(&run));
        assert_eq!(long.len(), 64);
        assert!(long.ends_with(&format!("w-{run}")), "{long}");
        let app = run_name(APP_NAME_LIMIT, &"w".repeat(64).parse().unwrap(), Some(&run.parse().unwrap()));
        assert_eq!(app.len(), 50);
    }
}
