//! The SQL that finds exchanges. Each question reads a range of an index of the institution's own.

use std::collections::BTreeSet;

use crate::authorization::Among;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Value};
use crate::message::MessageId;
use crate::params;

use super::model::{Choice, Exchange, Key, begins};

/// Most exchanges one number or one person leads to.
const MOST: i64 = 500;
/// Exchanges of each side that a page looks at where it chooses among them.
const SCAN: i64 = 5_000;

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select m.id as message_id, d.id as delivery_id, d.position, m.sender, m.relay, d.recipient,
             m.document_type, d.state, d.reason, m.sender_registration, d.recipient_registration,
             m.submitted_at, d.changed_at ",
            $rest
        )
    };
}

/// The exchanges of a choice, the newest first.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, choice: &Choice) -> Result<Vec<Exchange>, DbError> {
    find_from(db, choice, None).await
}

/// A page of the exchanges of a choice, the newest first, and where the next begins. What no index answers is looked for among
/// [`SCAN`] exchanges of each side at a time: the page then ends there, and the next leads on.
///
/// # Errors
/// The database does not answer.
pub async fn page(db: &Db, choice: &Choice) -> Result<(Vec<Exchange>, Option<Key>), DbError> {
    let chosen = !(choice.other.is_empty() && choice.document_type.is_empty() && choice.state.is_empty());
    let floor = if chosen || choice.undelivered { floor(db, choice).await? } else { None };
    let found = find_from(db, choice, floor).await?;
    let full = usize::try_from(choice.limit).is_ok_and(|limit| found.len() >= limit);
    let last = found.last().filter(|_| full);
    let last = last.map(|one| Key { message: one.message_id, position: one.position });
    let next = last.or(floor.map(|message| Key { message, position: i64::MAX }));
    Ok((found, next))
}

/// The message at which a page that looks at exchanges one by one ends; none where it sees all that is left.
async fn floor(db: &Db, choice: &Choice) -> Result<Option<MessageId>, DbError> {
    let sent = "select id from message where sender = $1 and id <= $2 and id >= $3 and id < $4
                order by id desc limit 1 offset $5";
    let received =
        "select message_id as id from delivery where recipient = $1 and message_id <= $2 and message_id >= $3
                    and message_id < $4 order by message_id desc limit 1 offset $5";
    let (from, to) = bounds(choice);
    let mut floor: Option<MessageId> = None;
    for (sql, other) in [(sent, false), (received, true)] {
        if choice.sent == Some(other) {
            continue;
        }
        let asked = params![&choice.party, choice.after.message, from, to, SCAN - 1];
        if let Some(mut row) = db.query(sql, asked).await?.into_iter().next() {
            floor = floor.max(Some(row.take("id")?));
        }
    }
    Ok(floor)
}

async fn find_from(db: &Db, choice: &Choice, floor: Option<MessageId>) -> Result<Vec<Exchange>, DbError> {
    let mut found = Vec::new();
    if choice.sent != Some(false) {
        let sql = columns!(
            "from message m join delivery d on d.message_id = m.id
             where m.sender = $1 and m.id <= $2 and (m.id < $2 or d.position > $3) and m.id >= $4 and m.id < $5
             and ($6 = '' or d.recipient = $6) and ($7 = '' or m.document_type = $7) and ($8 = '' or d.state = $8)
             and ($9 = 0 or d.state in ('refused', 'failed', 'not_consigned', 'expired', 'left', 'silent'))
             and ($11 = '' or replace($11, '|' || m.document_type || '|', '') <> $11)
             order by m.id desc, d.position limit $10"
        );
        found.extend(read(db.query(sql, parameters(choice, floor)).await?, &choice.party)?);
    }
    if choice.sent != Some(true) {
        let sql = columns!(
            "from delivery d join message m on m.id = d.message_id
             where d.recipient = $1 and d.message_id <= $2 and (d.message_id < $2 or d.position > $3)
             and d.message_id >= $4 and d.message_id < $5 and m.sender <> $1
             and ($6 = '' or m.sender = $6) and ($7 = '' or m.document_type = $7) and ($8 = '' or d.state = $8)
             and ($9 = 0 or d.state in ('refused', 'failed', 'not_consigned', 'expired', 'left', 'silent'))
             and ($11 = '' or replace($11, '|' || m.document_type || '|', '') <> $11)
             order by d.message_id desc, d.position limit $10"
        );
        found.extend(read(db.query(sql, parameters(choice, floor)).await?, &choice.party)?);
    }
    found.sort_by(|one: &Exchange, other| (other.message_id, one.position).cmp(&(one.message_id, other.position)));
    found.truncate(usize::try_from(choice.limit).unwrap_or(usize::MAX));
    Ok(found)
}

fn bounds(choice: &Choice) -> (MessageId, MessageId) {
    (choice.from.map_or(MessageId(uuid::Uuid::nil()), begins), choice.to.map_or(Key::FIRST.message, begins))
}

fn parameters(choice: &Choice, floor: Option<MessageId>) -> Vec<Value> {
    let (from, to) = bounds(choice);
    let from = floor.map_or(from, |floor| from.max(floor));
    params![
        &choice.party,
        choice.after.message,
        choice.after.position,
        from,
        to,
        &choice.other,
        &choice.document_type,
        &choice.state,
        i64::from(choice.undelivered),
        choice.limit,
        choice.seen.as_str(),
    ]
}

/// What a number leads to: a number of either side's register, the id of a message or of an evidence, or the sender's own
/// reference of the sending. Newest first, of the document types whoever asks may see.
///
/// # Errors
/// The database does not answer.
pub async fn numbered(db: &Db, party: &str, number: &str, seen: &Among) -> Result<Vec<Exchange>, DbError> {
    let sql = columns!(
        "from message m join delivery d on d.message_id = m.id where d.id in (
         select n.delivery_id from exchange_recipient_number n where n.number = $2 and n.recipient = $1
         union select n.delivery_id from exchange_recipient_number n join message x on x.id = n.message_id
         where n.number = $2 and x.sender = $1
         union select x.id from exchange_sender_number n join delivery x on x.message_id = n.message_id
         where n.number = $2 and n.sender = $1
         union select x.id from exchange_sender_number n join delivery x on x.message_id = n.message_id
         where n.number = $2 and x.recipient = $1
         union select x.id from message k join delivery x on x.message_id = k.id
         where k.sender = $1 and k.idempotency_key = $2)
         and ($4 = '' or replace($4, '|' || m.document_type || '|', '') <> $4)
         order by m.id desc, d.position limit $3"
    );
    let mut found = read(db.query(sql, params![party, number, MOST, seen.as_str()]).await?, party)?;
    if let Ok(id) = number.parse::<MessageId>() {
        let sql = columns!(
            "from message m join delivery d on d.message_id = m.id
             where (m.id = $2 or m.id in (select e.message_id from evidence e where e.id = $2))
             and (m.sender = $1 or d.recipient = $1) and ($4 = '' or replace($4, '|' || m.document_type || '|', '') <> $4)
             order by d.position limit $3"
        );
        found.extend(read(db.query(sql, params![party, id, MOST, seen.as_str()]).await?, party)?);
        let mut seen = BTreeSet::new();
        found.retain(|one| seen.insert(one.delivery_id));
    }
    Ok(found)
}

/// The exchanges about a person, by its keyed digest, newest first, of the document types whoever asks may see.
///
/// # Errors
/// The database does not answer.
pub async fn about(db: &Db, party: &str, digest: [u8; 32], seen: &Among) -> Result<Vec<Exchange>, DbError> {
    let sql = columns!(
        "from message_subject s join message m on m.id = s.message_id join delivery d on d.message_id = m.id
         where s.digest = $2 and (m.sender = $1 or d.recipient = $1)
         and ($4 = '' or replace($4, '|' || m.document_type || '|', '') <> $4) order by m.id desc, d.position limit $3"
    );
    read(db.query(sql, params![party, digest, MOST, seen.as_str()]).await?, party)
}

fn read(rows: Vec<Row>, party: &str) -> Result<Vec<Exchange>, DbError> {
    rows.into_iter().map(|row| one(row, party)).collect()
}

fn one(mut row: Row, party: &str) -> Result<Exchange, DbError> {
    let (sender, relay): (String, Option<String>) = (row.take("sender")?, row.take("relay")?);
    let parsed = |text: Option<String>| text.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    let named = parsed(relay).and_then(|relay| relay["sender"]["id"].as_str().map(str::to_owned));
    let numbered = |text: Option<String>| parsed(text).filter(|value| value.is_object());
    let moment = |at: i64| Timestamp(at).to_utc();
    let (submitted, changed): (i64, Option<i64>) = (row.take("submitted_at")?, row.take("changed_at")?);
    let (of_sender, of_recipient): (Option<String>, Option<String>) =
        (row.take("sender_registration")?, row.take("recipient_registration")?);
    Ok(Exchange {
        message_id: row.take("message_id")?,
        delivery_id: row.take("delivery_id")?,
        position: row.take("position")?,
        direction: if sender == party { "sent" } else { "received" },
        sender: named.unwrap_or(sender),
        recipient: row.take("recipient")?,
        document_type: row.take("document_type")?,
        state: row.take("state")?,
        reason: row.take("reason")?,
        sender_registration: numbered(of_sender),
        recipient_registration: numbered(of_recipient),
        submitted_at: moment(submitted),
        changed_at: changed.map(moment),
    })
}
