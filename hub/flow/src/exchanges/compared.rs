//! Reconciliation: what one institution sent to another on a day, against what the other registered.

use serde::Serialize;
use serde_json::Value as Json;

use crate::authorization::Among;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::message::{DeliveryId, MessageId};
use crate::params;

use super::model::begins;

/// What comparing the two sides gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Both registers have it, and say the same of it.
    Matched,
    /// The recipient's register does not have it.
    MissingAtRecipient,
    /// The sender's register does not have it.
    MissingAtSender,
    /// Both have it, with another number or date of the sender.
    Differing,
}

/// One document of the day.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// The message.
    pub message_id: MessageId,
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// When it was sent, UTC.
    pub submitted_at: String,
    /// The type of the document.
    pub document_type: String,
    /// Where the delivery stands.
    pub state: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// What the sender's register says: register, number, date.
    pub sender_registration: Option<Json>,
    /// What the recipient's register says.
    pub recipient_registration: Option<Json>,
    /// The sender's number as the recipient wrote it down, where the hub keeps the recipient's register.
    pub sender_as_recorded: Option<Json>,
    /// What follows.
    pub finding: Finding,
}

/// Every document of one institution to another that the hub took within a period, oldest first. It may be asked by
/// either side: both have its evidence. Of the document types whoever asks may see.
///
/// # Errors
/// The database does not answer.
pub async fn compared(
    db: &Db,
    (sender, recipient): (&str, &str),
    (from, to): (Timestamp, Timestamp),
    (seen, limit): (&Among, i64),
) -> Result<Vec<Compared>, DbError> {
    let sql = "select m.id as message_id, d.id as delivery_id, m.submitted_at, m.document_type, d.state, d.reason,
               m.sender_registration, d.recipient_registration, r.counterpart_registration
               from message m join delivery d on d.message_id = m.id
               left join register_entry r on r.message_id = m.id and r.delivery_id = d.id and r.party = d.recipient
               where m.sender = $1 and m.id >= $3 and m.id < $4 and d.recipient = $2
               and ($6 = '' or replace($6, '|' || m.document_type || '|', '') <> $6) order by m.id limit $5";
    let rows = db.query(sql, params![sender, recipient, begins(from), begins(to), limit, seen.as_str()]).await?;
    rows.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Compared, DbError> {
    let parsed = |text: Option<String>| {
        let value = text.and_then(|text| serde_json::from_str::<Json>(&text).ok());
        value.filter(|value| value["number"].as_str().is_some_and(|number| !number.is_empty()))
    };
    let sender = parsed(row.take("sender_registration")?);
    let recipient = parsed(row.take("recipient_registration")?);
    let recorded = parsed(row.take("counterpart_registration")?);
    let submitted: i64 = row.take("submitted_at")?;
    Ok(Compared {
        message_id: row.take("message_id")?,
        delivery_id: row.take("delivery_id")?,
        submitted_at: Timestamp(submitted).to_utc(),
        document_type: row.take("document_type")?,
        state: row.take("state")?,
        reason: row.take("reason")?,
        finding: finding(sender.as_ref(), recipient.as_ref(), recorded.as_ref()),
        sender_registration: sender,
        recipient_registration: recipient,
        sender_as_recorded: recorded,
    })
}

fn finding(sender: Option<&Json>, recipient: Option<&Json>, recorded: Option<&Json>) -> Finding {
    match (sender, recipient, recorded) {
        (None, ..) => Finding::MissingAtSender,
        (_, None, _) => Finding::MissingAtRecipient,
        (Some(said), _, Some(recorded)) if said["number"] != recorded["number"] || said["date"] != recorded["date"] => {
            Finding::Differing
        }
        _ => Finding::Matched,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_side_that_does_not_have_it_is_named() {
        let one = json!({"number": "12", "date": "2026-11-20"});
        let other = json!({"number": "21", "date": "2026-11-20"});
        assert_eq!(finding(Some(&one), Some(&other), Some(&one)), Finding::Matched);
        assert_eq!(finding(Some(&one), Some(&other), None), Finding::Matched);
        assert_eq!(finding(Some(&one), Some(&other), Some(&other)), Finding::Differing);
        assert_eq!(finding(Some(&one), None, None), Finding::MissingAtRecipient);
        assert_eq!(finding(None, Some(&other), None), Finding::MissingAtSender);
    }
}
