//! Time-stamps of single evidences, and the three forms an evidence is read in: B as sealed, T with its time-stamp, LT with
//! all that is needed to judge it without asking anybody.
//!
//! The sealed B form is what is kept, hashed and logged; T and LT add unsigned properties, and taking those away gives back
//! the B form byte for byte ([`hub_signatures::xades::without_unsigned`]). Nothing here asks an authority: whoever does so
//! takes [`unstamped`], off the hot path, and hands tokens it verified to [`KeepStamp`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_signatures::certificate::Certificate;
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::xades::{self, Unsigned};

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx, WriteVerb};
use crate::message::EvidenceId;
use crate::params;
use crate::seal::{self, ValidationMaterial};

use super::Evidence;

/// How much an evidence carries beside its seal (EN 319 132-1, clause 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The bytes that were sealed.
    B,
    /// With the time-stamp of its own.
    T,
    /// With certificates and revocation values too.
    Lt,
}

impl Level {
    /// Reads the word of the API.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "b" => Some(Self::B),
            "t" => Some(Self::T),
            "lt" => Some(Self::Lt),
            _ => None,
        }
    }
}

/// A token over the signature of one evidence.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The evidence.
    pub evidence: EvidenceId,
    /// CMS ContentInfo, DER.
    pub token: Vec<u8>,
    /// `genTime` of the token.
    pub stamped_at: Timestamp,
    /// SHA-256 of the authority's certificate.
    pub authority_sha256: [u8; 32],
}

/// An evidence that has no time-stamp of its own.
#[derive(Debug, Clone)]
pub struct Unstamped {
    /// Its place in the order of issue.
    pub sequence: i64,
    /// Its id.
    pub id: EvidenceId,
    /// When the event happened.
    pub at: Timestamp,
    /// Type and version of the document it is about; none when it was refused.
    pub document_type: Option<(String, String)>,
}

/// Evidences after a place that have no time-stamp, in the order they were issued.
///
/// # Errors
/// The database does not answer.
pub async fn unstamped(db: &Db, after: i64, limit: i64) -> Result<Vec<Unstamped>, DbError> {
    let sql = "select e.sequence, e.id, e.event_time, m.document_type, m.document_version from evidence e
               left join message m on m.id = e.message_id left join evidence_time_stamp t on t.evidence_id = e.id
               where e.sequence > $1 and t.evidence_id is null order by e.sequence limit $2";
    let mut found = Vec::new();
    for mut row in db.query(sql, params![after, limit]).await? {
        let name: Option<String> = row.take("document_type")?;
        let version: Option<String> = row.take("document_version")?;
        found.push(Unstamped {
            sequence: row.take("sequence")?,
            id: row.take("id")?,
            at: Timestamp(row.take("event_time")?),
            document_type: name.zip(version),
        });
    }
    Ok(found)
}

/// The sealed XML of the evidence at a place.
///
/// # Errors
/// There is none, or the database does not answer.
pub async fn document_at(db: &Db, sequence: i64) -> Result<String, DbError> {
    let rows = db.query("select document from evidence where sequence = $1", params![sequence]).await?;
    let gone = || DbError::Statement(format!("there is no evidence {sequence}"));
    rows.into_iter().next().ok_or_else(gone)?.take("document")
}

/// Up to where nothing is left to stamp; where nobody asked before, the newest evidence, since what was issued before
/// stamping was wanted is left as it is.
///
/// # Errors
/// The database does not answer.
pub async fn stamped_up_to(db: &Db) -> Result<i64, DbError> {
    let sql = "select cast(coalesce((select sequence from time_stamp_position where id = 1),
               (select max(sequence) from evidence), 0) as bigint) as sequence";
    let rows = db.query(sql, vec![]).await?;
    rows.into_iter().next().map_or(Ok(0), |mut row| row.take("sequence"))
}

/// Keeps tokens. What is stamped already keeps its first one.
pub struct KeepStamp;

impl WriteVerb for KeepStamp {
    type Item = Stamp;
    type Output = ();
    const ORDER: u16 = 97;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Stamp]) -> Result<Vec<()>, DbError> {
        let sql =
            "insert into evidence_time_stamp (evidence_id, token, stamped_at, authority_sha256) values ($1, $2, $3, $4)
                   on conflict (evidence_id) do nothing";
        let row = |one: &Stamp| params![one.evidence, one.token.clone(), one.stamped_at.0, one.authority_sha256];
        tx.execute_each(sql, items.iter().map(row).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Moves the place up to which nothing is left to stamp, never back.
pub struct MovePosition;

impl WriteVerb for MovePosition {
    type Item = i64;
    type Output = ();
    const ORDER: u16 = 98;

    async fn run(&self, tx: &mut Tx<'_>, items: &[i64]) -> Result<Vec<()>, DbError> {
        let sql = "insert into time_stamp_position (id, sequence) values (1, $1)
                   on conflict (id) do update set sequence = excluded.sequence
                   where time_stamp_position.sequence < excluded.sequence";
        tx.execute_each(sql, items.iter().map(|sequence| params![*sequence]).collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// The time-stamp of an evidence, where it has one.
///
/// # Errors
/// The database does not answer.
pub async fn stamp_of(db: &Db, evidence: EvidenceId) -> Result<Option<Stamp>, DbError> {
    let sql = "select token, stamped_at, authority_sha256 from evidence_time_stamp where evidence_id = $1";
    let Some(mut row) = db.query(sql, params![evidence]).await?.into_iter().next() else { return Ok(None) };
    Ok(Some(Stamp {
        evidence,
        token: row.take("token")?,
        stamped_at: Timestamp(row.take("stamped_at")?),
        authority_sha256: row.take("authority_sha256")?,
    }))
}

/// The certificates and revocation values needed to judge an evidence, and its time-stamp where it has one, without
/// asking anybody.
///
/// # Errors
/// The database does not answer.
pub async fn validation_material(db: &Db, evidence: &Evidence) -> Result<ValidationMaterial, DbError> {
    let stamp = stamp_of(db, evidence.id).await?;
    // Whoever judges the seal does so at the time of the stamp, where there is one.
    let at = stamp.as_ref().map_or(evidence.at, |stamp| stamp.stamped_at);
    let mut used: Vec<(Certificate, Timestamp)> =
        sealing_certificates(&evidence.document).into_iter().map(|one| (one, at)).collect();
    if let Some(stamp) = &stamp {
        // The token was verified before it was kept.
        let inside = TimeStamp::certificates(&stamp.token).unwrap_or_default();
        used.extend(inside.into_iter().map(|one| (one, at)));
    }
    seal::validation_material(db, &used).await
}

/// An evidence in one of its forms; none when it has no time-stamp and the form needs one. LT without a time-stamp of
/// its own is given too: the log may prove its time.
///
/// # Errors
/// The database does not answer.
pub async fn at_level(db: &Db, evidence: &Evidence, level: Level) -> Result<Option<String>, DbError> {
    if level == Level::B {
        return Ok(Some(evidence.document.clone()));
    }
    let stamp = stamp_of(db, evidence.id).await?;
    let material = match level {
        Level::Lt => validation_material(db, evidence).await?,
        _ if stamp.is_none() => return Ok(None),
        _ => ValidationMaterial::default(),
    };
    let unsigned = Unsigned {
        time_stamp: stamp.as_ref().map(|stamp| &stamp.token[..]),
        certificates: &material.certificates,
        crls: &material.crls,
        ocsp_responses: &material.ocsp_responses,
    };
    let document = xades::attach(&evidence.document, &unsigned);
    document.map(Some).map_err(|error| DbError::Statement(format!("evidence {}: {error}", evidence.id)))
}

/// The certificates in the KeyInfo of a document that this hub sealed.
fn sealing_certificates(document: &str) -> Vec<Certificate> {
    const START: &str = "<ds:X509Certificate>";
    let signature = document.rfind("<ds:KeyInfo>").map_or("", |at| &document[at..]);
    let encoded = signature.split(START).skip(1).filter_map(|rest| rest.split('<').next());
    let certificates = encoded.filter_map(|text| Certificate::from_der(&BASE64.decode(text).ok()?).ok());
    certificates.collect()
}
