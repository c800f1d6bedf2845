//! Escaping for Markdown, as GitHub reads it. HTML is escaped by the template.
use crate::ui::escape::escape;
use std::fmt::Write as _;

/// Text in Markdown.
pub(super) fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for character in escape(text).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // A mention would notify the person.
            '@' => safe.push_str("&#64;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => safe.extend(['\\', character]),
            other => safe.push(other),
        }
    }
    without_links(&safe)
}

/// Text in an element of HTML in Markdown. What either would act on is a character reference.
pub(super) fn in_element(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for character in escape(text).chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' | '@' | '|' | '`' | '[' | ']' | '!' | '*' | '_' | '~' | '$' | '\\'
            | '#' => {
                let _ = write!(safe, "&#{};", u32::from(character));
            }
            other => safe.push(other),
        }
    }
    without_links(&safe)
}

/// GitHub makes links of these. Source: GitHub Flavored Markdown specification, "Autolinks (extension)".
fn without_links(text: &str) -> String {
    text.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// A block of code that the lines cannot end.
pub(super) fn fenced<'a>(language: &str, lines: impl Iterator<Item = &'a str>) -> String {
    let text = lines.map(escape).collect::<Vec<_>>().join("\n");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_taken_for_markup() {
        assert_eq!(
            plain("@ana a|b <img> *c* `d` [e](f)\n# g"),
            "&#64;ana a\\|b &lt;img&gt; \\*c\\* \\`d\\` \\[e\\](f)\\\\n\\# g"
        );
        assert_eq!(plain("http://e.example www.e.example"), "http&#58;//e.example www&#46;e.example");
        assert_eq!(in_element("</b>|`@ana`"), "&#60;/b&#62;&#124;&#96;&#64;ana&#96;");
    }

    #[test]
    fn code_that_has_a_fence_in_it_has_a_longer_one() {
        assert_eq!(fenced("sh", ["echo '```'", "a\nb"].into_iter()), "````sh\necho '```'\na\\nb\n````\n");
    }
}
