//! Apps: identity, tags, and how they hang together with their event streams.
use super::scope::{Scope, Several};
use super::site::Site;
use super::tags;
use crate::desired::{AppIdentity, DesiredApp, DesiredEventStream, RoleRef};
use crate::ids::{AppId, AppKey};
use crate::manifest::diagnostic::{Diagnostic, Findings};
use crate::manifest::document::{Document, Identity, RoleChoice, Text};
use crate::manifest::source::{Place, Placed};
use std::collections::BTreeMap;

pub(super) fn resolve(
    document: &Document,
    sites: &[Site<'_>],
    roles: &BTreeMap<AppKey, RoleRef>,
    findings: &mut Findings,
) -> BTreeMap<AppKey, DesiredApp> {
    ids_differ(document, findings);
    let mut apps = BTreeMap::new();
    for site in sites {
        let role = roles.get(site.key);
        let role_key = match role {
            Some(RoleRef::Managed(key)) => key.as_str(),
            Some(RoleRef::Elsewhere(_)) | None => site.key.as_str(),
        };
        let scope = Scope::of_app(site, role_key);
        let Some(identity) = &site.app.identity else { continue };
        let identity = match identity {
            Identity::Id(id) => {
                warn_of_what_has_no_effect(site, id.place, findings);
                AppIdentity::Existing(id.value.clone())
            }
            Identity::Name(text) => {
                let tags = tags::resolve(&[&document.role_defaults.tags, &site.app.tags], &scope, findings);
                let Some(name) = findings.check(name(text, &scope)) else { continue };
                AppIdentity::Owned { name, tags }
            }
        };
        let event_stream = match (&site.target, role) {
            (Some(target), Some(role)) => Some(DesiredEventStream { target: target.clone(), role: role.clone() }),
            (Some(_) | None, None) | (None, Some(_)) => None,
        };
        let app = DesiredApp {
            account: site.account.clone(),
            region: site.region.clone(),
            identity,
            event_stream,
            protect: site.app.protect,
            adopt: site.app.adopt,
        };
        apps.insert(site.key.clone(), app);
    }
    apps
}

/// Source: Pinpoint API reference, CreateApplicationRequest (`Name`, at most 64 characters).
fn name(text: &Placed<Text>, scope: &Scope) -> Result<String, Diagnostic> {
    let name = scope.fill(text, Several::Refused)?;
    if (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(scope.malformed(text, &name, "app's name", "it is 1 to 64 characters".to_owned()))
}

fn ids_differ(document: &Document, findings: &mut Findings) {
    let mut seen: BTreeMap<&AppId, (&AppKey, Place)> = BTreeMap::new();
    for (key, app) in &document.apps {
        let Some(Identity::Id(id)) = &app.identity else { continue };
        if let Some((first, place)) = seen.insert(&id.value, (key, id.place)) {
            let error = Diagnostic::new(format!("apps.{first} and apps.{key} are one app"));
            findings.error(error.at(id.place, "the same id").and(place, "as here"));
        }
    }
}

/// Of an app that exists only the event stream and its role are managed.
fn warn_of_what_has_no_effect(site: &Site<'_>, id: Place, findings: &mut Findings) {
    let Site { key, app, .. } = site;
    if app.stream.is_absent() {
        let found = Diagnostic::new(format!("apps.{key} exists and has no stream: nothing of it is managed"));
        findings.warning(found.at(id, ""));
    }
    let has_own_role = match app.role.value().map(|choice| &choice.value) {
        None | Some(RoleChoice::Own(_)) => !app.stream.is_absent(),
        Some(RoleChoice::Shared(_) | RoleChoice::Elsewhere(_)) => false,
    };
    if let Some((place, _)) = app.tags.values().next().filter(|_| !has_own_role) {
        let found = Diagnostic::new(format!("apps.{key}.tags have no effect"));
        findings.warning(
            found.at(*place, "").and(id, "an app that exists is not tagged, and it has no role of its own"),
        );
    }
}
