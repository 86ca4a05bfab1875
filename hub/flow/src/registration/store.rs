//! The registers' SQL.

use std::collections::BTreeMap;

use schemas::text::normalise_cedilla;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx, Value};
use crate::message::{DeliveryId, MessageId, Registration};
use crate::params;

use super::{GENERAL, NewEntry};

/// Registers the entries in order and answers their numbers. Series are locked in one fixed order, so that nodes that
/// register at once wait for each other and never block each other.
///
/// # Errors
/// The database refused a statement; then no number was taken.
pub async fn register(tx: &mut Tx<'_>, entries: &[NewEntry]) -> Result<Vec<Registration>, DbError> {
    let mut series: BTreeMap<(&str, i16), i64> = BTreeMap::new();
    for entry in entries {
        *series.entry((&entry.party, entry.at.romanian_date().year())).or_default() += 1;
    }
    let mut next = take_numbers(tx, &series).await?;
    let mut rows = Vec::with_capacity(entries.len());
    let mut registrations = Vec::with_capacity(entries.len());
    for entry in entries {
        let date = entry.at.romanian_date();
        let number = next.get_mut(&(entry.party.as_str(), date.year())).expect("a number was taken for every entry");
        registrations.push(Registration {
            register: GENERAL.to_owned(),
            number: number.to_string(),
            date: date.to_string(),
        });
        rows.push(row(entry, date.year(), *number));
        *number += 1;
    }
    tx.insert(
        "insert into register_entry (party, register, year, number, direction, message_id, delivery_id, counterpart,
         counterpart_registration, subject, recorded_at) values",
        11,
        rows,
    )
    .await?;
    Ok(registrations)
}

async fn take_numbers<'a>(
    tx: &mut Tx<'_>,
    series: &BTreeMap<(&'a str, i16), i64>,
) -> Result<BTreeMap<(&'a str, i16), i64>, DbError> {
    let take = "insert into register_series as held (party, register, year, next) values ($1, $2, $3, $4 + 1)
                on conflict (party, register, year) do update set next = held.next + $4
                returning next";
    let sets = series.iter().map(|((party, year), count)| params![*party, GENERAL, i64::from(*year), *count]).collect();
    let answers = tx.query_each(take, sets).await?;
    let mut first = BTreeMap::new();
    for ((key, count), mut rows) in series.iter().zip(answers) {
        let next: i64 = rows.first_mut().map_or(Ok(1), |row| row.take("next"))?;
        first.insert(*key, next - count);
    }
    Ok(first)
}

fn row(entry: &NewEntry, year: i16, number: i64) -> Vec<Value> {
    let counterpart = entry.counterpart_registration.as_ref();
    params![
        &entry.party,
        GENERAL,
        i64::from(year),
        number,
        entry.direction.as_str(),
        entry.message,
        entry.delivery,
        &entry.counterpart,
        counterpart.map(|held| serde_json::to_string(held).expect("a registration is plain data")),
        // A register is searched and printed: one spelling. What the sender wrote stays in its envelope.
        normalise_cedilla(&entry.subject).into_owned(),
        entry.at.0,
    ]
}

/// An entry as a register shows it.
#[derive(Debug, serde::Serialize)]
pub struct Entry {
    /// Number within register and year.
    pub number: i64,
    /// `in` or `out`.
    pub direction: String,
    /// The message.
    pub message_id: MessageId,
    /// The delivery, in a recipient's register.
    pub delivery_id: Option<DeliveryId>,
    /// Party id of the other side.
    pub counterpart: String,
    /// The other side's number.
    pub counterpart_registration: Option<serde_json::Value>,
    /// The matter in brief.
    pub subject: String,
    /// When, in UTC.
    pub recorded_at: String,
}

/// The entries of a party's general register in a year, from a number on, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn entries(db: &Db, party: &str, year: i64, from: i64, limit: i64) -> Result<Vec<Entry>, DbError> {
    let sql = "select number, direction, message_id, delivery_id, counterpart, counterpart_registration, subject,
               recorded_at from register_entry
               where party = $1 and register = $2 and year = $3 and number >= $4 order by number limit $5";
    let rows = db.query(sql, params![party, GENERAL, year, from, limit]).await?;
    rows.into_iter()
        .map(|mut row| {
            let registration: Option<String> = row.take("counterpart_registration")?;
            Ok(Entry {
                number: row.take("number")?,
                direction: row.take("direction")?,
                message_id: row.take("message_id")?,
                delivery_id: row.take("delivery_id")?,
                counterpart: row.take("counterpart")?,
                counterpart_registration: registration.and_then(|text| serde_json::from_str(&text).ok()),
                subject: row.take("subject")?,
                recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
            })
        })
        .collect()
}
