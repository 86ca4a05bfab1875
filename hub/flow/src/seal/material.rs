//! Validation material: certificates and revocation values, kept as they were obtained, each once.
//!
//! It lets an evidence be judged for as long as anybody asks, also when issuers and authorities are gone (XAdES baseline
//! LT; the court pack). Whether a value holds was judged before it was kept.

use hub_signatures::certificate::Certificate;
use hub_signatures::revocation::{Answer, RevocationKind, Status};
use openssl::sha::sha256;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx, WriteVerb};
use crate::params;

/// The longest way up from a certificate that is looked for.
const LONGEST_PATH: usize = 8;

/// What is needed to judge signatures without asking anybody. All DER, nothing twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValidationMaterial {
    /// The certificates and those above them, as far as they are known.
    pub certificates: Vec<Vec<u8>>,
    /// Revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses.
    pub ocsp_responses: Vec<Vec<u8>>,
}

/// A revocation value that holds, and what it says of a certificate.
#[derive(Debug, Clone)]
pub struct NewAnswer {
    /// SHA-256 of the certificate it speaks of.
    pub certificate: [u8; 32],
    /// Its kind.
    pub kind: RevocationKind,
    /// Its bytes, DER.
    pub value: Vec<u8>,
    /// What it says.
    pub answer: Answer,
    /// When it was obtained.
    pub at: Timestamp,
}

const KEEP: &str = "insert into validation_material (sha256, kind, content, obtained_at) values ($1, $2, $3, $4)
    on conflict (sha256) do nothing";

/// Keeps revocation values.
pub struct KeepAnswer;

impl WriteVerb for KeepAnswer {
    type Item = NewAnswer;
    type Output = ();
    const ORDER: u16 = 96;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewAnswer]) -> Result<Vec<()>, DbError> {
        for new in items {
            let kind = match new.kind {
                RevocationKind::Crl => "crl",
                RevocationKind::Ocsp => "ocsp",
            };
            let digest = sha256(&new.value);
            tx.execute_each(KEEP, vec![params![digest, kind, new.value.clone(), new.at.0]]).await?;
            let micros = |seconds: i64| seconds.saturating_mul(1_000_000);
            let revoked = match new.answer.status {
                Status::Good => None,
                Status::Revoked { since } => Some(micros(since)),
            };
            let sql = "insert into revocation_answer (certificate_sha256, material_sha256, this_update, next_update, revoked_at)
                values ($1, $2, $3, $4, $5) on conflict (certificate_sha256, material_sha256) do nothing";
            let (this, next) = (micros(new.answer.this_update), new.answer.next_update.map(micros));
            tx.execute_each(sql, vec![params![new.certificate, digest, this, next, revoked]]).await?;
        }
        Ok(vec![(); items.len()])
    }
}

/// Keeps certificates.
pub struct KeepCertificates;

impl WriteVerb for KeepCertificates {
    type Item = (Vec<Certificate>, Timestamp);
    type Output = ();
    const ORDER: u16 = 95;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Self::Item]) -> Result<Vec<()>, DbError> {
        let row = |certificate: &Certificate, at: &Timestamp| {
            params![*certificate.sha256(), "certificate", certificate.der().to_vec(), at.0]
        };
        let rows = items.iter().flat_map(|(all, at)| all.iter().map(move |one| row(one, at)));
        tx.execute_each(KEEP, rows.collect()).await?;
        Ok(vec![(); items.len()])
    }
}

/// Until when it is known that a certificate is good, by the kept revocation values: the newest moment they speak of, and
/// until when a newer one was promised.
///
/// # Errors
/// The database does not answer.
pub async fn known_until(db: &Db, certificate: &[u8; 32]) -> Result<Option<(Timestamp, Timestamp)>, DbError> {
    let sql = "select this_update, next_update from revocation_answer where certificate_sha256 = $1
               order by this_update desc limit 1";
    let Some(mut row) = db.query(sql, params![*certificate]).await?.into_iter().next() else { return Ok(None) };
    let this_update: i64 = row.take("this_update")?;
    let next_update: Option<i64> = row.take("next_update")?;
    Ok(Some((Timestamp(this_update), Timestamp(next_update.unwrap_or(this_update)))))
}

/// The revocation value that tells most about a certificate used at a moment: the first that speaks of a later moment, or
/// else the newest there is.
///
/// # Errors
/// The database does not answer.
pub async fn revocation_of(
    db: &Db,
    certificate: &[u8; 32],
    at: Timestamp,
) -> Result<Option<(RevocationKind, Vec<u8>)>, DbError> {
    let after =
        "select m.kind, m.content from revocation_answer a join validation_material m on m.sha256 = a.material_sha256
                 where a.certificate_sha256 = $1 and a.this_update >= $2 order by a.this_update, m.sha256 limit 1";
    let before =
        "select m.kind, m.content from revocation_answer a join validation_material m on m.sha256 = a.material_sha256
                  where a.certificate_sha256 = $1 and a.this_update < $2 order by a.this_update desc, m.sha256 limit 1";
    for sql in [after, before] {
        if let Some(mut row) = db.query(sql, params![*certificate, at.0]).await?.into_iter().next() {
            let kind: String = row.take("kind")?;
            let kind = if kind == "crl" { RevocationKind::Crl } else { RevocationKind::Ocsp };
            return Ok(Some((kind, row.take("content")?)));
        }
    }
    Ok(None)
}

/// What is needed to judge these certificates as they were used at a moment: the certificates themselves, those above
/// them, and a revocation value of each that has one.
///
/// # Errors
/// The database does not answer.
pub async fn validation_material(db: &Db, used: &[(Certificate, Timestamp)]) -> Result<ValidationMaterial, DbError> {
    let rows = db.query("select content from validation_material where kind = 'certificate'", vec![]).await?;
    let mut known = Vec::with_capacity(rows.len());
    for mut row in rows {
        let der: Vec<u8> = row.take("content")?;
        // What cannot be read any more leads nowhere.
        known.extend(Certificate::from_der(&der));
    }
    let mut material = ValidationMaterial::default();
    for (certificate, at) in used {
        for one in path(certificate, &known) {
            push(&mut material.certificates, one.der().to_vec());
            match revocation_of(db, one.sha256(), *at).await? {
                Some((RevocationKind::Crl, value)) => push(&mut material.crls, value),
                Some((RevocationKind::Ocsp, value)) => push(&mut material.ocsp_responses, value),
                None => {}
            }
        }
    }
    Ok(material)
}

fn push(list: &mut Vec<Vec<u8>>, value: Vec<u8>) {
    if !list.contains(&value) {
        list.push(value);
    }
}

/// The certificate and those above it, as far as they are known.
fn path<'a>(certificate: &'a Certificate, known: &'a [Certificate]) -> Vec<&'a Certificate> {
    let mut path = vec![certificate];
    while let Some(last) = path.last().filter(|_| path.len() < LONGEST_PATH) {
        let above = known.iter().find(|one| last.is_issued_by(one) && !path.contains(one));
        let Some(above) = above else { break };
        path.push(above);
    }
    path
}
