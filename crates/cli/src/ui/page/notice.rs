//! What a reader should know before the rows of a page.
use super::Untrusted;
use crate::ui::facts::Words;
use pinpoint_streams_model::plan::Warning;
use pinpoint_streams_model::problem::Problem;

#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) heading: &'static str,
    pub(crate) items: Vec<Untrusted>,
}

impl Notice {
    /// `None` without items.
    pub(crate) fn of(heading: &'static str, items: impl IntoIterator<Item = String>) -> Option<Notice> {
        let items: Vec<Untrusted> = items.into_iter().map(Untrusted::from).collect();
        (!items.is_empty()).then_some(Notice { heading, items })
    }

    pub(crate) fn warnings(warnings: &[Warning]) -> Option<Notice> {
        let line = |Warning { address, fact }: &Warning| {
            let address = address.as_ref().map(|address| format!("{address}: ")).unwrap_or_default();
            format!("{address}{}", Words(fact))
        };
        Notice::of("Warnings", warnings.iter().map(line))
    }

    pub(crate) fn problems(problems: &[Problem]) -> Option<Notice> {
        let line = |Problem { code, address, message, hint }: &Problem| {
            let address = address.as_ref().map(|address| format!("{address}: ")).unwrap_or_default();
            let hint = hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
            format!("{address}{message} [{}]{hint}", code.error_code())
        };
        Notice::of("Problems", problems.iter().map(line))
    }
}
