//! Rotation of the master key: data keys are wrapped anew, contents stay as they are.
//!
//! It may be stopped at any moment: each wrapped key is replaced whole, a replaced one is passed over next time, and the
//! old master key opens what was not reached yet. Only when a whole pass found nothing under a key may it be removed.

use std::collections::BTreeMap;

use crate::sealing;
use crate::store::{Incoming, Store};
use crate::vault::{SECRETS, Vault, VaultError, secret_key, wrapped_in};

/// Wrapped keys asked for at once.
const PAGE: usize = 500;

/// A pass over the wrapped keys of every store.
pub struct Rotation<'a> {
    vault: &'a Vault,
    store: usize,
    after: String,
    told: Rotated,
}

/// What a pass did so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Data keys that are under the current master key now.
    pub wrapped: u64,
    /// Those that were before.
    pub before: u64,
    /// Those that could not be wrapped, by the id of their master key; `?` where it cannot be read.
    pub left: BTreeMap<String, u64>,
}

impl Vault {
    /// Begins a pass that wraps every data key under the current master key.
    #[must_use]
    pub fn rotate(&self) -> Rotation<'_> {
        Rotation { vault: self, store: 0, after: String::new(), told: Rotated::default() }
    }
}

impl Rotation<'_> {
    /// Takes the next keys; answers what was done so far, and whether the pass has ended.
    ///
    /// # Errors
    /// A store failed; the same step may be asked for again.
    pub async fn step(&mut self) -> Result<(&Rotated, bool), VaultError> {
        let Some(store) = self.vault.stores.get(self.store) else { return Ok((&self.told, true)) };
        let page = store.list(SECRETS, &self.after, PAGE).await?;
        for key in &page {
            self.wrap(store.as_ref(), key).await?;
            self.after.clone_from(key);
        }
        if page.is_empty() {
            self.store += 1;
            self.after.clear();
        }
        Ok((&self.told, self.store == self.vault.stores.len()))
    }

    async fn wrap(&mut self, store: &dyn Store, key: &str) -> Result<(), VaultError> {
        let Some(name) = name_in(key) else { return Ok(()) };
        // Erased meanwhile.
        let Some(wrapped) = wrapped_in(store, &name).await? else { return Ok(()) };
        let id = sealing::wrapped_by(&wrapped).unwrap_or("?").to_owned();
        let Ok(secret) = self.vault.unwrap(&name, &wrapped) else {
            *self.told.left.entry(id).or_default() += 1;
            return Ok(());
        };
        if id == self.vault.keys.current() {
            self.told.before += 1;
            return Ok(());
        }
        let key = secret_key(&name);
        let lock = store.lock_of(&key).await?;
        store.replace(&key, Incoming::Bytes(&self.vault.wrap(&name, &secret))).await?;
        if lock != crate::store::Lock::default() {
            store.lock(&key, &lock).await?;
        }
        self.told.wrapped += 1;
        Ok(())
    }
}

/// The name at the end of a key in a store.
pub(crate) fn name_in(key: &str) -> Option<[u8; 32]> {
    hex::decode(key.rsplit('/').next()?).ok()?.try_into().ok()
}
