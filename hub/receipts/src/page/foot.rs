//! The foot: what the receipt proves, what the law says, how to verify, and the code to point a telephone at.

use crate::ReceiptError;
use crate::address;
use crate::facts::Receipt;
use crate::law::{self, Case};
use crate::phrases;
use crate::sheet::{INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;
use crate::words::{Labels, Language};

const HEADING: Style = Style::new(Face::Bold, 8.5).ink(Ink::Accent);
const LABEL: Style = Style::new(Face::Bold, 7.6).ink(Ink::Grey);
const TEXT: Style = Style::new(Face::Plain, 7.6);
const STRONG: Style = Style::new(Face::Bold, 7.6);
const LAW: Style = Style::new(Face::Plain, 7.2);
const COMMAND: Style = Style::new(Face::Mono, 6.8);
const DIGEST: Style = Style::new(Face::Mono, 6.8);
const CODE: Style = Style::new(Face::Bold, 11.0);
const NOTE: Style = Style::new(Face::Bold, 8.0);
/// The command of the first way to verify.
const VERIFY: &str = "punte verify --certificate sigiliu.pem recipisa.xml";
/// Where the facts about the evidence begin.
const COLUMN: f32 = 60.0;
/// The QR code with its quiet zone, and the room it takes from the text beside it.
const SIDE: f32 = 112.0;
const BESIDE: f32 = INNER - SIDE - 14.0;

/// The foot as a sheet of its own that begins at 0.
pub fn lay_out(facts: &Receipt, language: Language) -> Result<Sheet, ReceiptError> {
    let words = language.words();
    let labels = &words.labels;
    let mut sheet = Sheet::at(0.0);
    sheet.rule(MARGIN, INNER, 1.4, Ink::Accent);
    sheet.skip(8.0);
    let top = sheet.y;
    let width = if facts.verification_address.is_some() { BESIDE } else { INNER };
    let event = words.event(facts.event);
    sheet.write((MARGIN, width), HEADING, &labels.proves, 1);
    sheet.write((MARGIN, width), TEXT, &format!("{} {}", event.proves, event.limit), 3);
    sheet.skip(5.0);
    verify(&mut sheet, width, facts, labels);
    proof(&mut sheet, width, facts, labels);
    if let Some(address) = &facts.verification_address {
        code(&mut sheet, facts, address, top)?;
    }
    sheet.skip(5.0);
    sheet.write((MARGIN, INNER), HEADING, &labels.law, 1);
    for sentence in law::sentences(&words.law, case(facts)) {
        sheet.write((MARGIN, INNER), LAW, &sentence, 3);
    }
    sheet.skip(6.0);
    sheet.write((MARGIN, INNER), NOTE, &labels.is_a_rendering, 1);
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

/// Three lines: with the file alone, on the public page, with the code or the digest.
fn verify(sheet: &mut Sheet, width: f32, facts: &Receipt, labels: &Labels) {
    sheet.write((MARGIN, width), HEADING, &labels.verify, 1);
    step(sheet, width, &labels.verify_command, (COMMAND, VERIFY));
    match &facts.verification_address {
        Some(address) => step(sheet, width, &labels.verify_page, (STRONG, address)),
        None => step(sheet, width, &labels.verify_no_page, (TEXT, "")),
    }
    match &facts.verification_code {
        Some(code) => step(sheet, width, &labels.verify_code, (STRONG, code)),
        None => step(sheet, width, &labels.verify_digest, (COMMAND, "sha256sum recipisa.xml")),
    }
    sheet.skip(5.0);
}

fn step(sheet: &mut Sheet, width: f32, label: &str, (style, value): (Style, &str)) {
    let label = TEXT.face.fit(TEXT.size, label, width);
    let after = TEXT.face.width(TEXT.size, &label) + 4.0;
    sheet.put(MARGIN, sheet.y, TEXT, &label);
    let value = style.face.fit(style.size, value, width - after);
    sheet.put(MARGIN + after, sheet.y + (TEXT.leading - style.leading) / 2.0, style, &value);
    sheet.skip(TEXT.leading);
}

fn proof(sheet: &mut Sheet, width: f32, facts: &Receipt, labels: &Labels) {
    sheet.write((MARGIN, width), HEADING, &labels.evidence, 1);
    fact(sheet, width, &labels.evidence_id, (TEXT, &facts.evidence_id));
    fact(sheet, width, &labels.evidence_digest, (DIGEST, &facts.evidence_sha256));
    fact(sheet, width, &labels.seal, (TEXT, &phrases::seal(labels, &facts.seal)));
    fact(sheet, width, &labels.log, (TEXT, &phrases::log(labels, facts.log.as_ref())));
}

fn fact(sheet: &mut Sheet, width: f32, label: &str, (style, text): (Style, &str)) {
    sheet.put(MARGIN, sheet.y, LABEL, &LABEL.face.fit(LABEL.size, label, COLUMN - 6.0));
    let top = sheet.y;
    sheet.write((MARGIN + COLUMN, width - COLUMN), style, text, 2);
    sheet.y = sheet.y.max(top + TEXT.leading);
}
