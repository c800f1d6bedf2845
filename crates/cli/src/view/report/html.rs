//! A report as one page that needs nothing else: no font, script or picture from anywhere.
use super::{RunReport, Subject};
use crate::view::escape::escape;
use pinpoint_streams_model::address::Address;
use std::fmt::Write as _;

const HEAD: &str = include_str!("head.html");
const TAIL: &str = include_str!("tail.html");

/// The page.
pub(crate) fn html(runs: &[RunReport]) -> String {
    let mut text = HEAD.to_owned();
    if runs.is_empty() {
        text.push_str("<p>No run was recorded here.</p>\n");
    }
    for run in runs {
        let _ = writeln!(text, "<section><h2>Run {}</h2><dl>", plain(run.run.as_str()));
        for (name, value) in run.head() {
            let _ = writeln!(text, "<dt>{name}</dt><dd>{}</dd>", plain(&value));
        }
        text.push_str("</dl><table><thead><tr><th>address</th><th>verdict</th><th>purpose</th><th>action</th>");
        text.push_str("<th>evidence, archive and writes</th></tr></thead><tbody>\n");
        run.subjects.iter().for_each(|subject| text.push_str(&row(subject)));
        text.push_str("</tbody></table></section>\n");
    }
    text.push_str(TAIL);
    text
}

fn row(subject: &Subject) -> String {
    let account = match &subject.address {
        Address::Undeclared(account, _) => account.to_string(),
        Address::App(_) | Address::Role(_) | Address::EventStream(_) => String::new(),
    };
    let mut details = String::new();
    for evidence in subject.evidence() {
        let _ = write!(details, "<li>{}</li>", plain(&evidence));
    }
    for archive in &subject.archives {
        let (path, digest) = (plain(&archive.path), plain(&archive.digest.to_string()));
        let _ = write!(details, "<li>archive <code>{path}</code> <code>{digest}</code></li>");
    }
    for write in &subject.writes {
        let id = plain(write.request_id.as_deref().unwrap_or("no request id"));
        let code = plain(write.code.as_deref().unwrap_or_default());
        let (operation, result) = (write.operation, write.result.words());
        let _ = write!(details, "<li>{} {operation} {result} {code} <code>{id}</code></li>", write.began_at);
    }
    format!(
        "<tr data-account=\"{}\" data-verdict=\"{}\" data-action=\"{}\"><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
         <td><details><summary>{} writes</summary><ul>{details}</ul></details></td></tr>\n",
        plain(&account),
        subject.verdict(),
        subject.action(),
        plain(&subject.address.to_string()),
        subject.verdict(),
        subject.purpose(),
        subject.action(),
        subject.writes.len(),
    )
}

fn plain(text: &str) -> String {
    escape(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
