//! One line of text as evidence, registers and both databases can carry it.

use std::borrow::Cow;

/// Whether a line of text may hold the character: XML 1.0 and PostgreSQL carry no control characters.
#[must_use]
pub fn is_printable(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// The text on one line, with a mark in place of every character that cannot be carried.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_printable) {
        return Cow::Borrowed(text);
    }
    let carried = |character| match character {
        '\t' | '\n' | '\r' => ' ',
        other if is_printable(other) => other,
        _ => char::REPLACEMENT_CHARACTER,
    };
    Cow::Owned(text.chars().map(carried).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_line_can_carry_is_marked_and_the_rest_stays() {
        assert_eq!(printable("două\r\nrânduri\u{0}\u{ffff}"), "două  rânduri\u{fffd}\u{fffd}");
        assert!(matches!(printable("Șișești"), Cow::Borrowed(_)));
    }
}
