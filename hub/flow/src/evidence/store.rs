//! Issues evidence and reads it back.

use hub_signatures::xades;
use openssl::sha::sha256;
use tokio::task::JoinHandle;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::message::{DeliveryId, EvidenceId, MessageId};
use crate::params;
use crate::seal::unfit;

use super::{NewEvidence, Seal, document};

/// An issued evidence.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// The message it is about.
    pub message: MessageId,
    /// The delivery it is about, for C, D and E events.
    pub delivery: Option<DeliveryId>,
    /// Name of the event.
    pub event: String,
    /// When the event happened.
    pub at: Timestamp,
    /// The sealed XML: the B form, which never changes. See [`super::at_level`] for the forms with more.
    pub document: String,
    /// SHA-256 of the sealed XML in its B form, also when a time-stamp was added since.
    pub sha256: [u8; 32],
}

/// From this many on, sealing on other threads is worth the hand-over.
const WORTH_SHARING: usize = 6;
/// Threads that seal beside the writer.
const SHARES: usize = 2;

/// Evidences being sealed, while the writer goes on with its statements.
pub struct Sealing(Vec<Share>);

enum Share {
    Here(Vec<NewEvidence>, Seal),
    There(JoinHandle<Result<Vec<Evidence>, DbError>>),
}

/// Begins to seal the evidences. Many are shared among other threads, so that the writer does not wait for keys.
#[must_use]
pub fn seal(seal: &Seal, mut new: Vec<NewEvidence>) -> Sealing {
    if new.len() < WORTH_SHARING {
        return Sealing(vec![Share::Here(new, seal.clone())]);
    }
    let size = new.len().div_ceil(SHARES);
    let mut shares = Vec::with_capacity(SHARES);
    while !new.is_empty() {
        let rest = new.split_off(size.min(new.len()));
        let (share, seal) = (std::mem::replace(&mut new, rest), seal.clone());
        shares.push(Share::There(tokio::task::spawn_blocking(move || all_sealed(&share, &seal))));
    }
    Sealing(shares)
}

fn all_sealed(new: &[NewEvidence], seal: &Seal) -> Result<Vec<Evidence>, DbError> {
    new.iter().map(|evidence| sealed(evidence, seal)).collect()
}

/// Waits for the seals and appends the evidences within the caller's transaction, in their order.
///
/// # Errors
/// A seal cannot be made (then nothing may be accepted: no evidence, no service) or the database refused a row.
pub async fn append(tx: &mut Tx<'_>, sealing: Sealing) -> Result<Vec<Evidence>, DbError> {
    let mut issued = Vec::new();
    for share in sealing.0 {
        issued.extend(match share {
            Share::Here(new, seal) => all_sealed(&new, &seal)?,
            Share::There(handle) => handle.await.map_err(|error| DbError::Unavailable(error.to_string()))??,
        });
    }
    let row =
        |one: &Evidence| params![one.id, one.message, one.delivery, &one.event, one.at.0, &one.document, one.sha256];
    tx.insert(
        "insert into evidence (id, message_id, delivery_id, event, event_time, document, sha256) values",
        7,
        issued.iter().map(row).collect(),
    )
    .await?;
    Ok(issued)
}

/// Writes and seals one evidence, not yet appended.
///
/// # Errors
/// The seal cannot be made.
pub fn sealed(new: &NewEvidence, seal: &Seal) -> Result<Evidence, DbError> {
    let unsealed = |cause: String| DbError::Unavailable(format!("evidence cannot be sealed: {cause}"));
    // One key from here on: it may be replaced at any moment.
    let signer = seal.signer();
    // The last look: no evidence is ever dated outside the validity of the certificate that seals it.
    if let Some(halt) = unfit(&*signer, new.at) {
        return Err(unsealed(halt.in_english().to_owned()));
    }
    let body = document::write(new, seal).map_err(|error| unsealed(error.to_string()))?;
    let document = xades::seal(&body, &*signer, &new.at.to_utc()).map_err(|error| unsealed(error.to_string()))?;
    Ok(Evidence {
        id: new.id,
        message: new.subject.message,
        delivery: new.delivery.map(|(id, _)| id),
        event: new.event.as_str().to_owned(),
        at: new.at,
        sha256: sha256(document.as_bytes()),
        document,
    })
}

/// All evidence of a message, in the order it was issued.
///
/// # Errors
/// The database does not answer.
pub async fn list(db: &Db, message: MessageId) -> Result<Vec<Evidence>, DbError> {
    let sql = "select id, message_id, delivery_id, event, event_time, document, sha256 from evidence
               where message_id = $1 order by sequence";
    db.query(sql, params![message]).await?.into_iter().map(read).collect()
}

/// One evidence by its id.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, id: EvidenceId) -> Result<Option<Evidence>, DbError> {
    let sql = "select id, message_id, delivery_id, event, event_time, document, sha256 from evidence where id = $1";
    db.query(sql, params![id]).await?.into_iter().next().map(read).transpose()
}

/// Whether a delivery has evidence of an event, seen from within a transaction.
///
/// # Errors
/// The database does not answer.
pub async fn has(
    tx: &mut Tx<'_>,
    (message, delivery): (MessageId, DeliveryId),
    events: &[super::Event],
) -> Result<bool, DbError> {
    let sql = "select event from evidence where message_id = $1 and delivery_id = $2";
    for mut row in tx.query(sql, params![message, delivery]).await? {
        let event: String = row.take("event")?;
        if events.iter().any(|one| one.as_str() == event) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The moment of the newest evidence; the service's clock never runs behind it.
///
/// # Errors
/// The database does not answer.
pub async fn latest(db: &Db) -> Result<Timestamp, DbError> {
    let rows = db.query("select event_time from evidence order by sequence desc limit 1", vec![]).await?;
    rows.into_iter().next().map_or(Ok(Timestamp::default()), |mut row| row.take("event_time").map(Timestamp))
}

fn read(mut row: Row) -> Result<Evidence, DbError> {
    Ok(Evidence {
        id: row.take("id")?,
        message: row.take("message_id")?,
        delivery: row.take("delivery_id")?,
        event: row.take("event")?,
        at: Timestamp(row.take("event_time")?),
        document: row.take("document")?,
        sha256: row.take("sha256")?,
    })
}
