//! The id of each account.
use crate::desired::DEFAULT_ALIAS;
use crate::ids::{AccountAlias, AccountId};
use crate::manifest::diagnostic::{Diagnostic, Fault, Findings, suggestion};
use crate::manifest::document::Document;
use crate::manifest::source::Place;
use std::collections::BTreeMap;

/// The ids by alias. One that could not be decoded is left out.
pub(super) fn resolve(
    document: &Document,
    callers: &BTreeMap<AccountAlias, AccountId>,
    findings: &mut Findings,
) -> BTreeMap<AccountAlias, AccountId> {
    default_is_declared(document, findings);
    let Some(declared) = &document.accounts else {
        let caller = callers.iter().find(|(alias, _)| alias.as_str() == DEFAULT_ALIAS);
        if caller.is_none() {
            findings.error(Diagnostic::new("the id of the caller's account is not known").fault(Fault::Usage));
        }
        return caller.map(|(alias, id)| (alias.clone(), id.clone())).into_iter().collect();
    };
    let mut ids = BTreeMap::new();
    let mut seen: BTreeMap<&AccountId, (&AccountAlias, Place)> = BTreeMap::new();
    for (alias, account) in declared {
        let Some(id) = &account.spec.id else { continue };
        ids.insert(alias.clone(), id.clone());
        if let Some((first, place)) = seen.insert(id, (alias, account.key)) {
            let error = Diagnostic::new(format!("accounts.{first} and accounts.{alias} are one account, {id}"));
            findings.error(error.at(account.key, "").and(place, "has the same id"));
        }
    }
    ids
}

fn default_is_declared(document: &Document, findings: &mut Findings) {
    if let Some(alias) = document.default_account.value()
        && !is_declared(document, &alias.value)
    {
        findings.error(unknown(document, "defaults.account", &alias.value, alias.place));
    }
}

/// Adds to an error about ARNs of several accounts why they are to be of one.
pub(super) fn with_reason(document: &Document, error: Diagnostic) -> Diagnostic {
    match document.accounts {
        Some(_) => error,
        None => error.help("without [accounts] there is one account, the caller's own, and all ARNs are of that"),
    }
}

/// Whether an account goes by this alias.
pub(super) fn is_declared(document: &Document, alias: &str) -> bool {
    match &document.accounts {
        Some(declared) => declared.keys().any(|declared| declared.as_str() == alias),
        None => alias == DEFAULT_ALIAS,
    }
}

pub(super) fn unknown(document: &Document, path: &str, alias: &str, place: Place) -> Diagnostic {
    let error = Diagnostic::new(format!("{path} is not a declared account")).at(place, "not among [accounts.*]");
    let help = match &document.accounts {
        Some(declared) => suggestion(alias, declared.keys().map(AccountAlias::as_str)),
        None => {
            Some(format!("without [accounts] there is the caller's own alone, which goes by `{DEFAULT_ALIAS}`"))
        }
    };
    Diagnostic { help, ..error }
}
