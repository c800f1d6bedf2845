//! Text within the width of the terminal. It breaks at spaces alone, and never in code in backticks, so that addresses, names
//! and commands stay whole.
use anstream::adapter::strip_str;
use pinpoint_streams_model::invisible_chars::is_printable_ascii;
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// What becomes of a word that is longer than a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlong {
    /// It loses its middle, unless it is code.
    Shorten,
    /// It stays, and the terminal wraps it.
    Keep,
}

/// The columns that a text takes up, which may be styled.
pub(crate) fn columns(text: &str) -> usize {
    // Each printable character of ASCII is a column wide.
    if is_printable_ascii(text) {
        return text.len();
    }
    let is_other = |byte: u8| !matches!(byte, b' '..=b'~');
    let first = text.bytes().position(is_other).unwrap_or_default();
    let last = text.bytes().rposition(is_other).unwrap_or_default();
    if text.contains('\x1b') {
        return strip_str(text).to_string().width();
    }
    // What follows a character may change its width, as a variation selector does.
    let (before, after) = (first.saturating_sub(1), last + 1);
    before + text[before..after].width() + (text.len() - after)
}

/// Wraps at spaces. The first line has less room. No line begins with `::`, which GitHub's runner interprets as a command,
/// also after spaces. Source: GitHub Docs, "Workflow commands".
pub(crate) fn wrapped(text: &str, first_room: usize, room: usize, overlong: Overlong) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut left = first_room;
    for word in words(text).iter().map(String::as_str) {
        let is_first = lines.last().is_none_or(String::is_empty);
        let needed = columns(word) + usize::from(!is_first);
        if needed <= left {
            left -= needed;
        } else if lines.len() == 1 && is_first && columns(word) <= room {
            // Nothing fits beside what stands before the text.
            lines.push(String::new());
            left = room - columns(word);
        } else if is_first {
            let short = fitted(word, left, overlong);
            left = 0;
            lines.last_mut().into_iter().for_each(|line| line.push_str(&short));
            continue;
        } else {
            lines.push(String::new());
            let short = fitted(word, room, overlong);
            left = room.saturating_sub(columns(&short));
            lines.last_mut().into_iter().for_each(|line| line.push_str(&short));
            continue;
        }
        let Some(line) = lines.last_mut() else { continue };
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// What may stand at the beginning of a line.
fn words(text: &str) -> Vec<String> {
    let has_code = text.matches('`').count().is_multiple_of(2);
    let mut is_in_code = false;
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match words.last_mut() {
            Some(last) if is_in_code || word.is_empty() || word.starts_with("::") => last.extend([" ", word]),
            _ => words.push(word.to_owned()),
        }
        is_in_code ^= has_code && !word.matches('`').count().is_multiple_of(2);
    }
    words
}

/// The columns of the longest word.
pub(crate) fn longest_word(text: &str) -> usize {
    words(text).iter().map(|word| columns(word.trim_end())).max().unwrap_or(0)
}

fn fitted(word: &str, room: usize, overlong: Overlong) -> Cow<'_, str> {
    match overlong {
        Overlong::Shorten if !word.contains('`') => Cow::Owned(shortened_middle(word, room)),
        Overlong::Shorten | Overlong::Keep => Cow::Borrowed(word),
    }
}

/// The text with each line that is wider than this continued below it, indented by two more spaces. It may be styled.
pub(crate) fn folded(text: &str, width: usize) -> String {
    text.split_inclusive('\n').map(|line| folded_line(line, width)).collect()
}

fn folded_line(line: &str, width: usize) -> Cow<'_, str> {
    let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
    if columns(content) <= width || is_laid_out(content) {
        return Cow::Borrowed(line);
    }
    let (indent, text) = content.split_at(content.len() - content.trim_start_matches(' ').len());
    let room = width.saturating_sub(indent.len());
    let lines = wrapped(text, room, room.saturating_sub(2), Overlong::Keep);
    Cow::Owned(format!("{indent}{}{end}", lines.join(&format!("\n{indent}  "))))
}

/// A command to GitHub's runner, which is one line, or a line of a source snippet.
fn is_laid_out(line: &str) -> bool {
    let plain = strip_str(line).to_string();
    plain.starts_with("::") || plain.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|')
}

/// The text with an ellipsis in place of its middle, of which less is kept at the start than at the end.
pub(crate) fn shortened_middle(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let keep = room.saturating_sub(1);
    let head = taken(text.chars(), keep / 3);
    let tail: String = taken(text.chars().rev(), keep - keep / 3).chars().rev().collect();
    format!("{head}…{tail}")
}

fn taken(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut text = String::new();
    for character in chars {
        text.push(character);
        if text.width() > room {
            text.pop();
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(text: &str, first_room: usize, room: usize) -> Vec<String> {
        super::wrapped(text, first_room, room, Overlong::Shorten)
    }

    #[test]
    fn words_go_on_in_the_next_line_and_long_ones_lose_their_middle() {
        assert_eq!(wrapped("one two three", 7, 9), ["one two", "three"]);
        assert_eq!(wrapped("one", 3, 9), ["one"]);
        assert_eq!(wrapped("four", 3, 9), ["", "four"]);
        assert_eq!(wrapped("a arn:aws:kinesis:stream/clicks", 20, 12), ["a", "arn…m/clicks"]);
        assert_eq!(shortened_middle("日本語日本語", 7), "日…本語");
        assert_eq!(wrapped("one  ::error::two", 12, 12), ["one…ror::two"]);
        assert_eq!(wrapped("a  b", 9, 9), ["a  b"]);
        assert_eq!(super::wrapped("a long-word", 4, 4, Overlong::Keep), ["a", "long-word"]);
    }

    #[test]
    fn code_is_one_word_and_is_never_shortened() {
        assert_eq!(wrapped("run `plan --out f`, then", 12, 12), ["run", "`plan --out f`,", "then"]);
        // A single backtick begins no code.
        assert_eq!(wrapped("it` is no code", 6, 6), ["it` is", "no", "code"]);
    }

    #[test]
    fn a_folded_line_goes_on_below_itself_and_snippets_and_workflow_commands_stay() {
        let text = "\x1b[1mhelp:\x1b[0m do this\n  caused by: event_stream.shop-eu it is\nshort\n";
        assert_eq!(
            folded(text, 20),
            "\x1b[1mhelp:\x1b[0m do this\n  caused by:\n    event_stream.shop-eu\n    it is\nshort\n"
        );
        for whole in ["::error file=a.toml::it is a mistake\n", " 14 | stream = \"a\" # and a comment\n"] {
            assert_eq!(folded(whole, 12), whole);
        }
    }

    proptest! {
        #[test]
        fn columns_are_those_of_the_whole_text(text in "([a#1 ]|é|→|日|\u{fe0f}|\u{20e3}|\u{200d}|👩|👍|🏽|\u{301}|\t|\n){0,12}") {
            prop_assert_eq!(columns(&text), text.width(), "{:?}", text);
        }

        #[test]
        fn folding_changes_spaces_alone(text in "[a-z`: \n]{0,60}", width in 4_usize..30) {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&folded(&text, width)), words(&text));
        }

        #[test]
        fn no_line_is_longer_than_its_room(text in "[a-z日 ]{0,60}", first in 1_usize..20, room in 2_usize..20) {
            let lines = wrapped(&text, first, room);
            prop_assert!(lines[0].width() <= first.max(1), "{lines:?}");
            prop_assert!(lines[1..].iter().all(|line| line.width() <= room), "{lines:?}");
        }
    }
}
