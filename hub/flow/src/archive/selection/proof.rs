//! The proof of destruction: which hashes are gone, since when, and on whose word; sealed like evidence.

use hub_signatures::canonical::Writer;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::message::printable;
use crate::params;

use super::model::Selection;

/// Namespaces of the proof and of its seal, in the order the canonical form wants.
const NAMESPACES: &[(&str, &str)] =
    &[("dist", "urn:punte:archive:destruction:1"), ("ds", "http://www.w3.org/2000/09/xmldsig#")];

/// Something that is gone.
#[derive(Debug, Clone)]
pub struct Destroyed {
    /// Its row.
    pub id: Uuid,
    /// Unique identifier in the archive.
    pub identifier: String,
    /// The dossier it was in.
    pub dossier: Uuid,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Bytes it had.
    pub size: i64,
    /// When they were erased.
    pub erased_at: Timestamp,
}

/// What a proof states.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'p> {
    /// The selection.
    pub selection: &'p Selection,
    /// Name of the institution.
    pub institution: &'p str,
    /// Name of the service that destroyed.
    pub service: &'p str,
    /// What is gone, in the order of identifiers.
    pub destroyed: &'p [Destroyed],
    /// The moment of the proof.
    pub at: Timestamp,
}

/// What a selection erased, in the order of rows, after one, at most `limit`.
///
/// # Errors
/// The database does not answer.
pub async fn destroyed_in(db: &Db, selection: Uuid, after: Uuid, limit: i64) -> Result<Vec<Destroyed>, DbError> {
    let sql = "select d.id, d.identifier, d.dossier, d.sha256, d.size, d.erased_at from archive_dossier o
               join archive_document d on d.dossier = o.id and d.erased_at is not null
               where o.selection = $1 and o.state in ('selected', 'destroyed') and d.id > $2 order by d.id limit $3";
    let read = |mut row: Row| {
        Ok(Destroyed {
            id: Uuid::from_bytes(row.take("id")?),
            identifier: row.take("identifier")?,
            dossier: Uuid::from_bytes(row.take("dossier")?),
            sha256: hex::encode(row.take::<[u8; 32]>("sha256")?),
            size: row.take("size")?,
            erased_at: Timestamp(row.take("erased_at")?),
        })
    };
    let wanted = params![selection.into_bytes(), after.into_bytes(), limit];
    db.query(sql, wanted).await?.into_iter().map(read).collect()
}

/// The proof without its seal, in exclusive canonical form.
#[must_use]
pub fn proof_xml(proof: Proof<'_>) -> String {
    let one = proof.selection;
    let mut xml = Writer::with_namespaces(NAMESPACES);
    let id = format!("sel-{}", one.id);
    xml.open("dist:Destruction", &[("Id", &id)]);
    xml.leaf("dist:Service", &printable(proof.service));
    xml.leaf("dist:Institution", &printable(proof.institution));
    xml.leaf("dist:Party", &one.party);
    xml.leaf_with("dist:Minutes", &[("date", &one.date), ("number", &printable(&one.number))], "");
    if let Some(held) = &one.confirmation {
        let text = |name: &str| printable(held[name].as_str().unwrap_or_default()).into_owned();
        let (date, number) = (text("date"), text("number"));
        xml.leaf_with("dist:Confirmation", &[("date", &date), ("number", &number)], &text("service"));
    }
    xml.leaf("dist:AskedBy", &printable(one.asked_by.as_deref().unwrap_or_default()));
    xml.leaf("dist:ApprovedBy", &printable(one.approved_by.as_deref().unwrap_or_default()));
    xml.leaf("dist:At", &proof.at.to_utc());
    for decided in one.to_destroy() {
        let dossier = decided.dossier.to_string();
        xml.leaf_with("dist:Dossier", &[("id", &dossier)], &printable(&decided.name));
    }
    for gone in proof.destroyed {
        let (dossier, at, size) = (gone.dossier.to_string(), gone.erased_at.to_utc(), gone.size.to_string());
        let attributes = [
            ("dossier", dossier.as_str()),
            ("erasedAt", &at),
            ("identifier", &gone.identifier),
            ("sha256", &gone.sha256),
            ("size", &size),
        ];
        xml.leaf_with("dist:Document", &attributes, "");
    }
    xml.close();
    xml.finish().expect("what was opened is closed, and every text is printable")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::selection::{Decided, Decision};

    #[test]
    fn a_proof_names_what_is_gone_whatever_people_wrote() {
        let decided = Decided {
            dossier: Uuid::from_u128(7),
            decision: Decision::Destroy,
            reason: None,
            name: "I/A/3 / 2026, vol. 1 <\u{1}>".to_owned(),
            title: String::new(),
            term: String::new(),
        };
        let selection = Selection {
            id: Uuid::from_u128(1),
            party: "uat-1".to_owned(),
            number: "1 & 2".to_owned(),
            date: "2039-01-15".to_owned(),
            members: Vec::new(),
            decisions: vec![decided],
            state: "destroying".to_owned(),
            confirmation: Some(serde_json::json!({"number": "88", "date": "2039-02-01", "service": "x"})),
            asked_by: Some("ana".to_owned()),
            approved_by: Some("eva".to_owned()),
            ended_at: None,
            proof_sha256: None,
            proof: None,
        };
        let gone = Destroyed {
            id: Uuid::from_u128(9),
            identifier: "uat-1:1".to_owned(),
            dossier: Uuid::from_u128(7),
            sha256: "ab".repeat(32),
            size: 3,
            erased_at: Timestamp(0),
        };
        let told =
            Proof { selection: &selection, institution: "i", service: "s", destroyed: &[gone], at: Timestamp(1) };
        let xml = proof_xml(told);
        let read = roxmltree::Document::parse(&xml).unwrap();
        let documents: Vec<_> = read
            .descendants()
            .filter(|node| node.has_tag_name(("urn:punte:archive:destruction:1", "Document")))
            .collect();
        assert_eq!(documents.len(), 1, "{xml}");
        assert_eq!(documents[0].attribute("sha256"), Some("ab".repeat(32).as_str()));
    }
}
