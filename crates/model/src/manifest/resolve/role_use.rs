//! Which role each app's event stream names, and so which apps use each role.
use super::account;
use super::scope::{Scope, Several};
use super::site::Site;
use crate::arn::{InvalidArn, RoleArn};
use crate::desired::{RoleRef, TrustScope};
use crate::ids::{AppKey, RoleKey};
use crate::manifest::diagnostic::{Diagnostic, Findings, suggestion};
use crate::manifest::document::{Document, RoleChoice, RoleSettings, SharedRole, TagTexts, Text};
use crate::manifest::source::{Place, Placed};
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

pub(super) fn resolve<'d>(document: &'d Document, sites: &'d [Site<'d>], findings: &mut Findings) -> Uses<'d> {
    keys_differ(document, findings);
    let mut uses = Uses { managed: BTreeMap::new(), refs: BTreeMap::new() };
    for site in sites {
        let choice = site.app.role.value();
        if site.app.stream.is_absent()
            && let Some(choice) = choice
        {
            let error = Diagnostic::new(format!("apps.{}.role has no effect without a stream", site.key));
            findings.error(error.at(choice.place, "").help("a role lets an app's events reach a stream"));
        }
        if site.target.is_none() || (choice.is_none() && !site.app.role.is_absent()) {
            continue;
        }
        let role = match choice.map(|choice| &choice.value) {
            None => own(&mut uses, site, None),
            Some(RoleChoice::Own(settings)) => own(&mut uses, site, Some(settings)),
            Some(RoleChoice::Shared(key)) => {
                let place = choice.map_or(site.app.key, |choice| choice.place);
                let Some(role) = findings.check(shared(document, &mut uses, site, key, place)) else { continue };
                role
            }
            Some(RoleChoice::Elsewhere(text)) => {
                let Some(arn) = findings.check(elsewhere(document, site, text)) else { continue };
                RoleRef::Elsewhere(arn)
            }
        };
        uses.refs.insert(site.key.clone(), role);
    }
    for (key, role) in document.roles.iter().filter(|(key, _)| !uses.managed.contains_key(key)) {
        let found = Diagnostic::new(format!("roles.{key} is not used by any app and is not created"));
        findings.warning(found.at(role.key, ""));
    }
    uses
}

/// An app's own role has the app's key, so that no shared one may have it.
fn keys_differ(document: &Document, findings: &mut Findings) {
    for (key, role) in &document.roles {
        if let Some(app) = namesake(document, key) {
            let error = Diagnostic::new(format!("roles.{key} has the key of an app")).at(role.key, "");
            let help = format!("role.{key} is the address of that app's own role; give this one another key");
            findings.error(error.and(app, "this app").help(help));
        }
    }
}

fn namesake(document: &Document, key: &RoleKey) -> Option<Place> {
    let key: AppKey = key.as_str().parse().ok()?;
    document.apps.get(&key).map(|app| app.key)
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
    document: &'d Document,
    uses: &mut Uses<'d>,
    site: &'d Site<'d>,
    key: &str,
    place: Place,
) -> Result<RoleRef, Diagnostic> {
    let found = key.parse().ok().and_then(|key: RoleKey| document.roles.get_key_value(&key));
    let Some((key, SharedRole { key: declared, trust, settings })) = found else {
        let error = Diagnostic::new(format!("apps.{}.role is not a declared role", site.key));
        let help = suggestion(key, document.roles.keys().map(RoleKey::as_str));
        return Err(Diagnostic { help, ..error.at(place, "not among [roles.*]") });
    };
    // With the key of an app it was reported, and is not to be mixed up with that app's own.
    if namesake(document, key).is_none() {
        let role = uses.managed.entry(key.clone()).or_insert_with(|| RoleUse {
            place: *declared,
            trust: *trust,
            settings: Some(settings),
            app_tags: None,
            sites: Vec::new(),
        });
        if let Some(first) = role.sites.first().filter(|first| first.account != site.account) {
            let message = format!("roles.{key} is used from two accounts, {} and {}", first.account, site.account);
            let error = Diagnostic::new(message).at(place, format!("apps.{} is in {}", site.key, site.account));
            let error = error.and(first.app.key, format!("in {}", first.account));
            return Err(error.help("a role lives in one account; declare one for each"));
        }
        role.sites.push(site);
    }
    Ok(RoleRef::Managed(key.clone()))
}

fn elsewhere(document: &Document, site: &Site<'_>, text: &Placed<Text>) -> Result<RoleArn, Diagnostic> {
    let scope = Scope::of_app(site, site.key.as_str());
    let filled = scope.fill(text, Several::Refused)?;
    let arn: RoleArn =
        filled.parse().map_err(|error: InvalidArn| scope.malformed(text, &filled, error.kind, error.reason))?;
    let differ = |theirs: &str, ours: &str| {
        let message = format!("apps.{} is in {ours}, but its role in {theirs}", site.key);
        Diagnostic::new(message).at(text.place, format!("expected a role in {ours}"))
    };
    let partition = site.region.partition();
    if arn.partition != partition {
        return Err(differ(&format!("partition {}", arn.partition), &format!("partition {partition}")));
    }
    if arn.account != site.account {
        let error = differ(&format!("account {}", arn.account), &format!("account {}", site.account));
        return Err(account::with_reason(document, error));
    }
    Ok(arn)
}
