//! Keeping a blob: key first, bytes second, primary first, replica second.
//!
//! The wrapped key is what makes a blob unique: of two that keep the same bytes at once, one puts the key and both use
//! it. The same key over the same bytes gives the same encrypted bytes, so that it does not matter whose are stored.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::sealing::Secret;
use crate::store::{Placed, Store, StoreError};

use super::spool::{self, Sealed};
use super::{Kept, Name, Source, Unknown, Vault, VaultError, content_key, secret_key, wrapped_in};

impl Vault {
    /// Keeps bytes for good. Durable in the primary when answered; the same bytes are kept once.
    ///
    /// # Errors
    /// The bytes cannot be read, or the primary failed: nothing is promised, ask again.
    pub async fn put(&self, source: Source<'_>) -> Result<Kept, VaultError> {
        let owned = Owned::of(&source);
        let (sha256, size) = owned.clone().work(|source| spool::digest(&source)).await?;
        let name = self.keys.name(&sha256);
        let (secret, fresh) = self.secret_for(&name, sha256, size).await?;
        let mut kept = Kept { address: sha256, size, again: false, replica_behind: false };
        if !fresh && self.primary().has(&content_key(&name)).await? {
            kept.again = true;
            return Ok(kept);
        }
        let mut mark = [0; 8];
        self.world.fill(&mut mark);
        let path = self.spool.path(u64::from_be_bytes(mark));
        let for_sealing = secret.clone();
        let sealed = owned.work(move |source| spool::seal(&source, &name, &for_sealing, path)).await?;
        let sealed = sealed.ok_or(VaultError::Changed)?;
        self.place(self.primary().as_ref(), &name, (&sealed, fresh)).await?;
        if let Some(replica) = self.stores.get(1) {
            kept.replica_behind = self.copy(replica.as_ref(), &name, (&sealed, fresh)).await.is_err();
        }
        Ok(kept)
    }

    /// The secret of a blob to be, and whether it was made for it now.
    async fn secret_for(&self, name: &Name, sha256: [u8; 32], size: u64) -> Result<(Secret, bool), VaultError> {
        match self.secret(name).await {
            Ok(secret) => return Ok((secret, false)),
            Err(Unknown::Absent) => {}
            Err(unknown) => return Err(unknown.of(sha256)),
        }
        let mut key = [0; 32];
        self.world.fill(&mut key);
        let secret = Secret { key, sha256, size };
        let wrapped = self.wrap(name, &secret);
        match self.primary().put(&secret_key(name), crate::store::Incoming::Bytes(&wrapped)).await? {
            Placed::Now => Ok((secret, true)),
            Placed::Before => Ok((self.secret(name).await.map_err(|unknown| unknown.of(sha256))?, false)),
        }
    }

    /// Under a key that is new, whatever lies there cannot be read any more.
    async fn place(&self, store: &dyn Store, name: &Name, (sealed, over): (&Sealed, bool)) -> Result<(), StoreError> {
        let key = content_key(name);
        if over && store.has(&key).await? {
            store.replace(&key, sealed.incoming()).await
        } else {
            store.put(&key, sealed.incoming()).await.map(drop)
        }
    }

    /// The key as the primary has it, then the bytes.
    async fn copy(&self, replica: &dyn Store, name: &Name, sealed: (&Sealed, bool)) -> Result<(), StoreError> {
        if let Some(wrapped) = wrapped_in(self.primary().as_ref(), name).await? {
            replica.replace(&secret_key(name), crate::store::Incoming::Bytes(&wrapped)).await?;
        }
        self.place(replica, name, sealed).await
    }
}

/// A source that may go to another thread.
#[derive(Clone)]
enum Owned {
    Bytes(Bytes),
    File(Arc<PathBuf>),
}

impl Owned {
    fn of(source: &Source<'_>) -> Self {
        match source {
            Source::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Source::File(path) => Self::File(Arc::new((*path).to_owned())),
        }
    }

    /// Does work on the bytes away from the threads that answer.
    async fn work<T: Send + 'static>(
        self,
        work: impl FnOnce(Source<'_>) -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        let done = tokio::task::spawn_blocking(move || match &self {
            Self::Bytes(bytes) => work(Source::Bytes(bytes.clone())),
            Self::File(path) => work(Source::File(path)),
        });
        done.await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
    }
}
