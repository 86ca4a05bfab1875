//! Adding to what is filed: evidence and contents that came to be later. What was filed before is not touched.

use serde_json::json;

use crate::archive::dossier::{self, DossierState};
use crate::archive::office::{self, NewAct};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx};
use crate::params;

use super::filed::{self, Filed, Lot};
use super::model::{NewAddition, NewDocument};

/// Adds documents to a filing; the row of the institution is held. What another node added before is left out, and nothing is
/// added where what was filed is destroyed or about to be.
pub(super) async fn add(tx: &mut Tx<'_>, new: &NewAddition, at: Timestamp) -> Result<Option<Filed>, DbError> {
    let sql = "select dossier from archive_filing where id = $1 and party = $2 and state = 'filed'";
    let rows = tx.query(sql, params![new.filing.into_bytes(), &new.party]).await?;
    let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
    let id = uuid::Uuid::from_bytes(row.take("dossier")?);
    let Ok(dossier) = dossier::held(tx, &new.party, id).await? else { return Ok(None) };
    if matches!(dossier.state, DossierState::Selected | DossierState::Destroyed) {
        return Ok(None);
    }
    let sql = "select role, name, addition from archive_document where filing = $1";
    let mut there = Vec::new();
    let mut newest = 0;
    for mut row in tx.query(sql, params![new.filing.into_bytes()]).await? {
        newest = newest.max(row.take::<Option<i64>>("addition")?.unwrap_or(0));
        there.push((row.take::<String>("role")?, row.take::<String>("name")?));
    }
    let missing = |one: &&NewDocument| !there.iter().any(|(role, name)| role == one.role.as_str() && *name == one.name);
    let documents: Vec<NewDocument> = new.documents.iter().filter(missing).cloned().collect();
    if documents.is_empty() {
        return Ok(None);
    }
    let number = newest + 1;
    let first = filed::take_identifiers(tx, &new.party, documents.len()).await?;
    let lot = Lot { filing: new.filing, message: new.message, documents: &documents, addition: Some(number) };
    filed::insert(tx, &dossier, (lot, first), at).await?;
    filed::add_up(tx, &dossier, &documents, at).await?;
    let named =
        |one: &NewDocument| json!({"role": one.role.as_str(), "name": one.name, "sha256": hex::encode(one.sha256)});
    let content = json!({
        "filing": new.filing, "message_id": new.message, "addition": number,
        "documents": documents.iter().map(named).collect::<Vec<_>>(),
    });
    office::record(tx, &new.party, vec![NewAct { subject: dossier.id, act: "added", author: "hub", content }], at)
        .await?;
    let (name, code) = (dossier.name(), dossier.code.clone());
    Ok(Some(Filed { dossier: dossier.id, name, code, documents: documents.len() }))
}
