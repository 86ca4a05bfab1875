//! Destroying what a selection decided, a little at a time.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hub_signatures::xades;
use hub_vault::Erasure;
use openssl::sha::sha256;
use uuid::Uuid;

use crate::archive::selection::{self, EndDestruction, Ended, EraseRows, Proof, Selection};
use crate::hub::Hub;

use super::ArchivistError;

/// Documents erased in one turn.
const STEP: i64 = 64;
/// Erasures under way at once: a store that syncs each of them does so once for several.
const ABREAST: usize = 16;
/// Rows read at once.
const READ: i64 = 500;

/// One step of the oldest destruction that is under way; answers whether there was one.
pub(super) async fn step(hub: &Hub) -> Result<bool, ArchivistError> {
    let Some(selection) = selection::destroying(&hub.db, 1).await?.into_iter().next() else { return Ok(false) };
    let mut steps = selection::next_step(&hub.db, selection.id, STEP).await?;
    if steps.is_empty() {
        return end(hub, selection).await;
    }
    let erasing = stream::iter(&steps).map(|one| async move {
        if !selection::unshared(&hub.db, selection.id, one.sha256).await? {
            return Ok::<_, ArchivistError>(None);
        }
        let Erasure::Held { store, lock } = hub.vault.erase(&one.sha256).await? else { return Ok(None) };
        tracing::warn!(document = %one.id, store, ?lock, "a lock of the store keeps a document; its destruction waits");
        Ok(Some(one.id))
    });
    let held: Vec<Uuid> = erasing.buffer_unordered(ABREAST).try_filter_map(async |id| Ok(id)).try_collect().await?;
    steps.retain(|one| !held.contains(&one.id));
    if steps.is_empty() {
        return Ok(false);
    }
    hub.db.write(&Arc::new(EraseRows), (steps, hub.clock.now())).await?;
    Ok(true)
}

/// Nothing is left in the vault: the files of the blob store go, and the proof is sealed.
async fn end(hub: &Hub, selection: Selection) -> Result<bool, ArchivistError> {
    if hub.halted().is_some() {
        // No seal, no proof; nobody is told before there is one.
        return Ok(false);
    }
    let mut after = Uuid::nil();
    loop {
        let files = selection::spared(&hub.db, selection.id, after, READ).await?;
        let Some((last, ..)) = files.last() else { break };
        after = *last;
        for (_, sha256, unused) in &files {
            if *unused && !hub.blobs.forget(sha256, hub.clock.now()).await? {
                // The same content came in again just now: its message may not be committed yet.
                return Ok(false);
            }
        }
    }
    let mut destroyed = Vec::new();
    loop {
        let after = destroyed.last().map_or(Uuid::nil(), |one: &selection::Destroyed| one.id);
        let more = selection::destroyed_in(&hub.db, selection.id, after, READ).await?;
        if more.is_empty() {
            break;
        }
        destroyed.extend(more);
    }
    let at = hub.clock.now();
    let directory = hub.directory();
    let institution = directory.party(&selection.party).map_or(selection.party.as_str(), |party| &party.name);
    let service = &hub.seal.issuer.name;
    let body = selection::proof_xml(Proof { selection: &selection, institution, service, destroyed: &destroyed, at });
    let proof = xades::seal(&body, &*hub.seal.signer(), &at.to_utc());
    let proof = proof.map_err(|error| ArchivistError::Seal(error.to_string()))?;
    let ended = Ended { proof_sha256: sha256(proof.as_bytes()), proof, selection, at };
    Ok(hub.db.write(&Arc::new(EndDestruction), ended).await?)
}
