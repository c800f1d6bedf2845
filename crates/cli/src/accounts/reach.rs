//! From flags, a manifest, a saved plan or the embedded account to the accounts that a sweep or a restore calls.
//! An account that cannot be called is named with the reason, and the others go on.
use super::AccountSelector;
use super::connection::{credentials, notice};
use crate::plan_file::{Access, Means};
use crate::ui::CommandContext;
use crate::ui::error::Error;
use crate::workspace::Ground;
use pinpoint_streams_aws::{AccountCredentials, AccountState, Aws, ConnectError, ConnectOptions};
use pinpoint_streams_executor::Paced;
use pinpoint_streams_executor::cloud::ReadCloud as _;
use pinpoint_streams_model::desired::DEFAULT_ALIAS;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, InvalidId, RoleName, RolePath, RunId};
use pinpoint_streams_model::manifest::AccountSpec;
use pinpoint_streams_model::region::{Partition, Region};
use pinpoint_streams_model::sweep::SweptAccount;
use std::collections::{BTreeMap, BTreeSet};

/// Accounts that answer, and all that were to be read.
#[derive(Debug)]
pub(crate) struct Reached {
    /// The accounts, called at the pace that AWS allows.
    pub(crate) cloud: Paced<Aws>,
    /// Those that can be called, each once.
    pub(crate) accounts: BTreeMap<AccountAlias, AccountId>,
    /// All of them, those that cannot be called with why.
    pub(crate) swept: Vec<SweptAccount>,
    /// Those that can be called, as a manifest declares them.
    pub(crate) declared: BTreeMap<AccountAlias, AccountSpec>,
    /// The regions with Pinpoint of their partitions.
    pub(crate) regions: BTreeSet<Region>,
    /// How a saved plan finds them again.
    pub(crate) access: Access,
}

/// How each account is called, and those that need not be tried.
#[derive(Debug, Default)]
struct Ways {
    open: BTreeMap<AccountAlias, AccountCredentials>,
    closed: Vec<SweptAccount>,
}

/// Connects to the accounts that these flags mean.
pub(crate) async fn reach(
    flags: &AccountSelector,
    ground: &Ground,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Reached, Error> {
    let options = options(ground, run, context)?;
    if !context.settings.sandbox && ground.notices.end_of_support {
        notice(context);
    }
    let _busy = context.busy("connecting");
    let mut ways = ways(flags, ground, &options, context).await?;
    if !flags.accounts.is_empty() {
        let known: BTreeSet<&AccountAlias> =
            ways.open.keys().chain(ways.closed.iter().map(|account| &account.alias)).collect();
        if let Some(unknown) = flags.accounts.iter().find(|alias| !known.contains(alias)) {
            let known: Vec<String> = known.iter().map(|alias| format!("`{alias}`")).collect();
            return Err(Error::Usage {
                message: format!("--accounts names `{unknown}`, which is no account here"),
                hint: format!("there are {}", known.join(", ")),
            });
        }
        ways.open.retain(|alias, _| flags.accounts.contains(alias));
        ways.closed.retain(|account| flags.accounts.contains(&account.alias));
    }
    let manifest = flags.profile.is_empty() && !flags.organization && ground.project.is_some();
    connect(ways, manifest, options).await
}

/// Connects to the accounts of a saved plan, all of which must answer.
pub(crate) async fn reach_again(
    access: &Access,
    accounts: &BTreeMap<AccountAlias, AccountId>,
    ground: &Ground,
    run: Option<RunId>,
    context: &CommandContext<'_>,
) -> Result<Reached, Error> {
    let options = options(ground, run, context)?;
    let _busy = context.busy("connecting");
    let declared = ground.project.as_ref().map(|project| credentials(&project.manifest)).unwrap_or_default();
    let means = |alias: &AccountAlias, id: &AccountId| {
        let credentials = match access.accounts.as_ref().and_then(|accounts| accounts.get(alias)) {
            Some(means) => means.clone().into(),
            None => declared.get(alias).cloned().unwrap_or_else(|| AccountCredentials::chain(Partition::Aws)),
        };
        (alias.clone(), AccountCredentials { id: Some(id.clone()), ..credentials })
    };
    let open = accounts.iter().map(|(alias, id)| means(alias, id)).collect();
    let reached = connect(Ways { open, closed: Vec::new() }, access.manifest, options).await?;
    match reached.swept.iter().find_map(|account| Some((account, account.unreachable.as_ref()?))) {
        None => Ok(reached),
        Some((account, why)) => Err(Error::NotThere {
            what: format!("account `{}` of the plan cannot be called: {why}", account.alias),
            hint: "use the credentials that the plan was made with".to_owned(),
        }),
    }
}

async fn connect(ways: Ways, manifest: bool, options: ConnectOptions) -> Result<Reached, Error> {
    let Ways { open, closed } = ways;
    let partitions: BTreeSet<Partition> = open.values().map(|credentials| credentials.partition).collect();
    let regions = pinpoint_regions().filter(|region| partitions.contains(&region.partition())).collect();
    let means = (!manifest).then(|| open.iter().map(|(alias, c)| (alias.clone(), Means::from(c))).collect());
    let access = Access { manifest, accounts: means, archive: None };
    let (open, mut swept) = identified(open, closed, &options).await?;
    let aws = Aws::connect(&open, options).await?;
    let mut failures: BTreeMap<AccountAlias, String> =
        aws.failures().map(|failure| (failure.alias.clone(), why(failure))).collect();
    let mut accounts: BTreeMap<AccountAlias, AccountId> = BTreeMap::new();
    for (alias, id) in aws.accounts() {
        if accounts.values().any(|known| known == id) {
            continue;
        }
        let unreachable = match failures.remove(alias) {
            Some(why) => Some(why),
            None => match aws.caller(id).await {
                Ok(caller) if caller == *id => None,
                Ok(caller) => Some(format!("the credentials lead to account {caller}")),
                Err(error) => Some(error.to_string()),
            },
        };
        if unreachable.is_none() {
            accounts.insert(alias.clone(), id.clone());
        }
        swept.push(SweptAccount { alias: alias.clone(), id: Some(id.clone()), unreachable });
    }
    swept.sort_by(|a, b| a.alias.cmp(&b.alias));
    let declared = accounts.iter().filter_map(|(alias, id)| Some((alias.clone(), spec(open.get(alias)?, id))));
    let declared = declared.collect();
    Ok(Reached { cloud: Paced::new(aws), accounts, swept, declared, regions, access })
}

fn spec(credentials: &AccountCredentials, id: &AccountId) -> AccountSpec {
    let AccountCredentials { id: _, partition: _, profile, assume_role, external_id, session_name } =
        credentials.clone();
    AccountSpec { id: Some(id.clone()), profile, assume_role, external_id, session_name }
}

/// Finds out which accounts credentials without an id lead to, each by itself, so that one that leads nowhere
/// does not stop the others.
async fn identified(
    open: BTreeMap<AccountAlias, AccountCredentials>,
    closed: Vec<SweptAccount>,
    options: &ConnectOptions,
) -> Result<(BTreeMap<AccountAlias, AccountCredentials>, Vec<SweptAccount>), Error> {
    let (mut open, mut swept, mut first) = (open, closed, None);
    if open.len() < 2 {
        return Ok((open, swept));
    }
    let nameless: Vec<AccountAlias> =
        open.iter().filter(|(_, credentials)| credentials.id.is_none()).map(|(alias, _)| alias.clone()).collect();
    for alias in nameless {
        let Some(credentials) = open.remove(&alias) else { continue };
        let alone = BTreeMap::from([(alias.clone(), credentials.clone())]);
        match Aws::connect(&alone, options.clone()).await {
            Ok(aws) => {
                let id = aws.accounts().get(&alias).cloned();
                open.insert(alias, AccountCredentials { id, ..credentials });
            }
            Err(error) => {
                swept.push(SweptAccount { alias, id: None, unreachable: Some(why(&error)) });
                first.get_or_insert(error);
            }
        }
    }
    match first {
        Some(error) if open.is_empty() => Err(error.into()),
        _ => Ok((open, swept)),
    }
}

fn why(failure: &ConnectError) -> String {
    format!("{}; {}", Error::from(failure.clone()), failure.hint())
}

fn pinpoint_regions() -> impl Iterator<Item = Region> {
    pinpoint_streams_model::region::PINPOINT_REGIONS.iter().filter_map(|region| region.parse().ok())
}

async fn ways(
    flags: &AccountSelector,
    ground: &Ground,
    options: &ConnectOptions,
    context: &CommandContext<'_>,
) -> Result<Ways, Error> {
    let partition = flags.regions.first().map_or(Partition::Aws, Region::partition);
    if let (true, Some((path, role))) = (flags.organization, &flags.role) {
        let from = match flags.profile.as_slice() {
            [] => base(ground, partition, context)?,
            [one] => profile(one, partition),
            _ => {
                return Err(Error::Usage {
                    message: "--organization is listed by one --profile, not by several".to_owned(),
                    hint: "name the profile of the management account, or of its delegate".to_owned(),
                });
            }
        };
        return organization(&from, path, role, options).await;
    }
    if context.settings.sandbox {
        return Ok(Ways { open: embedded(ground, context)?, closed: Vec::new() });
    }
    let open = match &ground.project {
        _ if !flags.profile.is_empty() => {
            let mut open = BTreeMap::new();
            for name in &flags.profile {
                open.insert(free_alias(name, &open), profile(name, partition));
            }
            open
        }
        Some(project) => credentials(&project.manifest),
        None => default_alias().map(|alias| (alias, AccountCredentials::chain(partition))).into_iter().collect(),
    };
    Ok(Ways { open, closed: Vec::new() })
}

fn default_alias() -> Option<AccountAlias> {
    DEFAULT_ALIAS.parse().ok()
}

fn profile(name: &str, partition: Partition) -> AccountCredentials {
    AccountCredentials { profile: Some(name.to_owned()), ..AccountCredentials::chain(partition) }
}

/// Whose credentials list the organization where no profile is named: the first account of the manifest, of
/// the embedded account the one that manages an organization, else the caller's.
fn base(ground: &Ground, partition: Partition, context: &CommandContext<'_>) -> Result<AccountCredentials, Error> {
    if context.settings.sandbox {
        let first = embedded(ground, context)?.into_values().next();
        return Ok(first.unwrap_or_else(|| AccountCredentials::chain(partition)));
    }
    let declared = ground.project.as_ref().and_then(|project| credentials(&project.manifest).into_values().next());
    Ok(declared.unwrap_or_else(|| AccountCredentials::chain(partition)))
}

async fn organization(
    from: &AccountCredentials,
    path: &str,
    role: &RoleName,
    options: &ConnectOptions,
) -> Result<Ways, Error> {
    let wrong = |error: InvalidId| Error::Usage {
        message: format!("--role: {error}"),
        hint: "it looks like OrganizationAccountAccessRole, or ops/Audit".to_owned(),
    };
    let path: RolePath = path.parse().map_err(wrong)?;
    let alone = default_alias().map(|alias| (alias, from.clone())).into_iter().collect();
    let aws = Aws::connect(&alone, options.clone()).await?;
    let listed = aws.organization_accounts().await.map_err(|error| Error::Cloud {
        doing: "list the accounts of the organization",
        address: None,
        error: Box::new(error),
    })?;
    let mut ways = Ways::default();
    let mut taken = BTreeMap::new();
    for account in listed {
        let name = if account.name.is_empty() { account.id.as_str() } else { &account.name };
        let alias = free_alias(name, &taken);
        taken.insert(alias.clone(), ());
        match &account.state {
            AccountState::Active => drop(ways.open.insert(alias, account.credentials(from, &path, role))),
            AccountState::Other(word) => {
                let unreachable = Some(format!("AWS Organizations says it is {word}"));
                ways.closed.push(SweptAccount { alias, id: Some(account.id), unreachable });
            }
        }
    }
    Ok(ways)
}

/// A name as an alias, which may hold fewer characters, and which nothing else here has.
fn free_alias<T>(name: &str, taken: &BTreeMap<AccountAlias, T>) -> AccountAlias {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' }).collect();
    let plain: String = plain.chars().take(56).collect();
    let numbered = (1u32..).map(|n| match (n, plain.is_empty()) {
        (1, false) => plain.clone(),
        (n, true) => format!("account-{n}"),
        (n, false) => format!("{plain}-{n}"),
    });
    let mut free = numbered.filter_map(|text| text.parse().ok()).filter(|alias| !taken.contains_key(alias));
    #[expect(clippy::expect_used, reason = "characters and length are right, and numbers do not run out")]
    free.next().expect("an alias")
}

#[cfg(feature = "sandbox")]
fn options(ground: &Ground, run: Option<RunId>, context: &CommandContext<'_>) -> Result<ConnectOptions, Error> {
    let options = ConnectOptions::new(ground.home.workspace.clone(), run);
    if !context.settings.sandbox {
        return Ok(options);
    }
    let sandbox = crate::accounts::sandbox::open(&ground.home.places.world)?;
    if let Some(project) = &ground.project {
        let desired = project.manifest.resolve(&project.manifest.placeholder_accounts())?;
        sandbox.seed(&crate::accounts::sandbox::seed(&desired))?;
    }
    Ok(crate::accounts::sandbox::connected(&sandbox, options))
}

#[cfg(not(feature = "sandbox"))]
fn options(ground: &Ground, run: Option<RunId>, context: &CommandContext<'_>) -> Result<ConnectOptions, Error> {
    if context.settings.sandbox {
        return Err(super::connection::no_sandbox());
    }
    Ok(ConnectOptions::new(ground.home.workspace.clone(), run))
}

/// The accounts of the manifest, or all that the embedded world holds.
#[cfg(feature = "sandbox")]
fn embedded(
    ground: &Ground,
    context: &CommandContext<'_>,
) -> Result<BTreeMap<AccountAlias, AccountCredentials>, Error> {
    let _ = context;
    if let Some(project) = &ground.project {
        return Ok(crate::accounts::sandbox::credentials(&project.manifest));
    }
    let contents = crate::accounts::sandbox::open(&ground.home.places.world)?.contents()?;
    let accounts = contents.accounts.iter().filter_map(|(id, account)| {
        let partition = account.partition.parse().ok()?;
        let credentials =
            AccountCredentials { id: Some(id.parse().ok()?), ..AccountCredentials::chain(partition) };
        Some((id.parse().ok()?, credentials))
    });
    let accounts: BTreeMap<AccountAlias, AccountCredentials> = accounts.collect();
    if accounts.is_empty() {
        return Err(Error::NotThere {
            what: "the sandbox is empty".to_owned(),
            hint: "`pinpoint-streams sandbox seed FILE` puts something in".to_owned(),
        });
    }
    Ok(accounts)
}

#[cfg(not(feature = "sandbox"))]
fn embedded(_: &Ground, _: &CommandContext<'_>) -> Result<BTreeMap<AccountAlias, AccountCredentials>, Error> {
    Err(super::connection::no_sandbox())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_aliases_that_nothing_else_has() {
        let mut taken = BTreeMap::new();
        let mut alias = |name: &str| {
            let alias = free_alias(name, &taken);
            taken.insert(alias.clone(), ());
            alias.to_string()
        };
        assert_eq!(alias("Growth prod"), "Growth-prod");
        assert_eq!(alias("Growth/prod"), "Growth-prod-2");
        assert_eq!(alias(""), "account-1");
        assert_eq!(alias(&"é".repeat(70)), "-".repeat(56));
    }
}
