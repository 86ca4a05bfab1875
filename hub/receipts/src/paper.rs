//! Sheets printed as PDF/A: the only file that knows the writer of PDFs.
//!
//! Same sheets and same facts about the document, same bytes: dates and ids come from the facts. The writer checks the profile
//! itself and refuses to write what breaks it.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::{Location, Surface};
use krilla::text::{Glyph, GlyphId};
use krilla::{Document, SerializeSettings};

use crate::ReceiptError;
use crate::printable::one_line;
use crate::sheet::{HEIGHT, Ink, Mark, Sheet, WIDTH};
use crate::typeface::{Face, Letter};

/// The archive profile of a file (ISO 19005).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// PDF/A-2b, what people get.
    Archive2b,
    /// PDF/A-1b: the same marks for a validator that knows no other part.
    Archive1b,
}

/// What the file says of itself.
#[derive(Debug)]
pub struct Imprint {
    /// Title.
    pub title: String,
    /// Language tag.
    pub language: &'static str,
    /// The service.
    pub author: String,
    /// What identifies the document among all others.
    pub id: String,
    /// The moment it speaks of.
    pub at: Timestamp,
}

/// Prints the sheets, one page of A4 each.
pub fn print(sheets: &[Sheet], imprint: &Imprint, profile: Profile) -> Result<Vec<u8>, ReceiptError> {
    print_of_size(sheets, (WIDTH, HEIGHT), imprint, profile)
}

/// The same on pages of this width and height.
pub fn print_of_size(
    sheets: &[Sheet],
    (width, height): (f32, f32),
    imprint: &Imprint,
    profile: Profile,
) -> Result<Vec<u8>, ReceiptError> {
    let archival = match profile {
        Profile::Archive2b => Archival::A2_B,
        Profile::Archive1b => Archival::A1_B,
    };
    let configuration = ConfigurationBuilder::new().with_archival_validator(archival).finish();
    let configuration = configuration.map_err(|error| ReceiptError::Profile(format!("{error:?}")))?;
    let settings = SerializeSettings { configuration, enable_tagging: false, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    for sheet in sheets {
        let size = PageSettings::from_wh(width, height).expect("A4 is a size");
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        sheet.marks.iter().for_each(|mark| draw(&mut surface, mark));
        surface.finish();
        page.finish();
    }
    document.set_metadata(metadata(imprint));
    document.finish().map_err(|error| ReceiptError::Profile(format!("{error:?}")))
}

fn metadata(imprint: &Imprint) -> Metadata {
    let at = imprint.at.to_zoned(TimeZone::UTC);
    let whole = |number: i8| u8::try_from(number).expect("a calendar field is not negative");
    // Years before 0 and after 9999 are not written by RFC 3339.
    let created = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(whole(at.month()))
        .day(whole(at.day()))
        .hour(whole(at.hour()))
        .minute(whole(at.minute()))
        .second(whole(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    // The same letters as on paper: a viewer shows the title in its window.
    let short = |text: &str| Face::Plain.fit(1.0, &one_line(text), 120.0);
    Metadata::new()
        .title(short(&imprint.title))
        .authors(vec![short(&imprint.author)])
        .creator("Punte".to_owned())
        .language(imprint.language.to_owned())
        .document_id(imprint.id.clone())
        .creation_date(created)
}

fn draw(surface: &mut Surface<'_>, mark: &Mark) {
    match mark {
        Mark::Text { at, face: (face, size), ink, text } => {
            surface.set_fill(Some(fill(*ink)));
            let typeface = face.typeface();
            let glyphs: Vec<Placed> = text
                .char_indices()
                .map(|(place, letter)| Placed {
                    letter: typeface.letter(letter),
                    range: place..place + letter.len_utf8(),
                })
                .collect();
            surface.draw_glyphs(Point::from_xy(at.0, at.1), &glyphs, typeface.font.clone(), text, *size, false);
        }
        Mark::Block((x, y, width, height), ink) => fill_rectangles(surface, &[(*x, *y)], (*width, *height), *ink),
        Mark::Squares(corners, side) => fill_rectangles(surface, corners, (*side, *side), Ink::Black),
    }
}

/// All of them as one path: seams between squares of separate paths show on paper.
fn fill_rectangles(surface: &mut Surface<'_>, corners: &[(f32, f32)], (width, height): (f32, f32), ink: Ink) {
    let mut path = PathBuilder::new();
    corners.iter().filter_map(|(x, y)| Rect::from_xywh(*x, *y, width, height)).for_each(|one| path.push_rect(one));
    if let Some(path) = path.finish() {
        surface.set_fill(Some(fill(ink)));
        surface.draw_path(&path);
    }
}

fn fill(ink: Ink) -> Fill {
    let color = match ink {
        Ink::Black => rgb::Color::new(17, 17, 17),
        Ink::Grey => rgb::Color::new(92, 92, 92),
        Ink::Hairline => rgb::Color::new(200, 200, 200),
        Ink::Paper => rgb::Color::white(),
        Ink::Accent => rgb::Color::new(12, 74, 110),
        Ink::Tint => rgb::Color::new(238, 244, 248),
    };
    Fill { paint: color.into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

/// A letter and the bytes of the text it stands for, so that the text can be searched and copied.
struct Placed {
    letter: Letter,
    range: Range<usize>,
}

impl Glyph for Placed {
    fn glyph_id(&self) -> GlyphId {
        GlyphId::new(self.letter.glyph)
    }

    fn text_range(&self) -> Range<usize> {
        self.range.clone()
    }

    fn x_advance(&self, size: f32) -> f32 {
        self.letter.width * size
    }

    fn x_offset(&self, _: f32) -> f32 {
        0.0
    }

    fn y_offset(&self, _: f32) -> f32 {
        0.0
    }

    fn y_advance(&self, _: f32) -> f32 {
        0.0
    }

    fn location(&self) -> Option<Location> {
        None
    }
}
