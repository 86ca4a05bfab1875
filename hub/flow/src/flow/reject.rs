//! Rejecting: the evidence of a refused submission, and which rules it broke; nothing of its content.

use std::sync::Arc;

use schemas::Violation;

use crate::db::{DbError, Tx, WriteVerb};
use crate::evidence::{self, Event, Evidence, NewEvidence, Reasoned, Subject};
use crate::hub::Hub;
use crate::message::{EvidenceId, MessageId, Registration, Submission};
use crate::validation::Problem;
use crate::{params, submission};

use super::Desk;

/// Violations an evidence names; the answer carries them all.
const NAMED: usize = 10;

/// A refused submission.
pub(super) struct Rejected {
    id: MessageId,
    sender: String,
    problem: Problem,
    violations: String,
    reasons: Vec<Reasoned>,
    registration: Option<Registration>,
    subject: Subject,
}

impl Rejected {
    pub(super) fn new(
        hub: &Hub,
        id: MessageId,
        submission: Submission,
        problem: Problem,
        violations: &[Violation],
    ) -> Self {
        // Pointer and rule, never the words: those are for the sender, and evidence names no data.
        let detail = |violation: &Violation| Reasoned {
            reason: problem.reason(),
            detail: Some(format!("{} {}", violation.rule, violation.pointer)),
        };
        let rules = violations.iter().map(|violation| (&violation.pointer, &violation.rule)).collect::<Vec<_>>();
        Self {
            id,
            problem,
            violations: serde_json::to_string(&rules).expect("pointers and rules are text"),
            reasons: violations.iter().filter(|one| one.is_error()).take(NAMED).map(detail).collect(),
            registration: submission.envelope.sender_registration.clone(),
            subject: hub.subject_to_be(id, &submission),
            sender: submission.sender,
        }
    }
}

/// Writes rejections.
pub(super) struct Reject(pub(super) Desk);

impl WriteVerb for Reject {
    type Item = Rejected;
    type Output = Evidence;
    const ORDER: u16 = 5;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Rejected]) -> Result<Vec<Evidence>, DbError> {
        let Self(Desk { seal, clock, ids }) = self;
        let now = clock.now();
        let evidence = |item: &Rejected| {
            let subject = Arc::new(Subject { submitted_at: now, ..item.subject.clone() });
            let happened = (Event::SubmissionRejection, item.reasons.clone());
            NewEvidence {
                sender_registration: item.registration.clone(),
                ..NewEvidence::new(EvidenceId(ids.uuid(now)), happened, now, subject)
            }
        };
        let sealing = evidence::seal(seal, items.iter().map(evidence).collect());
        let row = |item: &Rejected| params![item.id, &item.sender, item.problem.code(), &item.violations, now.0];
        submission::reject(tx, items.iter().map(row).collect()).await?;
        evidence::append(tx, sealing).await
    }
}
