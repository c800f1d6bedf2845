//! Text within the width of the terminal.
use unicode_width::UnicodeWidthStr;

/// What becomes of a word that is longer than a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlong {
    /// It loses its middle.
    Shorten,
    /// It stays, and the terminal wraps it.
    Keep,
}

/// Wraps at spaces. The first line has less room. No line begins with `::`, which GitHub's runner takes for a command.
pub(crate) fn wrapped(text: &str, first_room: usize, room: usize, overlong: Overlong) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut left = first_room;
    for word in words(text).iter().map(String::as_str) {
        let is_first = lines.last().is_none_or(String::is_empty);
        let needed = word.width() + usize::from(!is_first);
        if needed <= left {
            left -= needed;
        } else if lines.len() == 1 && is_first && word.width() <= room {
            // Nothing fits beside what stands before the text.
            lines.push(String::new());
            left = room - word.width();
        } else if is_first {
            let short = fitted(word, left, overlong);
            left = 0;
            lines.last_mut().into_iter().for_each(|line| line.push_str(&short));
            continue;
        } else {
            lines.push(String::new());
            let short = fitted(word, room, overlong);
            left = room.saturating_sub(short.width());
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
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match words.last_mut() {
            Some(last) if word.is_empty() || word.starts_with("::") => last.extend([" ", word]),
            _ => words.push(word.to_owned()),
        }
    }
    words
}

fn fitted(word: &str, room: usize, overlong: Overlong) -> String {
    match overlong {
        Overlong::Shorten => shortened(word, room),
        Overlong::Keep => word.to_owned(),
    }
}

/// The text with an ellipsis in place of its middle, of which less is kept at the start than at the end.
pub(crate) fn shortened(text: &str, room: usize) -> String {
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
        assert_eq!(shortened("日本語日本語", 7), "日…本語");
        assert_eq!(wrapped("one  ::error::two", 12, 12), ["one…ror::two"]);
        assert_eq!(wrapped("a  b", 9, 9), ["a  b"]);
        assert_eq!(super::wrapped("a long-word", 4, 4, Overlong::Keep), ["a", "long-word"]);
    }

    proptest! {
        #[test]
        fn no_line_is_longer_than_its_room(text in "[a-z日 ]{0,60}", first in 1_usize..20, room in 2_usize..20) {
            let lines = wrapped(&text, first, room);
            prop_assert!(lines[0].width() <= first.max(1), "{lines:?}");
            prop_assert!(lines[1..].iter().all(|line| line.width() <= room), "{lines:?}");
        }
    }
}
