//! The SQL of other services' evidence, and of what they were told of ours.

use openssl::sha::sha256;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::evidence::{Event, Evidence};
use crate::message::{DeliveryId, EvidenceId, MessageId};
use crate::params;

/// A believed evidence of another service, about to be kept.
#[derive(Debug, Clone)]
pub struct NewReceived {
    /// Party id of the service.
    pub partner: String,
    /// Its id (G01).
    pub identifier: String,
    /// The message it is about, by the hub's own id.
    pub message: MessageId,
    /// The delivery it is about, where it is about one.
    pub delivery: Option<DeliveryId>,
    /// Name of the event.
    pub event: String,
    /// When the event happened, as the service wrote it.
    pub event_time: String,
    /// Name of the service, as it wrote it.
    pub issuer: String,
    /// The sealed document.
    pub document: String,
}

impl NewReceived {
    /// A believed evidence with the bytes it was read from.
    #[must_use]
    pub fn new(
        partner: &str,
        evidence: &hub_proofs::evidence::Evidence,
        (message, delivery): (MessageId, Option<DeliveryId>),
        document: &[u8],
    ) -> Self {
        Self {
            partner: partner.to_owned(),
            identifier: evidence.identifier.clone(),
            message,
            delivery,
            event: evidence.event.name().to_owned(),
            event_time: evidence.time.text.clone(),
            issuer: evidence.issuer.name().unwrap_or_default().to_owned(),
            document: String::from_utf8_lossy(document).into_owned(),
        }
    }
}

/// What a kept evidence did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It moved the course of its delivery, or let the message in.
    Counted,
    /// It came when nothing could follow from it any more.
    Kept,
    /// Another evidence of the same id was there with other bytes: somebody must look.
    Contradiction,
}

impl Standing {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Kept => "kept",
            Self::Contradiction => "contradiction",
        }
    }
}

/// What keeping an evidence found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is new.
    New,
    /// These very bytes were kept before.
    Again,
    /// Its id was used for other bytes; both are kept.
    Contradiction,
}

/// Keeps an evidence within the caller's transaction, once.
///
/// # Errors
/// The database refused a statement.
pub async fn keep(
    tx: &mut Tx<'_>,
    received: &NewReceived,
    standing: Standing,
    now: Timestamp,
) -> Result<Kept, DbError> {
    let hash = sha256(received.document.as_bytes());
    let sql = "select sha256, message_id from received_evidence where partner = $1 and identifier = $2";
    let mut kept = Kept::New;
    for mut row in tx.query(sql, params![&received.partner, &received.identifier]).await? {
        let (held, message): ([u8; 32], MessageId) = (row.take("sha256")?, row.take("message_id")?);
        match held == hash {
            true if message == received.message => return Ok(Kept::Again),
            true => {}
            false => kept = Kept::Contradiction,
        }
    }
    let standing = if kept == Kept::Contradiction { Standing::Contradiction } else { standing };
    let row = params![
        &received.partner,
        &received.identifier,
        received.message,
        received.delivery,
        &received.event,
        &received.event_time,
        &received.issuer,
        standing.as_str(),
        &received.document,
        hash,
        now.0,
    ];
    tx.insert(
        "insert into received_evidence (partner, identifier, message_id, delivery_id, event, event_time, issuer, standing,
         document, sha256, received_at) values",
        11,
        vec![row],
    )
    .await?;
    // It belongs into feeds; the feeder takes it from here, so that it need not guess what was committed when.
    let sql = "insert into received_unfed (sequence) select sequence from received_evidence
               where message_id = $1 and partner = $2 and identifier = $3 and sha256 = $4";
    let set = params![received.message, &received.partner, &received.identifier, hash];
    tx.execute_each(sql, vec![set]).await?;
    Ok(kept)
}

/// A kept evidence of another service.
#[derive(Debug, Clone)]
pub struct Received {
    /// What was kept.
    pub evidence: NewReceived,
    /// What it did: `counted`, `kept` or `contradiction`.
    pub standing: String,
    /// SHA-256 of the sealed document.
    pub sha256: [u8; 32],
    /// When it came.
    pub received_at: Timestamp,
}

/// The evidence other services gave of a message, in the order it came.
///
/// # Errors
/// The database does not answer.
pub async fn received(db: &Db, message: MessageId) -> Result<Vec<Received>, DbError> {
    let sql =
        "select partner, identifier, message_id, delivery_id, event, event_time, issuer, standing, document, sha256,
               received_at from received_evidence where message_id = $1 order by sequence";
    db.query(sql, params![message]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Received, DbError> {
    Ok(Received {
        evidence: NewReceived {
            partner: row.take("partner")?,
            identifier: row.take("identifier")?,
            message: row.take("message_id")?,
            delivery: row.take("delivery_id")?,
            event: row.take("event")?,
            event_time: row.take("event_time")?,
            issuer: row.take("issuer")?,
            document: row.take("document")?,
        },
        standing: row.take("standing")?,
        sha256: row.take("sha256")?,
        received_at: Timestamp(row.take("received_at")?),
    })
}

/// What another service did with evidence it was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It keeps it.
    Taken,
    /// It does not believe it.
    Refused,
    /// It could not be reached within the bounds; it may still fetch it.
    GivenUp,
}

impl Answer {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::GivenUp => "given_up",
        }
    }
}

/// Remembers what came of telling.
///
/// # Errors
/// The database refused a statement.
pub async fn tell(tx: &mut Tx<'_>, told: &[(EvidenceId, Answer)], now: Timestamp) -> Result<(), DbError> {
    let sql = "insert into told_evidence (evidence_id, answer, told_at) values ($1, $2, $3)
               on conflict (evidence_id) do nothing";
    tx.execute_each(sql, told.iter().map(|(id, answer)| params![*id, answer.as_str(), now.0]).collect()).await?;
    Ok(())
}

/// The evidence of a message relayed here that its service was not told of: all but the acceptance, which was the answer.
///
/// # Errors
/// The database does not answer.
pub async fn untold(db: &Db, chain: Vec<Evidence>) -> Result<Vec<Evidence>, DbError> {
    let mut left = Vec::new();
    for evidence in chain.into_iter().filter(|one| one.event != Event::RelayAcceptance.as_str()) {
        let sql = "select answer from told_evidence where evidence_id = $1";
        if db.query(sql, params![evidence.id]).await?.is_empty() {
            left.push(evidence);
        }
    }
    Ok(left)
}

/// Whether the service was told of all evidence of a message, seen from within a transaction.
///
/// # Errors
/// The database does not answer.
pub async fn told_all(tx: &mut Tx<'_>, message: MessageId) -> Result<bool, DbError> {
    let sql = "select event from evidence where message_id = $1 and event <> 'RelayAcceptance' and not exists
               (select 1 from told_evidence where told_evidence.evidence_id = evidence.id) limit 1";
    Ok(tx.query(sql, params![message]).await?.is_empty())
}
