//! Errors as a JSON document.
use super::{Error, Work};
use crate::settings::Environment;
use crate::ui::problems::name;
use crate::ui::text;
use pinpoint_streams_model::address::Address;
use pinpoint_streams_model::error_code::ErrorCode;
use pinpoint_streams_model::manifest::{Diagnostic, Source};
use pinpoint_streams_model::problem::Problem;
use serde::Serialize;

/// The format of the document. Since 2, with the stable code, causes and request ID.
const FORMAT_VERSION: u32 = 2;

#[derive(Serialize)]
struct Document<'a> {
    format_version: u32,
    problems: Vec<Entry<'a>>,
}

/// One error. Fields that do not apply are null or left out.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    /// `PS0102`.
    pub(super) error: &'static str,
    /// Of a plan's problem its kind, of a mistake in the manifest `manifest`, else the name of the error code.
    pub(super) code: String,
    pub(super) address: Option<&'a Address>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) causes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_id: Option<&'a str>,
    #[serde(flatten)]
    pub(super) position: Option<Position<'a>>,
}

/// The position in the manifest.
#[derive(Serialize)]
pub(super) struct Position<'a> {
    pub(super) file: Option<&'a str>,
    pub(super) line: Option<usize>,
    pub(super) column: Option<usize>,
}

impl Error {
    /// `{"format_version": 2, "problems": […]}`. `in_workspace` puts the flags of this workspace into the commands of
    /// a hint.
    #[cfg(test)]
    pub(crate) fn json(&self, environment: &Environment, in_workspace: impl Fn(&str) -> String) -> String {
        self.json_for(None, environment, in_workspace)
    }

    /// The same in a command for this kind of work.
    pub(crate) fn json_for(
        &self,
        work: Option<Work>,
        environment: &Environment,
        in_workspace: impl Fn(&str) -> String,
    ) -> String {
        let problems = self.entries(work, environment, in_workspace);
        text::json(&Document { format_version: FORMAT_VERSION, problems })
    }

    /// Each error or problem by itself.
    pub(super) fn entries(
        &self,
        work: Option<Work>,
        environment: &Environment,
        in_workspace: impl Fn(&str) -> String,
    ) -> Vec<Entry<'_>> {
        match self {
            Error::Problems(found) => found.iter().map(|problem| of_problem(problem, &in_workspace)).collect(),
            Error::Manifest(errors) => {
                errors.errors.iter().map(|error| of_diagnostic(error, &errors.sources, &in_workspace)).collect()
            }
            _ => vec![self.entry(work, environment, in_workspace)],
        }
    }

    fn entry(
        &self,
        work: Option<Work>,
        environment: &Environment,
        in_workspace: impl Fn(&str) -> String,
    ) -> Entry<'_> {
        let message = self.shortened(self.to_string(), environment);
        let address = match self {
            Error::Cloud { address, .. } => address.as_ref(),
            _ => None,
        };
        Entry {
            error: self.code().id,
            code: self.code().name.to_lowercase(),
            address,
            causes: self.causes(&message, environment),
            hint: self.hint_for(work).map(|hint| in_workspace(&hint)),
            request_id: self.request_id(),
            message,
            position: None,
        }
    }
}

/// Errors or warnings of a manifest as values, in the form of the document of errors.
pub(crate) fn entries(
    sources: &[Source],
    diagnostics: &[Diagnostic],
    in_workspace: impl Fn(&str) -> String,
) -> serde_json::Value {
    let entries: Vec<_> = diagnostics.iter().map(|one| of_diagnostic(one, sources, &in_workspace)).collect();
    // Our own types to memory: this cannot fail.
    serde_json::to_value(entries).unwrap_or_default()
}

/// The document of a usage error.
pub(super) fn usage(code: &'static ErrorCode, message: String, hint: Option<String>) -> String {
    let entry = Entry {
        error: code.id,
        code: code.name.to_lowercase(),
        address: None,
        message,
        hint,
        causes: Vec::new(),
        request_id: None,
        position: None,
    };
    text::json(&Document { format_version: FORMAT_VERSION, problems: vec![entry] })
}

fn of_problem<'a>(problem: &'a Problem, in_workspace: impl Fn(&str) -> String) -> Entry<'a> {
    let Problem { code, address, message, hint } = problem;
    Entry {
        error: code.error_code().id,
        code: name(*code),
        address: address.as_ref(),
        message: message.clone(),
        hint: hint.as_deref().map(in_workspace),
        causes: Vec::new(),
        request_id: None,
        position: None,
    }
}

fn of_diagnostic<'a>(
    error: &Diagnostic,
    sources: &'a [Source],
    in_workspace: impl Fn(&str) -> String,
) -> Entry<'a> {
    let Diagnostic { code, fault: _, message, labels, help } = error;
    let place = labels.first().and_then(|label| Some((sources.get(label.source)?, label.span.start)));
    let position = place.map(|(source, start)| source.line_column(start));
    Entry {
        error: code.id,
        code: "manifest".to_owned(),
        address: None,
        message: message.clone(),
        hint: help.as_deref().map(in_workspace),
        causes: Vec::new(),
        request_id: None,
        position: Some(Position {
            file: place.map(|(source, _)| source.name.as_str()),
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
        }),
    }
}
