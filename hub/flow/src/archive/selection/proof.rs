//! The proof of destruction: which hashes are gone, since when, and on whose word; sealed like evidence.

use hub_signatures::canonical::Writer;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Row};
use crate::message::printable;

use super::erasing::{Place, walk};
use super::lists::{IN_LIST, List, NAMESPACE};
use super::model::Selection;

/// Namespaces of the proof and of its seal, in the order the canonical form wants. The first form had the documents in the
/// proof itself; what was sealed in it stays as it is.
const NAMESPACES: &[(&str, &str)] = &[("dist", NAMESPACE), ("ds", "http://www.w3.org/2000/09/xmldsig#")];

/// Something that is gone.
#[derive(Debug, Clone)]
pub struct Destroyed {
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
    /// The lists of what is gone, by their numbers.
    pub lists: &'p [List],
    /// The moment of the proof.
    pub at: Timestamp,
}

/// What a selection erased, in the order of places, after one, at most `limit`; with the place it leads to.
///
/// # Errors
/// The database does not answer.
pub async fn destroyed_in(
    db: &Db,
    selection: Uuid,
    after: Place,
    limit: i64,
) -> Result<(Vec<Destroyed>, Place), DbError> {
    let dossiers = "select id from archive_dossier
               where selection = $1 and state in ('selected', 'destroyed') and id >= $2 order by id limit $3";
    let of_dossier = "select d.position, d.identifier, d.dossier, d.sha256, d.size, d.erased_at
               from archive_document d join archive_dossier o on o.id = d.dossier and o.selection = $1
               where d.dossier = $2 and d.erased_at is not null and d.position > $3 order by d.position limit $4";
    let read = |mut row: Row| {
        Ok(Destroyed {
            identifier: row.take("identifier")?,
            dossier: Uuid::from_bytes(row.take("dossier")?),
            sha256: hex::encode(row.take::<[u8; 32]>("sha256")?),
            size: row.take("size")?,
            erased_at: Timestamp(row.take("erased_at")?),
        })
    };
    let (rows, place) = walk(db, (dossiers, of_dossier), (selection, after), limit).await?;
    Ok((rows.into_iter().map(read).collect::<Result<_, DbError>>()?, place))
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
    let count: i64 = proof.lists.iter().map(|list| list.documents).sum();
    let (count, most) = (count.to_string(), IN_LIST.to_string());
    xml.leaf_with("dist:Documents", &[("count", &count), ("inList", &most)], "");
    for list in proof.lists {
        let (documents, number, size) = (list.documents.to_string(), list.number.to_string(), list.size.to_string());
        let digest = hex::encode(list.sha256);
        let attributes = [("documents", documents.as_str()), ("number", &number), ("sha256", &digest), ("size", &size)];
        xml.leaf_with("dist:List", &attributes, "");
    }
    xml.close();
    xml.finish().expect("what was opened is closed, and every text is printable")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::selection::{Decided, Decision, NotShown, list_xml, shown};

    #[test]
    fn every_document_is_shown_by_its_list_whatever_people_wrote_and_a_changed_list_shows_none() {
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
        let gone = |number: u32| Destroyed {
            identifier: format!("uat-1:{number}"),
            dossier: Uuid::from_u128(7),
            sha256: format!("{number:064x}"),
            size: 3,
            erased_at: Timestamp(0),
        };
        let destroyed: Vec<_> = (0..10_000).map(gone).collect();
        let parts = destroyed.chunks(usize::try_from(IN_LIST).unwrap()).zip(1..);
        let made: Vec<_> =
            parts.map(|(part, number)| (number, part.len(), list_xml(selection.id, number, part))).collect();
        let lists: Vec<_> = made.iter().map(|(number, many, xml)| List::of(*number, *many, xml)).collect();
        assert_eq!(lists.iter().map(|list| list.documents).collect::<Vec<_>>(), [4_096, 4_096, 1_808]);
        let told = Proof { selection: &selection, institution: "i", service: "s", lists: &lists, at: Timestamp(1) };
        let proof = proof_xml(told);
        assert!(proof.len() < 4_000 && proof.contains("count=\"10000\""), "{proof}");
        for (document, list) in [(0, 0), (4_095, 0), (4_096, 1), (9_999, 2)] {
            let (named, digest) = (format!("uat-1:{document}"), format!("{document:064x}"));
            assert_eq!(shown(&proof, &made[list].2, &named), Ok(Timestamp(0).to_utc()));
            assert_eq!(shown(&proof, &made[list].2, &digest), Ok(Timestamp(0).to_utc()));
            assert_eq!(shown(&proof, &made[(list + 1) % 3].2, &named), Err(NotShown::NotInTheList));
        }
        let changed = made[0].2.replace("\"uat-1:17\"", "\"uat-1:99999\"");
        assert_eq!(shown(&proof, &changed, "uat-1:99999"), Err(NotShown::NotOfTheProof));
        assert_eq!(shown(&made[0].2, &made[0].2, "uat-1:1"), Err(NotShown::Unreadable));
    }
}
