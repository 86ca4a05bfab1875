//! What an institution sent, with where each recipient's delivery stands.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::authorization::Among;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Value};
use crate::delivery::DeliveryState;
use crate::message::{MessageId, Recipient, Registration};
use crate::params;

use super::came::json;
use super::page::{Lines, Page, READ, SCAN, among, has_words};

/// Most rows of a page: what one question for deliveries names.
const MOST: usize = 200;

/// Which messages of one institution. Empty texts and absent values choose all.
#[derive(Debug, Clone, Default)]
pub struct Going {
    /// The sender.
    pub party: String,
    /// Where at least one of their deliveries stands.
    pub state: Option<DeliveryState>,
    /// Document type.
    pub document_type: String,
    /// The document types whoever asks may see.
    pub seen: Among,
    /// Party ids of recipients, of whom one is enough.
    pub recipients: Vec<String>,
    /// Words of subject or register number.
    pub words: String,
    /// Order, beginning, days and length, 200 at most.
    pub page: Page,
}

/// A message as a list shows it.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The message.
    pub id: MessageId,
    /// `accepted`, `routed` or `completed`.
    pub state: String,
    /// The matter in brief.
    pub subject: String,
    /// Document type and its version.
    pub document_type: (String, String),
    /// The sender's register number.
    pub registration: Registration,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// To whom, in the order of the envelope.
    pub to: Vec<SentTo>,
}

/// A recipient of a message.
#[derive(Debug, Clone)]
pub struct SentTo {
    /// Party id.
    pub party: String,
    /// Where its delivery stands; none before it was routed.
    pub state: Option<DeliveryState>,
    /// Its register number.
    pub registration: Option<Registration>,
}

macro_rules! listed {
    ($order:literal) => {
        concat!(
            "select m.id, m.state, m.envelope, m.submitted_at, m.sender_registration from message m
             where m.sender = $1 and m.id >= $2 and m.id < $3 and ($4 = '' or m.document_type = $4)
             and ($8 = '' or replace($8, '|' || m.document_type || '|', '') <> $8)
             and ($5 = '' or exists (select 1 from delivery d where d.message_id = m.id
             and replace($5, '|' || d.recipient || '|', '') <> $5))
             and ($6 = '' or exists (select 1 from delivery d where d.message_id = m.id and d.state = $6))
             order by m.id ",
            $order,
            " limit $7"
        )
    };
}

const LISTED: [&str; 2] = [listed!("desc"), listed!("asc")];

const ENDS: [&str; 2] = [
    "select id from message where sender = $1 and id >= $2 and id < $3 order by id desc limit 1 offset $4",
    "select id from message where sender = $1 and id >= $2 and id < $3 order by id asc limit 1 offset $4",
];

/// The deliveries of [`MOST`] messages.
static DELIVERIES: LazyLock<String> = LazyLock::new(|| {
    let holes: Vec<String> = (1..=MOST).map(|at| format!("${at}")).collect();
    format!(
        "select message_id, recipient, state, recipient_registration from delivery where message_id in ({})",
        holes.join(", ")
    )
});

#[derive(Deserialize)]
struct Outside {
    subject: String,
    document_type: String,
    document_version: String,
    recipients: Vec<Recipient>,
}

/// The messages a question chooses.
///
/// # Errors
/// The database does not answer.
pub async fn sent(db: &Db, asked: &Going) -> Result<Lines<Sent>, DbError> {
    let page = Page { limit: asked.page.limit.clamp(1, MOST), ..asked.page };
    let every_type = asked.document_type.is_empty() && asked.seen.as_str().is_empty();
    let chosen = asked.state.is_some() || !(every_type && asked.recipients.is_empty() && asked.words.trim().is_empty());
    let most = if asked.words.trim().is_empty() { SCAN } else { READ };
    let ((low, high), end) =
        if chosen { page.narrowed(db, ENDS, &asked.party, most).await? } else { (page.bounds(), None) };
    let state = asked.state.map_or("", DeliveryState::as_str);
    let limit = if asked.words.trim().is_empty() { page.wanted() } else { most };
    let parameters: Vec<Value> = params![
        &asked.party,
        low,
        high,
        &asked.document_type,
        among(&asked.recipients),
        state,
        limit,
        asked.seen.as_str()
    ];
    let rows = db.query(LISTED[usize::from(!page.newest)], parameters).await?.into_iter().map(read);
    let fits = |one: &Sent| has_words(&format!("{} {}", one.subject, one.registration.number), &asked.words);
    let rows: Vec<Sent> = rows.filter(|row| row.as_ref().map_or(true, fits)).collect::<Result<_, _>>()?;
    let mut lines = page.cut(rows, end, |one| one.id.0);
    deliver(db, &mut lines.rows).await?;
    Ok(lines)
}

fn read(mut row: Row) -> Result<Sent, DbError> {
    let (envelope, registration): (String, String) = (row.take("envelope")?, row.take("sender_registration")?);
    let outside: Outside = json("envelope", &envelope)?;
    let to = |one: Recipient| SentTo { party: one.party, state: None, registration: None };
    Ok(Sent {
        id: row.take("id")?,
        state: row.take("state")?,
        subject: outside.subject,
        document_type: (outside.document_type, outside.document_version),
        registration: json("sender_registration", &registration)?,
        submitted_at: Timestamp(row.take("submitted_at")?),
        to: outside.recipients.into_iter().map(to).collect(),
    })
}

/// Says of each recipient where its delivery stands: one question for the whole page.
async fn deliver(db: &Db, rows: &mut [Sent]) -> Result<(), DbError> {
    let Some(last) = rows.last().map(|one| one.id) else { return Ok(()) };
    let ids = rows.iter().map(|one| one.id).chain(std::iter::repeat(last)).take(MOST);
    let mut stand: HashMap<(MessageId, String), (DeliveryState, Option<Registration>)> = HashMap::new();
    for mut row in db.query(&DELIVERIES, ids.map(Value::from).collect()).await? {
        let (state, registration): (String, Option<String>) = (row.take("state")?, row.take("recipient_registration")?);
        let state = DeliveryState::parse(&state).ok_or_else(|| DbError::Inconsistent {
            column: "delivery.state".to_owned(),
            expected: "a delivery state",
            found: state,
        })?;
        let registration = registration.as_deref().map(|text| json("recipient_registration", text)).transpose()?;
        stand.insert((row.take("message_id")?, row.take("recipient")?), (state, registration));
    }
    for one in rows {
        for to in &mut one.to {
            if let Some((state, registration)) = stand.remove(&(one.id, to.party.clone())) {
                (to.state, to.registration) = (Some(state), registration);
            }
        }
    }
    Ok(())
}
