//! The settings of roles: `[role_defaults]`, `[roles.*]`, an app's `role`, and tags.
use super::visitor::{Field, Table, Visitor, given};
use crate::desired::TrustScope;
use crate::manifest::diagnostic::{Diagnostic, quoted, suggestion};
use crate::manifest::document::{RoleChoice, RoleSettings, SharedRole, TagTexts};
use crate::manifest::keys;
use crate::manifest::source::Placed;
use crate::manifest::tag;
use crate::manifest::template::Placeholder;
use std::ops::RangeInclusive;
use toml::de::DeValue;

/// In seconds. Source: IAM API reference, CreateRole, `MaxSessionDuration`.
const SESSION_DURATION: RangeInclusive<i64> = 3600..=43200;

pub(super) fn defaults(visitor: &mut Visitor<'_>, field: &Field<'_>) -> RoleSettings {
    visitor.table(field, keys::ROLE_DEFAULTS).map(|table| settings(visitor, &table)).unwrap_or_default()
}

pub(super) fn shared(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<SharedRole> {
    let table = visitor.table(field, keys::SHARED_ROLE)?;
    let trust = table.get("trust").and_then(|field| trust(visitor, field)).unwrap_or(TrustScope::Apps);
    Some(SharedRole { key: field.key, trust, settings: settings(visitor, &table) })
}

fn trust(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<TrustScope> {
    let text = visitor.fixed(field)?.value;
    match text.as_str() {
        "apps" => Some(TrustScope::Apps),
        "region" => Some(TrustScope::Region),
        other => {
            let error = Diagnostic::new(format!("{} cannot be {}", field.path, quoted(other)));
            let help = suggestion(other, ["apps", "region"].into_iter());
            visitor.error(Diagnostic { help, ..error.at(field.place, "expected \"apps\" or \"region\"") });
            None
        }
    }
}

pub(super) fn choice(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<Placed<RoleChoice>> {
    let choice = match field.value {
        DeValue::String(_) => RoleChoice::Shared(visitor.fixed(field)?.value),
        DeValue::Table(_) => {
            let table = visitor.table(field, keys::OWN_ROLE)?;
            match table.get("arn") {
                Some(arn) => {
                    stands_alone(visitor, &table, arn);
                    RoleChoice::Elsewhere(visitor.text(arn, Placeholder::OF_APP)?)
                }
                None => RoleChoice::Own(Box::new(settings(visitor, &table))),
            }
        }
        _ => {
            visitor.wrong_type(field, "the key of a role or a table");
            return None;
        }
    };
    Some(Placed::new(choice, field.place))
}

/// Nothing of a role that is managed elsewhere can be set here.
fn stands_alone(visitor: &mut Visitor<'_>, table: &Table<'_>, arn: &Field<'_>) {
    for field in keys::ROLE_DEFAULTS.iter().filter_map(|key| table.get(key)) {
        let error = Diagnostic::new(format!("{} cannot be combined with arn", field.path));
        let error = error.at(field.key, "nothing is written to a role that is managed elsewhere");
        visitor.error(error.and(arn.key, "managed elsewhere"));
    }
}

fn settings(visitor: &mut Visitor<'_>, table: &Table<'_>) -> RoleSettings {
    let mut text = |key: &str| given(table.get(key).map(|field| visitor.text(field, Placeholder::ALL)));
    RoleSettings {
        name: text("name"),
        path: text("path"),
        policy_name: text("policy_name"),
        description: text("description"),
        permissions_boundary: text("permissions_boundary"),
        max_session_duration: given(
            table.get("max_session_duration").map(|field| max_session_duration(visitor, field)),
        ),
        tags: tags(visitor, table.get("tags")),
    }
}

fn max_session_duration(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<Placed<u32>> {
    let seconds = visitor.integer(field)?;
    let valid = u32::try_from(seconds).ok().filter(|_| SESSION_DURATION.contains(&seconds));
    if valid.is_none() {
        let (least, most) = (SESSION_DURATION.start(), SESSION_DURATION.end());
        let error = Diagnostic::new(format!("{} is out of range", field.path));
        visitor.error(error.at(field.place, format!("expected {least} to {most} seconds")));
    }
    valid.map(|seconds| Placed::new(seconds, field.place))
}

pub(super) fn tags(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> TagTexts {
    let mut tags = TagTexts::new();
    for field in field.and_then(|field| visitor.entries(field)).unwrap_or_default() {
        if let Some(reason) = tag::wrong_with_key(field.name) {
            let error = Diagnostic::new(format!("{} cannot be a tag's key", quoted(field.name)));
            visitor.error(error.at(field.key, reason));
        } else if let Some(text) = visitor.text(&field, Placeholder::ALL) {
            tags.insert(field.name.to_owned(), (field.key, text));
        }
    }
    tags
}
