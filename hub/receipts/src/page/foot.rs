//! The foot: what the receipt proves, what the law says, how to verify, and the code to point a telephone at.

use crate::address;
use crate::facts::Receipt;
use crate::law::{self, Case};
use crate::phrases;
use crate::sheet::{INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;
use crate::words::{Labels, Language, fill};
use crate::{ReceiptError, page::table};

const HEADING: Style = Style::new(Face::Bold, 8.5).ink(Ink::Accent);
const TEXT: Style = Style::new(Face::Plain, 7.6);
const FACT: Style = Style::new(Face::Plain, 7.6);
const DIGEST: Style = Style::new(Face::Mono, 7.0);
const CODE: Style = Style::new(Face::Bold, 11.0);
const NOTE: Style = Style::new(Face::Bold, 7.6);
/// The QR code with its quiet zone, and the room it takes from the text beside it.
const SIDE: f32 = 112.0;
const BESIDE: f32 = INNER - SIDE - 14.0;

/// The foot as a sheet of its own that begins at 0.
pub fn lay_out(facts: &Receipt, language: Language) -> Result<Sheet, ReceiptError> {
    let words = language.words();
    let labels = &words.labels;
    let mut sheet = Sheet::at(0.0);
    sheet.rule(MARGIN, INNER, 1.4, Ink::Accent);
    sheet.skip(7.0);
    let top = sheet.y;
    let width = if facts.verification_address.is_some() { BESIDE } else { INNER };
    let event = words.event(facts.event);
    section(&mut sheet, width, &labels.proves, &format!("{} {}", event.proves, event.limit), 3);
    section(&mut sheet, width, &labels.law, &law::sentences(&words.law, case(facts)).join(" "), 12);
    if let Some(address) = &facts.verification_address {
        code(&mut sheet, facts, address, top)?;
    }
    verify(&mut sheet, facts, labels);
    proof(&mut sheet, facts, labels);
    sheet.skip(3.0);
    sheet.write(MARGIN, INNER, NOTE, &labels.is_a_rendering, 1);
    Ok(sheet)
}

fn case(facts: &Receipt) -> Case<'_> {
    Case {
        event: facts.event,
        standing: facts.service.standing,
        development: facts.seal.development,
        transformed: facts.transformation.is_some(),
        document: facts.document.as_ref(),
        deadline: facts.deadline.as_ref(),
    }
}

fn section(sheet: &mut Sheet, width: f32, heading: &str, text: &str, lines: usize) {
    sheet.write(MARGIN, width, HEADING, heading, 1);
    sheet.write(MARGIN, width, TEXT, text, lines);
    sheet.skip(4.0);
}

/// The QR code at the right, its verification code below it; the text goes on below both.
fn code(sheet: &mut Sheet, facts: &Receipt, address: &str, top: f32) -> Result<(), ReceiptError> {
    let left = MARGIN + INNER - SIDE;
    sheet.marks.push(address::draw(address, (left, top), SIDE)?);
    let mut bottom = top + SIDE;
    if let Some(code) = &facts.verification_code {
        let code = CODE.face.fit(CODE.size, code, SIDE);
        let width = CODE.face.width(CODE.size, &code);
        sheet.put(left + (SIDE - width) / 2.0, bottom - 4.0, CODE, &code);
        bottom += CODE.leading;
    }
    sheet.y = sheet.y.max(bottom);
    Ok(())
}

fn verify(sheet: &mut Sheet, facts: &Receipt, labels: &Labels) {
    sheet.write(MARGIN, INNER, HEADING, &labels.verify, 1);
    sheet.write(MARGIN, INNER, TEXT, &labels.verify_command, 1);
    match &facts.verification_address {
        Some(address) => sheet.write(MARGIN, INNER, TEXT, &fill(&labels.verify_page, &[address]), 1),
        None => sheet.write(MARGIN, INNER, TEXT, &labels.verify_no_page, 1),
    };
    match &facts.verification_code {
        Some(code) => sheet.write(MARGIN, INNER, TEXT, &fill(&labels.verify_code, &[code]), 1),
        None => sheet.write(MARGIN, INNER, TEXT, &labels.verify_code_short, 1),
    };
    sheet.skip(4.0);
}

fn proof(sheet: &mut Sheet, facts: &Receipt, labels: &Labels) {
    fact(sheet, &labels.evidence, FACT, &facts.evidence_id, 1);
    fact(sheet, &labels.evidence_digest, DIGEST, &facts.evidence_sha256, 1);
    fact(sheet, &labels.seal, FACT, &phrases::seal(labels, &facts.seal), 2);
    fact(sheet, &labels.log, FACT, &phrases::log(labels, facts.log.as_ref()), 2);
}

fn fact(sheet: &mut Sheet, label: &str, style: Style, text: &str, lines: usize) {
    let small = Style::new(Face::Bold, 7.6).ink(Ink::Grey);
    sheet.put(MARGIN, sheet.y, small, &small.face.fit(small.size, label, table::COLUMN - 6.0));
    let top = sheet.y;
    sheet.write(MARGIN + table::COLUMN, INNER - table::COLUMN, style, text, lines);
    sheet.y = sheet.y.max(top + FACT.leading);
}
