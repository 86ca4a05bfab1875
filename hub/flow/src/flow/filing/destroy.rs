//! Destroying what a selection decided, a little at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::future::try_join_all;
use hub_signatures::xades;
use hub_vault::Erasure;
use openssl::sha::sha256;
use uuid::Uuid;

use crate::archive::selection::{self, EndDestruction, Ended, EraseRows, Proof, Selection, Step};
use crate::clock::Timestamp;
use crate::hub::Hub;

use super::ArchivistError;

/// Documents erased in one turn.
const STEP: i64 = 64;
/// Erasures under way at once: a store that syncs each of them does so once for several.
const ABREAST: usize = 16;
/// Rows read at once.
const READ: i64 = 500;

/// From one question to an authority that does not stamp to the next, in seconds.
const PATIENCE: i64 = 30;

/// Until when nobody is asked for a time-stamp again.
#[derive(Debug, Default)]
pub(super) struct Patience(AtomicI64);

impl Patience {
    fn lasts(&self, now: Timestamp) -> bool {
        now.0 < self.0.load(Ordering::Relaxed)
    }

    fn begin(&self, until: Timestamp) {
        self.0.store(until.0, Ordering::Relaxed);
    }
}

/// The proof with a time-stamp over its seal, where the hub has an authority; none where that does not stamp now.
async fn stamped(hub: &Hub, proof: String) -> Result<Option<String>, ArchivistError> {
    let Some(authority) = hub.log.authority() else { return Ok(Some(proof)) };
    let failed = |error: xades::SealError| ArchivistError::Seal(error.to_string());
    match authority.stamp(xades::time_stamp_imprint(&proof).map_err(failed)?).await {
        Ok(token) => Ok(Some(xades::attach_time_stamp(&proof, &token.der).map_err(failed)?)),
        Err(refusal) => {
            tracing::warn!(?refusal, "the proof of a destruction waits for its time-stamp");
            Ok(None)
        }
    }
}

/// One step of the oldest destruction that is under way; answers whether there was one.
pub(super) async fn step(hub: &Hub, patience: &Patience) -> Result<bool, ArchivistError> {
    let Some(selection) = selection::destroying(&hub.db, 1).await?.into_iter().next() else { return Ok(false) };
    let mut steps = selection::next_step(&hub.db, selection.id, STEP).await?;
    if steps.is_empty() {
        return end(hub, selection, patience).await;
    }
    let mut held = Vec::new();
    for abreast in steps.chunks(ABREAST) {
        let kept = try_join_all(abreast.iter().map(|one| erase(hub, selection.id, one))).await?;
        held.extend(kept.into_iter().flatten());
    }
    steps.retain(|one| !held.contains(&one.id));
    if steps.is_empty() {
        return Ok(false);
    }
    hub.db.write(&Arc::new(EraseRows), (steps, hub.clock.now())).await?;
    Ok(true)
}

/// Erases the bytes of one document, where no other needs them; answers the document where a lock of the store keeps them.
async fn erase(hub: &Hub, selection: Uuid, one: &Step) -> Result<Option<Uuid>, ArchivistError> {
    if !selection::unshared(&hub.db, selection, one.sha256).await? {
        return Ok(None);
    }
    let Erasure::Held { store, lock } = hub.vault.erase(&one.sha256).await? else { return Ok(None) };
    tracing::warn!(document = %one.id, store, ?lock, "a lock of the store keeps a document; its destruction waits");
    Ok(Some(one.id))
}

/// Nothing is left in the vault: the files of the blob store go, and the proof is sealed.
async fn end(hub: &Hub, selection: Selection, patience: &Patience) -> Result<bool, ArchivistError> {
    if hub.halted().is_some() || patience.lasts(hub.clock.now()) {
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
    let Some(proof) = stamped(hub, proof).await? else {
        patience.begin(at.plus_seconds(PATIENCE));
        return Ok(false);
    };
    let ended = Ended { proof_sha256: sha256(proof.as_bytes()), proof, selection, at };
    Ok(hub.db.write(&Arc::new(EndDestruction), ended).await?)
}
