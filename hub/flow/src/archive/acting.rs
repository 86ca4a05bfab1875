//! A clerk acts on the archive: one request, one transaction, one answer, the same answer for the same key.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::audit::{self, AuditEvent, Kind, Principal};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::params;

use super::nomenclator::{self, Nomenclator};
use super::office::{self, NewAct, NotDone};
use super::{dossier, filing, hold, selection};

/// What a clerk wants.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Take over a nomenclator.
    Import(Box<Nomenclator>),
    /// Propose what became known of a nomenclator after its import.
    ProposeConfirmation(nomenclator::Confirming),
    /// Decide on that, as the second clerk.
    DecideConfirmation(nomenclator::Deciding),
    /// Open a dossier by hand.
    Open(dossier::Opening),
    /// Close a dossier.
    Close(Uuid),
    /// Say which units see a dossier.
    Rights {
        /// The dossier.
        dossier: Uuid,
        /// Ids of units; empty: all.
        units: Vec<String>,
    },
    /// Inventory closed dossiers.
    Inventory(dossier::Inventorying),
    /// Hand the dossiers of an inventory over to the archive.
    HandOver(dossier::HandingOver),
    /// Say under which code something is filed that no rule knew.
    Classify {
        /// The filing.
        filing: Uuid,
        /// The code.
        code: String,
        /// Where the original on paper lies, where the clerk says it.
        place: Option<String>,
    },
    /// Place a legal hold.
    Hold(hold::Placing),
    /// End a legal hold.
    Release {
        /// The hold.
        hold: Uuid,
        /// Why.
        reason: String,
    },
    /// Write the minutes of the selection commission.
    Select(selection::Minutes),
    /// Write down the confirmation of the National Archives.
    Confirm(selection::Confirming),
    /// Ask for destruction, or approve it as the second clerk.
    Destroy(Uuid),
}

/// A request.
#[derive(Debug, Clone)]
pub struct Order {
    /// The institution.
    pub party: String,
    /// Pseudonym of the clerk.
    pub clerk: String,
    /// Unit the clerk acts for; none where the institution does not say.
    pub unit: Option<String>,
    /// Idempotency key.
    pub key: String,
    /// SHA-256 of the request.
    pub content: [u8; 32],
    /// What is made gets this id.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What is wanted.
    pub wish: Wish,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// What was done.
    pub answer: Json,
    /// Whether this very request was answered before.
    pub again: bool,
}

/// Does what clerks want of the archive.
pub struct ActOnArchive;

impl WriteVerb for ActOnArchive {
    type Item = Order;
    type Output = Result<Answered, NotDone>;
    const ORDER: u16 = 930;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Order]) -> Result<Vec<Self::Output>, DbError> {
        // In one fixed order, so that two nodes never wait for each other.
        let mut parties: Vec<&str> = items.iter().map(|order| order.party.as_str()).collect();
        parties.sort_unstable();
        parties.dedup();
        for party in parties {
            office::lock(tx, party).await?;
        }
        let mut answers = Vec::with_capacity(items.len());
        for order in items {
            answers.push(answer(tx, order).await?);
        }
        Ok(answers)
    }
}

async fn answer(tx: &mut Tx<'_>, order: &Order) -> Result<Result<Answered, NotDone>, DbError> {
    let known = "select content_sha256, answer from archive_request where party = $1 and idempotency_key = $2";
    if let Some(mut row) = tx.query(known, params![&order.party, &order.key]).await?.into_iter().next() {
        if row.take::<[u8; 32]>("content_sha256")? != order.content {
            return Ok(Err(NotDone::KeyReused));
        }
        let text: String = row.take("answer")?;
        let answer = serde_json::from_str(&text).unwrap_or_default();
        return Ok(Ok(Answered { answer, again: true }));
    }
    let answer = match done(tx, order).await? {
        Ok(answer) => answer,
        Err(refused) => return Ok(Err(refused)),
    };
    let row = params![&order.party, &order.key, order.content, answer.to_string(), order.at.0];
    tx.insert("insert into archive_request (party, idempotency_key, content_sha256, answer, at) values", 5, vec![row])
        .await?;
    audit::append(tx, &told(order).into_iter().collect::<Vec<_>>()).await?;
    Ok(Ok(Answered { answer, again: false }))
}

/// The act as the audit tells it; none for the everyday work of an archive.
fn told(order: &Order) -> Option<AuditEvent> {
    let (kind, on, reason) = match &order.wish {
        Wish::Import(_) => (Kind::NomenclatorImported, order.id, None),
        Wish::ProposeConfirmation(_) => (Kind::NomenclatorConfirmation, order.id, None),
        Wish::DecideConfirmation(_) => (Kind::NomenclatorConfirmed, order.id, None),
        Wish::HandOver(_) => (Kind::ArchiveHandedOver, order.id, None),
        Wish::Hold(_) => (Kind::HoldPlaced, order.id, None),
        Wish::Release { hold, reason } => (Kind::HoldReleased, *hold, Some(reason.clone())),
        Wish::Select(_) => (Kind::SelectionProposed, order.id, None),
        Wish::Confirm(_) => (Kind::SelectionConfirmed, order.id, None),
        Wish::Destroy(selection) => (Kind::SelectionDestroyed, *selection, None),
        Wish::Open(_) => (Kind::DossierOpened, order.id, None),
        Wish::Close(dossier) => (Kind::DossierClosed, *dossier, None),
        Wish::Rights { dossier, .. } => (Kind::DossierRightsChanged, *dossier, None),
        Wish::Inventory(_) => (Kind::InventoryMade, order.id, None),
        Wish::Classify { filing, .. } => (Kind::FilingClassified, *filing, None),
    };
    let event = AuditEvent::new(kind, order.at, &order.party, Principal::person(&order.clerk));
    Some(event.on(on.to_string()).because(reason))
}

async fn done(tx: &mut Tx<'_>, order: &Order) -> Result<Result<Json, NotDone>, DbError> {
    match &order.wish {
        Wish::Import(nomenclator) => import(tx, order, nomenclator).await,
        Wish::ProposeConfirmation(wanted) => nomenclator::propose(tx, order, wanted).await,
        Wish::DecideConfirmation(wanted) => nomenclator::decide(tx, order, wanted).await,
        Wish::Open(opening) => dossier::open_by_hand(tx, order, opening).await,
        Wish::Close(id) => dossier::close(tx, order, *id).await,
        Wish::Rights { dossier, units } => dossier::set_rights(tx, order, *dossier, units).await,
        Wish::Inventory(wanted) => dossier::inventory(tx, order, wanted).await,
        Wish::HandOver(wanted) => dossier::hand_over(tx, order, wanted).await,
        Wish::Classify { filing, code, place } => filing::classify(tx, order, *filing, (code, place.as_deref())).await,
        Wish::Hold(placing) => hold::place(tx, order, placing).await,
        Wish::Release { hold, reason } => hold::release(tx, order, *hold, reason).await,
        Wish::Select(minutes) => selection::propose(tx, order, minutes).await,
        Wish::Confirm(confirming) => selection::confirm(tx, order, confirming).await,
        Wish::Destroy(id) => selection::destroy(tx, order, *id).await,
    }
}

async fn import(tx: &mut Tx<'_>, order: &Order, wanted: &Nomenclator) -> Result<Result<Json, NotDone>, DbError> {
    let wrong = nomenclator::check(wanted);
    if !wrong.is_empty() {
        return Ok(Err(NotDone::Rows(wrong)));
    }
    if let Err(refused) = order.keeps_archive(tx).await? {
        return Ok(Err(refused));
    }
    let version = nomenclator::import(tx, (&order.party, &order.clerk), wanted, order.at).await?;
    // What no rule knew may be known now.
    filing::look_again(tx, &order.party, order.at).await?;
    let content = json!({"version": version, "valid_from": wanted.valid_from, "groups": wanted.groups.len()});
    order.record(tx, order.id, "nomenclator", content.clone()).await?;
    Ok(Ok(content))
}

impl Order {
    /// Appends what the clerk did.
    pub(super) async fn record(
        &self,
        tx: &mut Tx<'_>,
        subject: Uuid,
        act: &'static str,
        content: Json,
    ) -> Result<(), DbError> {
        office::record(tx, &self.party, vec![NewAct { subject, act, author: &self.clerk, content }], self.at).await
    }

    /// Whether the clerk's unit keeps the archive, or nobody in particular does.
    pub(super) async fn keeps_archive(&self, tx: &mut Tx<'_>) -> Result<Result<(), NotDone>, DbError> {
        let held = nomenclator::version_on(tx, &self.party, self.at.romanian_date()).await?;
        let Some(keeper) = held.and_then(|(_, unit)| unit) else { return Ok(Ok(())) };
        let is = self.unit.as_deref() == Some(keeper.as_str());
        Ok(if is { Ok(()) } else { Err(NotDone::WrongUnit { wanted: vec![keeper] }) })
    }

    /// Whether the clerk's unit sees what these units see: it is one of them, keeps the archive, or all see it.
    pub(super) async fn sees(&self, tx: &mut Tx<'_>, units: &[String]) -> Result<Result<(), NotDone>, DbError> {
        if units.is_empty() || self.unit.as_ref().is_some_and(|unit| units.contains(unit)) {
            return Ok(Ok(()));
        }
        let held = nomenclator::version_on(tx, &self.party, self.at.romanian_date()).await?;
        let keeper = held.and_then(|(_, unit)| unit);
        let is = keeper.is_some() && keeper == self.unit;
        Ok(if is { Ok(()) } else { Err(NotDone::WrongUnit { wanted: units.to_vec() }) })
    }
}
