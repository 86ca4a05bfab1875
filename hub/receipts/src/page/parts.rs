//! The files of the document with their digests: as many as there is room for, and how many more there are.

use super::Allowance;
use crate::facts::{Part, Receipt};
use crate::phrases;
use crate::sheet::{INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;
use crate::words::{Labels, Language};

const HEADING: Style = Style::new(Face::Bold, 8.0).ink(Ink::Grey);
const TEXT: Style = Style::new(Face::Plain, 8.0);
const DIGEST: Style = Style::new(Face::Mono, 6.1);
const ROW: f32 = 12.2;
/// Left ends of the columns type, size (its right end) and digest.
const TYPE: f32 = 142.0;
const SIZE_END: f32 = 253.0;
const DIGESTS: f32 = 263.0;

/// The table within so much height; `None` when less than the allowance would be seen.
pub fn lay_out(facts: &Receipt, language: Language, height: f32, allowance: Allowance) -> Option<Sheet> {
    let labels = &language.words().labels;
    let mut sheet = Sheet::at(0.0);
    sheet.rule(MARGIN, INNER, 0.5, Ink::Hairline);
    sheet.skip(3.0);
    let parts = &facts.parts;
    // Above: rule and headings. Below: some air.
    let rows = ((height - 3.0 - ROW - 6.0) / ROW).floor();
    if rows < 0.0 {
        return None;
    }
    if parts.is_empty() {
        sheet.put(MARGIN, sheet.y, HEADING, &labels.no_parts);
        sheet.skip(ROW);
        return Some(sheet);
    }
    let room = rows as usize;
    let shown = if parts.len() <= room { parts.len() } else { room.saturating_sub(1) };
    if shown < parts.len().min(allowance.parts) {
        return None;
    }
    headings(&mut sheet, labels);
    parts.iter().take(shown).for_each(|part| row(&mut sheet, labels, part));
    let left = parts.len() - shown;
    if left > 0 {
        let more = phrases::count(labels, &labels.more_parts_one, &labels.more_parts, left as u64);
        sheet.put(MARGIN, sheet.y, TEXT.ink(Ink::Grey), &more);
        sheet.skip(ROW);
    }
    Some(sheet)
}

fn headings(sheet: &mut Sheet, labels: &Labels) {
    sheet.put(MARGIN, sheet.y, HEADING, &labels.part);
    sheet.put(MARGIN + TYPE, sheet.y, HEADING, &labels.media_type);
    sheet.put_right(MARGIN + SIZE_END, sheet.y, HEADING, &labels.size);
    sheet.put(MARGIN + DIGESTS, sheet.y, HEADING, &labels.digest);
    sheet.skip(ROW);
}

fn row(sheet: &mut Sheet, labels: &Labels, part: &Part) {
    let y = sheet.y;
    sheet.put(MARGIN, y, TEXT, &TEXT.face.fit(TEXT.size, &part.name, TYPE - 6.0));
    if let Some(media_type) = &part.media_type {
        sheet.put(MARGIN + TYPE, y, TEXT.ink(Ink::Grey), &TEXT.face.fit(TEXT.size, media_type, 64.0));
    }
    if let Some(size) = part.size {
        sheet.put_right(MARGIN + SIZE_END, y, TEXT, &TEXT.face.fit(TEXT.size, &phrases::size(labels, size), 42.0));
    }
    sheet.put(MARGIN + DIGESTS, y, DIGEST, &DIGEST.face.fit(DIGEST.size, &part.sha256, INNER - DIGESTS + 0.1));
    sheet.skip(ROW);
}
