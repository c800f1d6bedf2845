//! Finds the credentials of the selected accounts: manifest, profiles, organization, saved plan or sandbox.
use super::{AccountSelector, Selection, sandbox};
use crate::plan_file;
use crate::settings::Settings;
use crate::ui::Error;
use crate::workspace::Workspace;
use pinpoint_streams_aws::{AccountCredentials, AccountState, Aws, ConnectOptions};
use pinpoint_streams_model::desired::DEFAULT_ALIAS;
use pinpoint_streams_model::error::InvalidText;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, RoleName, RolePath};
use pinpoint_streams_model::manifest::{AccountSpec, Manifest};
use pinpoint_streams_model::plan::Access;
use pinpoint_streams_model::region::{Partition, Region};
use pinpoint_streams_model::sweep::SweptAccount;
use std::collections::{BTreeMap, BTreeSet};

/// The credentials of each account, and the accounts that are known to be unreachable.
#[derive(Debug, Default)]
pub(super) struct CredentialSources {
    pub(super) credentials: BTreeMap<AccountAlias, AccountCredentials>,
    pub(super) unreachable: Vec<SweptAccount>,
    /// Whether the manifest declares them, so that a saved plan need not.
    pub(super) from_manifest: bool,
}

impl CredentialSources {
    fn of(credentials: BTreeMap<AccountAlias, AccountCredentials>, from_manifest: bool) -> CredentialSources {
        CredentialSources { credentials, unreachable: Vec::new(), from_manifest }
    }
}

pub(super) async fn find(
    selection: Selection<'_>,
    workspace: &Workspace,
    options: &ConnectOptions,
    settings: &Settings,
) -> Result<CredentialSources, Error> {
    match selection {
        Selection::Manifest => {
            Ok(CredentialSources::of(of_manifest(workspace.manifest()?, settings.sandbox), true))
        }
        Selection::Flags(flags) => only(&flags.accounts, of_flags(flags, workspace, options, settings).await?),
        Selection::SavedPlan(access, accounts) => Ok(of_plan(access, accounts, workspace, settings.sandbox)),
    }
}

fn only(accounts: &[AccountAlias], mut sources: CredentialSources) -> Result<CredentialSources, Error> {
    if accounts.is_empty() {
        return Ok(sources);
    }
    let known: BTreeSet<&AccountAlias> =
        sources.credentials.keys().chain(sources.unreachable.iter().map(|account| &account.alias)).collect();
    if let Some(unknown) = accounts.iter().find(|alias| !known.contains(alias)) {
        let known: Vec<String> = known.iter().map(|alias| format!("`{alias}`")).collect();
        return Err(Error::Usage {
            message: format!("--accounts: unknown account `{unknown}`"),
            hint: format!("known accounts: {}", known.join(", ")),
        });
    }
    sources.credentials.retain(|alias, _| accounts.contains(alias));
    sources.unreachable.retain(|account| accounts.contains(&account.alias));
    Ok(sources)
}

async fn of_flags(
    flags: &AccountSelector,
    workspace: &Workspace,
    options: &ConnectOptions,
    settings: &Settings,
) -> Result<CredentialSources, Error> {
    if let (true, Some(role)) = (flags.organization, &flags.role) {
        let from = match flags.profile.as_slice() {
            // In the sandbox, the management account comes first.
            [] => by_default(workspace, flags, settings).await?.into_values().next(),
            [one] => Some(profile(one, partition(flags, Some(one)).await)),
            _ => {
                return Err(Error::Usage {
                    message: "--organization accepts only one --profile".to_owned(),
                    hint: "use the profile of the management account or of a delegated administrator".to_owned(),
                });
            }
        };
        let from = match from {
            Some(from) => from,
            None => AccountCredentials::chain(partition(flags, None).await),
        };
        return organization(&from, role, options).await;
    }
    if settings.sandbox || flags.profile.is_empty() {
        let credentials = by_default(workspace, flags, settings).await?;
        let from_manifest = flags.profile.is_empty() && workspace.manifest.is_some();
        return Ok(CredentialSources::of(credentials, from_manifest));
    }
    let mut credentials = BTreeMap::new();
    for name in &flags.profile {
        let partition = partition(flags, Some(name)).await;
        credentials.insert(free_alias(name, &credentials), profile(name, partition));
    }
    Ok(CredentialSources::of(credentials, false))
}

/// The accounts of the manifest, else the caller's account or all accounts of the sandbox.
async fn by_default(
    workspace: &Workspace,
    flags: &AccountSelector,
    settings: &Settings,
) -> Result<BTreeMap<AccountAlias, AccountCredentials>, Error> {
    match &workspace.manifest {
        // What the embedded account was seeded with says more than a placeholder.
        Some(manifest) if settings.sandbox && manifest.accounts().values().all(|spec| spec.id.is_none()) => {
            Ok(sandbox::accounts(workspace).unwrap_or_else(|_| of_manifest(manifest, true)))
        }
        Some(manifest) => Ok(of_manifest(manifest, settings.sandbox)),
        None if settings.sandbox => sandbox::accounts(workspace),
        None => {
            let chain = AccountCredentials::chain(partition(flags, None).await);
            Ok(default_alias().map(|alias| (alias, chain)).into_iter().collect())
        }
    }
}

/// The partition of `--regions`, else of the region that the profile or the environment sets.
async fn partition(flags: &AccountSelector, profile: Option<&str>) -> Partition {
    match flags.regions.first() {
        Some(region) => region.partition(),
        None => pinpoint_streams_aws::partition(profile).await.unwrap_or(Partition::Aws),
    }
}

fn default_alias() -> Option<AccountAlias> {
    DEFAULT_ALIAS.parse().ok()
}

fn profile(name: &str, partition: Partition) -> AccountCredentials {
    AccountCredentials { profile: Some(name.to_owned()), ..AccountCredentials::chain(partition) }
}

fn of_plan(
    access: &Access,
    accounts: &BTreeMap<AccountAlias, AccountId>,
    workspace: &Workspace,
    in_sandbox: bool,
) -> CredentialSources {
    let declared =
        workspace.manifest.as_ref().map(|manifest| of_manifest(manifest, in_sandbox)).unwrap_or_default();
    let credentials = accounts.iter().map(|(alias, id)| {
        let credentials = match access.accounts.as_ref().and_then(|accounts| accounts.get(alias)) {
            Some(source) => plan_file::credentials_of(source),
            None => declared.get(alias).cloned().unwrap_or_else(|| AccountCredentials::chain(Partition::Aws)),
        };
        (alias.clone(), AccountCredentials { id: Some(id.clone()), ..credentials })
    });
    CredentialSources::of(credentials.collect(), access.manifest)
}

/// The accounts of the manifest. The sandbox ignores profiles and assumed roles.
fn of_manifest(manifest: &Manifest, in_sandbox: bool) -> BTreeMap<AccountAlias, AccountCredentials> {
    let declared = declared(manifest);
    if !in_sandbox {
        return declared;
    }
    let embedded = manifest.offline().accounts.iter().map(|(alias, id)| {
        let partition = declared.get(alias).map_or(Partition::Aws, |known| known.partition);
        (alias.clone(), AccountCredentials { id: Some(id.clone()), ..AccountCredentials::chain(partition) })
    });
    embedded.collect()
}

fn declared(manifest: &Manifest) -> BTreeMap<AccountAlias, AccountCredentials> {
    let regions = manifest.regions();
    let partition = |alias: &AccountAlias, spec: &AccountSpec| {
        let of_apps = regions.get(alias).and_then(|regions| regions.first()).map(Region::partition);
        of_apps.or(spec.assume_role.as_ref().map(|role| role.partition)).unwrap_or(Partition::Aws)
    };
    let accounts = manifest.accounts().into_iter().map(|(alias, spec)| {
        let partition = partition(&alias, &spec);
        let AccountSpec { id, profile, assume_role, external_id, session_name } = spec;
        (alias, AccountCredentials { id, partition, profile, assume_role, external_id, session_name })
    });
    accounts.collect()
}

async fn organization(
    from: &AccountCredentials,
    (path, role): &(String, RoleName),
    options: &ConnectOptions,
) -> Result<CredentialSources, Error> {
    let wrong = |error: InvalidText| Error::Usage {
        message: format!("--role: {error}"),
        hint: "use a role name such as OrganizationAccountAccessRole, or a path and name such as ops/Audit"
            .to_owned(),
    };
    let path: RolePath = path.parse().map_err(wrong)?;
    let alone = default_alias().map(|alias| (alias, from.clone())).into_iter().collect();
    let aws = Aws::connect(&alone, options.clone()).await?;
    let listed = aws.organization_accounts().await.map_err(|error| Error::Cloud {
        operation: "list the accounts of the organization",
        address: None,
        error: Box::new(error),
    })?;
    if listed.is_empty() {
        return Err(Error::NotFound {
            message: "the organization lists no account".to_owned(),
            hint: "an organization has at least its management account: check what answers ListAccounts, or name \
                   accounts with --profile"
                .to_owned(),
        });
    }
    let mut sources = CredentialSources::default();
    let mut taken = BTreeMap::new();
    for account in listed {
        let name = if account.name.is_empty() { account.id.as_str() } else { &account.name };
        let alias = free_alias(name, &taken);
        taken.insert(alias.clone(), ());
        match &account.state {
            AccountState::Active => {
                drop(sources.credentials.insert(alias, account.credentials(from, &path, role)))
            }
            AccountState::Other(state) => {
                let unreachable = Some(format!("its state in AWS Organizations is {state}"));
                sources.unreachable.push(SweptAccount { alias, id: Some(account.id), unreachable });
            }
        }
    }
    Ok(sources)
}

/// Converts an account name to an unused alias. Aliases allow fewer characters.
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
    #[expect(clippy::expect_used, reason = "valid characters and length, and numbers do not run out")]
    free.next().expect("an alias")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::manifest::{OneFile, Overrides};

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

    #[test]
    fn the_partition_of_an_account_follows_from_the_regions_of_its_apps() {
        let manifest = r#"version = 1
workspace = "growth"
[accounts.gov]
id = "123456789012"
profile = "gov"
[accounts.spare]
id = "210987654321"
[apps.shop]
account = "gov"
region = "us-gov-west-1"
name = "Shop"
"#;
        let manifest = Manifest::load("m.toml", manifest.to_owned(), &OneFile, &Overrides::default()).unwrap();
        let credentials = declared(&manifest);
        let of = |alias: &str| &credentials[&alias.parse::<AccountAlias>().unwrap()];
        assert_eq!((of("gov").partition, of("gov").profile.as_deref()), (Partition::AwsUsGov, Some("gov")));
        assert_eq!(of("spare").partition, Partition::Aws);
    }
}
