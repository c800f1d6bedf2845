//! Characters of a text that people do not see, or that change how they see the rest.

/// Whether a character steers a terminal, ends a line, turns the direction of a text, or cannot be seen: control
/// characters, bidirectional marks and overrides, invisible spaces and joints, line and paragraph separators, and
/// the tag block. Source: Unicode TR36, "Bidirectional Text Spoofing" and "Invisible Characters".
pub fn is_invisible(character: char) -> bool {
    if let ' '..='~' = character {
        return false;
    }
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether one of the characters is invisible.
pub fn has_invisible(text: &str) -> bool {
    !is_printable_ascii(text) && text.chars().any(is_invisible)
}

/// Whether the text is of letters, digits, punctuation and spaces of ASCII alone.
pub fn is_printable_ascii(text: &str) -> bool {
    all_bytes(text, |byte| matches!(byte, b' '..=b'~'))
}

/// Whether there is a control character of ASCII other than a line break.
pub fn has_ascii_control(text: &str) -> bool {
    !all_bytes(text, |byte| byte == b'\n' || !byte.is_ascii_control())
}

/// Looks at a block at a time, without a branch for each byte: texts may have megabytes.
fn all_bytes(text: &str, holds: impl Fn(u8) -> bool) -> bool {
    text.as_bytes().chunks(64).all(|block| block.iter().fold(true, |all, byte| all & holds(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn looking_at_blocks_is_looking_at_each_character(start in "[a-z]{0,130}", end in "[ -~\n\t\u{7f}é\u{200b}]{0,2}") {
            let text = start + &end;
            prop_assert_eq!(has_invisible(&text), text.chars().any(is_invisible));
            prop_assert_eq!(is_printable_ascii(&text), text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\n';
            prop_assert_eq!(has_ascii_control(&text), text.bytes().any(is_control));
        }
    }
}
