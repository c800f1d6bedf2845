//! The small tables: `[defaults]`, `[[moved]]`, `[[forget]]`, `[safety]`, `[sweep]` and `[notices]`.
use super::app::region;
use super::visitor::{Field, Visitor, given};
use crate::address::Address;
use crate::desired::{MaxDelete, Safety};
use crate::manifest::diagnostic::{Diagnostic, quoted};
use crate::manifest::document::{Document, MovedKeys};
use crate::manifest::keys;
use crate::manifest::tag;
use crate::manifest::{Notices, Sweep};
use crate::region::PINPOINT_REGIONS;
use std::collections::BTreeSet;
use toml::de::DeValue;
use wildmatch::WildMatch;

pub(super) fn defaults(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>, document: &mut Document) {
    let Some(table) = field.and_then(|field| visitor.table(field, keys::DEFAULTS)) else { return };
    document.default_account = given(table.get("account").map(|field| visitor.fixed(field)));
    document.default_region = given(table.get("region").map(|field| region(visitor, field)));
}

pub(super) fn moved(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Vec<MovedKeys> {
    let blocks = field.and_then(|field| visitor.array(field, "[[moved]] blocks")).unwrap_or_default();
    let decoded = blocks.iter().map(|block| {
        let table = visitor.table(block, keys::MOVED)?;
        let mut key = |key: &str| match table.get(key) {
            Some(field) => visitor.parsed(field),
            None => {
                visitor.missing(Diagnostic::new(format!("{} has no `{key}`", table.path)).at(table.place, ""));
                None
            }
        };
        let (from, to) = (key("from"), key("to"));
        Some(MovedKeys { from: from?, to: to? })
    });
    // All blocks are looked at, those after a broken one too.
    decoded.collect::<Vec<_>>().into_iter().flatten().collect()
}

pub(super) fn forget(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Vec<Address> {
    let blocks = field.and_then(|field| visitor.array(field, "[[forget]] blocks")).unwrap_or_default();
    let mut addresses = Vec::new();
    for block in &blocks {
        let Some(table) = visitor.table(block, keys::FORGET) else { continue };
        match table.get("address") {
            Some(field) => addresses.extend(visitor.parsed::<Address>(field).map(|address| address.value)),
            None => {
                visitor.missing(Diagnostic::new(format!("{} has no `address`", table.path)).at(table.place, ""))
            }
        }
    }
    addresses
}

pub(super) fn safety(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Safety {
    let Some(table) = field.and_then(|field| visitor.table(field, keys::SAFETY)) else { return Safety::default() };
    Safety {
        max_delete: table.get("max_delete").and_then(|field| max_delete(visitor, field)).unwrap_or_default(),
        required_tags: required_tags(visitor, table.get("required_tags")),
        read_only: visitor.flag(table.get("read_only")),
    }
}

fn max_delete(visitor: &mut Visitor<'_>, field: &Field<'_>) -> Option<MaxDelete> {
    const EXPECTED: &str = "a number of resources, or a part of them like \"30%\"";
    let limit = match field.value {
        DeValue::Integer(_) => usize::try_from(visitor.integer(field)?).ok().map(MaxDelete::Count),
        DeValue::String(_) => {
            let text = visitor.fixed(field)?.value;
            let digits = text.strip_suffix('%').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
            let percent = digits.and_then(|digits| digits.parse::<u8>().ok()).filter(|percent| *percent <= 100);
            percent.map(MaxDelete::Percent)
        }
        _ => {
            visitor.wrong_type(field, EXPECTED);
            return None;
        }
    };
    if limit.is_none() {
        visitor.error(
            Diagnostic::new(format!("{} is not a valid limit", field.path))
                .at(field.place, format!("expected {EXPECTED}")),
        );
    }
    limit
}

fn required_tags(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for field in field.and_then(|field| visitor.array(field, "an array of tag keys")).unwrap_or_default() {
        let Some(key) = visitor.string(&field) else { continue };
        match tag::wrong_with_key(key) {
            None => drop(keys.insert(key.to_owned())),
            Some(reason) => {
                let error =
                    Diagnostic::new(format!("{} is {}, which cannot be required", field.path, quoted(key)));
                visitor.error(error.at(field.place, reason));
            }
        }
    }
    keys
}

pub(super) fn sweep(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Sweep {
    let Some(table) = field.and_then(|field| visitor.table(field, keys::SWEEP)) else { return Sweep::default() };
    Sweep {
        exclude: patterns(visitor, table.get("exclude"), "an array of role names and patterns", |_| None),
        no_pinpoint_in: patterns(
            visitor,
            table.get("no_pinpoint_in"),
            "an array of regions and patterns",
            covers_no_region,
        ),
    }
}

/// Names with `*` and `?`, none of them empty.
fn patterns(
    visitor: &mut Visitor<'_>,
    field: Option<&Field<'_>>,
    expected: &str,
    wrong: fn(&str) -> Option<&'static str>,
) -> BTreeSet<String> {
    let mut patterns = BTreeSet::new();
    for field in field.and_then(|field| visitor.array(field, expected)).unwrap_or_default() {
        let Some(pattern) = visitor.string(&field) else { continue };
        let reason = if pattern.is_empty() { Some("matches nothing") } else { wrong(pattern) };
        match reason {
            None => drop(patterns.insert(pattern.to_owned())),
            Some(reason) => {
                let error = Diagnostic::new(format!("{} is {}, which {reason}", field.path, quoted(pattern)));
                visitor.error(error.at(field.place, "expected a pattern such as \"ap-*\""));
            }
        }
    }
    patterns
}

/// A person's word about a region is worth something only where it names a region that Pinpoint has.
fn covers_no_region(pattern: &str) -> Option<&'static str> {
    let pattern = WildMatch::new(pattern);
    let covers_one = PINPOINT_REGIONS.iter().any(|region| pattern.matches(region));
    (!covers_one).then_some("is neither a region with Pinpoint nor a pattern that matches one")
}

pub(super) fn notices(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Notices {
    let Some(table) = field.and_then(|field| visitor.table(field, keys::NOTICES)) else {
        return Notices::default();
    };
    let Notices { end_of_support } = Notices::default();
    let given = table.get("end_of_support").and_then(|field| visitor.boolean(field));
    Notices { end_of_support: given.unwrap_or(end_of_support) }
}
