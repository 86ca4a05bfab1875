//! What a vault does: keep, read, lock and erase.

mod erasing;
mod keeping;
mod spool;

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::keys::MasterKeys;
use crate::reading::Reading;
use crate::sealing::{self, Secret};
use crate::store::{Lock, Store, StoreError};
use crate::world::World;
use spool::Spool;

/// SHA-256 of the plain bytes of a blob: its address.
pub type Address = [u8; 32];

/// Where the bytes to be kept are. They are read twice, and must not change meanwhile.
#[derive(Debug, Clone)]
pub enum Source<'a> {
    /// In memory.
    Bytes(Bytes),
    /// In a file, of any length.
    File(&'a Path),
}

/// A blob that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of its plain bytes.
    pub address: Address,
    /// Their length.
    pub size: u64,
    /// Whether it was there before.
    pub again: bool,
    /// Whether the replica does not have it yet; an examination will copy it.
    pub replica_behind: bool,
}

/// What became of a blob that was to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// Its bytes and its key are gone from every store; also where there were none.
    Erased,
    /// A lock keeps it, and nothing was changed. That is no failure: ask again when the lock ended.
    Held {
        /// The store with the lock.
        store: String,
        /// Until when and why.
        lock: Lock,
    },
}

/// Why the vault did not do what was asked. A variant is a decision of the caller.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no such blob in any store.
    #[error("no store has the blob {}", hex::encode(.address))]
    Absent {
        /// Its address.
        address: Address,
    },
    /// No store has it as it was; somebody must act.
    #[error("the blob {} is destroyed: {flaw}", hex::encode(.address))]
    Destroyed {
        /// Its address.
        address: Address,
        /// What was found, store by store.
        flaw: String,
    },
    /// Its key is wrapped by a master key that is not in the key file; put the key back.
    #[error("the master key {id} is not in the key file")]
    MasterKeyMissing {
        /// Its id.
        id: String,
    },
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bytes to be kept, or the folder they pass through, cannot be read or written.
    #[error("the bytes cannot be taken: {0}")]
    Source(#[from] io::Error),
    /// The bytes to be kept changed while they were read; nothing was kept.
    #[error("the bytes changed while they were read")]
    Changed,
    /// The blob is larger than the caller wants to have in memory.
    #[error("the blob has {size} bytes, more than {limit}")]
    TooLarge {
        /// Its length.
        size: u64,
        /// What was allowed.
        limit: u64,
    },
}

/// A vault: master keys and one or two stores.
pub struct Vault {
    pub(crate) keys: MasterKeys,
    /// The first is the primary, the second its replica.
    pub(crate) stores: Vec<Arc<dyn Store>>,
    pub(crate) spool: Spool,
    pub(crate) world: Arc<dyn World>,
}

/// Name of a blob in the stores: keyed, so that whoever sees a store cannot find out whether it has a document he can
/// guess; many certificates differ by nothing but a name and a number.
pub(crate) type Name = [u8; 32];

impl Vault {
    /// A vault over a store. Large blobs pass through the folder `spool`, encrypted; on the disk of a folder store they
    /// are not copied again.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(keys: MasterKeys, primary: Arc<dyn Store>, spool: &Path, world: Arc<dyn World>) -> io::Result<Self> {
        Ok(Self { keys, stores: vec![primary], spool: Spool::open(spool)?, world })
    }

    /// The same with a replica.
    #[must_use]
    pub fn with_replica(mut self, replica: Arc<dyn Store>) -> Self {
        self.stores.truncate(1);
        self.stores.push(replica);
        self
    }

    /// The ids of its master keys, the current one first.
    #[must_use]
    pub fn keys(&self) -> &MasterKeys {
        &self.keys
    }

    /// Names of its stores.
    pub fn stores(&self) -> impl Iterator<Item = &str> {
        self.stores.iter().map(|store| store.name())
    }

    /// Asks every store for something; answers whether it could, by the store's name.
    pub async fn probe(&self) -> Vec<(String, Result<(), StoreError>)> {
        let mut answers = Vec::new();
        for store in &self.stores {
            let answer = store.list(SECRETS, "", 1).await.map(drop);
            answers.push((store.name().to_owned(), answer));
        }
        answers
    }

    /// The name a blob has in the stores, in hexadecimal: findings are told under it.
    #[must_use]
    pub fn name_of(&self, address: &Address) -> String {
        hex::encode(self.keys.name(address))
    }

    /// Whether the primary has the blob; nothing is said about its state.
    ///
    /// # Errors
    /// The store failed.
    pub async fn has(&self, address: &Address) -> Result<bool, VaultError> {
        Ok(self.primary().has(&content_key(&self.keys.name(address))).await?)
    }

    /// Begins to read a blob; each part is authenticated before it is answered, and read from the replica where the
    /// primary has it no longer as it was.
    ///
    /// # Errors
    /// It is not there or destroyed, or no store answers.
    pub async fn read(&self, address: &Address) -> Result<Reading, VaultError> {
        let name = self.keys.name(address);
        let secret = self.secret(&name).await.map_err(|unknown| unknown.of(*address))?;
        Ok(Reading::new(self.stores.clone(), name, secret))
    }

    /// A whole blob of up to `limit` bytes.
    ///
    /// # Errors
    /// As for [`Vault::read`], and where it is larger.
    pub async fn read_all(&self, address: &Address, limit: u64) -> Result<Bytes, VaultError> {
        let mut reading = self.read(address).await?;
        let size = reading.size();
        if size > limit {
            return Err(VaultError::TooLarge { size, limit });
        }
        let mut bytes = Vec::new();
        while let Some(part) = reading.next().await? {
            bytes.extend_from_slice(&part);
        }
        Ok(bytes.into())
    }

    /// Keeps a blob from being erased, in every store. A term that stands is never shortened.
    ///
    /// # Errors
    /// A store failed; ask again.
    pub async fn lock(&self, address: &Address, lock: &Lock) -> Result<(), VaultError> {
        let name = self.keys.name(address);
        for store in &self.stores {
            // Without its key a blob is lost as well.
            for key in [content_key(&name), secret_key(&name)] {
                if store.has(&key).await? {
                    store.lock(&key, lock).await?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn primary(&self) -> &Arc<dyn Store> {
        &self.stores[0]
    }

    /// The secret of a blob, from the first store that has its key as it was.
    pub(crate) async fn secret(&self, name: &Name) -> Result<Secret, Unknown> {
        let mut worst = Unknown::Absent;
        for store in &self.stores {
            let found = match wrapped_in(store.as_ref(), name).await {
                Ok(None) => continue,
                Ok(Some(wrapped)) => self.unwrap(name, &wrapped),
                Err(error) => Err(Unknown::Store(error)),
            };
            match found {
                Ok(secret) => return Ok(secret),
                // A store that does not answer may have what the other has lost.
                Err(unknown) if !matches!(worst, Unknown::Store(_)) => worst = unknown,
                Err(_) => {}
            }
        }
        Err(worst)
    }

    pub(crate) fn unwrap(&self, name: &Name, wrapped: &[u8]) -> Result<Secret, Unknown> {
        let id = sealing::wrapped_by(wrapped).ok_or(Unknown::Damaged)?;
        let wrapping = self.keys.wrapping(id, name).ok_or_else(|| Unknown::MasterKeyMissing(id.to_owned()))?;
        sealing::unwrap(&wrapping, wrapped)
            .filter(|secret| self.keys.name(&secret.sha256) == *name)
            .ok_or(Unknown::Damaged)
    }

    pub(crate) fn wrap(&self, name: &Name, secret: &Secret) -> Vec<u8> {
        let id = self.keys.current();
        let wrapping = self.keys.wrapping(id, name).expect("the current key is in the key file");
        let mut nonce = [0; 12];
        self.world.fill(&mut nonce);
        sealing::wrap(id, &wrapping, nonce, secret)
    }
}

/// Why the key of a blob is not known.
pub(crate) enum Unknown {
    Absent,
    Damaged,
    MasterKeyMissing(String),
    Store(StoreError),
}

impl Unknown {
    fn of(self, address: Address) -> VaultError {
        match self {
            Self::Absent => VaultError::Absent { address },
            Self::Damaged => VaultError::Destroyed { address, flaw: "its key is damaged".to_owned() },
            Self::MasterKeyMissing(id) => VaultError::MasterKeyMissing { id },
            Self::Store(error) => VaultError::Store(error),
        }
    }
}

/// The wrapped key of a blob as a store has it. One that is too long comes cut, and will not open.
pub(crate) async fn wrapped_in(store: &dyn Store, name: &Name) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(mut object) = store.read(&secret_key(name), 0).await? else { return Ok(None) };
    let read = object.take(sealing::LONGEST).await;
    let unavailable =
        |error: io::Error| StoreError::Unavailable { store: store.name().to_owned(), cause: error.to_string() };
    read.map(Some).map_err(unavailable)
}

/// Prefix of the wrapped keys; one for each blob.
pub(crate) const SECRETS: &str = "keys/";

pub(crate) fn secret_key(name: &Name) -> String {
    sharded(SECRETS, name)
}

pub(crate) fn content_key(name: &Name) -> String {
    sharded("blobs/", name)
}

fn sharded(prefix: &str, name: &Name) -> String {
    let name = hex::encode(name);
    format!("{prefix}{}/{name}", &name[..2])
}
