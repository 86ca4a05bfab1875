//! The closings' SQL, and the numbers as proofs show them.

use std::collections::BTreeMap;

use hub_proofs::register_proof::{Gathering, Line, Series, Standing, State};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, Value, WriteVerb};
use crate::params;

use super::model::{Closed, Proposal, SeriesRow, Unused};

/// Numbers read at once.
const PAGE: i64 = 2_000;

/// The series that have begun, in order: of one institution, one register, one year, where they are named.
///
/// # Errors
/// The database does not answer.
pub async fn series(
    db: &Db,
    party: Option<&str>,
    register: Option<&str>,
    year: Option<i64>,
) -> Result<Vec<SeriesRow>, DbError> {
    // The year 0 is the counter of a register whose numbers run on; its years have rows of their own.
    let sql = "select party, register, year, coalesce(first, 1) as first, next, closed_at from register_series
               where year > 0 and ($1 = '' or party = $1) and ($2 = '' or register = $2) and ($3 = 0 or year = $3)
               order by party, register, year";
    let wanted = params![party.unwrap_or_default(), register.unwrap_or_default(), year.unwrap_or_default()];
    db.query(sql, wanted).await?.into_iter().map(series_row).collect()
}

fn series_row(mut row: Row) -> Result<SeriesRow, DbError> {
    Ok(SeriesRow {
        series: Series { party: row.take("party")?, register: row.take("register")?, year: row.take("year")? },
        first: row.take("first")?,
        next: row.take("next")?,
        closed_at: row.take::<Option<i64>>("closed_at")?.map(Timestamp),
    })
}

/// Takes the row of a series for this transaction, so that nobody gives a number of it meanwhile. A year in which no number
/// was given gets its row now.
///
/// # Errors
/// The database refused a statement.
pub async fn lock(tx: &mut Tx<'_>, series: &Series) -> Result<SeriesRow, DbError> {
    let make = "insert into register_series (party, register, year, next, first)
                select $1, $2, cast($3 as bigint), coalesce(max(next), 1), coalesce(max(next), 1) from register_series
                where party = $1 and register = $2 and year = 0
                on conflict (party, register, year) do nothing";
    tx.execute_each(make, vec![key(series)]).await?;
    // An update that changes nothing locks the row on both databases.
    let take = "update register_series set next = next where party = $1 and register = $2 and year = $3
                returning party, register, year, coalesce(first, 1) as first, next, closed_at";
    let row = tx.query(take, key(series)).await?.into_iter().next();
    row.map(series_row).unwrap_or_else(|| Err(DbError::Statement("a series has no row".to_owned())))
}

fn key(series: &Series) -> Vec<Value> {
    params![&series.party, &series.register, series.year]
}

const UNUSED: &str = "select e.number, e.kind, coalesce(s.unit, e.unit) as unit from register_entry e
    join register_state s
    on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
    where e.party = $1 and e.register = $2 and e.year = $3 and s.status = 'reserved' order by e.number";

/// Numbers that were kept and that no document has.
///
/// # Errors
/// The database does not answer.
pub async fn unused(db: &Db, series: &Series) -> Result<Vec<Unused>, DbError> {
    db.query(UNUSED, key(series)).await?.into_iter().map(unused_row).collect()
}

/// The same within a transaction.
///
/// # Errors
/// As [`unused`].
pub async fn standing_unused(tx: &mut Tx<'_>, series: &Series) -> Result<Vec<Unused>, DbError> {
    tx.query(UNUSED, key(series)).await?.into_iter().map(unused_row).collect()
}

fn unused_row(mut row: Row) -> Result<Unused, DbError> {
    Ok(Unused { number: row.take("number")?, unit: row.take("unit")?, kind: row.take("kind")? })
}

const ANNULMENTS: &str = "select number from register_state
    where party = $1 and register = $2 and year = $3 and pending = 'annulment' order by number";

/// Numbers whose annulment waits for a second clerk.
///
/// # Errors
/// The database does not answer.
pub async fn annulments(db: &Db, series: &Series) -> Result<Vec<i64>, DbError> {
    db.query(ANNULMENTS, key(series)).await?.into_iter().map(|mut row| row.take("number")).collect()
}

/// The same within a transaction.
///
/// # Errors
/// As [`annulments`].
pub async fn standing_annulments(tx: &mut Tx<'_>, series: &Series) -> Result<Vec<i64>, DbError> {
    tx.query(ANNULMENTS, key(series)).await?.into_iter().map(|mut row| row.take("number")).collect()
}

/// How many numbers are annulled.
///
/// # Errors
/// The database does not answer.
pub async fn annulled(db: &Db, series: &Series) -> Result<i64, DbError> {
    let sql = "select cast(count(*) as bigint) as annulled from register_state
               where party = $1 and register = $2 and year = $3 and status = 'annulled'";
    let found = db.query(sql, key(series)).await?.into_iter().next();
    found.map_or(Ok(0), |mut row| row.take("annulled"))
}

const LINES: &str = "select e.number, e.kind, e.digest, e.link, s.status from register_entry e
    left join register_state s
    on s.party = e.party and s.register = e.register and s.year = e.year and s.number = e.number
    where e.party = $1 and e.register = $2 and e.year = $3 and e.number >= $4 and e.number < $5 order by e.number";
const ACTS: &str = "select number, act, link from register_act
    where party = $1 and register = $2 and year = $3 and number >= $4 and number < $5 order by number, act_number";

/// The next numbers of a series from one on, below an end.
pub(super) async fn page(db: &Db, series: &Series, (from, end): (i64, i64)) -> Result<Vec<Line>, DbError> {
    let span = || [key(series), params![from, end.min(from + PAGE)]].concat();
    let entries = db.query(LINES, span()).await?;
    lines(entries, db.query(ACTS, span()).await?)
}

/// Sums up a whole series within a transaction, and counts the acts of each number.
///
/// # Errors
/// The database does not answer, or an entry cannot be read.
pub async fn gather(tx: &mut Tx<'_>, row: &SeriesRow) -> Result<(Standing, Vec<(u64, u64)>), DbError> {
    let mut gathering = Gathering::new(&row.series, row.first.unsigned_abs(), row.count().unsigned_abs());
    let mut acts = Vec::new();
    let mut from = row.first;
    while from < row.next {
        let span = || [key(&row.series), params![from, row.next.min(from + PAGE)]].concat();
        let entries = tx.query(LINES, span()).await?;
        for line in lines(entries, tx.query(ACTS, span()).await?)? {
            gathering.add(&line);
            if !line.acts.is_empty() {
                acts.push((line.number, line.acts.len() as u64));
            }
        }
        from += PAGE;
    }
    Ok((gathering.finish(), acts))
}

fn lines(entries: Vec<Row>, acts: Vec<Row>) -> Result<Vec<Line>, DbError> {
    let mut of: BTreeMap<i64, (Vec<[u8; 32]>, bool)> = BTreeMap::new();
    for mut row in acts {
        let held = of.entry(row.take("number")?).or_default();
        held.0.push(row.take("link")?);
        held.1 |= row.take::<String>("act")? == STRUCK;
    }
    let line = |mut row: Row| {
        let number: i64 = row.take("number")?;
        let (acts, struck) = of.remove(&number).unwrap_or_default();
        let (kind, status): (String, Option<String>) = (row.take("kind")?, row.take("status")?);
        let digest: Option<[u8; 32]> = row.take("digest")?;
        Ok(Line {
            number: number.unsigned_abs(),
            bound: digest.zip(row.take("link")?),
            state: match status.as_deref() {
                Some("annulled") if struck => State::Struck,
                Some("annulled") => State::Annulled,
                Some("reserved") if kind == "allocated" => State::Allocated,
                Some("reserved") => State::Reserved,
                _ => State::Used,
            },
            acts,
        })
    };
    entries.into_iter().map(line).collect()
}

/// The word of the act that strikes a number out.
pub const STRUCK: &str = "struck";

/// Keeps a closing that waits for a second clerk; a new one takes the place of an older one.
pub struct Propose;

impl WriteVerb for Propose {
    type Item = Proposal;
    type Output = ();
    const ORDER: u16 = 920;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Proposal]) -> Result<Vec<()>, DbError> {
        let put = "insert into register_closing_proposal (party, register, year, author, strike_unused, proposed_at)
                   values ($1, $2, $3, $4, $5, $6)
                   on conflict (party, register, year) do update set author = excluded.author,
                   strike_unused = excluded.strike_unused, proposed_at = excluded.proposed_at";
        let set =
            |one: &Proposal| [key(&one.series), params![&one.author, i64::from(one.strike_unused), one.at.0]].concat();
        tx.execute_each(put, items.iter().map(set).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Takes a closing that waits back; answers whether there was one.
pub struct Withdraw;

impl WriteVerb for Withdraw {
    type Item = Series;
    type Output = bool;
    const ORDER: u16 = 921;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Series]) -> Result<Vec<bool>, DbError> {
        let gone = tx.execute_each(FORGET_PROPOSAL, items.iter().map(key).collect()).await?;
        Ok(gone.into_iter().map(|count| count > 0).collect())
    }
}

const FORGET_PROPOSAL: &str = "delete from register_closing_proposal where party = $1 and register = $2 and year = $3";
const PROPOSAL: &str = "select party, register, year, author, strike_unused, proposed_at from register_closing_proposal
    where party = $1 and register = $2 and year = $3";

/// The closing that waits for a second clerk.
///
/// # Errors
/// The database does not answer.
pub async fn proposal(db: &Db, series: &Series) -> Result<Option<Proposal>, DbError> {
    db.query(PROPOSAL, key(series)).await?.into_iter().next().map(proposal_row).transpose()
}

/// The same within a transaction.
///
/// # Errors
/// As [`proposal`].
pub async fn proposal_in(tx: &mut Tx<'_>, series: &Series) -> Result<Option<Proposal>, DbError> {
    tx.query(PROPOSAL, key(series)).await?.into_iter().next().map(proposal_row).transpose()
}

fn proposal_row(mut row: Row) -> Result<Proposal, DbError> {
    Ok(Proposal {
        series: Series { party: row.take("party")?, register: row.take("register")?, year: row.take("year")? },
        author: row.take("author")?,
        strike_unused: row.take::<i64>("strike_unused")? == 1,
        at: Timestamp(row.take("proposed_at")?),
    })
}

/// Keeps the act and closes the series: from then on it gives no number.
///
/// # Errors
/// The database refused a statement.
pub async fn close(tx: &mut Tx<'_>, closed: &Closed) -> Result<(), DbError> {
    let acts = serde_json::to_string(&closed.acts).expect("pairs of numbers are plain data");
    let keep = params![
        closed.id.into_bytes(),
        closed.at.0,
        &closed.author,
        &closed.approver,
        closed.salt,
        &closed.document,
        closed.sha256,
        acts,
    ];
    tx.insert(
        "insert into register_closing (party, register, year, id, closed_at, author, approver, salt, document, sha256, acts)
         values",
        11,
        vec![[key(&closed.series), keep].concat()],
    )
    .await?;
    let shut = "update register_series set closed_at = $4 where party = $1 and register = $2 and year = $3";
    tx.execute_each(shut, vec![[key(&closed.series), params![closed.at.0]].concat()]).await?;
    tx.execute_each(FORGET_PROPOSAL, vec![key(&closed.series)]).await.map(drop)
}

const CLOSED: &str = "select party, register, year, id, closed_at, author, approver, salt, document, sha256, acts
    from register_closing where party = $1 and register = $2 and year = $3";

/// The act that closed a series.
///
/// # Errors
/// The database does not answer.
pub async fn closed(db: &Db, series: &Series) -> Result<Option<Closed>, DbError> {
    db.query(CLOSED, key(series)).await?.into_iter().next().map(closed_row).transpose()
}

/// The same within a transaction.
///
/// # Errors
/// As [`closed`].
pub async fn closed_in(tx: &mut Tx<'_>, series: &Series) -> Result<Option<Closed>, DbError> {
    tx.query(CLOSED, key(series)).await?.into_iter().next().map(closed_row).transpose()
}

fn closed_row(mut row: Row) -> Result<Closed, DbError> {
    let acts: String = row.take("acts")?;
    let id: [u8; 16] = row.take("id")?;
    Ok(Closed {
        id: Uuid::from_bytes(id),
        series: Series { party: row.take("party")?, register: row.take("register")?, year: row.take("year")? },
        at: Timestamp(row.take("closed_at")?),
        author: row.take("author")?,
        approver: row.take("approver")?,
        salt: row.take("salt")?,
        document: row.take("document")?,
        sha256: row.take("sha256")?,
        acts: serde_json::from_str(&acts).map_err(|error| DbError::Inconsistent {
            column: "acts".to_owned(),
            expected: "pairs of numbers",
            found: error.to_string(),
        })?,
    })
}
