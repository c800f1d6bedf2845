//! From what a manifest says of its accounts to clients that are allowed in.
use crate::account::Account;
use crate::calling::Timeouts;
use crate::classify::{Asked, no_account, not_connected};
use crate::connect_error::{ConnectError, Failure};
use crate::{session, sts};
use aws_config::identity::IdentityCache;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, ConfigLoader};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::app_name::AppName;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use aws_types::{SdkConfig, region};
use futures::StreamExt;
use pinpoint_streams_executor::cloud::CloudError;
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RunId, Workspace};
use pinpoint_streams_model::region::Partition;
use std::collections::BTreeMap;
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
    /// The external id to assume the role with.
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

/// How many accounts are reached at once: an organization may have thousands.
const AT_ONCE: usize = 16;

/// What holds for all accounts.
#[derive(Clone)]
pub struct ConnectOptions {
    /// Who calls: part of the session's name and of the user agent, so that CloudTrail shows it.
    pub workspace: Workspace,
    /// The run, where there is one.
    pub run: Option<RunId>,
    /// How long to wait.
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
    /// The network, the real credentials, the usual timeouts.
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

/// AWS, as far as the accounts given go. Cheap to clone; clones share their clients.
#[derive(Debug, Clone)]
pub struct Aws {
    accounts: Arc<BTreeMap<AccountId, Result<Account, ConnectError>>>,
    aliases: Arc<BTreeMap<AccountAlias, AccountId>>,
    unidentified: Arc<[ConnectError]>,
}

impl Aws {
    /// Finds out, for all accounts at once, whose the credentials are (STS GetCallerIdentity: one call for each
    /// place that credentials come from, and one for each role that is assumed from there).
    ///
    /// An account whose id is given and that cannot be reached does not stop the others: every call for it
    /// answers with what was wrong (kept in [`Aws::failures`]), so that a plan can name all the addresses
    /// it means. One whose id is not given is in [`Aws::unidentified`]. It is an error only where no account can be
    /// reached.
    /// Of two aliases of one account the first in order whose credentials work is the one that is called with.
    pub async fn connect(
        accounts: &BTreeMap<AccountAlias, AccountCredentials>,
        options: ConnectOptions,
    ) -> Result<Aws, ConnectError> {
        let origins = origins(accounts.values(), &options).await;
        let asked = accounts.iter().map(|(alias, credentials)| {
            let (origins, options) = (&origins, &options);
            async move { (alias, credentials, reach(credentials, origins, options).await) }
        });
        let outcomes: Vec<_> = futures::stream::iter(asked).buffered(AT_ONCE).collect().await;
        let (mut aliases, mut reached, mut unidentified) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for (alias, credentials, outcome) in outcomes {
            let outcome = outcome.map_err(|failure| failure.of(alias.clone(), credentials));
            let id = match (&credentials.id, &outcome) {
                (Some(id), _) => id.clone(),
                (None, Ok(account)) => account.caller.clone(),
                (None, Err(error)) => {
                    unidentified.push(error.clone());
                    continue;
                }
            };
            aliases.insert(alias.clone(), id.clone());
            if !matches!(reached.get(&id), Some(Ok(_))) {
                reached.insert(id, outcome);
            }
        }
        let mut failures =
            unidentified.iter().chain(reached.values().filter_map(|outcome| outcome.as_ref().err()));
        if reached.values().all(Result::is_err)
            && let Some(error) = failures.next()
        {
            return Err(error.clone());
        }
        Ok(Aws { accounts: Arc::new(reached), aliases: Arc::new(aliases), unidentified: unidentified.into() })
    }

    /// The account that each alias means: the declared one, or for an alias without an id the caller's.
    pub fn accounts(&self) -> &BTreeMap<AccountAlias, AccountId> {
        &self.aliases
    }

    /// The accounts that could not be reached, and why.
    pub fn failures(&self) -> impl Iterator<Item = &ConnectError> {
        self.accounts.values().filter_map(|account| account.as_ref().err())
    }

    /// The aliases without an id whose credentials lead nowhere, and why.
    pub fn unidentified(&self) -> &[ConnectError] {
        &self.unidentified
    }

    /// By alias: the account that is meant, and whose the credentials are or why it cannot be reached.
    pub fn callers(&self) -> impl Iterator<Item = (&AccountAlias, &AccountId, Result<&AccountId, &ConnectError>)> {
        self.aliases.iter().filter_map(|(alias, id)| {
            let outcome = self.accounts.get(id)?;
            Some((alias, id, outcome.as_ref().map(|account| &account.caller)))
        })
    }

    /// The first account, in the order of their ids, that could be reached.
    pub(crate) fn first(&self, asked: Asked) -> Result<&Account, CloudError> {
        let mut outcomes = self.accounts.values();
        match (self.accounts.values().find_map(|account| account.as_ref().ok()), outcomes.next()) {
            (Some(account), _) => Ok(account),
            (None, Some(Err(error))) => Err(error.as_cloud_error()),
            (None, _) => Err(no_account(asked)),
        }
    }

    /// The clients of an account; an error where it cannot be reached or was never declared.
    pub(crate) fn account(&self, asked: Asked, id: &AccountId) -> Result<&Account, CloudError> {
        match self.accounts.get(id) {
            Some(Ok(account)) => Ok(account),
            Some(Err(error)) => Err(error.as_cloud_error()),
            None => Err(not_connected(asked, id)),
        }
    }
}

/// Where credentials come from, before any role is assumed: partition, profile, and the key given in their place.
type Origin = (Partition, Option<String>, Option<String>);
/// Whose they are, and the configuration that holds them.
type Origins = BTreeMap<Origin, Result<(AccountId, SdkConfig), Failure>>;

fn origin(credentials: &AccountCredentials, options: &ConnectOptions) -> Origin {
    let key = options.static_credentials.as_ref().map(|access_key| access_key(credentials.id.as_ref()));
    (credentials.partition, credentials.profile.clone(), key)
}

/// Asks whose the credentials are, once for all accounts that are reached from one place.
async fn origins<'a>(accounts: impl Iterator<Item = &'a AccountCredentials>, options: &ConnectOptions) -> Origins {
    let first: BTreeMap<Origin, &AccountCredentials> =
        accounts.map(|credentials| (origin(credentials, options), credentials)).collect();
    let asked = first.into_iter().map(|(origin, credentials)| async move {
        let found = found(credentials, options).await;
        (origin, found)
    });
    futures::stream::iter(asked).buffered(AT_ONCE).collect().await
}

async fn found(
    credentials: &AccountCredentials,
    options: &ConnectOptions,
) -> Result<(AccountId, SdkConfig), Failure> {
    if let (Some(profile), None) = (&credentials.profile, &options.static_credentials) {
        must_exist(profile).await?;
    }
    let config = load(credentials, options).await;
    Ok((sts::caller(&config).await?, config))
}

/// The account, by way of the role that is to be assumed in it, if any.
async fn reach(
    credentials: &AccountCredentials,
    origins: &Origins,
    options: &ConnectOptions,
) -> Result<Account, Failure> {
    let origin = origin(credentials, options);
    let (caller, config) = match origins.get(&origin) {
        Some(Ok((caller, config))) => (caller.clone(), config.clone()),
        Some(Err(failure)) => return Err(failure.clone()),
        None => found(credentials, options).await?,
    };
    let account = |caller, config| Account::new(caller, config, options.resolves.clone());
    let Some(role) = credentials.assume_role.as_ref() else { return Ok(account(caller, config)) };
    if caller == *credentials.id.as_ref().unwrap_or(&role.account) {
        return Ok(account(caller, config));
    }
    let config = assume(role, credentials, options, config).await;
    let caller = sts::caller(&config).await.map_err(|error| Failure::Assuming(role.clone(), Box::new(error)))?;
    Ok(account(caller, config))
}

/// The SDK would pass over a profile that does not exist, and try what comes next in its chain.
pub(crate) async fn must_exist(profile: &str) -> Result<(), Failure> {
    let set = aws_config::profile::load(&Fs::real(), &Env::real(), &Default::default(), None).await;
    let set = set.map_err(|error| Failure::ProfileFile(Arc::new(error)))?;
    match set.get_profile(profile) {
        Some(_) => Ok(()),
        None => Err(Failure::UnknownProfile(profile.to_owned())),
    }
}

async fn load(credentials: &AccountCredentials, options: &ConnectOptions) -> SdkConfig {
    let region = region::Region::new(credentials.partition.global_region().to_string());
    let key = options.static_credentials.as_ref().map(|access_key| access_key(credentials.id.as_ref()));
    configured(region, credentials.profile.as_deref(), key, options).await
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

async fn assume(
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
