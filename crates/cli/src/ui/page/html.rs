//! A [`Page`] as one self-contained file. It loads nothing, and its Content-Security-Policy allows its own style and
//! script by their digests and nothing else. Without the script it is a page that can be read.
use super::{Page, PageField, PageRow, RowMark, Sign, Untrusted};
use askama::Template;
use std::collections::BTreeSet;

const STYLE: &str = include_str!("../../../templates/page.css");
const SCRIPT: &str = include_str!("../../../templates/page.js");
/// Digests as in a Content-Security-Policy. A test compares them.
const STYLE_HASH: &str = "sha256-5V1IgD+hf3/qwQZeIDEvAaEmUXBnE+vTwvUMt/4R1ZA=";
const SCRIPT_HASH: &str = "sha256-C1hznCY4OkBAdvYIiV482v2uD5g3RGTDlvMJumUDdqk=";

/// The width of the bar, in units of its own.
const BAR: usize = 1_000;

/// What the template asks for beside the page itself. It escapes for HTML whatever it shows.
#[derive(Template)]
#[template(path = "page.html")]
struct Html<'a> {
    page: &'a Page,
    style: &'static str,
    script: &'static str,
    style_hash: &'static str,
    script_hash: &'static str,
    bar: Vec<BarPart>,
}

/// The rows of one mark in the bar.
struct BarPart {
    mark: RowMark,
    number: usize,
    x: usize,
    width: usize,
}

/// Lines of a document with one sign.
struct DocumentPart {
    class: &'static str,
    text: String,
}

impl Page {
    pub(crate) fn html(&self) -> String {
        let html = Html {
            page: self,
            style: STYLE,
            script: SCRIPT,
            style_hash: STYLE_HASH,
            script_hash: SCRIPT_HASH,
            bar: self.bar(),
        };
        // Writing to memory cannot fail.
        html.render().unwrap_or_default() + "\n"
    }

    fn bar(&self) -> Vec<BarPart> {
        let counts = self.counts();
        let all: usize = counts.iter().map(|(_, number)| number).sum();
        let at = |number: usize| number * BAR / all.max(1);
        let mut before = 0;
        let part = |(mark, number): (RowMark, usize)| {
            let (x, end) = (at(before), at(before + number));
            before += number;
            BarPart { mark, number, x, width: end - x }
        };
        counts.into_iter().map(part).collect()
    }

    /// What rows are filtered by, each with its values.
    fn filters(&self) -> Vec<(&'static str, Vec<&Untrusted>)> {
        let values = |nth: usize| -> Vec<&Untrusted> {
            let found: BTreeSet<&Untrusted> = self.rows().filter_map(|row| row.values.get(nth)).collect();
            let mut found: Vec<&Untrusted> = found.into_iter().collect();
            if nth == 0 {
                found.sort_by_key(|value| self.marks.iter().position(|mark| mark.value == value.0));
            }
            found
        };
        self.facets.iter().enumerate().map(|(nth, facet)| (*facet, values(nth))).collect()
    }

    /// The attributes by which a row is filtered.
    fn attributes<'a>(&self, row: &'a PageRow) -> impl Iterator<Item = (&'static str, &'a Untrusted)> {
        self.facets.iter().copied().zip(&row.values)
    }
}

impl PageField {
    fn document_parts(&self) -> Vec<DocumentPart> {
        let mut parts: Vec<DocumentPart> = Vec::new();
        for line in &self.document {
            let class = Sign::of_line(&line.0).class();
            match parts.last_mut() {
                Some(last) if last.class == class => last.text.push_str(&format!("{line}\n")),
                _ => parts.push(DocumentPart { class, text: format!("{line}\n") }),
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    fn hash(text: &str) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let digest = Sha256::digest(text.as_bytes());
        let encoded = digest.chunks(3).flat_map(|chunk| {
            let bits =
                chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..4).map(move |at| match at <= chunk.len() {
                true => char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]),
                false => '=',
            })
        });
        format!("sha256-{}", encoded.collect::<String>())
    }

    #[test]
    fn the_policy_of_the_page_names_its_style_and_script() {
        assert_eq!(hash(STYLE), STYLE_HASH);
        assert_eq!(hash(SCRIPT), SCRIPT_HASH);
    }

    #[test]
    fn neither_style_nor_script_can_end_early_or_load_anything() {
        for text in [STYLE, SCRIPT] {
            assert!(
                !text.contains("</") && !text.contains("<!--") && !text.contains("url(") && !text.contains("http")
            );
        }
    }
}
