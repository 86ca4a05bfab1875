//! Rejecting: the evidence of a refused submission, and which rules it broke; nothing of its content.

use std::sync::Arc;

use schemas::Violation;

use crate::db::{DbError, Tx, WriteVerb};
use crate::evidence::{self, Event, Evidence, NewEvidence, PartFacts, PartyFacts, Reasoned, Subject};
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
    /// The service that relayed it, as evidence names it (M05).
    service: Option<PartyFacts>,
}

impl Rejected {
    /// A dispatch of another service that is not taken: who relayed it and why, and nothing of its content.
    pub(super) fn relayed(
        hub: &Hub,
        id: MessageId,
        (submission, parts): (Submission, Vec<PartFacts>),
        reasons: Vec<Reasoned>,
    ) -> Self {
        let rules = reasons.iter().map(|one| (one.reason.code(), one.detail.as_deref())).collect::<Vec<_>>();
        Self {
            id,
            problem: Problem::InvalidContent,
            violations: serde_json::to_string(&rules).expect("codes and details are text"),
            registration: submission.envelope.sender_registration.clone(),
            // The refusal is of the message its service named, whatever arrived in its place.
            subject: Subject { parts, ..hub.subject_to_be(id, &submission) },
            service: Some(hub.party_facts(&submission.sender)),
            sender: submission.sender,
            reasons,
        }
    }

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
            service: None,
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
        let Self(Desk { seal, clock, ids, .. }) = self;
        let now = clock.now();
        let evidence = |item: &Rejected| {
            let relayed = item.service.is_some();
            let submitted_at = if relayed { item.subject.submitted_at } else { now };
            let subject = Arc::new(Subject { submitted_at, ..item.subject.clone() });
            let event = if relayed { Event::RelayRejection } else { Event::SubmissionRejection };
            let happened = (event, item.reasons.clone());
            NewEvidence {
                sender_registration: item.registration.clone(),
                external_service: item.service.clone(),
                ..NewEvidence::new(EvidenceId(ids.uuid(now)), happened, now, subject)
            }
        };
        let sealing = evidence::seal(seal, items.iter().map(evidence).collect());
        let row = |item: &Rejected| params![item.id, &item.sender, item.problem.code(), &item.violations, now.0];
        submission::reject(tx, items.iter().map(row).collect()).await?;
        evidence::append(tx, sealing).await
    }
}
