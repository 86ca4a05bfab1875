//! Examination: every blob is read and checked in every store, and mended from the other where one has lost it.
//!
//! The wrapped keys of all stores tell which blobs there are: what the primary lost with its key is found by the replica's. The caller keeps the place reached and tells people what was
//! found; a blob that no store has any more is named by its address, as long as one copy of its key opens.

use std::path::PathBuf;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, sleep};

use crate::reading::Reading;
use crate::rotation::name_in;
use crate::sealing::{HEADER, MAGIC, Secret, chunk_at, sealed_len};
use crate::store::{Incoming, Lock, Store, StoreError};
use crate::vault::{Address, Name, SECRETS, Unknown, Vault, VaultError, content_key, secret_key, wrapped_in};

/// What is wrong with a blob in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The wrapped key is not there.
    KeyMissing,
    /// The wrapped key is not as it was.
    KeyDamaged,
    /// The master key with this id is not in the key file; nothing can be said about the blob.
    MasterKeyMissing(String),
    /// The bytes are not there.
    Missing,
    /// The bytes are not as they were; the text says from where on.
    Damaged(String),
}

/// A flaw in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The store.
    pub store: String,
    /// What is wrong.
    pub flaw: Flaw,
    /// Whether it was mended from the other store.
    pub mended: bool,
}

/// What was found at one blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its name in the stores, in hexadecimal.
    pub name: String,
    /// Its address; nothing where no copy of its key opens.
    pub address: Option<Address>,
    /// Plain bytes that were checked, in all stores together.
    pub checked: u64,
    /// What is wrong; nothing in a sound blob.
    pub faults: Vec<Fault>,
}

/// Examines blobs at a pace.
pub struct Examination<'a> {
    vault: &'a Vault,
    /// Bytes a second at most; none without a bound.
    pace: Option<u64>,
}

impl Vault {
    /// Begins to examine, at most so many bytes a second.
    #[must_use]
    pub fn examine(&self, pace: Option<u64>) -> Examination<'_> {
        Examination { vault: self, pace: pace.filter(|pace| *pace > 0) }
    }
}

impl Examination<'_> {
    /// Places of the next blobs after a place, in every store; the first are after the empty one. Empty after the last.
    ///
    /// # Errors
    /// A store failed.
    pub async fn places(&self, after: &str, limit: usize) -> Result<Vec<String>, VaultError> {
        let mut places = std::collections::BTreeSet::new();
        for store in &self.vault.stores {
            places.extend(store.list(SECRETS, after, limit).await?);
        }
        Ok(places.into_iter().take(limit).collect())
    }

    /// Examines the blob at a place, and mends it where it can.
    ///
    /// # Errors
    /// A store does not answer; nothing is said about the blob.
    pub async fn blob_at(&self, place: &str) -> Result<Examined, VaultError> {
        match name_in(place) {
            Some(name) => self.blob(name).await,
            None => Ok(Examined { name: place.to_owned(), address: None, checked: 0, faults: Vec::new() }),
        }
    }

    /// Examines the blob of an address, also where the primary has lost its key.
    ///
    /// # Errors
    /// A store does not answer; nothing is said about the blob.
    pub async fn blob_of(&self, address: &Address) -> Result<Examined, VaultError> {
        let mut examined = self.blob(self.vault.keys.name(address)).await?;
        if examined.address.is_none() && examined.faults.is_empty() {
            let missing = |store: &str| Fault { store: store.to_owned(), flaw: Flaw::KeyMissing, mended: false };
            examined.faults = self.vault.stores().map(missing).collect();
        }
        examined.address = Some(*address);
        Ok(examined)
    }

    async fn blob(&self, name: Name) -> Result<Examined, VaultError> {
        let mut examined = Examined { name: hex::encode(name), address: None, checked: 0, faults: Vec::new() };
        let Some((secret, wrapped)) = self.keys(&name, &mut examined).await? else {
            if examined.faults.iter().all(|fault| fault.flaw == Flaw::KeyMissing) {
                // Erased since its place was told.
                examined.faults.clear();
            }
            return Ok(examined);
        };
        examined.address = Some(secret.sha256);
        let mut sound = None;
        let mut broken = Vec::new();
        for (at, store) in self.vault.stores.iter().enumerate() {
            match self.content(at, &name, &secret).await? {
                None => {
                    examined.checked += secret.size;
                    sound = Some(at);
                }
                Some(flaw) => {
                    broken.push((at, examined.faults.len()));
                    examined.faults.push(Fault { store: store.name().to_owned(), flaw, mended: false });
                }
            }
        }
        if !examined.faults.is_empty() && matches!(self.vault.secret(&name).await, Err(Unknown::Absent)) {
            // Erased while it was examined.
            examined.faults.clear();
            return Ok(examined);
        }
        for fault in &mut examined.faults {
            if matches!(fault.flaw, Flaw::KeyMissing | Flaw::KeyDamaged) {
                let broken = self.vault.stores.iter().find(|one| one.name() == fault.store);
                let broken = broken.expect("a fault names a store");
                put_over(broken.as_ref(), &secret_key(&name), Incoming::Bytes(&wrapped)).await?;
                fault.mended = true;
            }
        }
        if let Some(sound) = sound {
            for (at, fault) in broken {
                self.mend(&name, &secret, (sound, at)).await?;
                examined.faults[fault].mended = true;
            }
        }
        Ok(examined)
    }

    /// The secret, with a wrapped form that opens; the faults of the others are noted.
    async fn keys(&self, name: &Name, examined: &mut Examined) -> Result<Option<(Secret, Vec<u8>)>, VaultError> {
        let mut known = None;
        for store in &self.vault.stores {
            let found = wrapped_in(store.as_ref(), name).await?;
            let flaw = match found.map(|wrapped| (self.vault.unwrap(name, &wrapped), wrapped)) {
                None => Flaw::KeyMissing,
                Some((Ok(secret), wrapped)) => {
                    known.get_or_insert((secret, wrapped));
                    continue;
                }
                Some((Err(Unknown::MasterKeyMissing(id)), _)) => Flaw::MasterKeyMissing(id),
                Some((Err(_), _)) => Flaw::KeyDamaged,
            };
            examined.faults.push(Fault { store: store.name().to_owned(), flaw, mended: false });
        }
        Ok(known)
    }

    /// What is wrong with the bytes in one store.
    async fn content(&self, at: usize, name: &Name, secret: &Secret) -> Result<Option<Flaw>, VaultError> {
        let store = &self.vault.stores[at];
        if !store.has(&content_key(name)).await? {
            return Ok(Some(Flaw::Missing));
        }
        let began = Instant::now();
        let mut read = 0_u64;
        let mut reading = Reading::new(vec![store.clone()], *name, secret.clone());
        loop {
            match reading.next().await {
                Ok(Some(part)) => read += part.len() as u64,
                Ok(None) => return Ok(None),
                Err(VaultError::Destroyed { flaw, .. }) => return Ok(Some(Flaw::Damaged(flaw))),
                Err(error) => return Err(error),
            }
            if let Some(pace) = self.pace {
                let due = Duration::from_secs_f64(read as f64 / pace as f64);
                sleep(due.saturating_sub(began.elapsed())).await;
            }
        }
    }

    /// Copies the encrypted bytes from a sound store over those of a broken one. They were authenticated a moment ago,
    /// and are compared with the digest they had while they are copied: a store takes them whole or not at all.
    async fn mend(&self, name: &Name, secret: &Secret, (sound, broken): (usize, usize)) -> Result<(), VaultError> {
        let mut mark = [0; 8];
        self.vault.world.fill(&mut mark);
        let copy = Copy(self.vault.spool.path(u64::from_be_bytes(mark)));
        let sha256 = self.fetch(name, secret, (sound, &copy)).await?;
        let size = sealed_len(secret.size);
        let broken = &self.vault.stores[broken];
        put_over(broken.as_ref(), &content_key(name), Incoming::File { path: &copy.0, size, sha256 }).await?;
        Ok(())
    }

    /// Reads the sound bytes into a file, each chunk opened once more; answers the SHA-256 of the encrypted form.
    async fn fetch(&self, name: &Name, secret: &Secret, (sound, copy): (usize, &Copy)) -> Result<[u8; 32], VaultError> {
        let store = &self.vault.stores[sound];
        let lost = || StoreError::Unavailable { store: store.name().to_owned(), cause: "it lost the blob".to_owned() };
        let mut object = store.read(&content_key(name), 0).await?.ok_or_else(lost)?;
        let mut file = tokio::fs::File::create(&copy.0).await?;
        let mut hash = openssl::sha::Sha256::new();
        let header = object.take(usize::try_from(HEADER).expect("the header is small")).await?;
        let mut sealed = if header == MAGIC { header } else { return Err(lost().into()) };
        let mut number = 0;
        while let Some((_, length, last)) = chunk_at(number, sealed_len(secret.size)) {
            hash.update(&sealed);
            file.write_all(&sealed).await?;
            sealed = object.take(length).await?;
            if crate::sealing::open_chunk(&secret.key, name, (number, last), &sealed).is_none() {
                return Err(lost().into());
            }
            number += 1;
        }
        hash.update(&sealed);
        file.write_all(&sealed).await?;
        file.sync_all().await?;
        Ok(hash.finish())
    }
}

/// Puts an object over another, under the lock that one had.
async fn put_over(store: &dyn Store, key: &str, object: Incoming<'_>) -> Result<(), StoreError> {
    let lock = store.lock_of(key).await?;
    store.replace(key, object).await?;
    if lock == Lock::default() { Ok(()) } else { store.lock(key, &lock).await }
}

/// A file that is removed when it is no longer needed.
struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        // What cannot be removed is encrypted.
        let _ = std::fs::remove_file(&self.0);
    }
}
