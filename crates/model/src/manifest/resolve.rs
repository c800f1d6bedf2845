//! Resolving: from a [`RawManifest`] and account ids to [`Desired`]. Fills in defaults and placeholders, follows
//! references, and checks what takes more than one table.
mod app;
mod rest;
mod role;
mod scope;
mod settings;
mod site;

pub(super) use rest::check_rest;
pub use settings::{BUILT_IN, BuiltIn, can_describe};

use super::diagnostic::{Diagnostic, Diagnostics, suggestion};
use super::raw::{MovedKeys, RawManifest};
use super::source::{Place, Placed};
use crate::desired::Moved;
use crate::error_code::manifest as codes;
use crate::{AccountAlias, AccountId, Address, AppIdentity, AppKey, Desired};
use std::collections::{BTreeMap, BTreeSet};

/// What a manifest asks for, as far as it can be resolved. Errors go to `found`. `callers` holds the id of the
/// caller's account, as `default`, if the manifest declares no accounts.
pub(super) fn resolve(
    raw: &RawManifest,
    callers: &BTreeMap<AccountAlias, AccountId>,
    found: &mut Diagnostics,
) -> Option<Desired> {
    let accounts = site::accounts(raw, callers, found);
    let mut sites = site::resolve(raw, &accounts, found);
    for site in &mut sites {
        site.target = app::stream_target(raw, site, found);
    }
    app::check_unused_streams(raw, found);
    let uses = role::uses(raw, &sites, found);
    let roles = role::resolve(raw, &uses.managed, found);
    role::check_elsewhere(raw, &uses.refs, &roles, found);
    let apps = app::resolve(raw, &sites, &uses.refs, found);
    let moved = moved(raw, found);
    let workspace = raw.workspace.clone()?;
    let forget = BTreeSet::new();
    let mut desired = Desired { workspace, accounts, apps, roles, moved, forget, safety: raw.safety.clone() };
    desired.forget = forget_blocks(raw, &desired, found);
    Some(desired)
}

/// `[[moved]]`: each block gives one old key one new one.
fn moved(raw: &RawManifest, found: &mut Diagnostics) -> Vec<Moved> {
    let (mut sources, mut targets) = (BTreeMap::new(), BTreeMap::new());
    let mut moved = Vec::new();
    for MovedKeys { from, to } in &raw.moved {
        if let Some(app) = raw.apps.get(&from.value) {
            let error = Diagnostic::new(
                &codes::CONTRADICTING_MOVE,
                format!("apps.{} is moved, but still declared", from.value),
            );
            found.error(error.at(from.place, "moved from here").and(app.key, "still declared"));
        }
        if !raw.apps.contains_key(&to.value) {
            let error = Diagnostic::new(
                &codes::UNDECLARED,
                format!("apps.{} is moved to an app that is not declared", from.value),
            );
            let help = suggestion(to.value.as_str(), raw.apps.keys().map(AppKey::as_str));
            found.error(Diagnostic { help, ..error.at(to.place, "not among [apps.*]") });
        }
        let mut once = |seen: &mut BTreeMap<AppKey, Place>, key: &AppKey, place, what| {
            if let Some(first) = seen.insert(key.clone(), place) {
                let error = Diagnostic::new(&codes::CONTRADICTING_MOVE, format!("apps.{key} is {what}"));
                found.error(error.at(place, "again here").and(first, "first here"));
            }
        };
        once(&mut sources, &from.value, from.place, "moved twice");
        once(&mut targets, &to.value, to.place, "the target of two moves");
        moved.push(Moved { from: from.value.clone(), to: to.value.clone() });
    }
    moved
}

/// `[[forget]]`. What is still declared is let go only where AWS no longer has it, so that it is created again: that
/// cannot be told offline, and is a warning.
fn forget_blocks(raw: &RawManifest, desired: &Desired, found: &mut Diagnostics) -> BTreeSet<Address> {
    for Placed { value: address, place } in &raw.forget {
        let Some((table, declared)) = declaration(raw, desired, address) else { continue };
        let message = format!("{address} is declared, so it is forgotten only if it no longer exists in AWS");
        let warning = Diagnostic::new(&codes::NO_EFFECT, message).at(*place, "").and(declared, "still declared");
        let help = format!("to stop managing it, remove {table} from the manifest; otherwise remove the block");
        found.warning(warning.help(help));
    }
    raw.forget.iter().map(|address| address.value.clone()).collect()
}

/// The table, or the key of it, that declares what is at an address, and where.
fn declaration(raw: &RawManifest, desired: &Desired, address: &Address) -> Option<(String, Place)> {
    let app = |key: &str| Some(raw.apps.get(&key.parse::<AppKey>().ok()?)?.key);
    match address {
        Address::App(key) => {
            let is_owned = matches!(desired.apps.get(key)?.identity, AppIdentity::Owned { .. });
            Some((format!("[apps.{key}]"), app(key.as_str()).filter(|_| is_owned)?))
        }
        Address::EventStream(key) => {
            desired.apps.get(key)?.event_stream.as_ref()?;
            Some((format!("`stream` of [apps.{key}]"), app(key.as_str())?))
        }
        Address::Role(key) => {
            desired.roles.get(key)?;
            match raw.roles.get(key) {
                Some(shared) => Some((format!("[roles.{key}]"), shared.key)),
                None => Some((format!("`stream` of [apps.{key}]"), app(key.as_str())?)),
            }
        }
        Address::Undeclared(_) => None,
    }
}
