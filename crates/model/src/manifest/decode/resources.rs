//! `[streams.*]`, `[roles.*]`, `[apps.*]` and `[role_defaults]`.
use super::visitor::{Field, Table, Visitor};
use crate::error_code::manifest as codes;
use crate::manifest::diagnostic::{Diagnostic, did_you_mean, quoted, suggestion};
use crate::manifest::raw::{App, Identity, RoleChoice, RoleSettings, SharedRole, Stream, TagTexts, Text};
use crate::manifest::source::Placed;
use crate::manifest::template::Placeholder;
use crate::manifest::{keys, tag};
use crate::region::{AWS_REGIONS, PINPOINT_REGIONS};
use crate::{AppId, Region, StreamService, TrustScope};
use std::ops::RangeInclusive;
use toml::de::DeValue;

/// In seconds. Source: IAM API reference, CreateRole, `MaxSessionDuration`.
const SESSION_DURATION: RangeInclusive<i64> = 3600..=43200;

pub(super) fn stream(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<Stream> {
    let table = visitor.table(field, keys::STREAM)?;
    let destination = destination(visitor, field, &table);
    let kms_key = table.given("kms_key", |field| visitor.text(field, Placeholder::OF_APP));
    Some(Stream { key: field.key, destination, kms_key })
}

fn destination(
    visitor: &mut Visitor<'_>,
    field: &Field<'_>,
    table: &Table<'_>,
) -> Option<(StreamService, Placed<Text>)> {
    let path = &table.path;
    let (service, field) = match (table.get("kinesis"), table.get("firehose")) {
        (Some(field), None) => (StreamService::Kinesis, field),
        (None, Some(field)) => (StreamService::Firehose, field),
        (Some(kinesis), Some(firehose)) => {
            let error = Diagnostic::new(&codes::CONFLICTING_KEYS, format!("{path} has both kinesis and firehose"));
            visitor.error(error.at(firehose.key, "a stream is one of them").and(kinesis.key, "the other"));
            return None;
        }
        (None, None) if table.has("kinesis") || table.has("firehose") => return None,
        (None, None) => {
            let error = Diagnostic::new(&codes::MISSING_KEY, format!("{path} has neither kinesis nor firehose"))
                .at(field.key, "");
            visitor.missing(error.help("add `kinesis = \"…\"` or `firehose = \"…\"`, a stream's name or ARN"));
            return None;
        }
    };
    Some((service, visitor.text(field, Placeholder::OF_APP)?))
}

pub(super) fn app(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<App> {
    let table = visitor.table(field, keys::APP)?;
    Some(App {
        key: field.key,
        identity: identity(visitor, field, &table),
        account: table.given("account", |field| visitor.fixed(field)),
        region: table.given("region", |field| pinpoint_region(visitor, field)),
        stream: table.given("stream", |field| visitor.fixed(field)),
        role: table.given("role", |field| role_choice(visitor, field)),
        tags: tags(visitor, table.get("tags")),
        protect: visitor.flag(table.get("protect")),
        adopt: visitor.flag(table.get("adopt")),
    })
}

fn identity(visitor: &mut Visitor<'_>, field: &Field<'_>, table: &Table<'_>) -> Option<Identity> {
    let path = &table.path;
    match (table.get("id"), table.get("name")) {
        (Some(id), None) => visitor.parsed_with_help(id, app_id_within).map(Identity::Id),
        (None, Some(name)) => visitor.text(name, Placeholder::OF_APP).map(Identity::Name),
        (Some(id), Some(name)) => {
            let error = Diagnostic::new(&codes::CONFLICTING_KEYS, format!("{path} has both id and name"));
            let error = error.at(name.key, "for an app to be created and owned here");
            visitor.error(error.and(id.key, "for an app that exists"));
            None
        }
        (None, None) if table.has("id") || table.has("name") => None,
        (None, None) => {
            let error =
                Diagnostic::new(&codes::MISSING_KEY, format!("{path} has neither id nor name")).at(field.key, "");
            visitor.missing(error.help(
                "add `id = \"…\"` for an app that exists, or `name = \"…\"` for one to be created and owned here",
            ));
            None
        }
    }
}

/// The help for an ARN or a console address in place of an app's id, which both contain.
fn app_id_within(text: &str) -> Option<String> {
    let (_, after) = text.split_once("apps/")?;
    let id: AppId = after.split(['/', '?', '#']).next()?.parse().ok()?;
    Some(format!("the id is the part after `apps/`: `{id}`"))
}

/// The help for a region that is none of Pinpoint's.
fn meant_region(text: &str) -> String {
    match did_you_mean(text, PINPOINT_REGIONS) {
        // One that exists was meant.
        Some(meant) if !AWS_REGIONS.contains(&text) => format!("did you mean `{meant}`?"),
        _ => format!("Pinpoint is in {}", PINPOINT_REGIONS.join(", ")),
    }
}

/// A region with Pinpoint.
pub(super) fn pinpoint_region(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<Placed<Region>> {
    let region: Placed<Region> = visitor.parsed_with_help(field, |text| Some(meant_region(text)))?;
    if region.value.has_pinpoint() {
        return Some(region);
    }
    let error = Diagnostic::new(
        &codes::REGION_WITHOUT_PINPOINT,
        format!("{} is a region without Amazon Pinpoint", field.path),
    );
    let error = error.at(field.place, format!("{} has no endpoint", region.value));
    visitor.error(error.help(meant_region(region.value.as_str())));
    None
}

pub(super) fn role_defaults(visitor: &mut Visitor<'_>, field: &Field<'_>) -> RoleSettings {
    visitor.table(field, keys::ROLE_DEFAULTS).map(|table| role_settings(visitor, &table)).unwrap_or_default()
}

pub(super) fn shared_role(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<SharedRole> {
    let table = visitor.table(field, keys::SHARED_ROLE)?;
    let trust = table.get("trust").and_then(|field| trust(visitor, field)).unwrap_or(TrustScope::Apps);
    Some(SharedRole { key: field.key, trust, settings: role_settings(visitor, &table) })
}

fn trust(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<TrustScope> {
    let text = visitor.fixed(field)?.value;
    match text.as_str() {
        "apps" => Some(TrustScope::Apps),
        "region" => Some(TrustScope::Region),
        other => {
            let error =
                Diagnostic::new(&codes::INVALID_VALUE, format!("{} cannot be {}", field.path, quoted(other)));
            let help = suggestion(other, ["apps", "region"].into_iter());
            visitor.error(Diagnostic { help, ..error.at(field.place, "expected \"apps\" or \"region\"") });
            None
        }
    }
}

fn role_choice(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<Placed<RoleChoice>> {
    let choice = match field.value {
        DeValue::String(_) => RoleChoice::Shared(visitor.fixed(field)?.value),
        DeValue::Table(_) => {
            let table = visitor.table(field, keys::OWN_ROLE)?;
            match table.get("arn") {
                Some(arn) => {
                    for field in keys::ROLE_DEFAULTS.iter().filter_map(|key| table.get(key)) {
                        let error = Diagnostic::new(
                            &codes::CONFLICTING_KEYS,
                            format!("{} cannot be combined with arn", field.path),
                        );
                        let error = error.at(field.key, "nothing is written to a role that is managed elsewhere");
                        visitor.error(error.and(arn.key, "managed elsewhere"));
                    }
                    RoleChoice::Elsewhere(visitor.text(arn, Placeholder::OF_APP)?)
                }
                None => RoleChoice::Own(Box::new(role_settings(visitor, &table))),
            }
        }
        _ => {
            visitor.wrong_type(field, "the key of a role or a table");
            return None;
        }
    };
    Some(Placed::new(choice, field.place))
}

fn role_settings(visitor: &mut Visitor<'_>, table: &Table<'_>) -> RoleSettings {
    let mut text = |key: &str| table.given(key, |field| visitor.text(field, Placeholder::ALL));
    RoleSettings {
        name: text("name"),
        path: text("path"),
        policy_name: text("policy_name"),
        description: text("description"),
        permissions_boundary: text("permissions_boundary"),
        max_session_duration: table.given("max_session_duration", |field| session_duration(visitor, field)),
        tags: tags(visitor, table.get("tags")),
    }
}

fn session_duration(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<Placed<u32>> {
    let seconds = visitor.integer(field)?;
    let valid = u32::try_from(seconds).ok().filter(|_| SESSION_DURATION.contains(&seconds));
    if valid.is_none() {
        let (least, most) = (SESSION_DURATION.start(), SESSION_DURATION.end());
        let error = Diagnostic::new(&codes::INVALID_VALUE, format!("{} is out of range", field.path));
        visitor.error(error.at(field.place, format!("expected {least} to {most} seconds")));
    }
    valid.map(|seconds| Placed::new(seconds, field.place))
}

fn tags(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> TagTexts {
    let mut tags = TagTexts::new();
    for field in field.and_then(|field| visitor.entries(field)).unwrap_or_default() {
        if let Some(reason) = tag::wrong_with_key(field.name) {
            let error =
                Diagnostic::new(&codes::INVALID_VALUE, format!("{} cannot be a tag's key", quoted(field.name)));
            visitor.error(error.at(field.key, reason));
        } else if let Some(text) = visitor.text(&field, Placeholder::ALL) {
            tags.insert(field.name.to_owned(), (field.key, text));
        }
    }
    tags
}
