//! Erasing blobs for good, one or many at once.

use crate::store::{Store, StoreError};

use super::{Address, Erasure, Vault, VaultError, content_key, secret_key};

impl Vault {
    /// Erases a blob: first its keys, so that nothing can be read from the first moment on, then its bytes, in every
    /// store. Asked again after a failure, it goes on. The caller knows that no other document has the same bytes.
    ///
    /// # Errors
    /// A store failed; ask again.
    pub async fn erase(&self, address: &Address) -> Result<Erasure, VaultError> {
        Ok(self.erase_all(&[*address]).await?.pop().expect("one was asked for, one is answered"))
    }

    /// Erases blobs like [`Vault::erase`], each answered in order. A store syncs once for all of them where it can, so a
    /// few hundred at once cost little more than one.
    ///
    /// # Errors
    /// A store failed; ask again, what is gone is no failure.
    pub async fn erase_all(&self, addresses: &[Address]) -> Result<Vec<Erasure>, VaultError> {
        let names: Vec<_> = addresses.iter().map(|address| self.keys.name(address)).collect();
        let mut answers = vec![Erasure::Erased; addresses.len()];
        // A lock anywhere keeps all of a blob, so all are asked before anything is touched.
        for store in &self.stores {
            let keys = names.iter().flat_map(|name| [secret_key(name), content_key(name)]).collect::<Vec<_>>();
            for (at, lock) in store.locks_of(&keys).await?.into_iter().enumerate() {
                if answers[at / 2] == Erasure::Erased && lock.holds(self.world.now()) {
                    answers[at / 2] = Erasure::Held { store: store.name().to_owned(), lock };
                }
            }
        }
        for key in [secret_key, content_key] {
            for store in &self.stores {
                let free: Vec<_> = (0..names.len()).filter(|at| answers[*at] == Erasure::Erased).collect();
                erase_in(store.as_ref(), &free, free.iter().map(|at| key(&names[*at])).collect(), &mut answers).await?;
            }
        }
        Ok(answers)
    }
}

/// Erases objects in one store, and notes which of them a lock holds after all.
async fn erase_in(
    store: &dyn Store,
    places: &[usize],
    keys: Vec<String>,
    answers: &mut [Erasure],
) -> Result<(), VaultError> {
    for (at, erased) in places.iter().zip(store.erase_all(&keys).await) {
        match erased {
            Ok(()) => {}
            Err(StoreError::Held { store, lock }) => answers[*at] = Erasure::Held { store, lock },
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
