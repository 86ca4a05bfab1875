//! Text as it may stand on one line of paper or plain text.
//!
//! Foreign text can hold anything: line ends that fake a line of ours, marks that turn the direction of reading, letters no font
//! here has. Nothing is dropped without a trace: what cannot be shown as it is becomes �.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Stands for what cannot be shown.
pub const UNSHOWN: char = '\u{FFFD}';
/// Longer texts end in an ellipsis, however much room there is.
const LONGEST: usize = 4_000;

/// One line: letters joined with their marks (NFC), any white space one space, invisible and direction marks one � per run.
pub fn one_line(text: &str) -> String {
    beginning(text, LONGEST)
}

/// The same, of no more than so many letters: whoever has little room need not read all of a long text.
pub fn beginning(text: &str, most: usize) -> String {
    let mut line = String::with_capacity(text.len().min(most));
    for (place, letter) in text.nfc().enumerate() {
        if place == most.min(LONGEST) {
            line.push('…');
            break;
        }
        match letter {
            _ if letter.is_whitespace() => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            _ if is_invisible(letter) => {
                if !line.ends_with(UNSHOWN) {
                    line.push(UNSHOWN);
                }
            }
            _ => line.push(letter),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Controls, marks without a letter of their own, direction and joining marks, tags, private use.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || is_combining_mark(letter)
        || matches!(u32::from(letter),
            0xAD | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F | 0x202A..=0x202E
            | 0x2060..=0x206F | 0x3164 | 0xE000..=0xF8FF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xFFFE..=0xFFFF
            | 0xE0000..=0x10FFFF)
}

/// Whether a letter is written from left to right, one after the other: the only writing this page knows.
pub fn is_plain_writing(letter: char) -> bool {
    matches!(u32::from(letter),
        0x20..=0x7E | 0xA1..=0x052F | 0x1E00..=0x1FFF | 0x2010..=0x2027 | 0x2030..=0x205E | 0x2070..=0x209C | 0x20A0..=0x20BF
        | 0x2100..=0x214F | 0x2150..=0x23FF | 0x2500..=0x27BF | 0xFB00..=0xFB06 | 0xFFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_and_what_hides_is_seen() {
        let cases = [
            ("Primăria\r\n\tComunei  Exemplu ", "Primăria Comunei Exemplu"),
            // Letters with their marks apart, as some file systems write names.
            ("s\u{326}coala\u{306} t\u{326}ara i\u{302}n", "școală țara în"),
            ("factura\u{202E}fdp.exe", "factura\u{FFFD}fdp.exe"),
            ("a\u{0}\u{1}\u{7}b", "a\u{FFFD}b"),
            ("x\u{0348}\u{0324}\u{032D}", "x\u{FFFD}"),
            ("", ""),
        ];
        for (given, shown) in cases {
            assert_eq!(one_line(given), shown);
        }
        assert!(one_line(&"ș".repeat(100_000)).chars().count() <= LONGEST + 1);
    }
}
