//! A report as a self-contained HTML page with filters.
use super::facts::{Report, Run, Subject};
use super::html_text;
use super::rows::{self, Row};
use crate::ui::text::count;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

const FILTERS: [&str; 6] = ["run", "account", "region", "action", "verdict", "outcome"];

/// The page loads nothing, and its Content-Security-Policy forbids it.
pub(crate) fn html(report: &Report) -> String {
    let runs = &report.runs;
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>pinpoint-streams report</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>pinpoint-streams report</h1>\n"
    );
    text.push_str(&filters(runs));
    if let Some(why) = report.without_runs() {
        let _ = writeln!(text, "<p>{}</p>", html_text(&why));
    }
    runs.iter().for_each(|one| text.push_str(&run(one)));
    let _ = write!(text, "<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    text
}

/// The values of a resource for the filters.
fn values<'a>(run: &'a Run, subject: &'a Subject) -> [&'a str; FILTERS.len()] {
    let or = |words: &'a str, otherwise: &'a str| if words.is_empty() { otherwise } else { words };
    [
        run.run.as_str(),
        subject.account.as_ref().map_or("unknown", |account| account.as_str()),
        subject.place(),
        or(subject.action(), "none"),
        or(subject.verdict(), "none"),
        subject.outcome.as_str(),
    ]
}

fn filters(runs: &[Run]) -> String {
    let all: Vec<_> =
        runs.iter().flat_map(|run| run.subjects.iter().map(move |subject| values(run, subject))).collect();
    let mut text = "<form id=\"filters\">\n".to_owned();
    for (at, name) in FILTERS.iter().enumerate() {
        let _ = write!(text, "<label>{name} <select name=\"{name}\"><option value=\"\">all</option>");
        for value in all.iter().map(|values| values[at]).collect::<BTreeSet<_>>() {
            let value = html_text(value);
            let _ = write!(text, "<option value=\"{value}\">{value}</option>");
        }
        text.push_str("</select></label>\n");
    }
    let shown = count(all.len(), "resource");
    let _ = write!(
        text,
        "<label>text <input type=\"search\" name=\"text\"></label>\n\
         <button type=\"button\" id=\"unfold\">unfold</button>\n<button type=\"button\" id=\"fold\">fold</button>\n\
         <output id=\"shown\">{shown}</output>\n</form>\n"
    );
    text
}

fn run(run: &Run) -> String {
    let mut text = format!("<section>\n<h2>Run {}: {}</h2>\n", html_text(run.run.as_str()), run.end());
    if let Some(about) = &run.about {
        text.push_str(&list(rows::of_run(about)));
    }
    let _ = writeln!(text, "<p>Log {}.</p>", html_text(run.log.as_str()));
    text.push_str("<table><tr><th>verdict</th><th>action</th><th>outcome</th><th></th></tr>\n");
    for ((verdict, action, outcome), number) in run.tally() {
        let _ = writeln!(text, "<tr><td>{verdict}</td><td>{action}</td><td>{outcome}</td><td>{number}</td></tr>");
    }
    text.push_str("</table>\n");
    run.subjects.iter().for_each(|one| text.push_str(&subject(run, one)));
    text.push_str("</section>\n");
    text
}

fn subject(run: &Run, subject: &Subject) -> String {
    let mut text = "<details class=\"resource\"".to_owned();
    for (name, value) in FILTERS.iter().zip(values(run, subject)) {
        let _ = write!(text, " data-{name}=\"{}\"", html_text(value));
    }
    let address = html_text(&subject.address.to_string());
    let _ = writeln!(text, "><summary><b>{address}</b> {}</summary>", html_text(&super::in_short(subject)));
    text.push_str(&list(rows::of_subject(subject)));
    text.push_str("</details>\n");
    text
}

fn list(rows: Vec<Row>) -> String {
    let item =
        |Row { label, value, .. }: &Row| format!("<dt>{}</dt><dd>{}</dd>\n", html_text(label), html_text(value));
    format!("<dl>\n{}</dl>\n", rows.iter().map(item).collect::<String>())
}
