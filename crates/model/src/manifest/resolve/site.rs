//! Where each app is, and where its events go.
use super::account;
use crate::desired::DEFAULT_ALIAS;
use crate::ids::{AccountAlias, AccountId, AppKey};
use crate::manifest::diagnostic::{Diagnostic, Findings};
use crate::manifest::document::{App, Document};
use crate::manifest::source::Place;
use crate::region::{Partition, Region};
use crate::role_kind::StreamTarget;
use std::collections::BTreeMap;

/// An app whose place in AWS is known.
pub(super) struct Site<'d> {
    pub(super) key: &'d AppKey,
    pub(super) app: &'d App,
    pub(super) account: AccountId,
    pub(super) region: Region,
    /// None where the app has no stream, or one that could not be made out.
    pub(super) target: Option<StreamTarget>,
}

/// The apps whose place could be made out.
pub(super) fn resolve<'d>(
    document: &'d Document,
    accounts: &BTreeMap<AccountAlias, AccountId>,
    findings: &mut Findings,
) -> Vec<Site<'d>> {
    let mut sites = Vec::new();
    let mut partitions: BTreeMap<AccountId, (Partition, &AppKey, Place)> = BTreeMap::new();
    for (key, app) in &document.apps {
        let alias = findings.check(account_of(document, key, app)).flatten();
        let region = findings.check(region_of(document, key, app)).flatten();
        let account = alias.and_then(|alias| accounts.get(&alias)).cloned();
        let (Some(account), Some(region)) = (account, region) else { continue };
        let partition = region.partition();
        let (first, first_key, place) = *partitions.entry(account.clone()).or_insert((partition, key, app.key));
        if first != partition {
            let message = format!("apps.{key} is in partition {partition}, apps.{first_key} in {first}");
            let error = Diagnostic::new(message).at(app.key, format!("in {region}"));
            findings.error(error.and(place, "in the same account, which is in one partition alone"));
            continue;
        }
        sites.push(Site { key, app, account, region, target: None });
    }
    sites
}

/// The account an app is in. None where that is broken, which was reported.
pub(in crate::manifest) fn account_of(
    document: &Document,
    key: &AppKey,
    app: &App,
) -> Result<Option<AccountAlias>, Diagnostic> {
    let given = app.account.or(&document.default_account);
    if let Some(alias) = given.value() {
        return if account::is_declared(document, &alias.value) {
            Ok(alias.value.parse().ok())
        } else if app.account.is_absent() {
            Ok(None)
        } else {
            Err(account::unknown(document, &format!("apps.{key}.account"), &alias.value, alias.place))
        };
    }
    if !given.is_absent() {
        return Ok(None);
    }
    let Some(declared) = &document.accounts else { return Ok(DEFAULT_ALIAS.parse().ok()) };
    let mut aliases = declared.keys();
    match (aliases.next(), aliases.next()) {
        (Some(only), None) => Ok(Some(only.clone())),
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(Diagnostic::new(format!("apps.{key} has no account, and several are declared"))
            .at(app.key, "")
            .help("add `account = \"…\"` to it or to [defaults]")),
    }
}

/// The region an app is in. None where that is broken, which was reported.
pub(in crate::manifest) fn region_of(
    document: &Document,
    key: &AppKey,
    app: &App,
) -> Result<Option<Region>, Diagnostic> {
    let given = app.region.or(&document.default_region);
    if given.is_absent() {
        let error = Diagnostic::new(format!("apps.{key} has no region")).at(app.key, "");
        return Err(error.help("add `region = \"…\"` to it or to [defaults]"));
    }
    Ok(given.value().map(|region| region.value.clone()))
}
