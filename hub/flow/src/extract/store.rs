//! The extracts' SQL.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::clock::Timestamp;
use crate::db::{self, Db, DbError, Value};
use crate::params;
use crate::registration::{Direction, Kind, Particulars, Status};

use super::{Row, Span};

const ROWS: &str = "select e.number, e.shown, e.kind, e.direction, e.recorded_at, e.counterpart, e.subject, e.document,
    e.counterpart_registration, p.name, s.status, s.particulars
    from register_entry e
    left join register_state s
    on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
    left join register_party p on p.id = coalesce(s.correspondent, e.correspondent)
    where e.party = $1 and e.register = $2 and e.year = $3 and e.number >= $4 and e.number <= $5
    and e.recorded_at >= $6 and e.recorded_at < $7 order by e.number limit $8";
const TIES: &str = "select number, to_register, to_year, to_number from register_connection
    where party = $1 and register = $2 and year = $3 and number >= $4 and number <= $5
    and relation in ('answers', 'connected_to') order by number, to_year, to_number";
const ENDS: &str = "select number, act, content from register_act
    where party = $1 and register = $2 and year = $3 and number >= $4 and number <= $5
    and (act like 'annul%' or act = 'struck') order by number, act_number";

/// The next rows of a span from a number on, at most so many.
///
/// # Errors
/// The database does not answer, or a row cannot be read.
pub async fn page(db: &Db, span: &Span, from: i64, limit: i64) -> Result<Vec<Row>, DbError> {
    let bounds = params![&span.party, &span.register, span.year, from.max(span.from), span.to];
    let wanted = [bounds, params![span.since.0, span.until.0, limit]].concat();
    let mut rows = db.query(ROWS, wanted).await?.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(rows) };
    let within = || params![&span.party, &span.register, span.year, first.number, last.number];
    let mut ties = ties(db, span, within()).await?;
    let mut ends = ends(db, within()).await?;
    for row in &mut rows {
        row.connected = ties.remove(&row.number).unwrap_or_default();
        let end = ends.remove(&row.number);
        row.annulled = (row.status == Status::Annulled).then(|| end.unwrap_or_default());
    }
    Ok(rows)
}

/// How many rows a span has.
///
/// # Errors
/// The database does not answer.
pub async fn count(db: &Db, span: &Span) -> Result<i64, DbError> {
    let sql = "select cast(count(*) as bigint) as number from register_entry
               where party = $1 and register = $2 and year = $3 and number >= $4 and number <= $5
               and recorded_at >= $6 and recorded_at < $7";
    db.query(sql, chosen(span)).await?.first_mut().map_or(Ok(0), |row| row.take("number"))
}

/// The number behind so many rows of a span, where there is one.
///
/// # Errors
/// The database does not answer.
pub async fn behind(db: &Db, span: &Span, rows: i64) -> Result<Option<i64>, DbError> {
    let sql = "select number from register_entry
               where party = $1 and register = $2 and year = $3 and number >= $4 and number <= $5
               and recorded_at >= $6 and recorded_at < $7 order by number limit 1 offset $8";
    let wanted = [chosen(span), params![rows]].concat();
    db.query(sql, wanted).await?.first_mut().map(|row| row.take("number")).transpose()
}

fn chosen(span: &Span) -> Vec<Value> {
    params![&span.party, &span.register, span.year, span.from, span.to, span.since.0, span.until.0]
}

async fn ties(db: &Db, span: &Span, within: Vec<Value>) -> Result<BTreeMap<i64, Vec<String>>, DbError> {
    let mut of: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for mut row in db.query(TIES, within).await? {
        let (register, year): (String, i64) = (row.take("to_register")?, row.take("to_year")?);
        let mut told = row.take::<i64>("to_number")?.to_string();
        if year != span.year {
            told += &format!("/{year}");
        }
        if register != span.register {
            told += &format!(" ({register})");
        }
        of.entry(row.take("number")?).or_default().push(told);
    }
    Ok(of)
}

/// The newest reason of each number, and whether it was struck out.
async fn ends(db: &Db, within: Vec<Value>) -> Result<BTreeMap<i64, (String, bool)>, DbError> {
    let mut of = BTreeMap::new();
    for mut row in db.query(ENDS, within).await? {
        let (number, act, content): (i64, String, String) =
            (row.take("number")?, row.take("act")?, row.take("content")?);
        let content: Json = serde_json::from_str(&content).unwrap_or_default();
        let reason = content["content"]["reason"].as_str().map(str::to_owned);
        let held: &mut (String, bool) = of.entry(number).or_default();
        held.0 = reason.unwrap_or_else(|| std::mem::take(&mut held.0));
        held.1 = act == "struck";
    }
    Ok(of)
}

fn read(mut row: db::Row) -> Result<Row, DbError> {
    let number: i64 = row.take("number")?;
    let (shown, stands): (Option<String>, Option<String>) = (row.take("shown")?, row.take("particulars")?);
    let (subject, document): (String, Option<String>) = (row.take("subject")?, row.take("document")?);
    let (status, registration): (Option<String>, Option<String>) =
        (row.take("status")?, row.take("counterpart_registration")?);
    Ok(Row {
        number,
        shown: shown.unwrap_or_else(|| number.to_string()),
        recorded_at: Timestamp(row.take("recorded_at")?),
        kind: word(row.take("kind")?, "kind", Kind::of)?,
        direction: word(row.take("direction")?, "direction", Direction::of)?,
        status: status.map_or(Ok(Status::Registered), |status| word(status, "status", Status::of))?,
        particulars: particulars(stands, document, &subject)?,
        counterpart: row.take("counterpart")?,
        counterpart_registration: registration.and_then(|text| serde_json::from_str(&text).ok()),
        correspondent: row.take("name")?,
        connected: Vec::new(),
        annulled: None,
    })
}

/// As they stand; as first recorded where nothing happened; of an entry of a release before, its subject.
fn particulars(stands: Option<String>, document: Option<String>, subject: &str) -> Result<Particulars, DbError> {
    #[derive(Deserialize)]
    struct Recorded {
        particulars: Particulars,
    }
    let unreadable = |error: serde_json::Error| DbError::Inconsistent {
        column: "particulars".to_owned(),
        expected: "JSON of its kind",
        found: error.to_string(),
    };
    match (stands, document) {
        (Some(stands), _) => serde_json::from_str(&stands).map_err(unreadable),
        (None, Some(document)) => {
            serde_json::from_str::<Recorded>(&document).map(|one| one.particulars).map_err(unreadable)
        }
        (None, None) => Ok(Particulars::brief(subject)),
    }
}

fn word<T>(text: String, column: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    of(&text).ok_or_else(|| DbError::Inconsistent { column: column.to_owned(), expected: "a known word", found: text })
}
