//! The receipt on one page: what happened, the two register numbers, who and what, and at the foot what it proves and how to
//! check it. The foot stands first; what is above it shortens itself until it fits, and says what it left out.

use crate::ReceiptError;
use crate::facts::Receipt;
use crate::sheet::{HEIGHT, Sheet};
use crate::words::Language;

mod head;
mod numbers;
mod table;
mod parts;
mod foot;

/// Where the page begins and ends.
const TOP: f32 = 38.0;
const BOTTOM: f32 = HEIGHT - 34.0;

/// How much of each list and text is shown.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    /// Lines of one name.
    name_lines: usize,
    /// Lines of the subject.
    subject_lines: usize,
    /// Recipients.
    recipients: usize,
    /// Reasons, and the lines of one.
    reasons: (usize, usize),
    /// Files shown before the table of files may be cut.
    parts: usize,
}

/// From generous to tight; the last one fits whatever comes.
const ALLOWANCES: [Allowance; 5] = [
    Allowance { name_lines: 2, subject_lines: 3, recipients: 6, reasons: (4, 3), parts: usize::MAX },
    Allowance { name_lines: 2, subject_lines: 2, recipients: 4, reasons: (3, 2), parts: 4 },
    Allowance { name_lines: 1, subject_lines: 2, recipients: 3, reasons: (2, 2), parts: 3 },
    Allowance { name_lines: 1, subject_lines: 1, recipients: 1, reasons: (1, 1), parts: 1 },
    Allowance { name_lines: 1, subject_lines: 1, recipients: 1, reasons: (1, 1), parts: 0 },
];

/// Lays the page out.
pub fn lay_out(facts: &Receipt, language: Language) -> Result<Sheet, ReceiptError> {
    let foot = foot::lay_out(facts, language)?;
    let end = BOTTOM - foot.y;
    for allowance in ALLOWANCES {
        let mut sheet = Sheet::at(TOP);
        head::write(&mut sheet, facts, language, allowance)?;
        numbers::write(&mut sheet, facts, language);
        table::write(&mut sheet, facts, language, allowance);
        if let Some(parts) = parts::lay_out(facts, language, end - sheet.y, allowance) {
            sheet.add(parts.below(sheet.y));
            sheet.add(foot.below(end));
            return Ok(sheet);
        }
    }
    Err(ReceiptError::DoesNotFit)
}
