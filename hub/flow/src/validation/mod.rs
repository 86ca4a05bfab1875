//! Stage 2: is the envelope complete and allowed, and is the body what its type says?
//!
//! Pure: a snapshot of the directory, the catalogue and the submission go in; all violations come out at once, each
//! with pointer, rule, words and the way out. It never stores anything and never quotes personal data.

mod envelope;
mod problem;

use jiff::civil::Date;
use schemas::{Catalogue, CodeLists, Violation};

use crate::directory::Directory;
use crate::message::Submission;

pub use problem::Problem;

/// What a submission is checked against.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Parties and agreements.
    pub directory: &'a Directory,
    /// Document types and code lists.
    pub catalogue: &'a Catalogue,
    /// The code lists, with the versions that were imported.
    pub code_lists: &'a CodeLists,
    /// The day the check is made for.
    pub day: Date,
}

/// All violations of a submission, envelope first. Warnings are among them and refuse nothing.
#[must_use]
pub fn check(rules: Rules<'_>, submission: &Submission) -> Vec<Violation> {
    let mut violations = Vec::new();
    envelope::check(rules, submission, &mut violations);
    let envelope = &submission.envelope;
    if envelope.is_sealed() {
        // What is inside, only its recipients can read.
        return violations;
    }
    if let Ok(document_type) = rules.catalogue.find(&envelope.document_type, &envelope.document_version) {
        for mut violation in document_type.validate_with(&submission.body, rules.day, rules.code_lists) {
            violation.pointer.insert_str(0, "/body");
            violations.push(violation);
        }
    }
    violations
}

/// Whether any of them refuses the document.
#[must_use]
pub fn refuses(violations: &[Violation]) -> bool {
    violations.iter().any(Violation::is_error)
}
