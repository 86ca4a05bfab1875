//! From a source of the directory to what fetches from its system.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use connectors_contract::Inbound;

use crate::directory::{Source, Versioned};

use super::{Connectors, UnknownChannel, Way};

/// What was built, by source and version of its entry.
pub(super) type Built = Mutex<HashMap<(String, i64), Arc<dyn Inbound>>>;

impl Connectors {
    /// What fetches from a source, built once per version of its entry.
    ///
    /// # Errors
    /// [`UnknownChannel`] says what the source lacks.
    pub fn inbound(&self, source: &Versioned<Source>) -> Result<Arc<dyn Inbound>, UnknownChannel> {
        let key = (source.entry.id.clone(), source.version);
        if let Some(known) = self.receiving.lock().expect("no holder panics").get(&key) {
            return Ok(Arc::clone(known));
        }
        let entry = &source.entry;
        let (engine, manifest) = self.spoken(&entry.id, &entry.system)?;
        let way = Way {
            channel: &entry.id,
            address: entry.address.as_deref(),
            secret: entry.secret.as_deref(),
            identity: entry.identity.as_deref(),
            roots: entry.roots.as_deref(),
        };
        let made = engine.inbound(manifest, self.address(way)?)?;
        self.receiving.lock().expect("no holder panics").insert(key, Arc::clone(&made));
        Ok(made)
    }
}
