//! The account and region of each app.
use crate::desired::DEFAULT_ALIAS;
use crate::error_code::manifest as codes;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics, Fault, suggestion};
use crate::manifest::raw::{App, RawManifest};
use crate::manifest::source::Place;
use crate::{AccountAlias, AccountId, AppKey, Partition, Region, StreamTarget};
use std::collections::BTreeMap;

/// An app whose place in AWS is known.
pub(super) struct Site<'d> {
    pub(super) key: &'d AppKey,
    pub(super) app: &'d App,
    pub(super) account: AccountId,
    pub(super) region: Region,
    /// None where the app has no stream, or one that could not be resolved.
    pub(super) target: Option<StreamTarget>,
}

/// An account and a region in which nothing is looked for, for what is the same in each.
pub(super) fn somewhere() -> Option<(AccountId, Region)> {
    "000000000000".parse().ok().zip("us-east-1".parse().ok())
}

/// The ids by alias. One that could not be decoded is left out.
pub(super) fn accounts(
    raw: &RawManifest,
    callers: &BTreeMap<AccountAlias, AccountId>,
    found: &mut Diagnostics,
) -> BTreeMap<AccountAlias, AccountId> {
    if let Some(alias) = raw.default_account.value()
        && !is_declared(raw, &alias.value)
    {
        found.error(unknown_account(raw, "defaults.account", &alias.value, alias.place));
    }
    let Some(declared) = &raw.accounts else {
        let caller = callers.iter().find(|(alias, _)| alias.as_str() == DEFAULT_ALIAS);
        if caller.is_none() {
            found.error(
                Diagnostic::new(&codes::CALLER_UNKNOWN, "the id of the caller's account is not known")
                    .fault(Fault::Usage),
            );
        }
        return caller.map(|(alias, id)| (alias.clone(), id.clone())).into_iter().collect();
    };
    let mut ids = BTreeMap::new();
    let mut seen: BTreeMap<&AccountId, (&AccountAlias, Place)> = BTreeMap::new();
    for (alias, account) in declared {
        let Some(id) = &account.spec.id else { continue };
        ids.insert(alias.clone(), id.clone());
        if let Some((first, place)) = seen.insert(id, (alias, account.key)) {
            let error = Diagnostic::new(
                &codes::SAME_RESOURCE,
                format!("accounts.{first} and accounts.{alias} are the same account, {id}"),
            );
            found.error(error.at(account.key, "").and(place, "has the same id"));
        }
    }
    ids
}

/// Adds to an error about ARNs of several accounts why they must be of one.
pub(super) fn with_reason(raw: &RawManifest, error: Diagnostic) -> Diagnostic {
    match raw.accounts {
        Some(_) => error,
        None => error.help("without [accounts] there is only the caller's account, and all ARNs must be of it"),
    }
}

/// Whether an account goes by this alias.
fn is_declared(raw: &RawManifest, alias: &str) -> bool {
    match &raw.accounts {
        Some(declared) => declared.keys().any(|declared| declared.as_str() == alias),
        None => alias == DEFAULT_ALIAS,
    }
}

fn unknown_account(raw: &RawManifest, path: &str, alias: &str, place: Place) -> Diagnostic {
    let error = Diagnostic::new(&codes::UNDECLARED, format!("{path} is not a declared account"))
        .at(place, "not among [accounts.*]");
    let help = match &raw.accounts {
        Some(declared) => suggestion(alias, declared.keys().map(AccountAlias::as_str)),
        None => Some(format!("without [accounts] there is only the caller's account, `{DEFAULT_ALIAS}`")),
    };
    Diagnostic { help, ..error }
}

/// The apps whose account and region could be resolved.
pub(super) fn resolve<'d>(
    raw: &'d RawManifest,
    accounts: &BTreeMap<AccountAlias, AccountId>,
    found: &mut Diagnostics,
) -> Vec<Site<'d>> {
    let mut sites = Vec::new();
    let mut partitions: BTreeMap<AccountId, (Partition, &AppKey, Place)> = BTreeMap::new();
    for (key, app) in &raw.apps {
        let alias = found.check(account_of(raw, key, app)).flatten();
        let region = found.check(region_of(raw, key, app)).flatten();
        let account = alias.and_then(|alias| accounts.get(&alias)).cloned();
        let (Some(account), Some(region)) = (account, region) else { continue };
        let partition = region.partition();
        let (first, first_key, place) = *partitions.entry(account.clone()).or_insert((partition, key, app.key));
        if first != partition {
            let message = format!("apps.{key} is in partition {partition}, apps.{first_key} in {first}");
            let error = Diagnostic::new(&codes::OTHER_PLACE, message).at(app.key, format!("in {region}"));
            found.error(error.and(place, "in the same account, and an account is in one partition"));
            continue;
        }
        sites.push(Site { key, app, account, region, target: None });
    }
    sites
}

/// The account an app is in. None where that is broken, which was reported.
fn account_of(raw: &RawManifest, key: &AppKey, app: &App) -> Result<Option<AccountAlias>, Diagnostic> {
    let given = app.account.or(&raw.default_account);
    if let Some(alias) = given.value() {
        return if is_declared(raw, &alias.value) {
            Ok(alias.value.parse().ok())
        } else if app.account.is_absent() {
            Ok(None)
        } else {
            Err(unknown_account(raw, &format!("apps.{key}.account"), &alias.value, alias.place))
        };
    }
    if !given.is_absent() {
        return Ok(None);
    }
    let Some(declared) = &raw.accounts else { return Ok(DEFAULT_ALIAS.parse().ok()) };
    let mut aliases = declared.keys();
    match (aliases.next(), aliases.next()) {
        (Some(only), None) => Ok(Some(only.clone())),
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(Diagnostic::new(
            &codes::MISSING_KEY,
            format!("apps.{key} has no account, and several are declared"),
        )
        .at(app.key, "")
        .help("add `account = \"…\"` to it or to [defaults]")),
    }
}

/// The region an app is in. None where that is broken, which was reported.
fn region_of(raw: &RawManifest, key: &AppKey, app: &App) -> Result<Option<Region>, Diagnostic> {
    let given = app.region.or(&raw.default_region);
    if given.is_absent() {
        let error = Diagnostic::new(&codes::MISSING_KEY, format!("apps.{key} has no region")).at(app.key, "");
        return Err(error.help("add `region = \"…\"` to it or to [defaults]"));
    }
    Ok(given.value().map(|region| region.value.clone()))
}
