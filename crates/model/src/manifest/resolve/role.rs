//! The roles to be managed, each in full.
use super::role_use::RoleUse;
use super::scope::Scope;
use super::settings;
use super::tags;
use crate::desired::{DesiredRole, RoleRef};
use crate::ids::{AccountRole, AppKey, RoleKey, RoleName};
use crate::manifest::diagnostic::{Diagnostic, Findings, quoted};
use crate::manifest::document::{Document, RoleSettings};
use crate::manifest::source::Place;
use crate::role_kind::RoleKind;
use std::collections::BTreeMap;

pub(super) fn resolve(
    document: &Document,
    uses: &BTreeMap<RoleKey, RoleUse<'_>>,
    findings: &mut Findings,
) -> BTreeMap<RoleKey, DesiredRole> {
    let mut roles = BTreeMap::new();
    for (key, role_use) in uses {
        if let Some(role) = role(document, key, role_use, findings) {
            roles.insert(key.clone(), role);
        }
    }
    names_differ(uses, &roles, findings);
    roles
}

fn role(
    document: &Document,
    key: &RoleKey,
    role_use: &RoleUse<'_>,
    findings: &mut Findings,
) -> Option<DesiredRole> {
    let RoleUse { place, trust, settings: own, app_tags, sites } = role_use;
    let first = *sites.first()?;
    let (account, partition) = (&first.account, first.region.partition());
    let scope = Scope::of_role(key, *place, sites);
    let (none, built_in) = (RoleSettings::default(), settings::built_in(*place));
    let own = own.unwrap_or(&none);
    let layers = [own, &document.role_defaults, &built_in];

    let mut tag_layers = vec![&document.role_defaults.tags];
    tag_layers.extend(*app_tags);
    tag_layers.push(&own.tags);
    let tags = tags::resolve(&tag_layers, &scope, findings);

    // Each setting is looked at, whatever is wrong with another.
    let name = settings::first(layers, |s| &s.name).map(|text| settings::name(text, key, &scope));
    let path = settings::first(layers, |s| &s.path).map(|text| settings::path(text, key, &scope));
    let policy_name = settings::first(layers, |s| &s.policy_name).map(|text| settings::policy_name(text, &scope));
    let description = settings::first(layers, |s| &s.description).map(|text| settings::description(text, &scope));
    let boundary = settings::first(layers, |s| &s.permissions_boundary)
        .map(|text| settings::permissions_boundary(text, partition, account, &scope));
    let max_session_duration = settings::first(layers, |s| &s.max_session_duration);
    let name = name.and_then(|name| findings.check(name));
    let path = path.and_then(|path| findings.check(path));
    let policy_name = policy_name.and_then(|name| findings.check(name));
    let description = description.and_then(|description| findings.check(description));
    let permissions_boundary = boundary.and_then(|boundary| findings.check(boundary));

    Some(DesiredRole {
        kind: RoleKind::for_event_streams(),
        account: account.clone(),
        partition,
        path: path?,
        name: name?,
        policy_name: policy_name?,
        description: description?,
        max_session_duration: max_session_duration?.value,
        permissions_boundary,
        tags,
        trust: *trust,
        apps: sites.iter().map(|site| site.key.clone()).collect(),
        targets: sites.iter().filter_map(|site| site.target.clone()).collect(),
        protect: sites.iter().any(|site| site.app.protect),
        adopt: sites.iter().all(|site| site.app.adopt),
    })
}

/// A role's name is its account's alone, whatever its path.
/// Source: IAM user guide, "IAM and STS quotas" (names are unique and not distinguished by case).
fn names_differ(
    uses: &BTreeMap<RoleKey, RoleUse<'_>>,
    roles: &BTreeMap<RoleKey, DesiredRole>,
    findings: &mut Findings,
) {
    let mut seen: BTreeMap<AccountRole, (&RoleKey, Place)> = BTreeMap::new();
    for (key, role) in roles {
        let (Ok(name), Some(role_use)) = (role.name.under(key).parse::<RoleName>(), uses.get(key)) else {
            continue;
        };
        let label = quoted(name.as_str());
        if let Some((first, place)) = seen.insert(AccountRole::of(&role.account, &name), (key, role_use.place)) {
            let message = format!("role.{first} and role.{key} have one name in their account");
            let error = Diagnostic::new(message).at(role_use.place, label).and(place, "the other");
            findings.error(
                error.help("letter case makes no difference; hold `{app}` in the name, or share one of [roles.*]"),
            );
        }
    }
}

/// A role that is said to be managed elsewhere is not managed here.
pub(super) fn check_elsewhere(
    document: &Document,
    refs: &BTreeMap<AppKey, RoleRef>,
    roles: &BTreeMap<RoleKey, DesiredRole>,
    findings: &mut Findings,
) {
    let managed: BTreeMap<AccountRole, &RoleKey> = roles
        .iter()
        .filter_map(|(key, role)| Some((AccountRole::of(&role.account, &role.name.under(key).parse().ok()?), key)))
        .collect();
    for (app, role) in refs {
        let RoleRef::Elsewhere(arn) = role else { continue };
        let Some(key) = managed.get(&arn.in_account()) else { continue };
        let Some(place) = document.apps.get(app).and_then(|app| app.role.value()).map(|role| role.place) else {
            continue;
        };
        let error = Diagnostic::new(format!("apps.{app}.role is role.{key}, which is managed here"));
        findings.error(error.at(place, "said to be managed elsewhere"));
    }
}
