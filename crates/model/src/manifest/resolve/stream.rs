//! Where an app's events go: a stream's name or ARN, made out for the app that uses it.
use super::account;
use super::scope::{Scope, Several};
use super::site::Site;
use crate::arn::{InvalidArn, KmsKeyArn, StreamArn, StreamService};
use crate::ids::StreamKey;
use crate::manifest::diagnostic::{Diagnostic, Findings, suggestion};
use crate::manifest::document::{Document, Stream, Text};
use crate::manifest::source::{Place, Placed};
use crate::role_kind::StreamTarget;
use std::collections::BTreeSet;

/// The target of an app's stream; none where it has none or something is wrong with it.
pub(super) fn target(document: &Document, site: &Site<'_>, findings: &mut Findings) -> Option<StreamTarget> {
    let reference = site.app.stream.value()?;
    let Some((key, stream)) = find(document, &reference.value) else {
        let error = Diagnostic::new(format!("apps.{}.stream is not a declared stream", site.key));
        let help = suggestion(&reference.value, document.streams.keys().map(StreamKey::as_str));
        findings.error(Diagnostic { help, ..error.at(reference.place, "not among [streams.*]") });
        return None;
    };
    let scope = Scope::of_app(site, site.key.as_str());
    let (service, text) = stream.destination.as_ref()?;
    let arn = findings.check(arn(*service, text, site, &scope))?;
    findings.check(check_place(document, text.with(&arn), key, site, reference.place))?;
    let kms_key = match stream.kms_key.value() {
        Some(text) => Some(findings.check(kms_key(text, &arn, &scope))?),
        None => None,
    };
    Some(StreamTarget { arn, kms_key })
}

fn find<'d>(document: &'d Document, key: &str) -> Option<(&'d StreamKey, &'d Stream)> {
    document.streams.get_key_value(&key.parse().ok()?)
}

fn arn(
    service: StreamService,
    text: &Placed<Text>,
    site: &Site<'_>,
    scope: &Scope,
) -> Result<StreamArn, Diagnostic> {
    let filled = scope.fill(text, Several::Refused)?;
    let arn = if filled.starts_with("arn:") {
        filled.parse()
    } else {
        StreamArn::new(service, site.region.clone(), site.account.clone(), &filled)
    };
    let arn = arn.map_err(|error| scope.malformed(text, &filled, format!("{service} stream"), error.reason))?;
    if arn.service() == service {
        return Ok(arn);
    }
    let other = arn.service();
    let error = Diagnostic::new(format!("{} is the ARN of a {other} stream", text.value.path));
    Err(error.at(text.place, "").help(format!("write `{other} = \"…\"`")))
}

/// A stream takes events of apps in its own account and region alone.
/// Source: Pinpoint developer guide, "Streaming events" (prerequisites: the stream is in your account).
fn check_place(
    document: &Document,
    stream: Placed<&StreamArn>,
    key: &StreamKey,
    site: &Site<'_>,
    reference: Place,
) -> Result<(), Diagnostic> {
    let differ = |theirs: &str, ours: &str| {
        let message = format!("streams.{key} is in {theirs}, but apps.{} in {ours}", site.key);
        let error = Diagnostic::new(message).at(reference, format!("needs a stream in {ours}"));
        error.and(stream.place, format!("in {theirs}"))
    };
    let arn = stream.value;
    if arn.account() != &site.account {
        let error = differ(&format!("account {}", arn.account()), &format!("account {}", site.account));
        return Err(account::with_reason(document, error));
    }
    if arn.region() != &site.region {
        return Err(differ(arn.region().as_str(), site.region.as_str()));
    }
    Ok(())
}

fn kms_key(text: &Placed<Text>, stream: &StreamArn, scope: &Scope) -> Result<KmsKeyArn, Diagnostic> {
    let filled = scope.fill(text, Several::Refused)?;
    let key: KmsKeyArn =
        filled.parse().map_err(|error: InvalidArn| scope.malformed(text, &filled, error.kind, error.reason))?;
    if &key.region == stream.region() {
        return Ok(key);
    }
    let message = format!("{} is in {}, but its stream in {}", text.value.path, key.region, stream.region());
    Err(Diagnostic::new(message).at(text.place, ""))
}

/// Streams that no app uses are allowed, but looked at as far as that goes without an app.
pub(super) fn check_unused(document: &Document, findings: &mut Findings) {
    let used: BTreeSet<&str> =
        document.apps.values().filter_map(|app| app.stream.value()).map(|stream| stream.value.as_str()).collect();
    for (key, stream) in document.streams.iter().filter(|(key, _)| !used.contains(key.as_str())) {
        let found = Diagnostic::new(format!("streams.{key} is not used by any app")).at(stream.key, "");
        findings.warning(found);
        let Some((_, text)) = &stream.destination else { continue };
        if let Some(filled) = text.value.template.as_literal().filter(|filled| filled.starts_with("arn:"))
            && let Err(error) = filled.parse::<StreamArn>()
        {
            findings.error(
                Diagnostic::new(format!("{} is not a valid {}", text.value.path, error.kind))
                    .at(text.place, error.reason),
            );
        }
    }
}
