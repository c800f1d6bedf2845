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
pub(super) use site::{account_of, region_of};

use super::diagnostic::{Diagnostic, Diagnostics, suggestion};
use super::raw::{MovedKeys, RawManifest};
use super::source::Place;
use crate::desired::Moved;
use crate::error_code::manifest as codes;
use crate::{AccountAlias, AccountId, AppKey, Desired};
use std::collections::BTreeMap;

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
    let forget = raw.forget.iter().cloned().collect();
    Some(Desired { workspace, accounts, apps, roles, moved, forget, safety: raw.safety.clone() })
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
        once(&mut targets, &to.value, to.place, "the new key of two");
        moved.push(Moved { from: from.value.clone(), to: to.value.clone() });
    }
    moved
}
