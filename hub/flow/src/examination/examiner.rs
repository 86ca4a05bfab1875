//! A pass of the examination, blob by blob.

use std::sync::Arc;
use std::time::Duration;

use hub_vault::{Flaw, VaultError};

use crate::clock::Timestamp;
use crate::db::DbError;
use crate::hub::Hub;
use crate::log::Lease;

use super::store::{self, Looked, Note, Place};

/// What is put lacks a part of itself for no longer.
const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Examined {
    /// A blob was sound, or was mended.
    Sound,
    /// A blob is not as it was, and nothing could mend it.
    Lost,
    /// The pass has ended; the next begins after the pause.
    Ended,
    /// It is not time for the next pass yet.
    Idle,
    /// Another node examines.
    Elsewhere,
}

/// Why a step was not taken; the blob is examined again.
#[derive(Debug, thiserror::Error)]
pub enum NotExamined {
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A store does not answer.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Examines the vault of a hub.
pub struct Examiner {
    hub: Arc<Hub>,
    lease: Arc<Lease>,
    /// Bytes a second at most.
    pace: Option<u64>,
    pause: Duration,
}

impl Examiner {
    /// An examiner for a node of the hub, at so many bytes a second, with a pause from the end of a pass to the next.
    #[must_use]
    pub fn new(hub: Arc<Hub>, lease: Arc<Lease>, pace: Option<u64>, pause: Duration) -> Self {
        Self { hub, lease, pace, pause }
    }

    /// Examines the next blob and notes what was found.
    ///
    /// # Errors
    /// A store or the database does not answer; the place stays where it was.
    pub async fn step(&self) -> Result<Examined, NotExamined> {
        let hub = &self.hub;
        let now = hub.clock.now();
        if !self.lease.hold(&hub.db, now).await? {
            return Ok(Examined::Elsewhere);
        }
        let place = store::place(&hub.db).await?;
        if place.after.is_empty() && place.ended_at != 0 && now < self.next_pass(&place) {
            return Ok(Examined::Idle);
        }
        let examination = hub.vault.examine(self.pace);
        let Some(next) = examination.places(&place.after, 1).await?.pop() else {
            let looked = Looked { after: String::new(), ended: true, bytes: 0, at: now, notes: Vec::new() };
            hub.db.write(&Arc::new(store::Look), looked).await?;
            return Ok(Examined::Ended);
        };
        let mut found = examination.blob_at(&next).await?;
        let absent = |flaw: &Flaw| matches!(flaw, Flaw::Missing | Flaw::KeyMissing);
        if found.faults.iter().any(|fault| !fault.mended && absent(&fault.flaw)) {
            // Key and bytes come one after the other: what is only on its way in is there at a second look.
            tokio::time::sleep(ON_ITS_WAY).await;
            let mended = found.faults.into_iter().filter(|fault| fault.mended);
            let mut again = examination.blob_at(&next).await?;
            again.faults.extend(mended);
            found = again;
        }
        let note = |fault: &hub_vault::Fault| Note {
            name: found.name.clone(),
            store: fault.store.clone(),
            flaw: flaw_word(&fault.flaw),
            told: told(&fault.flaw),
            sha256: found.address,
            mended: fault.mended,
        };
        let notes: Vec<Note> = found.faults.iter().map(note).collect();
        for note in &notes {
            let Note { name, store, told, .. } = note;
            if note.mended {
                tracing::warn!(name, store, told, "AN ARCHIVED DOCUMENT WAS DAMAGED and is mended from the other copy");
            } else {
                tracing::error!(
                    name,
                    store,
                    told,
                    "AN ARCHIVED DOCUMENT IS DAMAGED and nothing could mend it; see punte archive findings"
                );
            }
        }
        let lost = notes.iter().any(|note| !note.mended);
        let bytes = i64::try_from(found.checked).unwrap_or(i64::MAX);
        let looked = Looked { after: next, ended: false, bytes, at: hub.clock.now(), notes };
        hub.db.write(&Arc::new(store::Look), looked).await?;
        Ok(if lost { Examined::Lost } else { Examined::Sound })
    }

    fn next_pass(&self, place: &Place) -> Timestamp {
        Timestamp(place.ended_at).plus_seconds(i64::try_from(self.pause.as_secs()).unwrap_or(i64::MAX))
    }
}

/// The word of a flaw in the database and the API.
#[must_use]
pub const fn flaw_word(flaw: &Flaw) -> &'static str {
    match flaw {
        Flaw::KeyMissing => "key_missing",
        Flaw::KeyDamaged => "key_damaged",
        Flaw::MasterKeyMissing(_) => "master_key_missing",
        Flaw::Missing => "missing",
        Flaw::Damaged(_) => "damaged",
    }
}

fn told(flaw: &Flaw) -> String {
    match flaw {
        Flaw::KeyMissing => "its key is not there".to_owned(),
        Flaw::KeyDamaged => "its key is not as it was".to_owned(),
        Flaw::MasterKeyMissing(id) => format!("the master key {id} is not in the key file"),
        Flaw::Missing => "its bytes are not there".to_owned(),
        Flaw::Damaged(what) => what.clone(),
    }
}
