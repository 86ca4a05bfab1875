//! The fonts of a receipt, read once: glyphs, widths, and breaking text into lines.
//!
//! DejaVu has every Romanian letter, ș and ț with the comma below. Text is set letter by letter, without shaping, so a line is as
//! wide as the sum of its letters; writing that needs more (Arabic, Hebrew, Indic) is shown as �, like what the font does not have.

use std::collections::HashMap;
use std::sync::LazyLock;

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::printable::{UNSHOWN, beginning, is_plain_writing, one_line};

/// No letter that is printed is narrower than this share of the size. White space that is dropped counts too, which only cuts sooner.
const NARROWEST: f32 = 0.2;

/// A face of the family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Running text.
    Plain,
    /// Titles, labels and numbers.
    Bold,
    /// Digests and commands.
    Mono,
}

/// A letter of a face: its glyph and its width as a share of the size.
#[derive(Debug, Clone, Copy)]
pub struct Letter {
    /// Glyph in the font.
    pub glyph: u32,
    /// Width at size 1.
    pub width: f32,
}

/// A parsed font.
pub struct Typeface {
    /// The font as the writer of the PDF wants it.
    pub font: Font,
    letters: HashMap<char, Letter>,
}

static PLAIN: LazyLock<Typeface> = LazyLock::new(|| Typeface::read(dejavu::sans_condensed::regular()));
static BOLD: LazyLock<Typeface> = LazyLock::new(|| Typeface::read(dejavu::sans_condensed::bold()));
static MONO: LazyLock<Typeface> = LazyLock::new(|| Typeface::read(dejavu::sans_mono::regular()));

impl Face {
    /// Its font.
    pub fn typeface(self) -> &'static Typeface {
        match self {
            Self::Plain => &PLAIN,
            Self::Bold => &BOLD,
            Self::Mono => &MONO,
        }
    }

    /// Foreign text as this face can print it, on one line.
    pub fn printable(self, text: &str) -> String {
        self.shown(&one_line(text))
    }

    /// As much of the text as could ever fit in this room, and a little more, so that what is too long is still seen to be.
    fn printable_within(self, size: f32, text: &str, room: f32) -> String {
        self.shown(&beginning(text, (room / (size * NARROWEST)) as usize + 8))
    }

    fn shown(self, line: &str) -> String {
        let known = |letter| is_plain_writing(letter) && self.typeface().letters.contains_key(&letter);
        line.chars().map(|letter| if known(letter) { letter } else { UNSHOWN }).collect()
    }

    /// Width of printable text, in points.
    pub fn width(self, size: f32, text: &str) -> f32 {
        let typeface = self.typeface();
        text.chars().map(|letter| typeface.letter(letter).width).sum::<f32>() * size
    }

    /// The text on one line of this width; what does not fit ends in an ellipsis.
    pub fn fit(self, size: f32, text: &str, width: f32) -> String {
        let text = self.printable_within(size, text, width);
        if self.width(size, &text) <= width { text } else { self.cut(size, &text, width) }
    }

    /// Lines of at most this width; what does not fit in so many ends in an ellipsis.
    pub fn wrap(self, size: f32, text: &str, width: f32, most: usize) -> Vec<String> {
        let text = self.printable_within(size, text, width * most as f32);
        let mut lines = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = self.line_end(size, rest, width);
            if lines.len() + 1 == most && end < rest.len() {
                lines.push(self.cut(size, rest, width));
                break;
            }
            lines.push(rest[..end].trim_end().to_owned());
            rest = rest[end..].trim_start();
        }
        lines
    }

    /// Where the first line of the text ends: after the last space that fits, or inside a word that is wider than the line.
    fn line_end(self, size: f32, text: &str, width: f32) -> usize {
        let typeface = self.typeface();
        let (mut used, mut space) = (0.0, None);
        for (place, letter) in text.char_indices() {
            used += typeface.letter(letter).width * size;
            if used > width && letter != ' ' {
                // At least one letter a line, so that every line makes way.
                let first = text.chars().next().map_or(1, char::len_utf8);
                return space.unwrap_or(place.max(first));
            }
            if letter == ' ' && !binds(&text[..place]) {
                space = Some(place + 1);
            }
        }
        text.len()
    }

    fn cut(self, size: f32, text: &str, width: f32) -> String {
        let typeface = self.typeface();
        let room = width - self.width(size, "…");
        let mut used = 0.0;
        let fits = text.chars().take_while(|letter| {
            used += typeface.letter(*letter).width * size;
            used <= room
        });
        let kept: String = fits.collect();
        format!("{}…", kept.trim_end())
    }
}

/// Whether a line may not end here: „art.” stays with its number.
fn binds(before: &str) -> bool {
    let word = before.rsplit([' ', '(']).next().unwrap_or(before);
    ["art.", "Art.", "alin.", "lit.", "nr.", "CUI"].contains(&word)
}

impl Typeface {
    fn read(file: &'static [u8]) -> Self {
        let font = Font::new(file.into(), 0).expect("the crate ships readable fonts");
        let reader = FontRef::new(file).expect("the crate ships readable fonts");
        let metrics = reader.glyph_metrics(Size::unscaled(), LocationRef::default());
        let letters = reader.charmap().mappings().filter_map(|(code, glyph)| {
            let width = metrics.advance_width(glyph)? / font.units_per_em();
            // Marks of no width of their own would fall on their neighbours; they are shown as what cannot be.
            (width >= NARROWEST).then_some((char::from_u32(code)?, Letter { glyph: glyph.to_u32(), width }))
        });
        Self { letters: letters.collect(), font }
    }

    /// The letter, or the mark for what cannot be shown.
    pub fn letter(&self, letter: char) -> Letter {
        let known = self.letters.get(&letter).or_else(|| self.letters.get(&UNSHOWN));
        *known.expect("the fonts have the replacement character")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_has_the_romanian_letters_and_the_mark_for_what_it_has_not() {
        for face in [Face::Plain, Face::Bold, Face::Mono] {
            let romanian = "aăâbcdefghiîjklmnopqrsștțuvwxyz AĂÂBCDEFGHIÎJKLMNOPQRSȘTȚUVWXYZ „”«»–—…·№ ş ţ";
            assert_eq!(face.printable(romanian), romanian, "{face:?}");
            assert_eq!(face.printable("漢字 🏛 שלום \u{202E}x"), "�� � ���� �x", "{face:?}");
        }
    }

    #[test]
    fn no_line_is_wider_than_its_place() {
        let texts = [
            "Direcția Generală de Asistență Socială și Protecția Copilului",
            "cuvânt".repeat(80).leak(),
            "W W W W W W",
            "a",
        ];
        for text in texts {
            for width in [3.0, 40.0, 133.0, 500.0] {
                for most in [1, 3, 100] {
                    let lines = Face::Plain.wrap(9.0, text, width, most);
                    assert!(lines.len() <= most && !lines.is_empty());
                    let widest = lines.iter().map(|line| Face::Plain.width(9.0, line)).fold(0.0, f32::max);
                    assert!(widest <= width.max(12.0), "{widest} > {width}: {lines:?}");
                }
            }
        }
        assert_eq!(Face::Plain.wrap(9.0, "", 100.0, 3), Vec::<String>::new());
    }
}
