//! The pushes' SQL. Nothing of a push is written twice: a file piece, a row and an outcome each have their place.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row as Found, Tx, WriteVerb};
use crate::params;

use super::model::{
    Batch, BatchState, Begun, Correction, Counts, FileFault, NewBatch, Outcome, ReadRow, Row, RowState, Taken,
};

/// What is written of a push.
#[derive(Debug)]
pub enum Change {
    /// A new push.
    Begin(Box<NewBatch>),
    /// A piece of its file.
    Piece(Uuid, i64, Vec<u8>),
    /// Its file is whole.
    Arrived(Uuid, Timestamp),
    /// Rows that were read.
    Rows(Uuid, Vec<ReadRow>),
    /// All rows are there, under these columns.
    Read(Uuid, Vec<String>, Timestamp),
    /// The file cannot be read.
    Refuse(Uuid, FileFault, Timestamp),
    /// What became of rows.
    Outcomes(Uuid, Vec<Outcome>, Timestamp),
    /// Corrected rows, with the columns of their file.
    Correct(Uuid, Vec<Correction>, Vec<String>, Timestamp),
}

/// What the writing answers.
#[derive(Debug)]
pub enum Kept {
    /// What became of a new push.
    Begun(Begun),
    /// What became of corrections, one each.
    Corrected(Vec<Taken>),
    /// It is written.
    Done,
}

/// Writes pushes.
pub struct Keep;

impl WriteVerb for Keep {
    type Item = Change;
    type Output = Kept;
    const ORDER: u16 = 992;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Change]) -> Result<Vec<Kept>, DbError> {
        let mut answers = Vec::with_capacity(items.len());
        for item in items {
            answers.push(write(tx, item).await?);
        }
        Ok(answers)
    }
}

async fn write(tx: &mut Tx<'_>, change: &Change) -> Result<Kept, DbError> {
    match change {
        Change::Begin(new) => return Ok(Kept::Begun(begin(tx, new).await?)),
        Change::Correct(batch, rows, columns, at) => {
            return Ok(Kept::Corrected(correct(tx, *batch, (rows, columns), *at).await?));
        }
        Change::Piece(batch, piece, content) => {
            let sql = "insert into batch_file (batch_id, piece, content) values ($1, $2, $3) on conflict do nothing";
            tx.execute_each(sql, vec![params![batch.into_bytes(), *piece, content.clone()]]).await?;
        }
        Change::Arrived(batch, at) => {
            let sql = "update batch set state = 'reading', changed_at = $2 where id = $1 and state = 'arriving'";
            tx.execute_each(sql, vec![params![batch.into_bytes(), at.0]]).await?;
        }
        Change::Rows(batch, rows) => {
            let sql = "insert into batch_row (batch_id, number, state, source, verdicts, again)
                       values ($1, $2, 'waiting', $3, '[]', 0) on conflict do nothing";
            let row = |one: &ReadRow| params![batch.into_bytes(), one.row, json(&one.source)];
            tx.execute_each(sql, rows.iter().map(row).collect()).await?;
        }
        Change::Read(batch, columns, at) => {
            let sql = "update batch set state = 'sending', columns = $2, changed_at = $3,
                       waiting = (select count(*) from batch_row where batch_id = $1)
                       where id = $1 and state = 'reading'";
            tx.execute_each(sql, vec![params![batch.into_bytes(), json(columns), at.0]]).await?;
        }
        Change::Refuse(batch, fault, at) => {
            let sql = "update batch set state = 'refused', fault = $2, changed_at = $3 where id = $1";
            tx.execute_each(sql, vec![params![batch.into_bytes(), json(fault), at.0]]).await?;
            forget_file(tx, *batch).await?;
        }
        Change::Outcomes(batch, outcomes, at) => settle(tx, *batch, outcomes, *at).await?,
    }
    Ok(Kept::Done)
}

async fn begin(tx: &mut Tx<'_>, new: &NewBatch) -> Result<Begun, DbError> {
    let held = "select id, form, file_sha256, state from batch where party = $1 and idempotency_key = $2";
    if let Some(row) = tx.query(held, params![&new.party, &new.idempotency_key]).await?.first_mut() {
        let (id, form) = (uuid(row, "id")?, row.take::<String>("form")?);
        let (sha256, state) = (row.take::<[u8; 32]>("file_sha256")?, row.take::<String>("state")?);
        if sha256 != new.file_sha256 || form != json(&new.form) {
            return Ok(Begun::Conflict(id));
        }
        return Ok(if state == BatchState::Arriving.as_str() { Begun::Write(id) } else { Begun::Again(id) });
    }
    let row = params![
        new.id.into_bytes(),
        &new.party,
        &new.sender,
        &new.author,
        json(&new.authentication),
        &new.idempotency_key,
        json(&new.form),
        new.file_sha256,
        new.size,
        BatchState::Arriving.as_str(),
        "[]",
        0_i64,
        0_i64,
        0_i64,
        0_i64,
        new.at.0,
        new.at.0,
    ];
    let head = "insert into batch (id, party, sender, author, authentication, idempotency_key, form, file_sha256, size,
                state, columns, waiting, sent, refused, already_sent, pushed_at, changed_at) values";
    tx.insert(head, 17, vec![row]).await?;
    Ok(Begun::Write(new.id))
}

async fn settle(tx: &mut Tx<'_>, batch: Uuid, outcomes: &[Outcome], at: Timestamp) -> Result<(), DbError> {
    // Only a row that waits gets an outcome: one that is told twice counts once.
    let sql = "update batch_row set state = $3, send_key = $4, message_id = $5, registration = $6, verdicts = $7,
               source = case when $3 = 'refused' then source else null end
               where batch_id = $1 and number = $2 and state = 'waiting'";
    let row = |one: &Outcome| {
        params![
            batch.into_bytes(),
            one.row,
            one.state.as_str(),
            one.key.clone(),
            one.message.map(|id| id.0.as_bytes().to_vec()),
            one.registration.as_ref().map(json),
            json(&one.verdicts),
        ]
    };
    let changed = tx.execute_each(sql, outcomes.iter().map(row).collect()).await?;
    let mut by = Counts::default();
    for (outcome, _) in outcomes.iter().zip(changed).filter(|(_, changed)| *changed == 1) {
        by.waiting -= 1;
        match outcome.state {
            RowState::Waiting => by.waiting += 1,
            RowState::Sent => by.sent += 1,
            RowState::Refused => by.refused += 1,
            RowState::AlreadySent => by.already_sent += 1,
        }
    }
    count(tx, batch, by, at).await
}

/// Adds to the counts; a push of which nothing waits is done, and where nothing was refused its file is not needed any more.
async fn count(tx: &mut Tx<'_>, batch: Uuid, by: Counts, at: Timestamp) -> Result<(), DbError> {
    let sql = "update batch set waiting = waiting + $2, sent = sent + $3, refused = refused + $4,
               already_sent = already_sent + $5, changed_at = $6,
               state = case when waiting + $2 = 0 then 'done' else 'sending' end where id = $1
               returning waiting, refused";
    let wanted = params![batch.into_bytes(), by.waiting, by.sent, by.refused, by.already_sent, at.0];
    if let Some(row) = tx.query(sql, wanted).await?.first_mut()
        && row.take::<i64>("waiting")? == 0
        && row.take::<i64>("refused")? == 0
    {
        forget_file(tx, batch).await?;
    }
    Ok(())
}

async fn correct(
    tx: &mut Tx<'_>,
    batch: Uuid,
    (rows, columns): (&[Correction], &[String]),
    at: Timestamp,
) -> Result<Vec<Taken>, DbError> {
    let held = "select state from batch_row where batch_id = $1 and number = $2";
    let keys = rows.iter().map(|one| params![batch.into_bytes(), one.row]).collect();
    let mut answers = Vec::with_capacity(rows.len());
    let mut corrected = Vec::new();
    for (mut found, one) in tx.query_each(held, keys).await?.into_iter().zip(rows) {
        let state = found.first_mut().map(|row| row.take::<String>("state")).transpose()?;
        let state = state.as_deref().and_then(RowState::parse);
        answers.push(match state {
            None => Taken::Unknown,
            Some(RowState::Refused) => {
                corrected.push(params![batch.into_bytes(), one.row, json(&one.source)]);
                Taken::Waiting
            }
            Some(other) => Taken::NotRefused(other),
        });
    }
    if corrected.is_empty() {
        return Ok(answers);
    }
    let sql = "update batch_row set state = 'waiting', source = $3, verdicts = '[]', again = again + 1
               where batch_id = $1 and number = $2 and state = 'refused'";
    let changed: i64 = tx.execute_each(sql, corrected).await?.iter().map(|one| i64::from(*one == 1)).sum();
    if !columns.is_empty() {
        let sql = "update batch set columns = $2 where id = $1";
        tx.execute_each(sql, vec![params![batch.into_bytes(), json(columns)]]).await?;
    }
    count(tx, batch, Counts { waiting: changed, refused: -changed, ..Counts::default() }, at).await?;
    Ok(answers)
}

async fn forget_file(tx: &mut Tx<'_>, batch: Uuid) -> Result<(), DbError> {
    tx.execute_each("delete from batch_file where batch_id = $1", vec![params![batch.into_bytes()]]).await.map(drop)
}

/// The push that waits longest for its turn; none where nothing is to be done.
///
/// # Errors
/// The database does not answer.
pub async fn next_open(db: &Db) -> Result<Option<Batch>, DbError> {
    let sql = "select * from batch where state in ('reading', 'sending') order by changed_at limit 1";
    db.query(sql, vec![]).await?.into_iter().next().map(batch).transpose()
}

/// A push of an institution.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, party: &str, id: Uuid) -> Result<Option<Batch>, DbError> {
    let sql = "select * from batch where party = $1 and id = $2";
    db.query(sql, params![party, id.into_bytes()]).await?.into_iter().next().map(batch).transpose()
}

/// Pushes of an institution, the newest first, after one, at most so many; only those with this file where one is named.
///
/// # Errors
/// The database does not answer.
pub async fn list(
    db: &Db,
    party: &str,
    (after, file): (Option<Uuid>, Option<[u8; 32]>),
    limit: i64,
) -> Result<Vec<Batch>, DbError> {
    let before = after.unwrap_or(Uuid::max()).into_bytes();
    let rows = match file {
        None => {
            let sql = "select * from batch where party = $1 and id < $2 order by id desc limit $3";
            db.query(sql, params![party, before, limit]).await?
        }
        Some(file) => {
            let sql = "select * from batch where party = $1 and file_sha256 = $2 and id < $3 order by id desc limit $4";
            db.query(sql, params![party, file, before, limit]).await?
        }
    };
    rows.into_iter().map(batch).collect()
}

/// Rows of a push after a number, at most so many; of one state where it is named.
///
/// # Errors
/// The database does not answer.
pub async fn rows(
    db: &Db,
    batch: Uuid,
    (state, after): (Option<RowState>, i64),
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    let rows = match state {
        Some(state) => {
            let sql =
                "select * from batch_row where batch_id = $1 and state = $2 and number > $3 order by number limit $4";
            db.query(sql, params![batch.into_bytes(), state.as_str(), after, limit]).await?
        }
        None => {
            let sql = "select * from batch_row where batch_id = $1 and number > $2 order by number limit $3";
            db.query(sql, params![batch.into_bytes(), after, limit]).await?
        }
    };
    rows.into_iter().map(row).collect()
}

/// The next rows that wait.
///
/// # Errors
/// The database does not answer.
pub async fn waiting(db: &Db, batch: Uuid, limit: i64) -> Result<Vec<Row>, DbError> {
    rows(db, batch, (Some(RowState::Waiting), 0), limit).await
}

/// Whether another row went under this key before.
///
/// # Errors
/// The database does not answer.
pub async fn sent_before(db: &Db, key: &str, (batch, row): (Uuid, i64)) -> Result<bool, DbError> {
    let sql =
        "select number from batch_row where send_key = $1 and state = 'sent' and not (batch_id = $2 and number = $3)
               limit 1";
    Ok(!db.query(sql, params![key, batch.into_bytes(), row]).await?.is_empty())
}

/// The file of a push; nothing where it is gone.
///
/// # Errors
/// The database does not answer.
pub async fn file(db: &Db, batch: Uuid) -> Result<Vec<u8>, DbError> {
    let mut file = Vec::new();
    for piece in 0.. {
        let sql = "select content from batch_file where batch_id = $1 and piece = $2";
        match db.query(sql, params![batch.into_bytes(), piece as i64]).await?.first_mut() {
            Some(row) => file.extend_from_slice(&row.take::<Vec<u8>>("content")?),
            None => break,
        }
    }
    Ok(file)
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("what is kept of a push is plain data")
}

fn read<T: DeserializeOwned>(row: &mut Found, column: &str) -> Result<Option<T>, DbError> {
    let text: Option<String> = row.take(column)?;
    text.map(|text| {
        serde_json::from_str(&text).map_err(|error| DbError::Inconsistent {
            column: column.to_owned(),
            expected: "JSON of a push",
            found: error.to_string(),
        })
    })
    .transpose()
}

fn needed<T: DeserializeOwned>(row: &mut Found, column: &str) -> Result<T, DbError> {
    read(row, column)?.ok_or_else(|| wrong(column, "JSON of a push", "nothing"))
}

fn wrong(column: &str, expected: &'static str, found: &str) -> DbError {
    DbError::Inconsistent { column: column.to_owned(), expected, found: found.to_owned() }
}

fn uuid(row: &mut Found, column: &str) -> Result<Uuid, DbError> {
    Ok(Uuid::from_bytes(row.take::<[u8; 16]>(column)?))
}

fn batch(mut row: Found) -> Result<Batch, DbError> {
    let state: String = row.take("state")?;
    Ok(Batch {
        id: uuid(&mut row, "id")?,
        party: row.take("party")?,
        sender: row.take("sender")?,
        author: row.take("author")?,
        authentication: needed(&mut row, "authentication")?,
        form: needed(&mut row, "form")?,
        file_sha256: row.take("file_sha256")?,
        state: BatchState::parse(&state).ok_or_else(|| wrong("state", "a state of a push", &state))?,
        fault: read(&mut row, "fault")?,
        columns: needed(&mut row, "columns")?,
        counts: Counts {
            waiting: row.take("waiting")?,
            sent: row.take("sent")?,
            refused: row.take("refused")?,
            already_sent: row.take("already_sent")?,
        },
        at: Timestamp(row.take("pushed_at")?),
        changed_at: Timestamp(row.take("changed_at")?),
    })
}

fn row(mut found: Found) -> Result<Row, DbError> {
    let state: String = found.take("state")?;
    Ok(Row {
        row: found.take("number")?,
        state: RowState::parse(&state).ok_or_else(|| wrong("state", "a state of a row", &state))?,
        source: read(&mut found, "source")?,
        message: found.take("message_id")?,
        registration: read(&mut found, "registration")?,
        verdicts: needed(&mut found, "verdicts")?,
        again: found.take("again")?,
    })
}
