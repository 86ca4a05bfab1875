//! The SQL of parties' keys.

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row, Tx, WriteVerb};
use crate::params;

use super::model::PartyKey;

/// Registers keys. One that is there already gets the new end; one that was taken back stays so.
pub struct RegisterKeys;

/// Takes keys back: party, key id, when.
pub struct RetireKeys;

impl WriteVerb for RegisterKeys {
    type Item = PartyKey;
    /// Whether it is in the directory of keys now.
    type Output = bool;
    const ORDER: u16 = 220;

    async fn run(&self, tx: &mut Tx<'_>, items: &[PartyKey]) -> Result<Vec<bool>, DbError> {
        let sql = "insert into encryption_key (party, kid, jwk, valid_from, valid_to, registered_at)
                   values ($1, $2, $3, $4, $5, $6)
                   on conflict (party, kid) do update set valid_to = $5 where encryption_key.retired_at is null";
        let set = |key: &PartyKey| {
            let jwk = key.jwk.to_string();
            params![&key.party, &key.kid, &jwk, key.valid_from.0, key.valid_to.0, key.registered_at.0]
        };
        let written = tx.execute_each(sql, items.iter().map(set).collect()).await?;
        Ok(written.into_iter().map(|count| count == 1).collect())
    }
}

impl WriteVerb for RetireKeys {
    type Item = (String, String, Timestamp);
    /// Whether the party had such a key in use.
    type Output = bool;
    const ORDER: u16 = 221;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<bool>, DbError> {
        let sql = "update encryption_key set retired_at = $3 where party = $1 and kid = $2 and retired_at is null";
        let set = items.iter().map(|(party, kid, at)| params![party, kid, at.0]).collect();
        let written = tx.execute_each(sql, set).await?;
        Ok(written.into_iter().map(|count| count == 1).collect())
    }
}

/// All keys a party ever registered, the newest first.
///
/// # Errors
/// The database does not answer.
pub async fn keys_of(db: &Db, party: &str) -> Result<Vec<PartyKey>, DbError> {
    let sql = "select party, kid, jwk, valid_from, valid_to, registered_at, retired_at from encryption_key
               where party = $1 order by registered_at desc, kid limit 200";
    db.query(sql, params![party]).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<PartyKey, DbError> {
    let jwk: String = row.take("jwk")?;
    let jwk = serde_json::from_str(&jwk).map_err(|error| DbError::Inconsistent {
        column: "encryption_key.jwk".to_owned(),
        expected: "a JWK",
        found: error.to_string(),
    })?;
    let retired_at: Option<i64> = row.take("retired_at")?;
    Ok(PartyKey {
        party: row.take("party")?,
        kid: row.take("kid")?,
        jwk,
        valid_from: Timestamp(row.take("valid_from")?),
        valid_to: Timestamp(row.take("valid_to")?),
        registered_at: Timestamp(row.take("registered_at")?),
        retired_at: retired_at.map(Timestamp),
    })
}
