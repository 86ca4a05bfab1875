//! Issues evidence and reads it back.

use hub_signatures::xades;
use openssl::sha::sha256;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::message::{DeliveryId, EvidenceId, MessageId};
use crate::params;

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
    /// The sealed XML.
    pub document: String,
    /// SHA-256 of the sealed XML.
    pub sha256: [u8; 32],
}

/// Seals the evidences and appends them within the caller's transaction.
///
/// # Errors
/// The seal cannot be made (then nothing may be accepted: no evidence, no service) or the database refused a row.
pub async fn issue(tx: &mut Tx<'_>, seal: &Seal, new: &[NewEvidence]) -> Result<Vec<Evidence>, DbError> {
    let issued = new.iter().map(|evidence| sealed(evidence, seal)).collect::<Result<Vec<_>, _>>()?;
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

fn sealed(new: &NewEvidence, seal: &Seal) -> Result<Evidence, DbError> {
    let unsealed = |cause: String| DbError::Unavailable(format!("evidence cannot be sealed: {cause}"));
    let body = document::write(new, seal).map_err(|error| unsealed(error.to_string()))?;
    let document = xades::seal(&body, &*seal.signer, &new.at.to_utc()).map_err(|error| unsealed(error.to_string()))?;
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
