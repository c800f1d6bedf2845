//! Connects to the accounts of a manifest.
use crate::account::Account;
use crate::classify::{ApiOperation, CloudError, not_connected};
use crate::connect_error::{ConnectError, Failure, source_of};
use crate::credentials::{AccountCredentials, ConnectOptions, assume, configured};
use crate::profile::{CredentialSettings, must_exist};
use crate::service_time::ServiceTime;
use crate::sts::{self, Caller};
use aws_types::{SdkConfig, region};
use futures::StreamExt;
use pinpoint_streams_model::ids::{AccountAlias, AccountId};
use pinpoint_streams_model::region::Partition;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Concurrent connections: an organization may have thousands of accounts.
const AT_ONCE: usize = 16;

/// AWS, for a set of accounts. Cheap to clone; clones share their clients.
#[derive(Debug, Clone)]
pub struct Aws {
    accounts: Arc<BTreeMap<AccountId, Result<Account, ConnectError>>>,
    aliases: Arc<BTreeMap<AccountAlias, AccountId>>,
    unidentified: Arc<[ConnectError]>,
    time: ServiceTime,
}

impl Aws {
    /// Determines the caller of every account (STS GetCallerIdentity: one call per source of credentials, and one per role
    /// that is assumed).
    ///
    /// An account with an ID that cannot be reached does not affect the others: every call for it returns the error (see
    /// [`Aws::failures`]), so that a plan can name all affected addresses. One without an ID is in
    /// [`Aws::unidentified`]. Fails only if no account can be reached.
    /// Of several aliases of one account, the first whose credentials work is used.
    pub async fn connect(
        accounts: &BTreeMap<AccountAlias, AccountCredentials>,
        options: ConnectOptions,
    ) -> Result<Aws, ConnectError> {
        let time = ServiceTime::default();
        let origins = origins(accounts.values(), &options, &time).await;
        let pending = accounts.iter().map(|(alias, credentials)| {
            let (origins, options, time) = (&origins, &options, &time);
            async move { (alias, credentials, reach(credentials, origins, options, time).await) }
        });
        let outcomes: Vec<_> = futures::stream::iter(pending).buffered(AT_ONCE).collect().await;
        let (mut aliases, mut reached, mut unidentified) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for (alias, credentials, outcome) in outcomes {
            let outcome = outcome
                .map_err(|failure| failure.of(alias.clone(), credentials.id.clone(), credentials.partition));
            let id = match (&credentials.id, &outcome) {
                (Some(id), _) => id.clone(),
                (None, Ok(account)) => account.caller.account.clone(),
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
        let (accounts, aliases) = (Arc::new(reached), Arc::new(aliases));
        Ok(Aws { accounts, aliases, unidentified: unidentified.into(), time })
    }

    /// The clock of STS, as of connecting.
    pub fn time(&self) -> &ServiceTime {
        &self.time
    }

    /// The account of each alias: the declared one, else the caller's.
    pub fn accounts(&self) -> &BTreeMap<AccountAlias, AccountId> {
        &self.aliases
    }

    pub fn failures(&self) -> impl Iterator<Item = &ConnectError> {
        self.accounts.values().filter_map(|account| account.as_ref().err())
    }

    /// The aliases without an ID that could not be reached.
    pub fn unidentified(&self) -> &[ConnectError] {
        &self.unidentified
    }

    /// By alias: the account, and the caller's account or the error.
    pub fn callers(&self) -> impl Iterator<Item = (&AccountAlias, &AccountId, Result<&AccountId, &ConnectError>)> {
        self.aliases.iter().filter_map(|(alias, id)| {
            let outcome = self.accounts.get(id)?;
            Some((alias, id, outcome.as_ref().map(|account| &account.caller.account)))
        })
    }

    /// The ARNs of the callers, as STS gives them.
    pub fn caller_arns(&self) -> impl Iterator<Item = &str> {
        self.accounts.values().filter_map(|account| account.as_ref().ok()?.caller.arn.as_deref())
    }

    /// The account with the lowest ID that could be reached.
    pub(crate) fn first(&self, operation: ApiOperation) -> Result<&Account, CloudError> {
        let mut outcomes = self.accounts.values();
        match (self.accounts.values().find_map(|account| account.as_ref().ok()), outcomes.next()) {
            (Some(account), _) => Ok(account),
            (None, Some(Err(error))) => Err(error.as_cloud_error()),
            (None, _) => Err(not_connected(operation, "NoAccount", "no account was given".to_owned())),
        }
    }

    pub(crate) fn account(&self, operation: ApiOperation, id: &AccountId) -> Result<&Account, CloudError> {
        match self.accounts.get(id) {
            Some(Ok(account)) => Ok(account),
            Some(Err(error)) => Err(error.as_cloud_error()),
            None => {
                let message = format!("no account of the manifest is {id}");
                Err(not_connected(operation, "AccountNotDeclared", message))
            }
        }
    }
}

/// A source of credentials, before any role is assumed: partition, profile, and the static key that replaces them.
type Origin = (Partition, Option<String>, Option<String>);
type Origins = BTreeMap<Origin, Result<(Caller, SdkConfig), Failure>>;

fn origin(credentials: &AccountCredentials, options: &ConnectOptions) -> Origin {
    let key = options.static_credentials.as_ref().map(|access_key| access_key(credentials.id.as_ref()));
    (credentials.partition, credentials.profile.clone(), key)
}

/// Determines the caller once per source of credentials.
async fn origins<'a>(
    accounts: impl Iterator<Item = &'a AccountCredentials>,
    options: &ConnectOptions,
    time: &ServiceTime,
) -> Origins {
    let first: BTreeMap<Origin, &AccountCredentials> =
        accounts.map(|credentials| (origin(credentials, options), credentials)).collect();
    let pending = first.into_iter().map(|(origin, credentials)| async move {
        let found = found(credentials, options, time).await;
        (origin, found)
    });
    futures::stream::iter(pending).buffered(AT_ONCE).collect().await
}

async fn found(
    credentials: &AccountCredentials,
    options: &ConnectOptions,
    time: &ServiceTime,
) -> Result<(Caller, SdkConfig), Failure> {
    if let (Some(profile), None) = (&credentials.profile, &options.static_credentials) {
        must_exist(profile).await?;
    }
    let config = load(credentials, options).await?;
    match sts::caller(&config, time).await {
        Ok(caller) => Ok((caller, config)),
        Err(error) if options.static_credentials.is_none() && source_of(&error).is_some() => {
            let settings = CredentialSettings::read(credentials.profile.as_deref()).await?;
            Err(Failure::explained(settings.explain(&error), error))
        }
        Err(error) => Err(error.into()),
    }
}

async fn reach(
    credentials: &AccountCredentials,
    origins: &Origins,
    options: &ConnectOptions,
    time: &ServiceTime,
) -> Result<Account, Failure> {
    let origin = origin(credentials, options);
    let (caller, config) = match origins.get(&origin) {
        Some(Ok((caller, config))) => (caller.clone(), config.clone()),
        Some(Err(failure)) => return Err(failure.clone()),
        None => found(credentials, options, time).await?,
    };
    let account = |caller, config| Account::new(caller, config, options.host_lookup());
    let Some(role) = credentials.assume_role.as_ref() else { return Ok(account(caller, config)) };
    if caller.account == *credentials.id.as_ref().unwrap_or(&role.account) {
        return Ok(account(caller, config));
    }
    let config = assume(role, credentials, options, config).await;
    let caller = sts::caller(&config, time).await;
    let caller = caller.map_err(|error| Failure::Assuming(role.clone(), Box::new(error)))?;
    Ok(account(caller, config))
}

async fn load(credentials: &AccountCredentials, options: &ConnectOptions) -> Result<SdkConfig, Failure> {
    let region = region::Region::new(credentials.partition.global_region().to_string());
    let key = options.static_credentials.as_ref().map(|access_key| access_key(credentials.id.as_ref()));
    configured(region, credentials.profile.as_deref(), key, options).await
}
