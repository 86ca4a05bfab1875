//! What was answered to a request with an idempotency key: the same request gets the same numbers.

use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::params;

/// The numbers one request got: a run in one register and year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// The first number.
    pub first: i64,
    /// The last number.
    pub last: i64,
}

/// What became of an earlier request with the same key, with the hash of its content.
///
/// # Errors
/// The database does not answer.
pub async fn answered(tx: &mut Tx<'_>, party: &str, key: &str) -> Result<Option<([u8; 32], Run)>, DbError> {
    let sql = "select content_sha256, register, year, first, last from register_request
               where party = $1 and idempotency_key = $2";
    let mut rows = tx.query(sql, params![party, key]).await?;
    let Some(row) = rows.first_mut() else { return Ok(None) };
    let run = Run {
        register: row.take("register")?,
        year: row.take("year")?,
        first: row.take("first")?,
        last: row.take("last")?,
    };
    Ok(Some((row.take("content_sha256")?, run)))
}

/// Remembers what was answered. Another node that answers the same key at once is refused by the primary key, and finds
/// this answer when it is asked again.
///
/// # Errors
/// The key was answered meanwhile, or the database refused the statement.
pub async fn remember(
    tx: &mut Tx<'_>,
    (party, key): (&str, &str),
    content_sha256: [u8; 32],
    run: &Run,
    now: Timestamp,
) -> Result<(), DbError> {
    let sql = "insert into register_request (party, idempotency_key, content_sha256, register, year, first, last,
               warnings, at) values";
    let row = params![party, key, content_sha256, &run.register, run.year, run.first, run.last, "[]", now.0];
    tx.insert(sql, 9, vec![row]).await
}
