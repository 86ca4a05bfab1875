//! All SQL of the ends of chains.

use uuid::Uuid;

use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::{Ledger, Link};

/// Gives the next entries of a chain their places, in order. Whoever extends the same chain waits for this transaction.
///
/// # Errors
/// The database refused it.
pub async fn extend(
    tx: &mut Tx<'_>,
    (ledger, chain): (Ledger, Uuid),
    digests: &[[u8; 32]],
) -> Result<Vec<Link>, DbError> {
    if digests.is_empty() {
        return Ok(Vec::new());
    }
    let (name, chain) = (ledger.as_str(), chain.into_bytes());
    let count = i64::try_from(digests.len()).expect("a transaction has fewer entries");
    // Takes the row first, so that nobody else takes the same numbers.
    let take = "insert into ledger_head (ledger, chain, length, head) values ($1, $2, $3, $4)
                on conflict (ledger, chain) do update set length = ledger_head.length + $3
                returning length, head";
    let mut rows = tx.query(take, params![name, chain, count, [0_u8; 32]]).await?;
    let row = rows.first_mut().ok_or_else(|| DbError::Statement("a chain gave no place".to_owned()))?;
    let (length, mut previous): (i64, [u8; 32]) = (row.take("length")?, row.take("head")?);
    let mut links = Vec::with_capacity(digests.len());
    for (digest, number) in digests.iter().zip(length - count + 1..) {
        let link = Link::after(&previous, number, digest);
        previous = link.hash;
        links.push(link);
    }
    let sql = "update ledger_head set head = $3 where ledger = $1 and chain = $2";
    tx.execute_each(sql, vec![params![name, chain, previous]]).await?;
    Ok(links)
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// `audit` or `access`.
    pub ledger: String,
    /// The chain.
    pub chain: Uuid,
    /// Entries in it.
    pub length: i64,
    /// Hash of the last one.
    pub head: [u8; 32],
}

/// The ends of all chains.
///
/// # Errors
/// The database does not answer.
pub async fn heads(db: &Db) -> Result<Vec<Head>, DbError> {
    let sql = "select ledger, chain, length, head from ledger_head order by ledger, chain";
    let read = |mut row: Row| {
        Ok(Head {
            ledger: row.take("ledger")?,
            chain: Uuid::from_bytes(row.take("chain")?),
            length: row.take("length")?,
            head: row.take("head")?,
        })
    };
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}
