//! `[accounts.*]`.
use super::visitor::{Field, Table, Visitor};
use crate::arn::RoleArn;
use crate::ids::{AccountAlias, AccountId};
use crate::manifest::account::AccountSpec;
use crate::manifest::diagnostic::Diagnostic;
use crate::manifest::document::{Account, Document};
use crate::manifest::keys;
use crate::manifest::source::Placed;
use std::collections::BTreeMap;

pub(super) fn decode(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>, document: &mut Document) {
    let Some(fields) = field.and_then(|field| visitor.entries(field)).filter(|fields| !fields.is_empty()) else {
        return;
    };
    let mut accounts = BTreeMap::new();
    for field in &fields {
        let (alias, spec) = (visitor.key::<AccountAlias>(field), account(visitor, field));
        if let Some(alias) = alias {
            // An account that is wrong is still declared, so that apps may name it.
            accounts.insert(alias, Account { key: field.key, spec: spec.unwrap_or_default() });
        }
    }
    document.accounts = Some(accounts);
}

fn account(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<AccountSpec> {
    let table = visitor.table(field, keys::ACCOUNT)?;
    let id: Option<Placed<AccountId>> = table.get("id").and_then(|field| visitor.parsed(field));
    if table.get("id").is_none() {
        let error = Diagnostic::new(format!("{} has no id", table.path)).at(field.key, "");
        visitor.missing(error.help("add `id = \"…\"`, its 12 digits: any other account is then refused"));
    }
    let assume_role: Option<Placed<RoleArn>> = table.get("assume_role").and_then(|field| visitor.parsed(field));
    if let (Some(id), Some(role)) = (&id, &assume_role)
        && id.value != role.value.account
    {
        let error = Diagnostic::new(format!("{}.assume_role is a role of another account", table.path));
        let error = error.at(role.place, format!("of account {}", role.value.account));
        visitor.error(error.and(id.place, "the account that it has to lead to"));
    }
    let profile = profile(visitor, table.get("profile"));
    let external_id = with_assume_role(visitor, &table, "external_id", &EXTERNAL_ID);
    let session_name = with_assume_role(visitor, &table, "session_name", &SESSION_NAME);
    let (id, assume_role) = (id.map(|id| id.value), assume_role.map(|role| role.value));
    Some(AccountSpec { id, profile, assume_role, external_id, session_name })
}

/// The name of a profile.
pub(super) fn profile(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Option<String> {
    limited(visitor, field, &Limits { least: 1, most: 256, set: None })
}

/// What a text may be made of.
struct Limits {
    least: usize,
    most: usize,
    /// What it may hold besides letters and digits; none is anything.
    set: Option<&'static str>,
}

/// Source: STS API reference, AssumeRole, `ExternalId` (`[\w+=,.@:\/-]*`, 2 to 1224).
const EXTERNAL_ID: Limits = Limits { least: 2, most: 1224, set: Some("_+=,.@:/-") };
/// Source: STS API reference, AssumeRole, `RoleSessionName` (`[\w+=,.@-]*`, 2 to 64).
const SESSION_NAME: Limits = Limits { least: 2, most: 64, set: Some("_+=,.@-") };

fn with_assume_role(visitor: &mut Visitor<'_>, table: &Table<'_>, key: &str, limits: &Limits) -> Option<String> {
    let field = table.get(key)?;
    if table.get("assume_role").is_none() {
        let error = Diagnostic::new(format!("{} goes with assume_role, which is not there", field.path));
        visitor.missing(error.at(field.key, ""));
    }
    limited(visitor, Some(field), limits)
}

fn limited(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>, limits: &Limits) -> Option<String> {
    let field = field?;
    let text = visitor.fixed(field)?.value;
    let Limits { least, most, set } = *limits;
    let in_set = |c: char| set.is_none_or(|set| c.is_ascii_alphanumeric() || set.contains(c));
    if (least..=most).contains(&text.len()) && text.chars().all(in_set) {
        return Some(text);
    }
    let rule = match set {
        Some(set) => format!("it is {least} to {most} of A-Z a-z 0-9 {set}"),
        None => format!("it is {least} to {most} characters"),
    };
    visitor.error(Diagnostic::new(format!("{} is malformed", field.path)).at(field.place, rule));
    None
}
