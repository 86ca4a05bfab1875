//! What a signed head of the evidence log says of a chain: so many entries, the last one with this hash.
//!
//! The line is an extension of the checkpoint (C2SP tlog-checkpoint): the log signs it, the time-stamping authority stamps it
//! and witnesses cosign it. Whoever rewrites a whole chain with its end is found out by any head that was kept elsewhere.

use uuid::Uuid;

use crate::db::{Db, DbError, Row, Tx};
use crate::params;

use super::Ledger;

/// Chains that one head names at most; the others are named by the next.
const MOST: i64 = 16;
/// The first word of the line.
const WORD: &str = "punte-ledger/1";

/// A chain as a head names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// Which ledger.
    pub ledger: Ledger,
    /// The chain.
    pub chain: Uuid,
    /// Entries in it.
    pub length: i64,
    /// Hash of the last one.
    pub hash: [u8; 32],
}

impl Commitment {
    /// The line of the checkpoint.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { ledger, chain, length, hash } = self;
        format!("{WORD} {} {} {length} {}", ledger.as_str(), chain.simple(), hex::encode(hash))
    }

    /// Reads a line; none where it is not one of this kind.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (word, ledger) = (words.next()?, words.next()?);
        let (chain, length, hash) = (words.next()?, words.next()?, words.next()?);
        let ledger = [Ledger::Audit, Ledger::Access].into_iter().find(|one| one.as_str() == ledger)?;
        let hash = <[u8; 32]>::try_from(hex::decode(hash).ok()?).ok()?;
        let read = Self { ledger, chain: chain.parse().ok()?, length: length.parse().ok()?, hash };
        (word == WORD && words.next().is_none() && read.line() == line).then_some(read)
    }
}

/// The chains that grew since a head named them.
///
/// # Errors
/// The database does not answer.
pub async fn uncommitted(db: &Db) -> Result<Vec<Commitment>, DbError> {
    let sql = "select h.ledger, h.chain, h.length, h.head from ledger_head h
               left join ledger_commitment c on c.ledger = h.ledger and c.chain = h.chain
               where h.length > coalesce(c.length, 0) order by h.ledger desc, h.chain limit $1";
    let read = |mut row: Row| {
        let ledger: String = row.take("ledger")?;
        let ledger = if ledger == Ledger::Audit.as_str() { Ledger::Audit } else { Ledger::Access };
        let chain = Uuid::from_bytes(row.take("chain")?);
        Ok(Commitment { ledger, chain, length: row.take("length")?, hash: row.take("head")? })
    };
    db.query(sql, params![MOST]).await?.into_iter().map(read).collect()
}

/// Remembers, with the head, what it names.
///
/// # Errors
/// The database refused it.
pub async fn commit(tx: &mut Tx<'_>, named: &[Commitment]) -> Result<(), DbError> {
    let sql = "insert into ledger_commitment (ledger, chain, length) values ($1, $2, $3)
               on conflict (ledger, chain) do update set length = excluded.length";
    let row = |one: &Commitment| params![one.ledger.as_str(), one.chain.into_bytes(), one.length];
    tx.execute_each(sql, named.iter().map(row).collect()).await?;
    Ok(())
}

/// The hash an entry of a chain has in its table now; none where it is not there.
///
/// # Errors
/// The database does not answer.
pub async fn hash_at(db: &Db, (ledger, chain): (Ledger, Uuid), number: i64) -> Result<Option<[u8; 32]>, DbError> {
    let mut rows = match ledger {
        Ledger::Audit => db.query("select hash from audit_event where number = $1", params![number]).await?,
        Ledger::Access => {
            let sql = "select hash from access_entry where chain = $1 and number = $2
                       union all select hash from journal_link where chain = $1 and number = $2";
            db.query(sql, params![chain.into_bytes(), number]).await?
        }
    };
    rows.first_mut().map(|row| row.take("hash")).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written_and_no_other_is() {
        let one = Commitment { ledger: Ledger::Access, chain: Uuid::from_u128(7), length: 42, hash: [9; 32] };
        let line = one.line();
        assert_eq!(Commitment::parse(&line), Some(one));
        for other in [
            format!("{line} more"),
            line.replace("/1", "/2"),
            line.replace("access", "excess"),
            line.replace(" 42 ", " 042 "),
            line.to_uppercase(),
        ] {
            assert_eq!(Commitment::parse(&other), None, "{other}");
        }
    }
}
