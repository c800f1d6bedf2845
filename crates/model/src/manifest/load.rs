//! From texts to a [`RawManifest`]: parses the manifest and what it includes, and joins them.
use super::decode::{self, Header, Input};
use super::diagnostic::{Diagnostic, Diagnostics, Fault, did_you_mean, quoted};
use super::raw::RawManifest;
use super::source::{MAX_BYTES, MAX_FILES, MAX_TOTAL_BYTES, Place, Placed, Source, SourceError, Sources};
use super::syntax::Syntax;
use super::{Overrides, keys};
use crate::error_code::manifest as codes;
use std::collections::BTreeSet;
use toml::de::DeTable;

/// All files that were read, and the manifest unless it is of another version or too long.
pub(super) fn load(
    name: &str,
    text: String,
    port: &impl Sources,
    overrides: &Overrides,
    found: &mut Diagnostics,
) -> (Vec<Source>, Option<Loaded>) {
    let mut manifest = RawManifest::default();
    let mut files = Files::default();
    let mut has_gaps = false;
    let header = with_tree(name, text, &mut files, found, |input, found| {
        has_gaps |= input.has_gaps;
        decode::manifest(input, overrides, &mut manifest, found)
    });
    let Some(Header { names, include }) = header.flatten() else { return (files.sources, None) };
    let (included, is_complete) = included(&include.patterns, name, port, found);
    has_gaps |= include.is_broken || !is_complete;
    let mut total = files.sources.iter().map(|source| source.text.len()).sum::<usize>();
    for (file, place) in included {
        let text = match port.read(&file) {
            Ok(text) if total + text.len() > MAX_TOTAL_BYTES => {
                let limit = MAX_TOTAL_BYTES / 1024 / 1024;
                let error = Diagnostic::new(
                    &codes::TOO_LARGE,
                    format!("the manifest and its files are longer than {limit} MiB together"),
                );
                found.error(error.fault(Fault::File).at(place, format!("with {}", quoted(&file))));
                has_gaps = true;
                break;
            }
            Ok(text) => text,
            Err(error) => {
                found.error(unreadable(&file, place, &error));
                has_gaps = true;
                continue;
            }
        };
        total += text.len();
        let read = with_tree(&file, text, &mut files, found, |input, found| {
            has_gaps |= input.has_gaps;
            decode::included(input, &names, &mut manifest, found);
        });
        has_gaps |= read.is_none();
    }
    let Files { sources, syntaxes } = files;
    (sources, Some(Loaded { manifest, has_gaps, syntaxes }))
}

/// A manifest, and whether part of it could not be read.
pub(super) struct Loaded {
    pub(super) manifest: RawManifest,
    pub(super) has_gaps: bool,
    /// Of each source.
    pub(super) syntaxes: Vec<Syntax>,
}

#[derive(Default)]
struct Files {
    sources: Vec<Source>,
    syntaxes: Vec<Syntax>,
}

/// The files that the patterns match, each once, with the place of the pattern; and whether all could be listed.
fn included(
    patterns: &[Placed<String>],
    manifest: &str,
    port: &impl Sources,
    found: &mut Diagnostics,
) -> (Vec<(String, Place)>, bool) {
    let mut is_complete = true;
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for Placed { value: pattern, place } in patterns {
        let matched = match port.glob(pattern) {
            Ok(matched) => matched,
            Err(error) => {
                found.error(unreadable(pattern, *place, &error));
                is_complete = false;
                continue;
            }
        };
        if matched.is_empty() {
            let no_file =
                |code| Diagnostic::new(code, format!("{} matches no file", quoted(pattern))).at(*place, "");
            // A pattern may match nothing yet; a path may not.
            if pattern.contains(['*', '?', '[']) {
                found.warning(no_file(&codes::MATCHES_NO_FILE));
            } else {
                found.error(no_file(&codes::UNREADABLE_FILE));
                is_complete = false;
            }
        }
        for file in BTreeSet::from_iter(matched) {
            let is_the_manifest = manifest.rsplit(['/', '\\']).next() == Some(file.as_str());
            if !is_the_manifest && seen.insert(file.clone()) {
                files.push((file, *place));
            }
        }
        if files.len() > MAX_FILES {
            let error = Diagnostic::new(&codes::TOO_LARGE, format!("more than {MAX_FILES} files are included"));
            found.error(error.fault(Fault::File).at(*place, "one of these is too many"));
            return (Vec::new(), false);
        }
    }
    (files, is_complete)
}

fn unreadable(file: &str, place: Place, error: &SourceError) -> Diagnostic {
    let code = match error {
        SourceError::NotText => &codes::NOT_TOML,
        SourceError::LeadsOut | SourceError::Unreadable(_) => &codes::UNREADABLE_FILE,
    };
    let diagnostic =
        Diagnostic::new(code, format!("{} cannot be included", quoted(file))).at(place, error.to_string());
    match error {
        SourceError::NotText => diagnostic.help(SAVE_AS_UTF_8),
        SourceError::LeadsOut => diagnostic,
        SourceError::Unreadable(_) => diagnostic.fault(Fault::File),
    }
}

/// What to do about a file that is not UTF-8.
pub(super) const SAVE_AS_UTF_8: &str = "save it as UTF-8";

/// Parses a text, hands its tree to a decoder, and adds it to the sources. None where it is too long.
fn with_tree<T>(
    name: &str,
    text: String,
    Files { sources, syntaxes }: &mut Files,
    found: &mut Diagnostics,
    decode: impl FnOnce(&Input<'_>, &mut Diagnostics) -> T,
) -> Option<T> {
    let source = sources.len();
    if text.len() > MAX_BYTES {
        let limit = MAX_BYTES / 1024 / 1024;
        let error = Diagnostic::new(&codes::TOO_LARGE, format!("{} is longer than {limit} MiB", quoted(name)))
            .fault(Fault::File);
        found.error(error.at(Place::new(source, 0..0), ""));
        sources.push(Source { name: name.to_owned(), text: String::new(), show_snippet: false });
        syntaxes.push(Syntax::default());
        return None;
    }
    let (tree, broken) = DeTable::parse_recoverable(&text);
    let syntax = Syntax::report(source, &text, &broken, found);
    let input = Input { source, text: &text, root: tree.get_ref(), has_gaps: syntax.has_gaps() };
    let mut content = Diagnostics::default();
    let decoded = decode(&input, &mut content);
    content.retain_errors(|error| !error.labels.iter().any(|label| syntax.breaks_line_of(label, &text)));
    found.append(content);
    let show_snippet = may_be_shown(name, tree.get_ref());
    drop(tree);
    sources.push(Source { name: name.to_owned(), text, show_snippet });
    syntaxes.push(syntax);
    Some(decoded)
}

/// Whether lines of a file may be printed: it calls itself TOML, and what is in it is a manifest, not
/// something else that a path was pointed at. A misspelt key does not hide what is wrong with it.
fn may_be_shown(name: &str, root: &DeTable<'_>) -> bool {
    let known = |key: &str| keys::MANIFEST.contains(&key);
    let meant = |key: &str| did_you_mean(key, keys::MANIFEST.iter().copied()).is_some();
    name.ends_with(".toml")
        && root.keys().any(|key| known(key.get_ref()))
        && root.keys().all(|key| known(key.get_ref()) || meant(key.get_ref()))
}
