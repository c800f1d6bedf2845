//! A manifest's directory in memory, and what loading from it gives, in a form that is easy to compare.
use pinpoint_streams_model::Desired;
use pinpoint_streams_model::manifest::{
    Diagnostic, Label, Manifest, ManifestErrors, Overrides, Source, SourceError, Sources,
};
use std::collections::BTreeMap;

/// The name of the manifest itself.
pub(crate) const MANIFEST: &str = "pinpoint-streams.toml";

/// A header, defaults and one stream, for tests about something else.
pub(crate) const BASE: &str = "version = 1
workspace = \"growth\"
[defaults]
region = \"us-east-1\"
[streams.clicks]
kinesis = \"clickstream\"
";

/// Files by their path. A path that begins with `out` is a link that leads out of the folder.
#[derive(Default)]
pub(crate) struct Folder {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) overrides: Overrides,
}

impl Folder {
    pub(crate) fn of(manifest: impl Into<String>) -> Folder {
        Folder::default().with(MANIFEST, manifest)
    }

    pub(crate) fn with(mut self, path: &str, text: impl Into<String>) -> Folder {
        self.files.insert(path.to_owned(), text.into());
        self
    }

    pub(crate) fn load(&self) -> Result<Manifest, ManifestErrors> {
        Manifest::load(MANIFEST, self.files[MANIFEST].clone(), self, &self.overrides)
    }

    pub(crate) fn desired(&self) -> Desired {
        let manifest = self.load().unwrap_or_else(|errors| panic!("{errors}"));
        Desired::clone(manifest.offline())
    }

    pub(crate) fn errors(&self) -> Vec<Found> {
        let ManifestErrors { sources, errors } = self.load().expect_err("this manifest has mistakes");
        errors.iter().map(|error| Found::new(error, &sources)).collect()
    }

    pub(crate) fn warnings(&self) -> Vec<Found> {
        let manifest = self.load().unwrap_or_else(|errors| panic!("{errors}"));
        manifest.warnings().iter().map(|warning| Found::new(warning, manifest.sources())).collect()
    }
}

impl Sources for Folder {
    fn read(&self, relative: &str) -> Result<String, SourceError> {
        match self.files.get(relative) {
            Some(text) if text == "not text" => Err(SourceError::NotText),
            Some(text) if text == "unreadable" => Err(SourceError::Unreadable("permission denied".into())),
            Some(text) => Ok(text.clone()),
            None => Err(SourceError::Unreadable("no such file".into())),
        }
    }

    fn glob(&self, pattern: &str) -> Result<Vec<String>, SourceError> {
        if pattern.starts_with("out") {
            return Err(SourceError::LeadsOut);
        }
        let matches = |path: &str| match pattern.split_once('*') {
            Some((start, end)) => path.starts_with(start) && path.ends_with(end),
            None => path == pattern,
        };
        Ok(self.files.keys().filter(|path| matches(path)).rev().cloned().collect())
    }
}

/// The errors of a manifest as text: place, message, what is blamed and why, and the help.
pub(crate) fn report(folder: &Folder) -> String {
    let ManifestErrors { sources, errors } = folder.load().expect_err("this manifest has mistakes");
    let mut report = String::new();
    for error in &errors {
        let Diagnostic { code: _, fault: _, message, labels, help } = error;
        for (number, Label { source, span, text, primary }) in labels.iter().enumerate() {
            let source = &sources[*source];
            let (line, column) = source.line_column(span.start);
            let file = if source.name == MANIFEST { String::new() } else { format!("{}:", source.name) };
            assert_eq!(*primary, number == 0, "{message}: the place to blame comes first");
            let covered = source.text[span.clone()].lines().next().unwrap_or_default();
            if *primary {
                report += &format!("{file}{line}:{column} {message}\n");
            } else {
                report += &format!("  {file}{line}:{column}");
            }
            if !covered.is_empty() {
                report += &format!("  {covered}{}{text}\n", if text.is_empty() { "" } else { " — " });
            }
        }
        if labels.is_empty() {
            report += &format!("{message}\n");
        }
        if let Some(help) = help {
            report += &format!("  help: {help}\n");
        }
    }
    report
}

/// A diagnostic with the texts that it points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// What the primary label covers.
    pub(crate) blamed: String,
    /// What it says there.
    pub(crate) label: String,
    /// File and covered text of the other labels.
    pub(crate) others: Vec<(String, String)>,
    pub(crate) help: String,
}

impl Found {
    fn new(diagnostic: &Diagnostic, sources: &[Source]) -> Found {
        let Diagnostic { code, fault: _, message, labels, help } = diagnostic;
        let covered = |label: &Label| sources[label.source].text[label.span.clone()].to_owned();
        let (primary, others): (Vec<&Label>, Vec<&Label>) = labels.iter().partition(|label| label.primary);
        assert!(primary.len() <= 1, "{message}: one place is to blame");
        Found {
            code: code.id,
            message: message.clone(),
            blamed: primary.first().map(|label| covered(label)).unwrap_or_default(),
            label: primary.first().map(|label| label.text.clone()).unwrap_or_default(),
            others: others.iter().map(|label| (sources[label.source].name.clone(), covered(label))).collect(),
            help: help.clone().unwrap_or_default(),
        }
    }
}
