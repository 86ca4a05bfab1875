//! The table of seals: each recorded when it is first used, retired when another takes its place.

use hub_signatures::certificate::Certificate;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

/// The moment of an evidence is taken when its transaction begins, and the key when it is sealed: a seal that takes over in
/// between seals what is so many seconds older than its first use at most.
const HANDOVER: i64 = 60;

/// A seal this hub used.
#[derive(Debug, Clone)]
pub struct SealRecord {
    /// SHA-256 of the seal's own certificate, DER.
    pub sha256: [u8; 32],
    /// The certificate chain, PEM, the seal's own first.
    pub chain: String,
    /// Whom the certificate names.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Its serial number, hexadecimal.
    pub serial: String,
    /// First moment of validity.
    pub not_before: Timestamp,
    /// Last second of validity.
    pub not_after: Timestamp,
    /// Whether the hub made it itself.
    pub development: bool,
    /// When this hub began to use it.
    pub first_used: Timestamp,
    /// When another took its place.
    pub retired_at: Option<Timestamp>,
    /// Since when it is revoked, as its issuer says.
    pub revoked_at: Option<Timestamp>,
}

impl SealRecord {
    /// When this hub could have sealed with it, first and last Unix second: from its first use until it was retired or
    /// revoked; no end while it is in use.
    #[must_use]
    pub fn in_use(&self) -> (i64, Option<i64>) {
        let second_of = |moment: Timestamp| moment.0.div_euclid(1_000_000);
        let end = self.retired_at.into_iter().chain(self.revoked_at).min();
        (second_of(self.first_used) - HANDOVER, end.map(second_of))
    }
}

/// A seal that is in use from now on, or still.
#[derive(Debug, Clone)]
pub struct NewSeal {
    /// The chain, the seal's own certificate first; never empty.
    pub chain: Vec<Certificate>,
    /// Whether the hub made it itself.
    pub development: bool,
    /// Now.
    pub at: Timestamp,
    /// Whether it takes the place of every other; not so when a node only says that it still uses it.
    pub takes_over: bool,
}

/// Records that a seal is in use. A seal that came back into use is no longer retired. The very first record of a hub
/// that sealed before there was this table reaches back to its first evidence.
pub struct RecordSeal;

const RECORD: &str =
    "insert into seal (sha256, chain, subject, issuer, serial, not_before, not_after, development, first_used)
    values ($1, $2, $3, $4, $5, $6, $7, $8,
        coalesce((select min(event_time) from evidence where not exists (select 1 from seal)), $9))
    on conflict (sha256) do update set retired_at = null where seal.retired_at is not null";
const RETIRE: &str = "update seal set retired_at = $1 where retired_at is null and sha256 <> $2";

impl WriteVerb for RecordSeal {
    type Item = NewSeal;
    type Output = ();
    const ORDER: u16 = 1;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewSeal]) -> Result<Vec<()>, DbError> {
        for seal in items {
            let Some(own) = seal.chain.first() else { continue };
            let chain: String = seal.chain.iter().map(Certificate::to_pem).collect();
            let (subject, issuer, serial) = (own.subject(), own.issuer(), own.serial());
            let (from, until) = (own.not_before() * 1_000_000, own.not_after() * 1_000_000);
            let development = i64::from(seal.development);
            let row = params![*own.sha256(), chain, subject, issuer, serial, from, until, development, seal.at.0];
            tx.execute_each(RECORD, vec![row]).await?;
            if seal.takes_over {
                tx.execute_each(RETIRE, vec![params![seal.at.0, *own.sha256()]]).await?;
            }
        }
        Ok(vec![(); items.len()])
    }
}

/// Records since when a seal is revoked, the earliest word counting, or that it is not (a suspension that ended). The
/// item: SHA-256 of the certificate, and the moment.
pub struct RevokeSeal;

impl WriteVerb for RevokeSeal {
    type Item = ([u8; 32], Option<Timestamp>);
    type Output = ();
    const ORDER: u16 = 2;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        for (sha256, since) in items {
            match since {
                Some(since) => {
                    let sql = "update seal set revoked_at = $1
                               where sha256 = $2 and (revoked_at is null or revoked_at > $1)";
                    tx.execute_each(sql, vec![params![since.0, *sha256]]).await?;
                }
                None => {
                    let sql = "update seal set revoked_at = null where sha256 = $1 and revoked_at is not null";
                    tx.execute_each(sql, vec![params![*sha256]]).await?;
                }
            }
        }
        Ok(vec![(); items.len()])
    }
}

/// Every seal this hub ever used, the newest first.
///
/// # Errors
/// The database does not answer.
pub async fn all(db: &Db) -> Result<Vec<SealRecord>, DbError> {
    let sql =
        "select sha256, chain, subject, issuer, serial, not_before, not_after, development, first_used, retired_at,
               revoked_at from seal order by first_used desc, sha256";
    db.query(sql, vec![]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<SealRecord, DbError> {
    Ok(SealRecord {
        sha256: row.take("sha256")?,
        chain: row.take("chain")?,
        subject: row.take("subject")?,
        issuer: row.take("issuer")?,
        serial: row.take("serial")?,
        not_before: Timestamp(row.take("not_before")?),
        not_after: Timestamp(row.take("not_after")?),
        development: row.take("development")?,
        first_used: Timestamp(row.take("first_used")?),
        retired_at: row.take::<Option<i64>>("retired_at")?.map(Timestamp),
        revoked_at: row.take::<Option<i64>>("revoked_at")?.map(Timestamp),
    })
}
