//! The SQL of contents.

use bytes::Bytes;
use openssl::sha::Sha256;
use serde_json::Value as Json;

use crate::archive::office;
use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::model::{EntryPlace, Held, NewContent};

/// The contents of an entry, in order.
///
/// # Errors
/// The database does not answer.
pub async fn of_entry(db: &Db, party: &str, place: &EntryPlace) -> Result<Vec<Held>, DbError> {
    let sql = "select position, name, content_type, size, sha256, pages, finding, told, recorded_at, erased_at
               from register_content where party = $1 and register = $2 and year = $3 and number = $4 order by position";
    let wanted = params![party, &place.register, place.year, place.number];
    db.query(sql, wanted).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Held, DbError> {
    let address: [u8; 32] = row.take("sha256")?;
    Ok(Held {
        position: row.take("position")?,
        name: row.take("name")?,
        content_type: row.take("content_type")?,
        size: row.take("size")?,
        sha256: hex::encode(address),
        pages: row.take("pages")?,
        finding: row.take("finding")?,
        told: row.take("told")?,
        recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
        erased_at: row.take::<Option<i64>>("erased_at")?.map(|at| Timestamp(at).to_utc()),
        address,
    })
}

/// The bytes of a small content; none where they lie in the blob store.
///
/// # Errors
/// The database does not answer.
pub async fn bytes_of(db: &Db, party: &str, (place, position): (&EntryPlace, i64)) -> Result<Option<Bytes>, DbError> {
    let sql = "select content from register_content
               where party = $1 and register = $2 and year = $3 and number = $4 and position = $5";
    let rows = db.query(sql, params![party, &place.register, place.year, place.number, position]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    Ok(row.take::<Option<Vec<u8>>>("content")?.map(Bytes::from))
}

/// The place of the next content of an entry; the institution's row is held from here on.
///
/// # Errors
/// The database refused a statement.
pub async fn next_position(tx: &mut Tx<'_>, party: &str, place: &EntryPlace) -> Result<i64, DbError> {
    office::lock(tx, party).await?;
    let sql = "select cast(coalesce(max(position), 0) as bigint) as newest from register_content
               where party = $1 and register = $2 and year = $3 and number = $4";
    let rows = tx.query(sql, params![party, &place.register, place.year, place.number]).await?;
    Ok(1 + rows.into_iter().next().map_or(Ok(0), |mut row| row.take::<i64>("newest"))?)
}

/// Writes contents down, beginning with a place; `author` is JSON.
///
/// # Errors
/// The database refused a statement; then nothing is written.
pub async fn insert(
    tx: &mut Tx<'_>,
    (party, place): (&str, &EntryPlace),
    (contents, first): (&[NewContent], i64),
    (author, at): (&str, Timestamp),
) -> Result<(), DbError> {
    let row = |(one, position): (&NewContent, i64)| {
        params![
            one.id.into_bytes(),
            party,
            &place.register,
            place.year,
            place.number,
            position,
            &one.name,
            &one.content_type,
            i64::try_from(one.size).unwrap_or(i64::MAX),
            one.sha256,
            one.content.as_ref().map(|bytes| bytes.to_vec()),
            one.found.pages,
            one.found.finding.map(super::Finding::as_str),
            one.found.finding.map(super::Finding::told),
            author,
            at.0,
        ]
    };
    tx.insert(
        "insert into register_content (id, party, register, year, number, position, name, content_type, size, sha256,
         content, pages, finding, told, author, recorded_at) values",
        16,
        contents.iter().zip(first..).map(row).collect(),
    )
    .await
}

/// The answer a request got before, where it is the same one; `Err` where the key was used for another.
///
/// # Errors
/// The database refused a statement.
pub async fn answered(
    tx: &mut Tx<'_>,
    (party, key): (&str, &str),
    request: [u8; 32],
) -> Result<Option<Result<Json, ()>>, DbError> {
    let sql = "select content_sha256, answer from archive_request where party = $1 and idempotency_key = $2";
    let Some(mut row) = tx.query(sql, params![party, scoped(key)]).await?.into_iter().next() else { return Ok(None) };
    if row.take::<[u8; 32]>("content_sha256")? != request {
        return Ok(Some(Err(())));
    }
    let text: String = row.take("answer")?;
    Ok(Some(Ok(serde_json::from_str(&text).unwrap_or_default())))
}

/// Keeps an answer for the same request.
///
/// # Errors
/// The database refused a statement.
pub async fn remember(
    tx: &mut Tx<'_>,
    (party, key): (&str, &str),
    (request, answer): ([u8; 32], &Json),
    at: Timestamp,
) -> Result<(), DbError> {
    let row = params![party, scoped(key), request, answer.to_string(), at.0];
    tx.insert("insert into archive_request (party, idempotency_key, content_sha256, answer, at) values", 5, vec![row])
        .await
}

/// A key of this door is another than the same key of the archive's.
fn scoped(key: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(key.as_bytes());
    format!("content:{}", hex::encode(digest.finish()))
}

/// Writes that the bytes of contents are gone, and lets the database forget those it had.
///
/// # Errors
/// The database refused a statement.
pub async fn erase(tx: &mut Tx<'_>, contents: Vec<(uuid::Uuid, i64)>, at: Timestamp) -> Result<(), DbError> {
    let sql = "update register_content set content = null, erased_at = $3 where erased_at is null and position = $2
               and exists (select 1 from archive_filing f where f.id = $1 and f.party = register_content.party
                           and f.register = register_content.register and f.year = register_content.year
                           and f.number = register_content.number)";
    let set = |(filing, position): (uuid::Uuid, i64)| params![filing.into_bytes(), position, at.0];
    tx.execute_each(sql, contents.into_iter().map(set).collect()).await.map(drop)
}
