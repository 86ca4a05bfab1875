//! The lists of a proof of destruction: what is gone, so many documents at a time, each list an object of its own.
//!
//! The sealed proof names each list by its SHA-256. Whoever holds the proof and one list can show, without the hub and the
//! other lists, that a document was destroyed ([`shown`]). A list depends on nothing but the rows it tells of: made twice,
//! it is the same. Whether the seal of the proof holds is not asked here.

use hub_signatures::canonical::Writer;
use openssl::sha::sha256;
use roxmltree::{Document, Node};
use uuid::Uuid;

use crate::db::{Db, DbError};
use crate::params;

use super::proof::Destroyed;

/// Documents of one list at most: about a megabyte.
pub const IN_LIST: i64 = 4_096;
/// Bytes of a list that is read at most.
pub const LARGEST_LIST: u64 = 16 * 1024 * 1024;

/// Namespace of the proof and of its lists.
pub(super) const NAMESPACE: &str = "urn:punte:archive:destruction:2";
const NAMESPACES: &[(&str, &str)] = &[("dist", NAMESPACE)];

/// A list as the proof names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// From 1.
    pub number: i64,
    /// Documents in it.
    pub documents: i64,
    /// Bytes it has.
    pub size: i64,
    /// Its SHA-256, which is its address in the vault.
    pub sha256: [u8; 32],
}

impl List {
    /// What the proof says of a list.
    #[must_use]
    pub fn of(number: i64, documents: usize, xml: &str) -> Self {
        let length = |many: usize| i64::try_from(many).expect("what is in memory is countable");
        Self { number, documents: length(documents), size: length(xml.len()), sha256: sha256(xml.as_bytes()) }
    }
}

/// A list in exclusive canonical form.
#[must_use]
pub fn list_xml(selection: Uuid, number: i64, destroyed: &[Destroyed]) -> String {
    let mut xml = Writer::with_namespaces(NAMESPACES);
    let (selection, number) = (selection.to_string(), number.to_string());
    xml.open("dist:DestructionList", &[("number", &number), ("selection", &selection)]);
    for gone in destroyed {
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
    xml.finish().expect("what was opened is closed, and identifiers are printable")
}

/// Why a list does not show a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotShown {
    /// One of the two is no XML of this form.
    #[error("this is no proof of destruction with lists, or no list of one")]
    Unreadable,
    /// The proof names no list with these bytes: it is of another proof, or was changed.
    #[error("the proof names no such list")]
    NotOfTheProof,
    /// The list is the proof's, the document is in another one or in none.
    #[error("the document is not in this list")]
    NotInTheList,
}

/// When a document was erased, in UTC, as a list of a proof says; the document by its identifier or its SHA-256.
///
/// # Errors
/// The list is not of the proof, or does not tell of the document.
pub fn shown(proof: &str, list: &str, document: &str) -> Result<String, NotShown> {
    let parse = |text| Document::parse(text).map_err(|_| NotShown::Unreadable);
    let (proof, read) = (parse(proof)?, parse(list)?);
    let root = proof.root_element();
    if !root.has_tag_name((NAMESPACE, "Destruction"))
        || !read.root_element().has_tag_name((NAMESPACE, "DestructionList"))
    {
        return Err(NotShown::Unreadable);
    }
    let digest = hex::encode(sha256(list.as_bytes()));
    // Only children of the sealed root: what stands elsewhere in the file is not what the proof says.
    let mut lists = root.children().filter(|node| node.has_tag_name((NAMESPACE, "List")));
    if !lists.any(|node| node.attribute("sha256") == Some(digest.as_str())) {
        return Err(NotShown::NotOfTheProof);
    }
    let is_it =
        |node: &Node<'_, '_>| ["identifier", "sha256"].into_iter().any(|name| node.attribute(name) == Some(document));
    let found = read.root_element().children().find(is_it).ok_or(NotShown::NotInTheList)?;
    Ok(found.attribute("erasedAt").unwrap_or_default().to_owned())
}

/// A list of an ended selection.
///
/// # Errors
/// The database does not answer.
pub async fn list_of(db: &Db, selection: Uuid, number: i64) -> Result<Option<List>, DbError> {
    let sql =
        "select number, documents, size, sha256 from archive_destruction_list where selection = $1 and number = $2";
    let Some(mut row) = db.query(sql, params![selection.into_bytes(), number]).await?.into_iter().next() else {
        return Ok(None);
    };
    let (number, documents) = (row.take("number")?, row.take("documents")?);
    Ok(Some(List { number, documents, size: row.take("size")?, sha256: row.take("sha256")? }))
}
