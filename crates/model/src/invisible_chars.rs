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
