//! Writing down what was filed, or why it was not.

use serde_json::json;
use uuid::Uuid;

use crate::archive::dossier::{self, Dossier};
use crate::archive::nomenclator;
use crate::archive::office::{self, NewAct, NotDone};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::params;

use super::addition;
use super::model::{NewAddition, NewDocument, NewFiling, Role};
use super::sheet::Sheet;

/// What became of a filing.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The bytes are in the vault: it can be filed.
    Ready(NewFiling),
    /// The bytes of what came later are in the vault: it can be added to what is filed.
    Added(NewAddition),
    /// There is nothing to write down.
    Nothing,
    /// It is asked for again at this moment.
    Later {
        /// The filing.
        filing: Uuid,
        /// Why.
        reason: String,
        /// When.
        due_at: Timestamp,
    },
    /// Nobody knows under which code.
    Unclassified {
        /// The filing.
        filing: Uuid,
        /// What a clerk must know.
        reason: String,
    },
}

/// Where documents were filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The dossier.
    pub dossier: Uuid,
    /// As people name it.
    pub name: String,
    /// Its code, as the nomenclator writes it.
    pub code: String,
    /// How many documents were filed.
    pub documents: usize,
}

/// Files documents in their dossiers, or writes why they wait. Answers where each was filed; none where it waits, or was
/// filed by another node before.
///
/// # Errors
/// The database refused a statement; then nothing is filed.
pub async fn write_down(tx: &mut Tx<'_>, items: &[&(Outcome, Timestamp)]) -> Result<Vec<Option<Filed>>, DbError> {
    // In one fixed order, so that two nodes never wait for each other.
    let mut parties: Vec<&str> = Vec::new();
    for (outcome, _) in items {
        match outcome {
            Outcome::Ready(new) => parties.push(&new.party),
            Outcome::Added(new) => parties.push(&new.party),
            Outcome::Later { .. } | Outcome::Unclassified { .. } | Outcome::Nothing => {}
        }
    }
    parties.sort_unstable();
    parties.dedup();
    for party in parties {
        office::lock(tx, party).await?;
    }
    let mut filed = Vec::with_capacity(items.len());
    for (outcome, at) in items {
        filed.push(match outcome {
            Outcome::Ready(new) => file(tx, new, *at).await?,
            Outcome::Added(new) => addition::add(tx, new, *at).await?,
            Outcome::Nothing => None,
            Outcome::Later { filing, reason, due_at } => wait(tx, *filing, "waiting", reason, *due_at).await?,
            Outcome::Unclassified { filing, reason } => wait(tx, *filing, "unclassified", reason, *at).await?,
        });
    }
    Ok(filed)
}

async fn wait(
    tx: &mut Tx<'_>,
    filing: Uuid,
    state: &'static str,
    reason: &str,
    due_at: Timestamp,
) -> Result<Option<Filed>, DbError> {
    let sql = "update archive_filing set state = $2, reason = $3, due_at = $4 where id = $1 and state = 'waiting'";
    tx.execute_each(sql, vec![params![filing.into_bytes(), state, reason, due_at.0]]).await?;
    Ok(None)
}

/// The row of the institution is held: of two nodes that file the same, the second finds it filed.
async fn file(tx: &mut Tx<'_>, new: &NewFiling, at: Timestamp) -> Result<Option<Filed>, DbError> {
    let waits = "select state from archive_filing where id = $1 and state = 'waiting'";
    if tx.query(waits, params![new.filing.into_bytes()]).await?.is_empty() {
        return Ok(None);
    }
    let group = match nomenclator::group_in_force(tx, (&new.party, &new.code), at.romanian_date()).await? {
        Ok(group) => group,
        Err(refused) => return wait(tx, new.filing, "unclassified", &told(&refused), at).await,
    };
    let pages = new.documents.iter().map(|one| one.pages).sum();
    let dossier = dossier::place_for(tx, (&new.party, new.year), &group, pages, (new.dossier, at)).await?;
    let first = take_identifiers(tx, &new.party, new.documents.len()).await?;
    let whole = Lot { filing: new.filing, message: new.message, documents: &new.documents, addition: None };
    insert(tx, &dossier, (whole, first), at).await?;
    add_up(tx, &dossier, &new.documents, at).await?;
    let sql = "update archive_filing set state = 'filed', reason = null, dossier = $2, code = $3, filed_at = $4 where id = $1";
    let set = params![new.filing.into_bytes(), dossier.id.into_bytes(), &group.code, at.0];
    tx.execute_each(sql, vec![set]).await?;
    let content =
        json!({"filing": new.filing, "message_id": new.message, "documents": new.documents.len(), "pages": pages});
    let act = NewAct { subject: dossier.id, act: "filed", author: "hub", content };
    office::record(tx, &new.party, vec![act], at).await?;
    Ok(Some(Filed { dossier: dossier.id, name: dossier.name(), code: group.code, documents: new.documents.len() }))
}

/// Why nothing is filed under a code, for the clerk who must say another.
#[must_use]
pub fn told(refused: &NotDone) -> String {
    match refused {
        NotDone::NoNomenclator { day } => format!("la {day} nu este în vigoare niciun nomenclator"),
        NotDone::UnknownCode { code, near } => {
            format!("indicativul {code} nu este în nomenclator; apropiate: {}", near.join(", "))
        }
        other => other.to_string(),
    }
}

/// Numbers of the institution's archive for so many documents; answers the first.
pub(super) async fn take_identifiers(tx: &mut Tx<'_>, party: &str, count: usize) -> Result<i64, DbError> {
    let count = i64::try_from(count).expect("a filing is in memory");
    let sql = "update archive_office set next_document = next_document + $2 where party = $1 returning next_document";
    let mut rows = tx.query(sql, params![party, count]).await?;
    Ok(rows[0].take::<i64>("next_document")? - count)
}

/// Documents that are written down together.
pub(super) struct Lot<'d> {
    pub filing: Uuid,
    pub message: Option<crate::message::MessageId>,
    pub documents: &'d [NewDocument],
    /// Which addition it is; none: the filing itself.
    pub addition: Option<i64>,
}

/// Writes documents into a dossier; `first` is the number of the first in the archive.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    dossier: &Dossier,
    (lot, first): (Lot<'_>, i64),
    at: Timestamp,
) -> Result<(), DbError> {
    let rows = lot.documents.iter().zip(1..).map(|(one, place)| row(&lot, one, (dossier, place, first), at));
    tx.insert(
        "insert into archive_document (id, party, identifier, dossier, position, filing, role, name, content_type, size,
         pages, sha256, message_id, payload, sheet, archived_at, addition, copy_of, conversion_due) values",
        19,
        rows.collect(),
    )
    .await
}

fn row(
    lot: &Lot<'_>,
    one: &NewDocument,
    (dossier, place, first): (&Dossier, i64, i64),
    at: Timestamp,
) -> Vec<crate::db::Value> {
    let identifier = format!("{}:{}", dossier.party, first + place - 1);
    let facts = &one.facts;
    let mut history = facts.history.clone();
    history.push(match lot.addition {
        None => format!("arhivat la {} în dosarul {}", at.to_romanian(), dossier.name()),
        Some(number) => {
            let name = dossier.name();
            format!("adăugat la {} în dosarul {name}, după arhivare (adăugirea nr. {number})", at.to_romanian())
        }
    });
    let on_paper = facts.on_paper.as_ref().map(|place| format!("{place}, dosarul {}", dossier.name()));
    let sheet = Sheet {
        owner: facts.owner.clone(),
        issuer: facts.issuer.clone(),
        holder: facts.owner.clone(),
        history,
        document_type: facts.document_type.clone(),
        // The hub takes no classified information (Law 182/2002).
        classification: "neclasificat".to_owned(),
        format: if one.role == Role::Paper { "suport de hârtie".to_owned() } else { one.content_type.clone() },
        keywords: facts.keywords.clone(),
        physical_location: on_paper.unwrap_or_else(|| "fără suport fizic: document electronic".to_owned()),
        identifier: identifier.clone(),
        issued_on: facts.issued_on.clone(),
        archived_on: at.romanian_date().to_string(),
        term: dossier.term.clone(),
    };
    params![
        one.id.into_bytes(),
        &dossier.party,
        identifier,
        dossier.id.into_bytes(),
        dossier.documents + place,
        lot.filing.into_bytes(),
        one.role.as_str(),
        &one.name,
        &one.content_type,
        i64::try_from(one.size).unwrap_or(i64::MAX),
        one.pages,
        one.sha256,
        lot.message,
        one.payload,
        serde_json::to_string(&sheet).expect("a sheet is plain data"),
        at.0,
        lot.addition,
        one.copy_of.map(Uuid::into_bytes),
        // Documents get a copy for keeping, or are told why not.
        (one.role == Role::Document).then_some(at.0),
    ]
}

/// Adds what was written to what the dossier says of itself.
pub(super) async fn add_up(
    tx: &mut Tx<'_>,
    dossier: &Dossier,
    documents: &[NewDocument],
    at: Timestamp,
) -> Result<(), DbError> {
    let size: u64 = documents.iter().map(|one| one.size).sum();
    let pages: i64 = documents.iter().map(|one| one.pages).sum();
    let dates = || documents.iter().map(|one| one.facts.issued_on.as_str()).filter(|date| !date.is_empty());
    let first = dates().chain(dossier.first_date.as_deref()).min();
    let last = dates().chain(dossier.last_date.as_deref()).max();
    let sql = "update archive_dossier set pages = pages + $2, documents = documents + $3, size = size + $4,
               first_date = $5, last_date = $6, changed_at = $7 where id = $1";
    let count = i64::try_from(documents.len()).expect("a filing is in memory");
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    tx.execute_each(sql, vec![params![dossier.id.into_bytes(), pages, count, size, first, last, at.0]]).await.map(drop)
}
