//! What came in for an institution.

use serde::Deserialize;
use uuid::Uuid;

use crate::authorization::Among;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Value};
use crate::delivery::DeliveryState;
use crate::message::{ConsignmentMode, DeliveryId, MessageId, Registration, Relay};
use crate::params;

use super::page::{Lines, Page, READ, SCAN, among, has_words};

/// Which deliveries of one institution. Empty texts and absent values choose all.
#[derive(Debug, Clone, Default)]
pub struct Coming {
    /// The recipient.
    pub party: String,
    /// Where they stand.
    pub state: Option<DeliveryState>,
    /// Document type.
    pub document_type: String,
    /// The document types whoever asks may see.
    pub seen: Among,
    /// Party ids of senders.
    pub senders: Vec<String>,
    /// Words of subject or of a register number.
    pub words: String,
    /// Order, beginning, days and length.
    pub page: Page,
}

/// A delivery as a list shows it.
#[derive(Debug, Clone)]
pub struct Came {
    /// The delivery.
    pub id: DeliveryId,
    /// The message.
    pub message: MessageId,
    /// Where it stands.
    pub state: DeliveryState,
    /// The matter in brief.
    pub subject: String,
    /// Party id of the sender; of who sent it there, where another service relayed it.
    pub sender: String,
    /// The sender's name, where another service told it.
    pub sender_name: Option<String>,
    /// Document type and its version.
    pub document_type: (String, String),
    /// Whether the recipient is asked before it sees the content.
    pub asks_first: bool,
    /// The sender's register number.
    pub sender_registration: Registration,
    /// The recipient's own.
    pub recipient_registration: Option<Registration>,
    /// The recipient's entry in a register of the hub: register, year, number.
    pub entry: Option<(String, i64, i64)>,
    /// Last day of the entry's term, where one runs.
    pub due_on: Option<String>,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// When the state last changed.
    pub changed_at: Timestamp,
    /// When the next act is due: until when it can be taken.
    pub due_at: Option<Timestamp>,
}

macro_rules! listed {
    ($state:literal, $order:literal) => {
        concat!(
            "select d.id, d.message_id, d.state, d.recipient_registration, d.changed_at, d.due_at, m.sender, m.envelope,
             m.submitted_at, m.sender_registration, m.relay, e.register, e.year, e.number, t.due_on
             from delivery d join message m on m.id = d.message_id
             left join register_entry e on e.message_id = d.message_id and e.delivery_id = d.id and e.party = $1
             left join deadline t
             on t.party = e.party and t.register = e.register and t.year = e.year and t.number = e.number
             where d.recipient = $1 and d.id >= $2 and d.id < $3
             and ($8 = '' or replace($8, '|' || m.document_type || '|', '') <> $8)
             and ($4 = '' or m.document_type = $4) and ($5 = '' or replace($5, '|' || m.sender || '|', '') <> $5) and ",
            $state,
            " order by d.id ",
            $order,
            " limit $7"
        )
    };
}

/// With a state and without one, newest and oldest first.
const LISTED: [[&str; 2]; 2] = [
    [listed!("d.state = $6", "desc"), listed!("d.state = $6", "asc")],
    [listed!("cast($6 as text) = ''", "desc"), listed!("cast($6 as text) = ''", "asc")],
];

/// The id at which a page that chooses among rows ends.
const ENDS: [&str; 2] = [
    "select id from delivery where recipient = $1 and id >= $2 and id < $3 order by id desc limit 1 offset $4",
    "select id from delivery where recipient = $1 and id >= $2 and id < $3 order by id asc limit 1 offset $4",
];

#[derive(Deserialize)]
struct Outside {
    subject: String,
    document_type: String,
    document_version: String,
    #[serde(default)]
    consignment: ConsignmentMode,
}

/// The deliveries a question chooses.
///
/// # Errors
/// The database does not answer.
pub async fn came(db: &Db, asked: &Coming) -> Result<Lines<Came>, DbError> {
    let page = &asked.page;
    let every_type = asked.document_type.is_empty() && asked.seen.as_str().is_empty();
    let chosen = !(every_type && asked.senders.is_empty() && asked.words.trim().is_empty());
    let most = if asked.words.trim().is_empty() { SCAN } else { READ };
    let ((low, high), end) =
        if chosen { page.narrowed(db, ENDS, &asked.party, most).await? } else { (page.bounds(), None) };
    let sql = LISTED[usize::from(asked.state.is_none())][usize::from(!page.newest)];
    let state = asked.state.map_or("", DeliveryState::as_str);
    let limit = if asked.words.trim().is_empty() { page.wanted() } else { most };
    let parameters: Vec<Value> = params![
        &asked.party,
        low,
        high,
        &asked.document_type,
        among(&asked.senders),
        state,
        limit,
        asked.seen.as_str()
    ];
    let rows = db.query(sql, parameters).await?.into_iter().map(read);
    let fits = |one: &Came| {
        let own = one.recipient_registration.as_ref().map_or("", |held| held.number.as_str());
        has_words(&format!("{} {} {own}", one.subject, one.sender_registration.number), &asked.words)
    };
    let rows: Vec<Came> = rows.filter(|row| row.as_ref().map_or(true, fits)).collect::<Result<_, _>>()?;
    Ok(page.cut(rows, end, |one| one.id.0))
}

fn read(mut row: Row) -> Result<Came, DbError> {
    let unreadable =
        |column: &str, found: String| DbError::Inconsistent { column: column.to_owned(), expected: "its type", found };
    let (state, envelope): (String, String) = (row.take("state")?, row.take("envelope")?);
    let outside: Outside = json("envelope", &envelope)?;
    let relay: Option<String> = row.take("relay")?;
    let relay: Option<Relay> = relay.as_deref().map(|text| json("relay", text)).transpose()?;
    let sender: String = row.take("sender")?;
    let own: Option<String> = row.take("recipient_registration")?;
    let theirs: String = row.take("sender_registration")?;
    let register: Option<String> = row.take("register")?;
    let (year, number): (Option<i64>, Option<i64>) = (row.take("year")?, row.take("number")?);
    Ok(Came {
        id: row.take("id")?,
        message: row.take("message_id")?,
        state: DeliveryState::parse(&state).ok_or_else(|| unreadable("state", state))?,
        subject: outside.subject,
        sender: relay.as_ref().map_or(sender, |relay| relay.sender.id.clone()),
        sender_name: relay.and_then(|relay| relay.sender.name),
        document_type: (outside.document_type, outside.document_version),
        asks_first: outside.consignment == ConsignmentMode::Consent,
        sender_registration: json("sender_registration", &theirs)?,
        recipient_registration: own.as_deref().map(|text| json("recipient_registration", text)).transpose()?,
        entry: register.zip(year).zip(number).map(|((register, year), number)| (register, year, number)),
        due_on: row.take("due_on")?,
        submitted_at: Timestamp(row.take("submitted_at")?),
        changed_at: Timestamp(row.take("changed_at")?),
        due_at: row.take::<Option<i64>>("due_at")?.map(Timestamp),
    })
}

pub(super) fn json<T: serde::de::DeserializeOwned>(column: &str, text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Inconsistent {
        column: column.to_owned(),
        expected: "the JSON of its type",
        found: error.to_string(),
    })
}

impl Came {
    /// Its place among others.
    #[must_use]
    pub fn place(&self) -> Uuid {
        self.id.0
    }
}
