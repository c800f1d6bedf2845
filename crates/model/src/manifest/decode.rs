//! Decoding: from a TOML tree to a [`RawManifest`]. Checks the form of every value; what takes more than one table
//! to check is left to resolving.
mod blocks;
mod resources;
mod visitor;

use super::diagnostic::{Diagnostic, Diagnostics, Fault, quoted, suggestion};
use super::raw::RawManifest;
use super::source::{Place, Placed};
use super::template::Names;
use super::{Overrides, keys};
use crate::error::InvalidText;
use crate::error_code::manifest as codes;
use crate::{AppKey, Workspace};
use std::collections::BTreeMap;
use std::str::FromStr;
use toml::de::DeTable;
use visitor::{Field, Table, Visitor};

/// The version of the manifest's format that this program reads.
const VERSION: i64 = 1;

/// One parsed file, and where to report what is wrong with it.
pub(super) struct Input<'a> {
    /// Its index among the sources.
    pub(super) source: usize,
    pub(super) text: &'a str,
    pub(super) root: &'a DeTable<'a>,
    /// Whether parts of it could not be parsed.
    pub(super) has_gaps: bool,
}

/// What is needed to read the included files.
pub(super) struct Header {
    pub(super) names: Names,
    pub(super) include: Include,
}

/// `include`: patterns of further files.
#[derive(Default)]
pub(super) struct Include {
    pub(super) patterns: Vec<Placed<String>>,
    /// Whether a pattern was invalid and left out.
    pub(super) is_broken: bool,
}

/// Decodes the manifest's own file. None if it is of another version; then nothing else is reported.
pub(super) fn manifest(
    input: &Input<'_>,
    overrides: &Overrides,
    raw: &mut RawManifest,
    found: &mut Diagnostics,
) -> Option<Header> {
    let mut names = Names::default();
    let mut unknown_keys = Diagnostics::default();
    let table = Visitor::new(input, &names, &mut unknown_keys).root(input.root, keys::MANIFEST);
    check_version(&mut Visitor::new(input, &names, found), &table)?;
    found.append(unknown_keys);
    let variables = variables(&mut Visitor::new(input, &names, found), table.get("variables"), overrides);
    names.variables = variables;
    let mut visitor = Visitor::new(input, &names, found);
    raw.workspace = workspace(&mut visitor, &table);
    let include = include(&mut visitor, table.get("include"));
    names.workspace = raw.workspace.as_ref().map(|workspace| workspace.to_string());
    let mut visitor = Visitor::new(input, &names, found);
    blocks::decode(&mut visitor, &table, raw);
    if let Some(field) = table.get("role_defaults") {
        raw.role_defaults = resources::role_defaults(&mut visitor, field);
    }
    shared(&mut visitor, &table, raw);
    Some(Header { names, include })
}

/// Decodes a file that a manifest includes.
pub(super) fn included(input: &Input<'_>, names: &Names, raw: &mut RawManifest, found: &mut Diagnostics) {
    let mut visitor = Visitor::new(input, names, found);
    let table = visitor.root(input.root, keys::MANIFEST);
    for field in keys::MANIFEST.iter().filter(|key| !keys::INCLUDED.contains(key)).filter_map(|key| table.get(key))
    {
        let error = Diagnostic::new(
            &codes::NOT_IN_INCLUDED_FILE,
            format!("{} is not allowed in an included file", field.path),
        );
        let error = error.at(field.key, "belongs in the manifest itself");
        visitor.error(error.help("included files contain only [streams.*], [roles.*] and [apps.*]"));
    }
    shared(&mut visitor, &table, raw);
}

/// The tables that both the manifest and its included files may hold.
fn shared(visitor: &mut Visitor<'_>, table: &Table<'_>, raw: &mut RawManifest) {
    each(visitor, table.get("streams"), &mut raw.streams, resources::stream, |stream| stream.key);
    each(visitor, table.get("roles"), &mut raw.roles, resources::shared_role, |role| role.key);
    each(visitor, table.get("apps"), &mut raw.apps, resources::app, |app| app.key);
}

/// Decodes every entry of a table of tables and adds it to those of other files.
fn each<K: Ord + FromStr<Err = InvalidText>, V>(
    visitor: &mut Visitor<'_>,
    field: Option<&Field<'_>>,
    entries: &mut BTreeMap<K, V>,
    decode: fn(&mut Visitor<'_>, &Field<'_>) -> Option<V>,
    place: fn(&V) -> Place,
) {
    for field in field.and_then(|field| visitor.entries(field)).unwrap_or_default() {
        let (key, value) = (visitor.key(&field), decode(visitor, &field));
        let (Some(key), Some(value)) = (key, value) else { continue };
        if let Some(first) = entries.get(&key) {
            let error = Diagnostic::new(&codes::DECLARED_TWICE, format!("{} is declared twice", field.path));
            visitor.error(error.at(field.key, "again here").and(place(first), "first here"));
        } else {
            entries.insert(key, value);
        }
    }
}

/// None if it is another version. If it is missing or malformed that is reported, and this version assumed.
fn check_version(visitor: &mut Visitor<'_>, table: &Table<'_>) -> Option<()> {
    let Some(field) = table.get("version") else {
        if table.has("version") {
            return Some(());
        }
        let error = Diagnostic::new(&codes::MISSING_KEY, "the manifest has no version").at(table.place, "");
        visitor.missing(error.help(format!("begin it with `version = {VERSION}`")));
        return Some(());
    };
    match visitor.integer(field) {
        Some(VERSION) | None => Some(()),
        Some(other) => {
            let error = Diagnostic::new(
                &codes::UNSUPPORTED_VERSION,
                format!("version {other} of the manifest is not supported"),
            );
            visitor.error(error.at(field.place, format!("this program reads version {VERSION}")));
            None
        }
    }
}

fn workspace(visitor: &mut Visitor<'_>, table: &Table<'_>) -> Option<Workspace> {
    let Some(field) = table.get("workspace") else {
        if table.has("workspace") {
            return None;
        }
        let error = Diagnostic::new(&codes::MISSING_KEY, "the manifest has no workspace").at(table.place, "");
        visitor.missing(error.help("add `workspace = \"…\"`, a name for the owner of what is created"));
        return None;
    };
    visitor.parsed(field).map(|workspace| workspace.value)
}

/// `[variables]` with the values that override them.
fn variables(
    visitor: &mut Visitor<'_>,
    field: Option<&Field<'_>>,
    overrides: &Overrides,
) -> BTreeMap<String, String> {
    let Overrides { command_line, environment } = overrides;
    let declared = match field {
        Some(field) => visitor.entries(field),
        None => Some(Vec::new()),
    };
    // If it is not a table, the declared names are not known.
    let Some(declared) = declared else { return command_line.clone() };
    let mut variables = BTreeMap::new();
    for field in &declared {
        // The rule for all keys.
        let name: Option<AppKey> = visitor.key(field);
        let default = visitor.string(field).unwrap_or_default();
        if name.is_some() {
            let value = command_line.get(field.name).or_else(|| environment.get(field.name));
            variables.insert(field.name.to_owned(), value.map_or(default, String::as_str).to_owned());
        }
    }
    for name in command_line.keys().filter(|name| !variables.contains_key(*name)) {
        let error = Diagnostic::new(
            &codes::UNDECLARED_VARIABLE,
            format!("--var {} is not among [variables]", quoted(name)),
        );
        let help = suggestion(name, variables.keys().map(String::as_str));
        visitor.missing(Diagnostic { help, ..error.fault(Fault::Usage) });
    }
    variables
}

fn include(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Include {
    let Some(field) = field else { return Include::default() };
    let patterns = visitor.strings(field, "an array of paths", |field, pattern| {
        let error =
            Diagnostic::new(&codes::INVALID_VALUE, format!("{} cannot be {}", field.path, quoted(pattern)));
        Some(error.at(field.place, wrong_with_pattern(pattern)?))
    });
    let is_broken = patterns.iter().any(Option::is_none);
    Include { patterns: patterns.into_iter().flatten().collect(), is_broken }
}

/// Why a path or pattern may lead out of the manifest's directory, or nowhere.
fn wrong_with_pattern(pattern: &str) -> Option<&'static str> {
    let has_drive = matches!(pattern.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
    if pattern.is_empty() {
        Some("a path is not empty")
    } else if pattern.contains('\\') {
        Some("the parts of a path are separated by /")
    } else if pattern.contains(char::is_control) {
        Some("a path contains no control characters")
    } else if pattern.starts_with('/') || has_drive {
        Some("a path is relative to the manifest's directory")
    } else if pattern.split('/').any(|part| part == "..") {
        Some("a path stays below the manifest's directory")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stays_below_the_manifests_folder() {
        for good in ["apps/*.toml", "a.toml", "a..b/x.toml", "./a.toml"] {
            assert_eq!(wrong_with_pattern(good), None, "{good}");
        }
        for bad in ["", "/etc/*.toml", "../a.toml", "apps/../../a", "C:/a", "C:a", "a\\b", "\\\\host\\a", "a\0b"] {
            assert!(wrong_with_pattern(bad).is_some(), "{bad}");
        }
    }
}
