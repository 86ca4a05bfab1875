//! What must be filed: taken up when a message has ended, and asked for until it is filed or waits for a clerk.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::archive::acting::Order;
use crate::archive::nomenclator;
use crate::archive::office::{NotDone, wrong};
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::message::MessageId;
use crate::params;

use super::model::Subject;

/// Messages that have ended and whose filing was not taken up, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn unfiled(db: &Db, limit: i64) -> Result<Vec<MessageId>, DbError> {
    let sql = "select id from message where state = 'completed' and archived_at is null order by id limit $1";
    db.query(sql, params![limit]).await?.into_iter().map(|mut row| row.take("id")).collect()
}

/// Takes up the filing of messages: one row for each institution that keeps an archive.
pub struct TakeUp;

/// A message and whose archives it belongs to.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The message.
    pub message: MessageId,
    /// The institutions, each with the id of its filing.
    pub parties: Vec<(String, Uuid)>,
    /// When.
    pub at: Timestamp,
}

impl WriteVerb for TakeUp {
    type Item = Taken;
    type Output = ();
    const ORDER: u16 = 931;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Taken]) -> Result<Vec<()>, DbError> {
        let sql = "insert into archive_filing (id, party, message_id, state, due_at) values ($1, $2, $3, 'waiting', $4)
                   on conflict (message_id, party) do nothing";
        let sets = items.iter().flat_map(|taken| {
            let row = |(party, id): &(String, Uuid)| params![id.into_bytes(), party, taken.message, taken.at.0];
            taken.parties.iter().map(row)
        });
        tx.execute_each(sql, sets.collect()).await?;
        let sql = "update message set archived_at = $2 where id = $1 and archived_at is null";
        tx.execute_each(sql, items.iter().map(|taken| params![taken.message, taken.at.0]).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// A filing that is due.
#[derive(Debug, Clone)]
pub struct Due {
    /// Its id.
    pub id: Uuid,
    /// The institution.
    pub party: String,
    /// What it is of.
    pub subject: Subject,
    /// The code a clerk gave it.
    pub code: Option<String>,
    /// Where its original on paper lies, as a clerk said it.
    pub place: Option<String>,
}

/// The filings that are due, at most `limit`, longest waiting first.
///
/// # Errors
/// The database does not answer.
pub async fn due(db: &Db, now: Timestamp, limit: i64) -> Result<Vec<Due>, DbError> {
    let sql = "select id, party, message_id, register, year, number, code, place from archive_filing
               where state = 'waiting' and due_at <= $1 order by due_at limit $2";
    db.query(sql, params![now.0, limit]).await?.into_iter().map(read).collect()
}

pub(super) fn read(mut row: Row) -> Result<Due, DbError> {
    Ok(Due {
        id: Uuid::from_bytes(row.take("id")?),
        party: row.take("party")?,
        code: row.take("code")?,
        place: row.take("place")?,
        subject: super::store::subject(&mut row)?,
    })
}

/// Where a message stands in the registers of an institution: register, year and number.
///
/// # Errors
/// The database does not answer.
pub async fn entry_of(db: &Db, party: &str, message: MessageId) -> Result<Option<(String, i64, i64)>, DbError> {
    let sql = "select register, year, number from register_entry where message_id = $1 and party = $2
               order by recorded_at limit 1";
    let rows = db.query(sql, params![message, party]).await?;
    let read = |mut row: Row| Ok((row.take("register")?, row.take("year")?, row.take("number")?));
    rows.into_iter().next().map(read).transpose()
}

/// What nobody could classify is looked at again: the nomenclator is another one.
pub(in crate::archive) async fn look_again(tx: &mut Tx<'_>, party: &str, at: Timestamp) -> Result<(), DbError> {
    let sql = "update archive_filing set state = 'waiting', due_at = $2 where party = $1 and state = 'unclassified'";
    tx.execute_each(sql, vec![params![party, at.0]]).await.map(drop)
}

/// A clerk says under which code something is filed that is not filed yet.
pub(in crate::archive) async fn classify(
    tx: &mut Tx<'_>,
    order: &Order,
    filing: Uuid,
    (code, place): (&str, Option<&str>),
) -> Result<Result<Json, NotDone>, DbError> {
    let sql = "select state from archive_filing where id = $1 and party = $2";
    let rows = tx.query(sql, params![filing.into_bytes(), &order.party]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(Err(NotDone::NotFound)) };
    let state: String = row.take("state")?;
    if state == "filed" {
        let subject = filing.to_string();
        return Ok(Err(NotDone::State { subject, state, wanted: "unclassified" }));
    }
    let day = order.at.romanian_date();
    let group = match nomenclator::group_in_force(tx, (&order.party, code), day).await? {
        Ok(group) => group,
        Err(refused) => return Ok(Err(refused)),
    };
    let units: Vec<String> = serde_json::from_str(&group.units).unwrap_or_default();
    if let Err(refused) = order.sees(tx, &units).await? {
        return Ok(Err(refused));
    }
    if place.is_some_and(|place| !(3..=300).contains(&place.trim().chars().count())) {
        return Ok(Err(wrong(
            "place",
            "Locul originalului are 3 până la 300 de caractere",
            "The place of the original has 3 to 300 characters",
        )));
    }
    let sql = "update archive_filing set state = 'waiting', code = $2, reason = null, due_at = $3,
               place = coalesce(cast($4 as text), place) where id = $1";
    tx.execute_each(sql, vec![params![filing.into_bytes(), &group.code, order.at.0, place]]).await?;
    let mut content = json!({"filing": filing, "code": group.code});
    if let Some(place) = place {
        content["place"] = json!(place);
    }
    order.record(tx, filing, "classified", content.clone()).await?;
    Ok(Ok(content))
}
