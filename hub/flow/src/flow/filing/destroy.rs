//! Destroying what a selection decided, a little at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hub_signatures::xades;
use hub_vault::{Erasure, Source};
use openssl::sha::sha256;
use uuid::Uuid;

use crate::archive::selection::{self, EndDestruction, Ended, EraseRows, IN_LIST, List, Place, Proof, Selection, Step};
use crate::clock::Timestamp;
use crate::hub::Hub;

use super::ArchivistError;

/// Documents whose bytes are erased in one turn: the store syncs once for all of them.
const STEP: i64 = 1_024;
/// Rows written in one transaction, so that an acceptance never waits for more than that.
const WRITTEN: usize = 128;
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

/// Selections that are looked at in one turn.
const SELECTIONS: i64 = 16;

/// How far the destruction of each selection has come in this round, and whether a lock kept anything in it. What is kept is
/// come back to in the next round: it never stands before what may go.
#[derive(Debug, Default)]
pub(super) struct Rounds(Mutex<HashMap<Uuid, Round>>);

#[derive(Debug, Clone, Copy, Default)]
struct Round {
    place: Place,
    kept: bool,
}

impl Rounds {
    fn held(&self) -> MutexGuard<'_, HashMap<Uuid, Round>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, selection: Uuid) -> Round {
        self.held().get(&selection).copied().unwrap_or_default()
    }

    fn put(&self, selection: Uuid, round: Round) {
        self.held().insert(selection, round);
    }

    /// The round is over.
    fn over(&self, selection: Uuid) {
        self.held().remove(&selection);
    }
}

/// One step of the oldest destruction that can go on; answers whether there was one.
pub(super) async fn step(hub: &Hub, patience: &Patience, rounds: &Rounds) -> Result<bool, ArchivistError> {
    for selection in selection::destroying(&hub.db, SELECTIONS).await? {
        if step_of(hub, selection, (patience, rounds)).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn step_of(
    hub: &Hub,
    selection: Selection,
    (patience, rounds): (&Patience, &Rounds),
) -> Result<bool, ArchivistError> {
    let round = rounds.of(selection.id);
    let (steps, place) = selection::next_step(&hub.db, selection.id, round.place, STEP).await?;
    if steps.is_empty() {
        rounds.over(selection.id);
        // What a lock keeps is asked about again at the next look, not at once.
        return if round.kept { Ok(false) } else { end(hub, selection, patience).await };
    }
    let wanted = steps.len();
    let gone = erase(hub, steps).await?;
    let verb = Arc::new(EraseRows);
    for some in gone.chunks(WRITTEN) {
        hub.db.write(&verb, (some.to_vec(), hub.clock.now())).await?;
    }
    rounds.put(selection.id, Round { place, kept: round.kept || gone.len() < wanted });
    Ok(true)
}

/// Erases the bytes of documents where no other needs them; answers the documents but those that a lock of the store keeps.
async fn erase(hub: &Hub, steps: Vec<Step>) -> Result<Vec<Step>, ArchivistError> {
    let free: Vec<_> = steps.iter().filter(|one| !one.shared).map(|one| one.sha256).collect();
    let mut erasures = hub.vault.erase_all(&free).await?.into_iter();
    let mut gone = Vec::with_capacity(steps.len());
    for one in steps {
        let erasure = if one.shared { None } else { erasures.next() };
        if let Some(Erasure::Held { store, lock }) = erasure {
            tracing::warn!(document = %one.id, store, ?lock, "a lock of the store keeps a document; its destruction waits");
        } else {
            gone.push(one);
        }
    }
    Ok(gone)
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
    let lists = lists(hub, &selection).await?;
    let at = hub.clock.now();
    let directory = hub.directory();
    let institution = directory.party(&selection.party).map_or(selection.party.as_str(), |party| &party.name);
    let service = &hub.seal.issuer.name;
    let body = selection::proof_xml(Proof { selection: &selection, institution, service, lists: &lists, at });
    let proof = xades::seal(&body, &*hub.seal.signer(), &at.to_utc());
    let proof = proof.map_err(|error| ArchivistError::Seal(error.to_string()))?;
    let Some(proof) = stamped(hub, proof).await? else {
        patience.begin(at.plus_seconds(PATIENCE));
        return Ok(false);
    };
    let ended = Ended { proof_sha256: sha256(proof.as_bytes()), proof, lists, selection, at };
    Ok(hub.db.write(&Arc::new(EndDestruction), ended).await?)
}

/// Writes the lists of what is gone into the vault, one in memory at a time. Written again, they are the same objects.
async fn lists(hub: &Hub, selection: &Selection) -> Result<Vec<List>, ArchivistError> {
    let (mut lists, mut after) = (Vec::new(), Place::default());
    for number in 1.. {
        let (gone, place) = selection::destroyed_in(&hub.db, selection.id, after, IN_LIST).await?;
        if gone.is_empty() {
            break;
        }
        let xml = selection::list_xml(selection.id, number, &gone);
        let list = List::of(number, gone.len(), &xml);
        hub.vault.put(Source::Bytes(xml.into())).await?;
        lists.push(list);
        after = place;
    }
    Ok(lists)
}
