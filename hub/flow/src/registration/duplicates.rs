//! Documents that seem to be registered already: the same external number, date and issuer, or the same content.

use openssl::sha::Sha256;
use schemas::text::fold;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::params;

use super::entry::Direction;

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
    /// [`duplicate_key`] of the issuer as it was written, and as a party of the hub, where all of it is known.
    pub keys: [Option<[u8; 32]>; 2],
    /// SHA-256 of the content, where it is known.
    pub content: Option<[u8; 32]>,
}

/// What is alike: of entries as they were recorded, of kept numbers as they were filled, and of the parts of messages.
const EARLIER: &str = "with alike as (
        select party, register, year, number, 'external_number' as same from register_entry
        where party = $1 and duplicate_key in ($2, $3)
        union all select party, register, year, number, 'external_number' from register_state
        where party = $1 and duplicate_key in ($2, $3)
        union all select party, register, year, number, 'content' from register_entry
        where party = $1 and content_sha256 = $4
        union all select party, register, year, number, 'content' from register_state
        where party = $1 and content_sha256 = $4
        union all select e.party, e.register, e.year, e.number, 'content' from payload p
        join register_entry e on e.message_id = p.message_id where p.sha256 = $4 and e.party = $1)
    select e.register, e.year, e.number, e.shown, e.recorded_at, a.same from alike a
    join register_entry e on e.party = a.party and e.register = a.register and e.year = a.year and e.number = a.number
    left join register_state s on s.party = e.party and s.register = e.register and s.year = e.year
    and s.number = e.number
    where coalesce(s.status, '') <> 'annulled' and coalesce(s.direction, e.direction) = $5
    order by e.recorded_at desc, a.same desc limit 20";

/// Earlier entries of the same institution that seem to be of this document, newest first; annulled ones do not count.
///
/// # Errors
/// The database does not answer.
pub async fn earlier(tx: &mut Tx<'_>, likeness: Likeness<'_>) -> Result<Vec<Earlier>, DbError> {
    let Likeness { party, direction, keys: [written, known], content } = likeness;
    if written.or(known).or(content).is_none() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Earlier> = Vec::new();
    for mut row in tx.query(EARLIER, params![party, written, known, content, direction.as_str()]).await? {
        let number: i64 = row.take("number")?;
        let one = Earlier {
            register: row.take("register")?,
            year: row.take("year")?,
            number,
            shown: row.take::<Option<String>>("shown")?.unwrap_or_else(|| number.to_string()),
            recorded_at: Timestamp(row.take("recorded_at")?).to_utc(),
            same: if row.take::<String>("same")? == "content" { "content" } else { "external_number" },
        };
        let known = |other: &Earlier| (&other.register, other.year, other.number) == (&one.register, one.year, number);
        if !found.iter().any(known) {
            found.push(one);
        }
    }
    Ok(found)
}
