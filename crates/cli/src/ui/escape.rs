//! Escapes text from the manifest, the state and AWS before it is printed: control characters, invisible characters and
//! bidirectional overrides.
use pinpoint_streams_model::invisible_chars::{has_invisible, is_invisible};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Escapes one line. Line breaks are escaped too, so that a value cannot forge a line of output.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !has_invisible(text) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_invisible(character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Like [`escape`], without a copy if nothing is escaped.
pub(crate) fn escape_owned(text: String) -> String {
    match escape(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(safe) => safe,
    }
}

/// Escapes each line, and keeps the line breaks.
pub(crate) fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// Escapes JSON without changing its value. JSON encoders escape only ASCII control characters; the others occur in
/// strings only, where `\uXXXX` is equivalent.
pub(crate) fn escape_json(json: &str) -> Cow<'_, str> {
    let is_layout = |character| character == '\n';
    if !json.chars().any(|c| is_invisible(c) && !is_layout(c)) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_invisible(character) && !is_layout(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Escapes each line, and keeps escape sequences that set colors.
pub(crate) fn escape_styled(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = style_length(rest).unwrap_or(first.len_utf8());
        let (part, after) = rest.split_at(length);
        if length == first.len_utf8() && first != '\n' {
            safe.push_str(&escape(part))
        } else {
            safe.push_str(part)
        }
        rest = after;
    }
    safe
}

/// The length of the SGR escape sequence that the text begins with, if any.
fn style_length(text: &str) -> Option<usize> {
    let code = text.strip_prefix("\u{1b}[")?;
    let end = code.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    code[end..].starts_with('m').then_some(text.len() - code.len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_made_visible() {
        assert_eq!(escape("red \u{1b}[31m"), "red \\u{1b}[31m");
        assert_eq!(escape("a\u{202e}b\nc\u{9b}d"), "a\\u{202e}b\\nc\\u{9b}d");
        assert_eq!(escape("a\u{3164}\u{115f}\u{2800}b"), "a\\u{3164}\\u{115f}\\u{2800}b");
        assert_eq!(escape_lines("a\u{7}\nb"), "a\\u{7}\nb");
    }

    #[test]
    fn colours_stay_and_nothing_else_that_a_terminal_acts_on() {
        assert_eq!(escape_styled("\u{1b}[1;31mred\u{1b}[0m\n"), "\u{1b}[1;31mred\u{1b}[0m\n");
        assert_eq!(escape_styled("\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}"), "\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{202e}");
        assert_eq!(escape_styled("\u{1b}[1"), "\\u{1b}[1");
    }

    #[test]
    fn plain_text_of_any_script_stays_as_it_is() {
        for text in ["shop", "日本語", "naïve", "{\"a\": 1}"] {
            assert_eq!(escape(text), text);
        }
    }

    #[test]
    fn escaped_json_means_what_it_meant() {
        let value = serde_json::json!({"a": "\u{1b}[0m\u{202e}\u{e0041}\u{9b}", "b": ["\n"]});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let safe = escape_json(&text);
        assert!(!safe.chars().any(|c| is_invisible(c) && c != '\n'), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
