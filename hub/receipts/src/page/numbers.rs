//! The two register numbers, side by side and large: what a clerk looks for first.

use crate::event::Outcome;
use crate::facts::{Receipt, Registration};
use crate::phrases;
use crate::sheet::{INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;
use crate::words::Language;

const GAP: f32 = 14.0;
const HEIGHT: f32 = 70.0;
const PADDING: f32 = 11.0;
const LABEL: Style = Style::new(Face::Bold, 7.0).ink(Ink::Grey);
const ASIDE: Style = Style::new(Face::Plain, 8.5);
const NONE: Style = Style::new(Face::Plain, 11.0).ink(Ink::Grey);
/// The number is as large as its length allows, between these sizes.
const LARGEST: f32 = 31.0;
const SMALLEST: f32 = 12.0;

/// Writes both boxes.
pub fn write(sheet: &mut Sheet, facts: &Receipt, language: Language) {
    let labels = &language.words().labels;
    let width = (INNER - GAP) / 2.0;
    // After a refusal or a failure nobody knows whether a number will follow.
    let none = if facts.event.outcome() == Outcome::Failed { &labels.no_number } else { &labels.no_number_yet };
    let both = [
        (MARGIN, &labels.sender_number, facts.sender_registration.as_ref(), &labels.no_number),
        (MARGIN + width + GAP, &labels.recipient_number, facts.recipient_registration.as_ref(), none),
    ];
    for (x, label, registration, none) in both {
        sheet.block((x, sheet.y), (width, HEIGHT), Ink::Tint);
        sheet.block((x, sheet.y), (3.0, HEIGHT), Ink::Accent);
        let (left, room) = (x + PADDING, width - 2.0 * PADDING);
        sheet.put(left, sheet.y + 7.0, LABEL, label);
        match registration {
            Some(registration) => number(sheet, (left, room), registration),
            None => sheet.put(left, sheet.y + 28.0, NONE, &NONE.face.fit(NONE.size, none, room)),
        }
    }
    sheet.skip(HEIGHT + 11.0);
}

fn number(sheet: &mut Sheet, (left, room): (f32, f32), registration: &Registration) {
    let width = Face::Bold.width(1.0, &Face::Bold.printable(&registration.number));
    let size = (room / width.max(0.1)).clamp(SMALLEST, LARGEST);
    let style = Style::new(Face::Bold, size).ink(Ink::Accent);
    // The middle of the number stays where it is, whatever its size.
    let top = sheet.y + 34.0 - style.leading / 2.0;
    sheet.put(left, top, style, &style.face.fit(size, &registration.number, room + 0.1));
    let aside = phrases::register(registration);
    sheet.put(left, sheet.y + 53.0, ASIDE, &ASIDE.face.fit(ASIDE.size, &aside, room));
}
