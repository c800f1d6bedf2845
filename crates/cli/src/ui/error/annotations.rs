//! Diagnostics of a manifest as annotations of GitHub Actions, which shows them at the lines of a pull request.
//!
//! Source: GitHub documentation, "Workflow commands for GitHub Actions"; the escapes are those of `@actions/core`.
use crate::settings::Environment;
use crate::ui::escape::escape;
use pinpoint_streams_model::manifest::{Diagnostic, Source};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
}

/// A line each; nothing outside of GitHub Actions.
pub(crate) fn annotations(
    severity: Severity,
    sources: &[Source],
    diagnostics: &[Diagnostic],
    environment: &Environment,
) -> String {
    let Some(actions) = &environment.github_actions else { return String::new() };
    let command = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut text = String::new();
    for Diagnostic { code, fault: _, message, labels, help } in diagnostics {
        let mut properties = vec![format!("title={code}")];
        if let Some((label, source)) = labels.first().and_then(|label| Some((label, sources.get(label.source)?))) {
            let (line, column) = source.line_column(label.span.start);
            let path = in_repository(sources, label.source, &environment.folder, actions);
            properties.insert(0, format!("file={},line={line},col={column}", property(&path)));
        }
        let reason = labels.first().map(|label| label.text.as_str()).filter(|text| !text.is_empty());
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let help = help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        let message = data(&format!("{message}{reason}{help}"));
        let _ = writeln!(text, "::{command} {}::{message}", properties.join(","));
    }
    text
}

/// The path of a source from the root of the repository. The first source is the manifest, by its path from the current
/// directory; the others are given from its directory.
fn in_repository(sources: &[Source], number: usize, folder: &Path, root: &Path) -> String {
    let name = |number: usize| sources.get(number).map(|source| PathBuf::from(&source.name)).unwrap_or_default();
    let manifest = folder.join(name(0));
    let path = if number == 0 { manifest } else { manifest.parent().unwrap_or(folder).join(name(number)) };
    path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/")
}

fn data(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| escape(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pinpoint_streams_model::manifest::{Manifest, OneFile, Overrides};

    fn shown(manifest: &str, environment: &Environment) -> String {
        let errors =
            Manifest::load("infra/a,b.toml", manifest.to_owned(), &OneFile, &Overrides::default()).unwrap_err();
        annotations(Severity::Error, &errors.sources, &errors.errors, environment)
    }

    #[test]
    fn a_mistake_is_annotated_at_its_line_from_the_root_of_the_repository() {
        let manifest = "version = 1\nworkspace = \"w\"\nversoin = 1\n";
        let environment = Environment {
            folder: "/repo/sub".into(),
            github_actions: Some("/repo".into()),
            ..Environment::default()
        };
        assert_eq!(
            shown(manifest, &environment),
            "::error file=sub/infra/a%2Cb.toml,line=3,col=1,title=PS0103::versoin is an unknown key: not known at the \
             top level%0Ahelp: did you mean `version`?\n"
        );
        assert_eq!(shown(manifest, &Environment::default()), "");
    }

    #[test]
    fn no_text_of_a_manifest_can_be_a_command_of_its_own() {
        let manifest = "version = 1\nworkspace = \"w\"\n\"a\\n::error::forged %0A\" = 1\n";
        let environment = Environment { github_actions: Some("/repo".into()), ..Environment::default() };
        let text = shown(manifest, &environment);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains("%0A::"), "{text}");
    }
}
