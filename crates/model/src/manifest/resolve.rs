//! Resolving: from a [`Document`] and account ids to [`Desired`]. Puts in defaults and placeholders,
//! follows references, and checks what takes more than one table to tell.
mod account;
mod app;
mod moved;
mod role;
mod role_use;
mod scope;
mod settings;
mod site;
mod stream;
mod tags;

pub use settings::{BUILT_IN, BuiltIn, can_describe};
pub(super) use site::{account_of, region_of};

use super::diagnostic::Findings;
use super::document::Document;
use crate::desired::Desired;
use crate::ids::{AccountAlias, AccountId};
use std::collections::BTreeMap;

/// What a document asks for, as far as it can be made out; what is wrong goes to `findings`. `callers`
/// holds the id of the caller's account, as `default`, where the document declares none.
pub(super) fn resolve(
    document: &Document,
    callers: &BTreeMap<AccountAlias, AccountId>,
    findings: &mut Findings,
) -> Option<Desired> {
    let accounts = account::resolve(document, callers, findings);
    let mut sites = site::resolve(document, &accounts, findings);
    for site in &mut sites {
        site.target = stream::target(document, site, findings);
    }
    stream::check_unused(document, findings);
    let uses = role_use::resolve(document, &sites, findings);
    let roles = role::resolve(document, &uses.managed, findings);
    role::check_elsewhere(document, &uses.refs, &roles, findings);
    let apps = app::resolve(document, &sites, &uses.refs, findings);
    let moved = moved::resolve(document, findings);
    let workspace = document.workspace.clone()?;
    let forget = document.forget.iter().cloned().collect();
    Some(Desired { workspace, accounts, apps, roles, moved, forget, safety: document.safety.clone() })
}
