//! Diagnostics of a manifest, rendered with source snippets or as JSON.
use crate::ui::escape::{escape, escape_lines, escape_styled};
use crate::ui::style::{ERROR, WARNING, paint};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use pinpoint_streams_model::manifest::{Diagnostic, Label, Source};
use std::collections::BTreeMap;
use std::fmt::Display;

/// How many of one code are shown. JSON has all of them.
const MOST: usize = 20;

pub(crate) fn diagnostics(sources: &[Source], errors: &[Diagnostic], width: usize) -> String {
    let (shown, more) = shortened(errors);
    let more = more.map(|(code, number)| rest(paint(ERROR, format!("error[{code}]:")), number));
    render(Level::ERROR, sources, &shown, width) + &more.collect::<String>()
}

pub(crate) fn warnings(sources: &[Source], warnings: &[Diagnostic], width: usize) -> String {
    let (shown, more) = shortened(warnings);
    let more = more.map(|(code, number)| rest(paint(WARNING, format!("warning[{code}]:")), number));
    render(Level::WARNING, sources, &shown, width) + &more.collect::<String>()
}

/// The first of each code, and how many more there are.
fn shortened(all: &[Diagnostic]) -> (Vec<&Diagnostic>, impl Iterator<Item = (&'static str, usize)> + use<>) {
    let mut numbers: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut is_shown = |diagnostic: &&Diagnostic| {
        let number = numbers.entry(diagnostic.code.id).or_default();
        *number += 1;
        *number <= MOST
    };
    let shown = all.iter().filter(|diagnostic| is_shown(diagnostic)).collect();
    (shown, numbers.into_iter().filter(|(_, number)| *number > MOST).map(|(code, number)| (code, number - MOST)))
}

fn rest(label: impl Display, number: usize) -> String {
    format!("\n{label} {number} more like these; `pinpoint-streams validate --format json` lists all\n")
}

fn render(level: Level<'static>, sources: &[Source], diagnostics: &[&Diagnostic], width: usize) -> String {
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii).term_width(width);
    let mut text = String::new();
    for (number, diagnostic) in diagnostics.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        let Diagnostic { code, fault: _, message, labels, help } = diagnostic;
        let title = level.clone().primary_title(escape_lines(message)).id(code.id);
        let mistake = Group::with_title(title).elements(places(sources, labels));
        let help = help.as_ref().map(|help| Group::with_title(Level::HELP.secondary_title(escape_lines(help))));
        let is_seen = labels.iter().any(|label| sources.get(label.source).is_some_and(|s| s.show_snippet));
        // Without a snippet, the separator line before the help would connect to nothing.
        let parts: Vec<Vec<Group<'_>>> = match (is_seen, help) {
            (true, help) => vec![std::iter::once(mistake).chain(help).collect()],
            (false, help) => std::iter::once(mistake).chain(help).map(|group| vec![group]).collect(),
        };
        for part in parts {
            text.push_str(&renderer.render(&part));
            text.push('\n');
        }
    }
    // Snippets are raw lines of the manifest and may contain control or invisible characters.
    escape_styled(&text)
}

/// A snippet, or only the position, for each labelled source; the primary source first.
fn places<'a>(sources: &'a [Source], labels: &'a [Label]) -> Vec<Element<'a>> {
    let mut order: Vec<usize> = Vec::new();
    for label in labels {
        if !order.contains(&label.source) {
            order.push(label.source);
        }
    }
    let here = |number: usize| labels.iter().filter(move |label| label.source == number);
    order
        .into_iter()
        .filter_map(|number| Some((sources.get(number)?, here(number))))
        .map(|(source, mut labels)| {
            if source.show_snippet {
                snippet(source, labels)
            } else {
                let start = labels.next().map_or(0, |label| label.span.start);
                let (line, column) = source.line_column(start);
                Element::from(Origin::path(escape(&source.name)).line(line).char_column(column))
            }
        })
        .collect()
}

/// The lines of the labels alone: a snippet is searched from its start for each of them.
fn snippet<'a>(source: &'a Source, labels: impl Iterator<Item = &'a Label> + Clone) -> Element<'a> {
    let text = source.text.as_str();
    let first = labels.clone().map(|label| label.span.start).min().unwrap_or(0).min(text.len());
    let last = labels.clone().map(|label| label.span.end).max().unwrap_or(0).clamp(first, text.len());
    let start = text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let end = text.get(last..).and_then(|after| after.find('\n')).map_or(text.len(), |length| last + length + 1);
    let lines = text.get(start..end).unwrap_or(text);
    let (start, first_line) =
        if lines.len() == text.len() { (0, 1) } else { (start, source.line_column(start).0) };
    let annotations = labels.map(|label| annotation(label, start));
    let snippet = Snippet::source(lines).line_start(first_line).path(escape(&source.name));
    Element::from(snippet.annotations(annotations))
}

/// By the position in a text that begins at `start` of the source.
fn annotation(label: &Label, start: usize) -> Annotation<'_> {
    let Label { source: _, span, text, primary } = label;
    let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(span.start.saturating_sub(start)..span.end.saturating_sub(start));
    if text.is_empty() { annotation } else { annotation.label(escape(text)) }
}
