//! Apps: identity, tags, and the streams that their events go to.
use super::scope::{Scope, malformed};
use super::settings;
use super::site::{self, Site, somewhere};
use crate::error::InvalidText;
use crate::error_code::manifest as codes;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics, suggestion};
use crate::manifest::raw::{Identity, RawManifest, RoleChoice, Stream, Text};
use crate::manifest::source::{Place, Placed};
use crate::{
    AccountId, AppId, AppIdentity, AppKey, DesiredApp, DesiredEventStream, KmsKeyArn, Region, RoleRef, StreamArn,
    StreamKey, StreamService, StreamTarget,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn resolve(
    raw: &RawManifest,
    sites: &[Site<'_>],
    roles: &BTreeMap<AppKey, RoleRef>,
    found: &mut Diagnostics,
) -> BTreeMap<AppKey, DesiredApp> {
    ids_differ(raw, found);
    let mut apps = Vec::with_capacity(sites.len());
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
                warn_of_what_has_no_effect(site, id.place, found);
                AppIdentity::Existing(id.value.clone())
            }
            Identity::Name(text) => {
                let tags = settings::tags(&[&raw.role_defaults.tags, &site.app.tags], &scope, found);
                let Some(name) = found.check(name(text, &scope)) else { continue };
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
        apps.push((site.key.clone(), app));
    }
    apps.into_iter().collect()
}

/// Source: Pinpoint API reference, CreateApplicationRequest (`Name`, at most 64 characters).
fn name(text: &Placed<Text>, scope: &Scope) -> Result<String, Diagnostic> {
    let name = scope.fill(text)?;
    let rule = if !(1..=64).contains(&name.chars().count()) {
        "it is 1 to 64 characters"
    } else if name.chars().any(char::is_control) {
        "it cannot contain control characters"
    } else {
        return Ok(name);
    };
    Err(scope.malformed(text, &name, "app's name", rule))
}

fn ids_differ(raw: &RawManifest, found: &mut Diagnostics) {
    let mut seen: BTreeMap<&AppId, (&AppKey, Place)> = BTreeMap::new();
    for (key, app) in &raw.apps {
        let Some(Identity::Id(id)) = &app.identity else { continue };
        if let Some((first, place)) = seen.insert(&id.value, (key, id.place)) {
            let error =
                Diagnostic::new(&codes::SAME_RESOURCE, format!("apps.{first} and apps.{key} are the same app"));
            found.error(error.at(id.place, "the same id").and(place, "as here"));
        }
    }
}

/// Of an app that exists only the event stream and its role are managed.
fn warn_of_what_has_no_effect(site: &Site<'_>, id: Place, found: &mut Diagnostics) {
    let Site { key, app, .. } = site;
    if app.stream.is_absent() {
        let unmanaged = Diagnostic::new(
            &codes::NO_EFFECT,
            format!("apps.{key} exists and has no stream: nothing of it is managed"),
        );
        found.warning(unmanaged.at(id, ""));
    }
    let has_own_role = match app.role.value().map(|choice| &choice.value) {
        None | Some(RoleChoice::Own(_)) => !app.stream.is_absent(),
        Some(RoleChoice::Shared(_) | RoleChoice::Elsewhere(_)) => false,
    };
    if let Some((place, _)) = app.tags.values().next().filter(|_| !has_own_role) {
        let unused = Diagnostic::new(&codes::NO_EFFECT, format!("apps.{key}.tags have no effect")).at(*place, "");
        found.warning(unused.and(id, "an app that exists is not tagged, and it has no role of its own"));
    }
}

/// The target of an app's stream; none where it has none or something is wrong with it.
pub(super) fn stream_target(raw: &RawManifest, site: &Site<'_>, found: &mut Diagnostics) -> Option<StreamTarget> {
    let reference = site.app.stream.value()?;
    let Some((key, stream)) = find(raw, &reference.value) else {
        let error =
            Diagnostic::new(&codes::UNDECLARED, format!("apps.{}.stream is not a declared stream", site.key));
        let help = suggestion(&reference.value, raw.streams.keys().map(StreamKey::as_str));
        found.error(Diagnostic { help, ..error.at(reference.place, "not among [streams.*]") });
        return None;
    };
    let scope = Scope::of_app(site, site.key.as_str());
    let (service, text) = stream.destination.as_ref()?;
    let arn = found.check(arn(*service, text, site, &scope))?;
    found.check(check_place(raw, text.with(&arn), key, site, reference.place))?;
    let kms_key = match stream.kms_key.value() {
        Some(text) => Some(found.check(kms_key(text, &arn, &scope))?),
        None => None,
    };
    Some(StreamTarget { arn, kms_key })
}

fn find<'d>(raw: &'d RawManifest, key: &str) -> Option<(&'d StreamKey, &'d Stream)> {
    raw.streams.get_key_value(&key.parse().ok()?)
}

fn arn(
    service: StreamService,
    text: &Placed<Text>,
    site: &Site<'_>,
    scope: &Scope,
) -> Result<StreamArn, Diagnostic> {
    let filled = scope.fill(text)?;
    let arn = named(service, &filled, &site.account, &site.region);
    let arn = arn.map_err(|error| scope.malformed(text, &filled, format!("{service} stream"), error.rule))?;
    check_service(service, text, &arn)?;
    Ok(arn)
}

/// A stream by its ARN, or by its name in this place.
fn named(
    service: StreamService,
    filled: &str,
    account: &AccountId,
    region: &Region,
) -> Result<StreamArn, InvalidText> {
    match filled.starts_with("arn:") {
        true => filled.parse(),
        false => StreamArn::new(service, region.clone(), account.clone(), filled),
    }
}

fn check_service(service: StreamService, text: &Placed<Text>, arn: &StreamArn) -> Result<(), Diagnostic> {
    let other = arn.service();
    if other == service {
        return Ok(());
    }
    let error =
        Diagnostic::new(&codes::INVALID_VALUE, format!("{} is the ARN of a {other} stream", text.value.path));
    Err(error.at(text.place, "").help(format!("write `{other} = \"…\"`")))
}

/// A stream takes events of apps in its own account and region alone.
/// Source: Pinpoint developer guide, "Streaming events" (prerequisites: the stream is in your account).
fn check_place(
    raw: &RawManifest,
    stream: Placed<&StreamArn>,
    key: &StreamKey,
    site: &Site<'_>,
    reference: Place,
) -> Result<(), Diagnostic> {
    let differ = |theirs: &str, ours: &str| {
        let message = format!("streams.{key} is in {theirs}, but apps.{} in {ours}", site.key);
        let error =
            Diagnostic::new(&codes::OTHER_PLACE, message).at(reference, format!("needs a stream in {ours}"));
        error.and(stream.place, format!("in {theirs}"))
    };
    let arn = stream.value;
    if arn.account() != &site.account {
        let error = differ(&format!("account {}", arn.account()), &format!("account {}", site.account));
        return Err(site::with_reason(raw, error));
    }
    if arn.region() != &site.region {
        return Err(differ(arn.region().as_str(), site.region.as_str()));
    }
    Ok(())
}

fn kms_key(text: &Placed<Text>, stream: &StreamArn, scope: &Scope) -> Result<KmsKeyArn, Diagnostic> {
    let key: KmsKeyArn = scope.parsed(text)?;
    if &key.region == stream.region() {
        return Ok(key);
    }
    let message = format!("{} is in {}, but its stream in {}", text.value.path, key.region, stream.region());
    Err(Diagnostic::new(&codes::OTHER_PLACE, message).at(text.place, ""))
}

/// Streams that no app uses are allowed, but looked at as far as that goes without an app.
pub(super) fn check_unused_streams(raw: &RawManifest, found: &mut Diagnostics) {
    let used: BTreeSet<&str> =
        raw.apps.values().filter_map(|app| app.stream.value()).map(|stream| stream.value.as_str()).collect();
    for (key, stream) in raw.streams.iter().filter(|(key, _)| !used.contains(key.as_str())) {
        let unused = Diagnostic::new(&codes::NO_EFFECT, format!("streams.{key} is not used by any app"));
        found.warning(unused.at(stream.key, ""));
        let (Some((service, text)), Some((account, region))) = (&stream.destination, somewhere()) else {
            continue;
        };
        let Some(filled) = text.value.template.as_literal() else { continue };
        let arn = named(*service, filled, &account, &region);
        let arn = arn.map_err(|error| malformed(text, filled, format!("{service} stream"), error.rule));
        found.check(arn.and_then(|arn| check_service(*service, text, &arn)));
    }
}
