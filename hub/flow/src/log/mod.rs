//! The log nobody can rewrite: every evidence becomes a leaf of one tree (RFC 9162, section 2.1) whose heads are signed,
//! time-stamped, and held by others.
//!
//! It may assume that evidence is appended and never changed. The road does not know it: documents are accepted without a
//! word to the log, and the [`Keeper`] finds what is not logged yet. It never changes a leaf or a head, never skips or
//! doubles an evidence however transactions commit, and never builds on a tree that is not the one it signed.

mod horizon;
mod nodes;
mod model;
mod store;
mod keeper;
mod stamping;
mod proofs;
mod witness;
pub mod audit;

use std::sync::Mutex;

use hub_signatures::log::checkpoint::{Checkpoint, CheckpointError};
use hub_signatures::log::key::{SigningKey, VerifierKey};
use hub_signatures::log::note::SignedNote;

pub use keeper::{KeepError, Keeper, Lease, Pass, verify};
pub use model::{Head, Place, Stamp};
pub use proofs::{Proof, ProofError, consistency, inclusion, leaf_hash, places_of, proof_of, tile, with_cosignatures};
pub use stamping::{Authority, Refusal, StampState, Stamper, StampingTerms, Token, state};
pub use store::{
    EraseSalt, cosignatures, first_stamped, head, head_covering, heads_after, newest_head, newest_stamp, size, stamp,
};
pub use witness::{WitnessError, keep_cosignatures};

/// Where salts come from: randomness is given, never taken.
pub trait Salts: Send + Sync {
    /// 32 random bytes, never given twice.
    fn salt(&self) -> [u8; 32];
}

/// The log of a hub: its keys, its salts, and who stamps its heads.
pub struct Log {
    key: SigningKey,
    former: Vec<VerifierKey>,
    witnesses: Vec<VerifierKey>,
    salts: Box<dyn Salts>,
    stamping: Option<(Box<dyn Authority>, StampingTerms)>,
    refusal: Mutex<Option<String>>,
    trouble: Mutex<Option<String>>,
}

impl Log {
    /// A log whose name is the name of its key. `former` keys are believed where they signed old heads.
    #[must_use]
    pub fn new(key: SigningKey, former: Vec<VerifierKey>, salts: Box<dyn Salts>) -> Self {
        Self {
            key,
            former,
            witnesses: Vec::new(),
            salts,
            stamping: None,
            refusal: Mutex::default(),
            trouble: Mutex::default(),
        }
    }

    /// The same, with partners whose cosignatures are kept.
    #[must_use]
    pub fn witnessed_by(mut self, witnesses: Vec<VerifierKey>) -> Self {
        self.witnesses = witnesses;
        self
    }

    /// The same, with an authority that stamps its heads.
    #[must_use]
    pub fn stamped_by(mut self, authority: Box<dyn Authority>, terms: StampingTerms) -> Self {
        self.stamping = Some((authority, terms));
        self
    }

    /// The name of the log, first line of every head.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.key.verifier().name()
    }

    /// The key that verifies what is signed now.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// Every key that signed heads of this log, the present one first.
    #[must_use]
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        std::iter::once(self.verifier()).chain(&self.former).cloned().collect()
    }

    /// The partners whose cosignatures are kept.
    #[must_use]
    pub fn witnesses(&self) -> &[VerifierKey] {
        &self.witnesses
    }

    /// How heads are stamped; none where nobody stamps them.
    #[must_use]
    pub fn stamping(&self) -> Option<&StampingTerms> {
        self.stamping.as_ref().map(|(_, terms)| terms)
    }

    /// Who stamps; none where nobody does.
    #[must_use]
    pub fn authority(&self) -> Option<&dyn Authority> {
        self.stamping.as_ref().map(|(authority, _)| &**authority)
    }

    /// Why there was no stamp the last time one was asked for; none when there was.
    #[must_use]
    pub fn last_refusal(&self) -> Option<String> {
        self.refusal.lock().expect("no holder panics").clone()
    }

    fn note_refusal(&self, refusal: Option<String>) {
        *self.refusal.lock().expect("no holder panics") = refusal;
    }

    /// Why the last pass of the keeper failed; none when it did not.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().expect("no holder panics").clone()
    }

    /// Told by whoever runs the keeper.
    pub fn note_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().expect("no holder panics") = trouble;
    }

    /// Reads a stored or given head and checks that a key of this log signed it.
    ///
    /// # Errors
    /// It is not a head of this log.
    pub fn read_checkpoint(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        read_checkpoint(&self.verifiers(), note)
    }
}

fn read_checkpoint(keys: &[VerifierKey], note: &str) -> Result<Checkpoint, CheckpointError> {
    let note = SignedNote::parse(note)?;
    Ok(Checkpoint::verify(&note, keys)?.0)
}
