//! Documents that seem to be registered already: the same external number, date and issuer, or the same content.

use openssl::sha::Sha256;
use schemas::text::fold;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::params;

use super::entry::Direction;
use super::find::word;

/// An earlier entry that seems to be of the same document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Earlier {
    /// Its register.
    pub register: String,
    /// Its year.
    pub year: i64,
    /// Its number.
    pub number: i64,
    /// The number as the register wrote it.
    pub shown: String,
    /// When it was given, in UTC.
    pub recorded_at: String,
    /// `external_number` or `content`: what is the same.
    pub same: &'static str,
}

/// What two entries of one document share: external number, date and issuer, each as far as writing differs.
#[must_use]
pub fn duplicate_key(external_number: &str, external_date: &str, issuer: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let number: String = fold(external_number).split_whitespace().collect();
    for part in [number.as_str(), external_date, issuer] {
        hasher.update(part.as_bytes());
        hasher.update(b"\0");
    }
    hasher.finish()
}

/// The likeness of a document about to be registered.
#[derive(Debug, Clone, Copy)]
pub struct Likeness<'a> {
    /// The institution.
    pub party: &'a str,
    /// Which way it goes: what went out is no duplicate of what came in.
    pub direction: Direction,
    /// [`duplicate_key`], where all of it is known.
    pub key: Option<[u8; 32]>,
    /// SHA-256 of the content, where it is known.
    pub content: Option<[u8; 32]>,
}

/// Earlier entries of the same institution that seem to be of this document, newest first; annulled ones do not count.
///
/// # Errors
/// The database does not answer.
pub async fn earlier(tx: &mut Tx<'_>, likeness: Likeness<'_>) -> Result<Vec<Earlier>, DbError> {
    let by_key = "select e.register, e.year, e.number, e.shown, e.recorded_at,
                  coalesce(s.direction, e.direction) as direction from register_entry e
                  left join register_state s on s.party = e.party and s.register = e.register and s.year = e.year
                  and s.number = e.number
                  where e.party = $1 and e.duplicate_key = $2 and coalesce(s.status, '') <> 'annulled'
                  union select e.register, e.year, e.number, e.shown, e.recorded_at,
                  coalesce(s.direction, e.direction) as direction from register_state s
                  join register_entry e on s.party = e.party and s.register = e.register and s.year = e.year
                  and s.number = e.number
                  where s.party = $1 and s.duplicate_key = $2 and s.status <> 'annulled'
                  order by recorded_at desc limit 5";
    let by_content = "select e.register, e.year, e.number, e.shown, e.recorded_at,
                  coalesce(s.direction, e.direction) as direction from register_entry e
                  left join register_state s on s.party = e.party and s.register = e.register and s.year = e.year
                  and s.number = e.number
                  where e.party = $1 and e.content_sha256 = $2 and coalesce(s.status, '') <> 'annulled'
                  union select e.register, e.year, e.number, e.shown, e.recorded_at,
                  coalesce(s.direction, e.direction) as direction from register_state s
                  join register_entry e on s.party = e.party and s.register = e.register and s.year = e.year
                  and s.number = e.number
                  where s.party = $1 and s.content_sha256 = $2 and s.status <> 'annulled'
                  order by recorded_at desc limit 5";
    let mut found: Vec<Earlier> = Vec::new();
    let asked = [(by_key, "external_number", likeness.key), (by_content, "content", likeness.content)];
    for (sql, same, hash) in asked {
        let Some(hash) = hash else { continue };
        for mut row in tx.query(sql, params![likeness.party, hash]).await? {
            if word(&mut row, "direction", Direction::of)? != likeness.direction {
                continue;
            }
            let number: i64 = row.take("number")?;
            let one = Earlier {
                register: row.take("register")?,
                year: row.take("year")?,
                number,
                shown: row.take::<Option<String>>("shown")?.unwrap_or_else(|| number.to_string()),
                recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
                same,
            };
            let known =
                |other: &Earlier| (&other.register, other.year, other.number) == (&one.register, one.year, number);
            if !found.iter().any(known) {
                found.push(one);
            }
        }
    }
    Ok(found)
}
