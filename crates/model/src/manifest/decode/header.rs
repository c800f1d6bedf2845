//! What must be known before the rest can be read: version, variables, workspace and include.
use super::Input;
use super::visitor::{Field, Table, Visitor};
use crate::ids::{AppKey, Workspace};
use crate::manifest::diagnostic::{Diagnostic, Fault, Findings, quoted, suggestion};
use crate::manifest::document::Document;
use crate::manifest::source::Placed;
use crate::manifest::template::Names;
use crate::manifest::variables::Overrides;
use std::collections::BTreeMap;

/// The version of the manifest's form that this program reads.
const VERSION: i64 = 1;

/// What the manifest says about how the rest is to be read.
pub(in crate::manifest) struct Header {
    /// What is put into every text.
    pub(in crate::manifest) names: Names,
    pub(in crate::manifest) include: Include,
}

/// `include`: patterns of further files.
#[derive(Default)]
pub(in crate::manifest) struct Include {
    pub(in crate::manifest) patterns: Vec<Placed<String>>,
    /// Whether there are more, which were found wrong.
    pub(in crate::manifest) is_broken: bool,
}

pub(super) fn decode(
    input: &Input<'_>,
    table: &Table<'_>,
    overrides: &Overrides,
    document: &mut Document,
    findings: &mut Findings,
) -> Header {
    let mut names = Names::default();
    let variables = variables(&mut Visitor::new(input, &names, findings), table.get("variables"), overrides);
    names.variables = variables;
    let mut visitor = Visitor::new(input, &names, findings);
    document.workspace = workspace(&mut visitor, table);
    let include = include(&mut visitor, table.get("include"));
    names.workspace = document.workspace.as_ref().map(|workspace| workspace.to_string());
    Header { names, include }
}

/// None on another version, of which nothing more can be said. Anything else that is wrong is reported,
/// and the version assumed to be ours.
pub(super) fn version(visitor: &mut Visitor<'_>, table: &Table<'_>) -> Option<()> {
    let Some(field) = table.get("version") else {
        let error = Diagnostic::new("the manifest has no version").at(table.place, "");
        visitor.missing(error.help(format!("begin it with `version = {VERSION}`")));
        return Some(());
    };
    match visitor.integer(field) {
        Some(VERSION) | None => Some(()),
        Some(other) => {
            let error = Diagnostic::new(format!("version {other} of the manifest is not supported"));
            visitor.error(error.at(field.place, format!("this program reads version {VERSION}")));
            None
        }
    }
}

fn workspace(visitor: &mut Visitor<'_>, table: &Table<'_>) -> Option<Workspace> {
    let Some(field) = table.get("workspace") else {
        let error = Diagnostic::new("the manifest has no workspace").at(table.place, "");
        visitor.missing(error.help("add `workspace = \"…\"`, a name for who owns what is created"));
        return None;
    };
    visitor.parsed(field).map(|workspace| workspace.value)
}

/// `[variables]` as they are declared, with the values that win.
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
    // Where the table is broken, what it declares is not known.
    let Some(declared) = declared else { return command_line.clone() };
    let mut variables = BTreeMap::new();
    for field in &declared {
        // Names of variables keep to the rule of all keys.
        let name: Option<AppKey> = visitor.key(field);
        let default = visitor.string(field).unwrap_or_default();
        if name.is_some() {
            let value = command_line.get(field.name).or_else(|| environment.get(field.name));
            variables.insert(field.name.to_owned(), value.map_or(default, String::as_str).to_owned());
        }
    }
    for name in command_line.keys().filter(|name| !variables.contains_key(*name)) {
        let error = Diagnostic::new(format!("--var {} is not among [variables]", quoted(name)));
        let help = suggestion(name, variables.keys().map(String::as_str));
        visitor.missing(Diagnostic { help, ..error.fault(Fault::Usage) });
    }
    variables
}

fn include(visitor: &mut Visitor<'_>, field: Option<&Field<'_>>) -> Include {
    let Some(field) = field else { return Include::default() };
    let Some(fields) = visitor.array(field, "an array of paths") else {
        return Include { is_broken: true, ..Include::default() };
    };
    let mut include = Include::default();
    for field in fields {
        let Some(pattern) = visitor.string(&field) else {
            include.is_broken = true;
            continue;
        };
        if let Some(reason) = wrong_with_pattern(pattern) {
            let error = Diagnostic::new(format!("{} cannot be {}", field.path, quoted(pattern)));
            visitor.error(error.at(field.place, reason));
            include.is_broken = true;
        } else {
            include.patterns.push(Placed::new(pattern.to_owned(), field.place));
        }
    }
    include
}

/// Why a path or pattern may lead out of the manifest's folder, or nowhere.
fn wrong_with_pattern(pattern: &str) -> Option<&'static str> {
    let has_drive = matches!(pattern.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic());
    if pattern.is_empty() {
        Some("a path is not empty")
    } else if pattern.contains('\\') {
        Some("the parts of a path are separated by /")
    } else if pattern.contains(char::is_control) {
        Some("a path holds no control characters")
    } else if pattern.starts_with('/') || has_drive {
        Some("a path is relative to the manifest's folder")
    } else if pattern.split('/').any(|part| part == "..") {
        Some("a path stays below the manifest's folder")
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
