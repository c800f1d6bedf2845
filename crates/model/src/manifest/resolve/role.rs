//! The roles that apps' event streams name: which apps use each, and the managed ones in full.
use super::scope::Scope;
use super::settings;
use super::site::{self, Site};
use crate::error_code::manifest as codes;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics, quoted, suggestion};
use crate::manifest::raw::{Given, RawManifest, RoleChoice, RoleSettings, SharedRole, TagTexts, Text};
use crate::manifest::source::{Place, Placed};
use crate::manifest::template::{Part, Placeholder};
use crate::{AccountRole, AppKey, DesiredRole, PolicyName, RoleArn, RoleKey, RoleKind, RoleRef, TrustScope};
use std::collections::BTreeMap;

pub(super) struct Uses<'d> {
    pub(super) managed: BTreeMap<RoleKey, RoleUse<'d>>,
    pub(super) refs: BTreeMap<AppKey, RoleRef>,
}

/// A role with the apps that use it.
pub(super) struct RoleUse<'d> {
    /// Where it, or the app whose own it is, is declared.
    pub(super) place: Place,
    pub(super) trust: TrustScope,
    /// What it sets beyond the defaults; none for an app's own role that says nothing.
    pub(super) settings: Option<&'d RoleSettings>,
    /// The tags of the app whose own it is.
    pub(super) app_tags: Option<&'d TagTexts>,
    pub(super) sites: Vec<&'d Site<'d>>,
}

pub(super) fn uses<'d>(raw: &'d RawManifest, sites: &'d [Site<'d>], found: &mut Diagnostics) -> Uses<'d> {
    keys_differ(raw, found);
    let mut uses = Uses { managed: BTreeMap::new(), refs: BTreeMap::new() };
    for site in sites {
        let choice = site.app.role.value();
        if site.app.stream.is_absent()
            && let Some(choice) = choice
        {
            let error = Diagnostic::new(
                &codes::ROLE_CONFLICT,
                format!("apps.{}.role has no effect without a stream", site.key),
            );
            found.error(error.at(choice.place, "").help("a role lets an app's events reach a stream"));
        }
        if site.target.is_none() || (choice.is_none() && !site.app.role.is_absent()) {
            continue;
        }
        let role = match choice.map(|choice| &choice.value) {
            None => own(&mut uses, site, None),
            Some(RoleChoice::Own(settings)) => own(&mut uses, site, Some(settings)),
            Some(RoleChoice::Shared(key)) => {
                let place = choice.map_or(site.app.key, |choice| choice.place);
                let Some(role) = found.check(shared(raw, &mut uses, site, key, place)) else { continue };
                role
            }
            Some(RoleChoice::Elsewhere(text)) => {
                let Some(arn) = found.check(elsewhere(raw, site, text)) else { continue };
                RoleRef::Elsewhere(arn)
            }
        };
        uses.refs.insert(site.key.clone(), role);
    }
    for (key, role) in raw.roles.iter().filter(|(key, _)| !uses.managed.contains_key(key)) {
        let unused =
            Diagnostic::new(&codes::NO_EFFECT, format!("roles.{key} is not used by any app and is not created"));
        found.warning(unused.at(role.key, ""));
        check_unused(key, role, found);
    }
    uses
}

/// A role that no app uses is allowed, but looked at as far as that goes without an app.
fn check_unused(
    key: &RoleKey,
    SharedRole { key: place, trust: _, settings }: &SharedRole,
    found: &mut Diagnostics,
) {
    fn own(given: &Given<Text>) -> Option<&Placed<Text>> {
        let is_known =
            |part: &Part| matches!(part, Part::Literal(_) | Part::Open(Placeholder::App | Placeholder::Role, _));
        given.value().filter(|text| text.value.template.parts().iter().all(is_known))
    }
    let scope = Scope::of_role(key, *place, &[]);
    found.check(own(&settings.name).map_or(Ok(()), |text| settings::name(text, key, &scope).map(drop)));
    found.check(own(&settings.path).map_or(Ok(()), |text| settings::path(text, key, &scope).map(drop)));
    let policy_name = |text| scope.parsed::<PolicyName>(text).map(drop);
    found.check(own(&settings.policy_name).map_or(Ok(()), policy_name));
    found.check(own(&settings.description).map_or(Ok(()), |text| settings::description(text, &scope).map(drop)));
}

/// An app's own role has the app's key, so that no shared one may have it.
fn keys_differ(raw: &RawManifest, found: &mut Diagnostics) {
    for (key, role) in &raw.roles {
        if let Some(app) = namesake(raw, key) {
            let error = Diagnostic::new(&codes::ROLE_CONFLICT, format!("roles.{key} has the key of an app"))
                .at(role.key, "");
            let help = format!("role.{key} is the address of that app's own role; give this one another key");
            found.error(error.and(app, "this app").help(help));
        }
    }
}

fn namesake(raw: &RawManifest, key: &RoleKey) -> Option<Place> {
    let key: AppKey = key.as_str().parse().ok()?;
    raw.apps.get(&key).map(|app| app.key)
}

fn own<'d>(uses: &mut Uses<'d>, site: &'d Site<'d>, settings: Option<&'d RoleSettings>) -> RoleRef {
    let key = RoleKey::from(site.key.clone());
    let role = RoleUse {
        place: site.app.key,
        trust: TrustScope::Apps,
        settings,
        app_tags: Some(&site.app.tags),
        sites: vec![site],
    };
    uses.managed.insert(key.clone(), role);
    RoleRef::Managed(key)
}

fn shared<'d>(
    raw: &'d RawManifest,
    uses: &mut Uses<'d>,
    site: &'d Site<'d>,
    key: &str,
    place: Place,
) -> Result<RoleRef, Diagnostic> {
    let found = key.parse().ok().and_then(|key: RoleKey| raw.roles.get_key_value(&key));
    let Some((key, SharedRole { key: declared, trust, settings })) = found else {
        let error = Diagnostic::new(&codes::UNDECLARED, format!("apps.{}.role is not a declared role", site.key));
        let help = suggestion(key, raw.roles.keys().map(RoleKey::as_str));
        return Err(Diagnostic { help, ..error.at(place, "not among [roles.*]") });
    };
    // With the key of an app it was reported, and is not to be mixed up with that app's own.
    if namesake(raw, key).is_none() {
        let role = uses.managed.entry(key.clone()).or_insert_with(|| RoleUse {
            place: *declared,
            trust: *trust,
            settings: Some(settings),
            app_tags: None,
            sites: Vec::new(),
        });
        if let Some(first) = role.sites.first().filter(|first| first.account != site.account) {
            let message = format!("roles.{key} is used from two accounts, {} and {}", first.account, site.account);
            let error = Diagnostic::new(&codes::SHARED_ACROSS_ACCOUNTS, message)
                .at(place, format!("apps.{} is in {}", site.key, site.account));
            let error = error.and(first.app.key, format!("in {}", first.account));
            return Err(error.help("a role lives in one account; declare one for each"));
        }
        role.sites.push(site);
    }
    Ok(RoleRef::Managed(key.clone()))
}

fn elsewhere(raw: &RawManifest, site: &Site<'_>, text: &Placed<Text>) -> Result<RoleArn, Diagnostic> {
    let scope = Scope::of_app(site, site.key.as_str());
    let arn: RoleArn = scope.parsed(text)?;
    let differ = |theirs: &str, ours: &str| {
        let message = format!("apps.{} is in {ours}, but its role in {theirs}", site.key);
        Diagnostic::new(&codes::OTHER_PLACE, message).at(text.place, format!("expected a role in {ours}"))
    };
    let partition = site.region.partition();
    if arn.partition != partition {
        return Err(differ(&format!("partition {}", arn.partition), &format!("partition {partition}")));
    }
    if arn.account != site.account {
        let error = differ(&format!("account {}", arn.account), &format!("account {}", site.account));
        return Err(site::with_reason(raw, error));
    }
    Ok(arn)
}

pub(super) fn resolve(
    raw: &RawManifest,
    uses: &BTreeMap<RoleKey, RoleUse<'_>>,
    found: &mut Diagnostics,
) -> BTreeMap<RoleKey, DesiredRole> {
    let roles = uses.iter().filter_map(|(key, role_use)| Some((key.clone(), role(raw, key, role_use, found)?)));
    let roles = roles.collect();
    names_differ(uses, &roles, found);
    roles
}

fn role(raw: &RawManifest, key: &RoleKey, role_use: &RoleUse<'_>, found: &mut Diagnostics) -> Option<DesiredRole> {
    let RoleUse { place, trust, settings: own, app_tags, sites } = role_use;
    let first = *sites.first()?;
    let (account, partition) = (&first.account, first.region.partition());
    let scope = Scope::of_role(key, *place, sites);
    let (none, built_in) = (RoleSettings::default(), settings::built_in(*place));
    let own = own.unwrap_or(&none);
    let layers = [own, &raw.role_defaults, &built_in];

    let mut tag_layers = vec![&raw.role_defaults.tags];
    tag_layers.extend(*app_tags);
    tag_layers.push(&own.tags);
    let tags = settings::tags(&tag_layers, &scope, found);

    // Each setting is checked, whatever is wrong with another.
    let name = settings::first(layers, |s| &s.name).map(|text| settings::name(text, key, &scope));
    let name = name.and_then(|name| found.check(name));
    let path = settings::first(layers, |s| &s.path).map(|text| settings::path(text, key, &scope));
    let path = path.and_then(|path| found.check(path));
    let policy_name = settings::first(layers, |s| &s.policy_name).map(|text| scope.parsed(text));
    let policy_name = policy_name.and_then(|name| found.check(name));
    let description = settings::first(layers, |s| &s.description).map(|text| settings::description(text, &scope));
    let description = description.and_then(|description| found.check(description));
    let boundary = settings::first(layers, |s| &s.permissions_boundary)
        .map(|text| settings::permissions_boundary(text, partition, account, &scope));
    let permissions_boundary = boundary.and_then(|boundary| found.check(boundary));
    let max_session_duration = settings::first(layers, |s| &s.max_session_duration);

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
    found: &mut Diagnostics,
) {
    let mut seen: BTreeMap<AccountRole, (&RoleKey, Place)> = BTreeMap::new();
    for (key, role) in roles {
        let (Some(role), Some(RoleUse { place, .. })) = (role_in_account(key, role), uses.get(key)) else {
            continue;
        };
        let label = quoted(role.name.as_str());
        if let Some((first, first_place)) = seen.insert(role, (key, *place)) {
            let error = Diagnostic::new(
                &codes::SAME_RESOURCE,
                format!("role.{first} and role.{key} have the same name in the same account"),
            );
            let error = error.at(*place, label).and(first_place, "the other");
            let help = "letter case makes no difference; use `{app}` in the name, or share one of [roles.*]";
            found.error(error.help(help));
        }
    }
}

/// A role with an ARN from elsewhere must not be managed here.
pub(super) fn check_elsewhere(
    raw: &RawManifest,
    refs: &BTreeMap<AppKey, RoleRef>,
    roles: &BTreeMap<RoleKey, DesiredRole>,
    found: &mut Diagnostics,
) {
    let names = roles.iter().filter_map(|(key, role)| Some((role_in_account(key, role)?, key)));
    let managed: BTreeMap<AccountRole, &RoleKey> = names.collect();
    for (app, role) in refs {
        let RoleRef::Elsewhere(arn) = role else { continue };
        let place = raw.apps.get(app).and_then(|app| app.role.value()).map(|role| role.place);
        let (Some(key), Some(place)) = (managed.get(&arn.in_account()), place) else { continue };
        let error = Diagnostic::new(
            &codes::ROLE_CONFLICT,
            format!("apps.{app}.role is role.{key}, which is managed here"),
        );
        found.error(error.at(place, "declared as managed elsewhere"));
    }
}

fn role_in_account(key: &RoleKey, role: &DesiredRole) -> Option<AccountRole> {
    Some(AccountRole::of(&role.account, &role.name.under(key).parse().ok()?))
}
