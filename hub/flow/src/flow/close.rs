//! The closing of a register's year: struck numbers, the sealed act and the closed series commit together or not at all.

use std::sync::Arc;

use hub_proofs::register_proof::{Nature, Series, persons_digest};
use serde_json::json;

use crate::audit::{self, AuditEvent, Audited, Kind, Principal};
use crate::clock::Timestamp;
use crate::closing::{self, Closed, NotClosed, Proposal, STRUCK, Unused};
use crate::db::{DbError, Tx, WriteVerb};
use crate::hub::Hub;
use crate::registration::{self, Author, Effect, EntryKey, NewAct, Status};

use super::Desk;

/// The reason that stands beside a number struck out.
pub const UNUSED: &str = "neutilizat";

/// A closing on its way, and what the first clerk would sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposed {
    /// It waits for a second clerk.
    Waiting(Proposal),
    /// The year is closed already.
    Closed(Box<Closed>),
}

/// Draws up the closing of a year: it waits for a second clerk.
///
/// # Errors
/// The database failed; inside, [`NotClosed`] says why the year cannot be closed.
pub async fn propose_closing(hub: &Hub, proposal: Proposal) -> Result<Result<Proposed, NotClosed>, DbError> {
    if let Some(closed) = closing::closed(&hub.db, &proposal.series).await? {
        return Ok(Ok(Proposed::Closed(Box::new(closed))));
    }
    if let Err(refused) = ended(proposal.series.year, hub.clock.now()) {
        return Ok(Err(refused));
    }
    let unused = closing::unused(&hub.db, &proposal.series).await?;
    if !unused.is_empty() && !proposal.strike_unused {
        return Ok(Err(NotClosed::Unused(unused)));
    }
    let annulments = closing::annulments(&hub.db, &proposal.series).await?;
    if !annulments.is_empty() {
        return Ok(Err(NotClosed::Annulments(annulments)));
    }
    let Series { party, register, year } = &proposal.series;
    let event = AuditEvent::new(Kind::ClosingProposed, hub.clock.now(), party, Principal::person(&proposal.author));
    let propose = Audited::always(Arc::new(closing::Propose));
    hub.db.write(&propose, (proposal.clone(), event.on(format!("{register}/{year}")))).await?;
    Ok(Ok(Proposed::Waiting(proposal)))
}

/// Approves the closing of a year and closes it. Approved again, it answers the same.
///
/// # Errors
/// The database failed; inside, [`NotClosed`] says why the year was not closed.
pub async fn approve_closing(
    hub: &Hub,
    series: Series,
    approver: Author,
) -> Result<Result<Closed, NotClosed>, DbError> {
    hub.db.write(&hub.verbs.close_year, Approval { series, approver }).await
}

fn ended(year: i64, now: Timestamp) -> Result<(), NotClosed> {
    if i64::from(now.romanian_date().year()) > year { Ok(()) } else { Err(NotClosed::NotEnded { year }) }
}

/// An approval on its way.
pub(super) struct Approval {
    series: Series,
    approver: Author,
}

/// Closes years.
pub(super) struct CloseYear(pub(super) Desk);

impl WriteVerb for CloseYear {
    type Item = Approval;
    type Output = Result<Closed, NotClosed>;
    const ORDER: u16 = 80;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Approval]) -> Result<Vec<Result<Closed, NotClosed>>, DbError> {
        let mut answers = Vec::with_capacity(items.len());
        for item in items {
            answers.push(self.close(tx, item).await?);
        }
        Ok(answers)
    }
}

impl CloseYear {
    async fn close(
        &self,
        tx: &mut Tx<'_>,
        Approval { series, approver }: &Approval,
    ) -> Result<Result<Closed, NotClosed>, DbError> {
        let Desk { seal, clock, ids, .. } = &self.0;
        let row = closing::lock(tx, series).await?;
        if let Some(closed) = closing::closed_in(tx, series).await? {
            return Ok(Ok(closed));
        }
        let now = clock.now();
        if let Err(refused) = ended(series.year, now) {
            return Ok(Err(refused));
        }
        let Some(proposal) = closing::proposal_in(tx, series).await? else { return Ok(Err(NotClosed::NotProposed)) };
        let Some(clerk) = approver.clerk.clone().filter(|clerk| *clerk != proposal.author) else {
            return Ok(Err(NotClosed::SameClerk));
        };
        let unused = closing::standing_unused(tx, series).await?;
        if !unused.is_empty() && !proposal.strike_unused {
            return Ok(Err(NotClosed::Unused(unused)));
        }
        let annulments = closing::standing_annulments(tx, series).await?;
        if !annulments.is_empty() {
            return Ok(Err(NotClosed::Annulments(annulments)));
        }
        self.strike(tx, &proposal, (&unused, approver, now)).await?;
        let (standing, acts) = closing::gather(tx, &row).await?;
        let (salt, id) = (ids.salt(), ids.uuid(now));
        let nature = Nature::Closing { persons: persons_digest(&salt, &proposal.author, &clerk) };
        let sealed = closing::seal(seal, (id, now), nature, series, standing)?;
        let closed = Closed {
            id,
            series: series.clone(),
            at: now,
            author: proposal.author,
            approver: clerk,
            salt,
            document: sealed.document,
            sha256: sealed.sha256,
            acts,
        };
        closing::close(tx, &closed).await?;
        let Series { party, register, year } = series;
        let event = AuditEvent::new(Kind::ClosingApproved, now, party, Principal::person(&closed.approver));
        audit::append(tx, &[event.on(format!("{register}/{year}"))]).await?;
        Ok(Ok(closed))
    }

    /// Each number kept and never used becomes a visible annulled row.
    async fn strike(
        &self,
        tx: &mut Tx<'_>,
        proposal: &Proposal,
        (unused, approver, at): (&[Unused], &Author, Timestamp),
    ) -> Result<(), DbError> {
        let Series { party, register, year } = &proposal.series;
        let strike = |one: &Unused| NewAct {
            key: EntryKey { party: party.clone(), register: register.clone(), year: *year, number: one.number },
            act: STRUCK.to_owned(),
            content: json!({"reason": UNUSED, "proposed_by": proposal.author}),
            author: approver.clone(),
            expected: None,
            effect: Effect { from: vec![Status::Reserved], to: Some(Status::Annulled), ..Effect::default() },
            salt: self.0.ids.salt(),
            at,
        };
        let acts: Vec<NewAct> = unused.iter().map(strike).collect();
        for (answer, one) in registration::act(tx, &acts).await?.into_iter().zip(unused) {
            answer.map_err(|refused| {
                // The entry was filled between the reading and the act: the whole closing is tried again by whoever asked.
                DbError::Unavailable(format!("the number {} cannot be struck out: {refused}", one.number))
            })?;
        }
        Ok(())
    }
}
