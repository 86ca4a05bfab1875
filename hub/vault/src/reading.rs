//! Reading a blob, chunk by chunk: nothing is answered that was not authenticated.

use std::sync::Arc;

use bytes::Bytes;
use openssl::sha::Sha256;

use crate::sealing::{CHUNK, HEADER, MAGIC, Secret, chunk_at, open_chunk, sealed_len};
use crate::store::{Object, Store, StoreError};
use crate::vault::{Name, VaultError, content_key};

/// A blob being read; what one store has no longer as it was is read from the other.
pub struct Reading {
    stores: Vec<Arc<dyn Store>>,
    /// The store being read.
    at: usize,
    object: Option<Object>,
    name: Name,
    secret: Secret,
    /// The next chunk; none after the last.
    next: Option<u64>,
    hash: Sha256,
    flaws: Vec<(String, String)>,
    unavailable: Option<StoreError>,
}

impl Reading {
    pub(crate) fn new(stores: Vec<Arc<dyn Store>>, name: Name, secret: Secret) -> Self {
        let (flaws, unavailable) = (Vec::new(), None);
        Self { stores, at: 0, object: None, name, secret, next: Some(0), hash: Sha256::new(), flaws, unavailable }
    }

    /// Length of the plain bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.secret.size
    }

    /// What was found wrong on the way, by the name of the store; tell somebody, though all bytes could be read.
    #[must_use]
    pub fn flaws(&self) -> &[(String, String)] {
        &self.flaws
    }

    /// The next plain bytes, at most 256 KiB; nothing after the last. Until then the blob is not known to be whole.
    ///
    /// # Errors
    /// No store has these bytes as they were, or the only one that may have them does not answer.
    pub async fn next(&mut self) -> Result<Option<Bytes>, VaultError> {
        let Some(number) = self.next else { return Ok(None) };
        while let Some(store) = self.stores.get(self.at).cloned() {
            match self.chunk(store.as_ref(), number).await {
                Ok(Ok((plain, last))) => {
                    self.hash.update(&plain);
                    self.next = (!last).then_some(number + 1);
                    if last && self.hash.clone().finish() != self.secret.sha256 {
                        // Every chunk is authentic, so it was put under the wrong address.
                        return Err(self.destroyed("the bytes are authentic but others"));
                    }
                    return Ok(Some(plain.into()));
                }
                Ok(Err(flaw)) => self.flaws.push((store.name().to_owned(), flaw)),
                Err(error) => self.unavailable = Some(error),
            }
            self.object = None;
            self.at += 1;
        }
        Err(match self.unavailable.take() {
            Some(error) => error.into(),
            None => self.destroyed(""),
        })
    }

    fn destroyed(&self, more: &str) -> VaultError {
        let told = self.flaws.iter().map(|(store, flaw)| format!("{store}: {flaw}"));
        let flaw = told.chain((!more.is_empty()).then(|| more.to_owned())).collect::<Vec<_>>().join("; ");
        VaultError::Destroyed { address: self.secret.sha256, flaw }
    }

    /// The chunk from a store, or what is wrong with it there.
    async fn chunk(&mut self, store: &dyn Store, number: u64) -> Result<Result<(Vec<u8>, bool), String>, StoreError> {
        let failed = |error: std::io::Error| StoreError::Unavailable {
            store: store.name().to_owned(),
            cause: error.to_string(),
        };
        let expected = sealed_len(self.secret.size);
        let (start, length, last) = chunk_at(number, expected).expect("the last chunk ended the reading");
        if self.object.is_none() {
            let from = if number == 0 { 0 } else { start };
            let Some(mut object) = store.read(&content_key(&self.name), from).await? else {
                return Ok(Err("it is not there".to_owned()));
            };
            if object.size != expected {
                return Ok(Err(format!("it has {} bytes instead of {expected}", object.size)));
            }
            let header = usize::try_from(HEADER).expect("the header is small");
            if number == 0 && object.take(header).await.map_err(failed)? != MAGIC {
                return Ok(Err("its header is damaged".to_owned()));
            }
            self.object = Some(object);
        }
        let object = self.object.as_mut().expect("opened above");
        let sealed = object.take(length).await.map_err(failed)?;
        let plain = open_chunk(&self.secret.key, &self.name, (number, last), &sealed);
        let place = number * CHUNK as u64;
        Ok(plain.map(|plain| (plain, last)).ok_or_else(|| format!("its bytes from {place} on are damaged")))
    }
}
