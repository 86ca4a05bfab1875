//! What this node knows of credentials: all of them, never older than a second.
//!
//! A call needs no database while what is known is fresh. When it is not, one call asks whether anything changed and the
//! others that come meanwhile wait for it; where the database does not answer, nobody is let in on what is stale.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::clock::Timestamp;
use crate::db::{Db, DbError};
use crate::message::CredentialId;

use super::model::{Held, Kind, Proof};
use super::signing_key::SigningKey;
use super::store;
use super::token::LIFE_SECONDS;

/// What is known is never older than this, in seconds: so soon is a revocation in force on every node.
pub const STALE_SECONDS: u64 = 1;
/// Who asks for something that is not known is answered by what is not older than this.
const NEWEST: Duration = Duration::from_millis(100);

/// Everything known of credentials at a moment.
#[derive(Default)]
pub struct Known {
    pub(super) change: i64,
    by_id: HashMap<CredentialId, Arc<Held>>,
    by_certificate: HashMap<Proof, Arc<Held>>,
    by_system: HashMap<String, Vec<Arc<Held>>>,
    revoked_tokens: HashSet<[u8; 32]>,
    /// In order of the moment from which they sign.
    signing_keys: Vec<SigningKey>,
}

impl Known {
    pub(super) fn new(
        change: i64,
        credentials: Vec<Arc<Held>>,
        revoked_tokens: HashSet<[u8; 32]>,
        mut signing_keys: Vec<SigningKey>,
    ) -> Self {
        let mut known = Self { change, revoked_tokens, ..Self::default() };
        for held in credentials {
            let made = &held.credential.made;
            if made.kind == Kind::Certificate {
                known.by_certificate.insert(made.proof, Arc::clone(&held));
            }
            known.by_system.entry(made.system.clone()).or_default().push(Arc::clone(&held));
            known.by_id.insert(made.id, held);
        }
        signing_keys.sort_by_key(|key| key.signs_from);
        Self { signing_keys, ..known }
    }

    /// The credential with this id, also one that has been over for less than a day.
    #[must_use]
    pub fn by_id(&self, id: CredentialId) -> Option<&Arc<Held>> {
        self.by_id.get(&id)
    }

    /// The credential of a certificate: bound to itself, or else to its public key.
    #[must_use]
    pub fn by_certificate(&self, certificate: [u8; 32], public_key: [u8; 32]) -> Option<&Arc<Held>> {
        self.by_certificate
            .get(&Proof::Certificate(certificate))
            .or_else(|| self.by_certificate.get(&Proof::PublicKey(public_key)))
    }

    /// The credentials of a system of one kind.
    pub fn of_system(&self, system: &str, kind: Kind) -> impl Iterator<Item = &Arc<Held>> {
        self.by_system.get(system).into_iter().flatten().filter(move |held| held.credential.made.kind == kind)
    }

    /// Whether a token was revoked.
    #[must_use]
    pub fn is_revoked_token(&self, id: &[u8; 32]) -> bool {
        self.revoked_tokens.contains(id)
    }

    /// The key that signs tokens at a moment.
    #[must_use]
    pub fn signing_key(&self, now: Timestamp) -> Option<&SigningKey> {
        self.signing_keys.iter().rev().find(|key| key.withdrawn_at.is_none() && key.signs_from <= now)
    }

    /// The key with this id, if what it signed counts.
    #[must_use]
    pub fn token_key(&self, id: &str) -> Option<&SigningKey> {
        self.signing_keys.iter().find(|key| key.id == id && key.withdrawn_at.is_none())
    }

    /// The keys to be told: the one that signs, those to come, and those whose tokens may still count.
    pub fn published_keys(&self, now: Timestamp) -> impl Iterator<Item = &SigningKey> {
        let standing = || self.signing_keys.iter().filter(|key| key.withdrawn_at.is_none());
        standing()
            .enumerate()
            .filter(move |(index, _)| {
                let successor = standing().nth(index + 1);
                successor.is_none_or(|next| next.signs_from.plus_seconds(2 * LIFE_SECONDS) > now)
            })
            .map(|(_, key)| key)
    }
}

/// Keeps it fresh.
pub struct Keeper {
    held: RwLock<HeldKnown>,
    asking: Mutex<()>,
}

/// What is held, and how often it was said to be stale: an answer to a question asked before that is not kept as fresh.
#[derive(Default)]
struct HeldKnown {
    fresh: Option<(Instant, Arc<Known>)>,
    stale: u64,
}

impl Default for Keeper {
    fn default() -> Self {
        Self { held: RwLock::default(), asking: Mutex::new(()) }
    }
}

impl Keeper {
    /// What is known, not older than [`STALE_SECONDS`].
    ///
    /// # Errors
    /// It is older and the database does not answer.
    pub async fn known(&self, db: &Db, now: Timestamp) -> Result<Arc<Known>, DbError> {
        self.not_older_than(db, now, Duration::from_secs(STALE_SECONDS)).await
    }

    /// The same, where something that is not in it may be known to another node already: then it is a tenth of a second old
    /// at most. So a successor works everywhere as soon as it is given, and strangers cost ten questions a second.
    ///
    /// # Errors
    /// As for [`Keeper::known`].
    pub async fn known_with(
        &self,
        db: &Db,
        now: Timestamp,
        has: impl Fn(&Known) -> bool,
    ) -> Result<Arc<Known>, DbError> {
        let known = self.known(db, now).await?;
        if has(&known) {
            return Ok(known);
        }
        self.not_older_than(db, now, NEWEST).await
    }

    async fn not_older_than(&self, db: &Db, now: Timestamp, age: Duration) -> Result<Arc<Known>, DbError> {
        if let Some(known) = self.fresh(age) {
            return Ok(known);
        }
        let _turn = self.asking.lock().await;
        if let Some(known) = self.fresh(age) {
            return Ok(known);
        }
        let (old, stale) = {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            (held.fresh.as_ref().map(|(_, known)| Arc::clone(known)), held.stale)
        };
        // The moment before the question: what changed after it may be missing from the answer.
        let asked = Instant::now();
        let known = match old {
            Some(known) if store::change(db).await? == known.change => known,
            _ => Arc::new(store::load(db, now).await?),
        };
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.stale == stale {
            held.fresh = Some((asked, Arc::clone(&known)));
        }
        Ok(known)
    }

    /// Says that what is known is stale, after a change made here: the next call asks.
    pub fn stale(&self) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.fresh = None;
        held.stale += 1;
    }

    fn fresh(&self, age: Duration) -> Option<Arc<Known>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let (asked, known) = held.fresh.as_ref()?;
        (asked.elapsed() < age).then(|| Arc::clone(known))
    }
}
