//! Who and what: labels to the left, facts to the right, a hairline between rows. A fact that is absent has no row.

use super::Allowance;
use crate::facts::{Receipt, Transformation};
use crate::phrases;
use crate::sheet::{INNER, Ink, MARGIN, Sheet, Style};
use crate::typeface::Face;
use crate::words::{Labels, Language, fill};

/// Where the facts begin.
const COLUMN: f32 = 94.0;
const LABEL: Style = Style::new(Face::Bold, 8.0).ink(Ink::Grey);
const TEXT: Style = Style::new(Face::Plain, 9.0);
const DIGEST: Style = Style::new(Face::Mono, 6.6);

/// Writes the table.
pub fn write(sheet: &mut Sheet, facts: &Receipt, language: Language, allowance: Allowance) {
    let labels = &language.words().labels;
    let names = allowance.name_lines;
    let sender = facts.sender.as_ref().map(|sender| phrases::party(labels, sender));
    row(sheet, &labels.sender, |sheet| text(sheet, sender.as_deref().unwrap_or(&labels.unknown_sender), names));
    recipients(sheet, facts, labels, allowance);
    if let Some(document) = &facts.document {
        row(sheet, &labels.document, |sheet| text(sheet, &phrases::document(labels, language, document), names));
    }
    if let Some(subject) = &facts.subject {
        row(sheet, &labels.subject, |sheet| text(sheet, subject, allowance.subject_lines));
    }
    if let Some(deadline) = &facts.deadline {
        row(sheet, &labels.deadline, |sheet| text(sheet, &phrases::deadline(labels, deadline), names));
    }
    if let Some(transformation) = &facts.transformation {
        row(sheet, &labels.transformation, |sheet| disclose(sheet, labels, transformation, names));
    }
    row(sheet, &labels.message, |sheet| text(sheet, &facts.message_id, 1));
}

fn recipients(sheet: &mut Sheet, facts: &Receipt, labels: &Labels, allowance: Allowance) {
    let label = if facts.recipients.len() > 1 { &labels.recipients } else { &labels.recipient };
    let left = facts.recipients.len().saturating_sub(allowance.recipients);
    row(sheet, label, |sheet| {
        for recipient in facts.recipients.iter().take(allowance.recipients) {
            text(sheet, &phrases::party(labels, recipient), allowance.name_lines);
        }
        if facts.recipients.is_empty() {
            text(sheet, &labels.no_recipient, 1);
        }
        if left > 0 {
            text(sheet, &phrases::count(labels, &labels.more_recipients_one, &labels.more_recipients, left as u64), 1);
        }
    });
}

/// What Regulation (EU) no 910/2014, art. 44(1)(e), wants both sides to see.
fn disclose(sheet: &mut Sheet, labels: &Labels, change: &Transformation, lines: usize) {
    text(sheet, &fill(&labels.transformed, &[&change.mapping, &change.version]), lines);
    for digest in [&change.source_sha256, &change.target_sha256] {
        sheet.write((MARGIN + COLUMN, INNER - COLUMN), DIGEST, digest, 1);
    }
}

fn text(sheet: &mut Sheet, said: &str, lines: usize) {
    sheet.write((MARGIN + COLUMN, INNER - COLUMN), TEXT, said, lines.max(1));
}

fn row(sheet: &mut Sheet, label: &str, write: impl FnOnce(&mut Sheet)) {
    sheet.rule(MARGIN, INNER, 0.5, Ink::Hairline);
    sheet.skip(2.5);
    let label = LABEL.face.fit(LABEL.size, label, COLUMN - 8.0);
    sheet.put(MARGIN, sheet.y + 0.8, LABEL, &label);
    let top = sheet.y;
    write(sheet);
    sheet.y = sheet.y.max(top + TEXT.leading) + 2.5;
}
