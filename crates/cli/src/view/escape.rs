//! The one door through which text of the manifest, the state and AWS reaches a terminal: whatever
//! would move the cursor, hide itself or turn the reading direction is shown as an escape instead.
use std::borrow::Cow;
use std::fmt::Write as _;

/// Text of one line. Line ends are escaped too, so that a value cannot pretend to be a line of ours.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_deceptive) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_deceptive(character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Text of several lines, each of which is escaped by itself.
pub fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// JSON text of the same value without any character that a terminal would act on. JSON itself escapes
/// only the ASCII ones. They stand in strings alone, where `\uXXXX` means the same.
pub fn escape_json(json: &str) -> Cow<'_, str> {
    let is_layout = |character| character == '\n';
    if !json.chars().any(|c| is_deceptive(c) && !is_layout(c)) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_deceptive(character) && !is_layout(character) {
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

/// Control characters, bidirectional marks and overrides, invisible spaces and joints, line and paragraph
/// separators, and the tag block. Source: Unicode TR36, "Bidirectional Text Spoofing" and "Invisible Characters".
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_made_visible() {
        assert_eq!(escape("red \u{1b}[31m"), "red \\u{1b}[31m");
        assert_eq!(escape("a\u{202e}b\nc\u{9b}d"), "a\\u{202e}b\\nc\\u{9b}d");
        assert_eq!(escape_lines("a\u{7}\nb"), "a\\u{7}\nb");
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
        assert!(!safe.chars().any(|c| is_deceptive(c) && c != '\n'), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}
