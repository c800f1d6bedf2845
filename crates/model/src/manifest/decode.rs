//! Decoding: from a TOML tree to a [`Document`]. Checks the form of every value; what needs more than
//! one table to tell is left to resolving.
mod account;
mod app;
mod blocks;
mod header;
mod role;
mod state;
mod stream;
mod visitor;

pub(super) use header::Header;

use super::diagnostic::{Diagnostic, Findings};
use super::document::Document;
use super::keys;
use super::source::Place;
use super::template::Names;
use super::variables::Overrides;
use std::collections::BTreeMap;
use toml::de::DeTable;
use visitor::{Field, Table, Visitor};

/// One parsed file, and where to report what is wrong with it.
pub(super) struct Input<'a> {
    /// Its number among the sources.
    pub(super) source: usize,
    pub(super) text: &'a str,
    pub(super) root: &'a DeTable<'a>,
    /// Whether parts of it could not be parsed.
    pub(super) has_gaps: bool,
}

/// Decodes the manifest's own file. None where it is of another version, of which nothing more is said.
pub(super) fn manifest(
    input: &Input<'_>,
    overrides: &Overrides,
    document: &mut Document,
    findings: &mut Findings,
) -> Option<Header> {
    let none = Names::default();
    let mut unknown_keys = Findings::default();
    let table = Visitor::new(input, &none, &mut unknown_keys).root(input.root, keys::MANIFEST);
    header::version(&mut Visitor::new(input, &none, findings), &table)?;
    findings.append(unknown_keys);
    let header = header::decode(input, &table, overrides, document, findings);
    let mut visitor = Visitor::new(input, &header.names, findings);
    blocks::defaults(&mut visitor, table.get("defaults"), document);
    account::decode(&mut visitor, table.get("accounts"), document);
    if let Some(field) = table.get("role_defaults") {
        document.role_defaults = role::defaults(&mut visitor, field);
    }
    shared(&mut visitor, &table, document);
    document.moved = blocks::moved(&mut visitor, table.get("moved"));
    document.forget = blocks::forget(&mut visitor, table.get("forget"));
    document.safety = blocks::safety(&mut visitor, table.get("safety"));
    document.sweep = blocks::sweep(&mut visitor, table.get("sweep"));
    document.notices = blocks::notices(&mut visitor, table.get("notices"));
    document.state = state::decode(&mut visitor, table.get("state"));
    Some(header)
}

/// Decodes a file that a manifest includes.
pub(super) fn included(input: &Input<'_>, names: &Names, document: &mut Document, findings: &mut Findings) {
    let mut visitor = Visitor::new(input, names, findings);
    let table = visitor.root(input.root, keys::MANIFEST);
    for field in keys::MANIFEST.iter().filter(|key| !keys::INCLUDED.contains(key)).filter_map(|key| table.get(key))
    {
        let error = Diagnostic::new(format!("{} is not allowed in an included file", field.path));
        let error = error.at(field.key, "belongs in the manifest itself");
        visitor.error(error.help("included files hold [streams.*], [roles.*] and [apps.*] alone"));
    }
    shared(&mut visitor, &table, document);
}

/// What the manifest and the files it includes may both hold.
fn shared(visitor: &mut Visitor<'_>, table: &Table<'_>, document: &mut Document) {
    each(visitor, table.get("streams"), &mut document.streams, stream::decode, |stream| stream.key);
    each(visitor, table.get("roles"), &mut document.roles, role::shared, |role| role.key);
    each(visitor, table.get("apps"), &mut document.apps, app::decode, |app| app.key);
}

/// Decodes every entry of a table of tables and adds it to those of other files.
fn each<K, V>(
    visitor: &mut Visitor<'_>,
    field: Option<&Field<'_>>,
    entries: &mut BTreeMap<K, V>,
    decode: fn(&mut Visitor<'_>, &Field<'_>) -> Option<V>,
    place: fn(&V) -> Place,
) where
    K: Ord + std::str::FromStr<Err = crate::ids::InvalidId>,
{
    for field in field.and_then(|field| visitor.entries(field)).unwrap_or_default() {
        let (key, value) = (visitor.key(&field), decode(visitor, &field));
        let (Some(key), Some(value)) = (key, value) else { continue };
        if let Some(first) = entries.get(&key) {
            let error = Diagnostic::new(format!("{} is declared twice", field.path));
            visitor.error(error.at(field.key, "again here").and(place(first), "first here"));
        } else {
            entries.insert(key, value);
        }
    }
}
