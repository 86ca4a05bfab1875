//! From a lookup channel of the directory to what asks a register.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use connectors_contract::manifest::LookupOperation;
use connectors_contract::{Lookup, Manifest};

use crate::directory::{LookupChannel, Versioned};

use super::{Connectors, UnknownChannel, Way};

/// What was built, by channel and version of its entry.
pub(super) type Built = Mutex<HashMap<(String, i64), Arc<dyn Lookup>>>;

impl Connectors {
    /// An operation that can be asked of a system, with the system's manifest.
    #[must_use]
    pub fn operation(&self, system: &str, operation: &str) -> Option<(&Manifest, &LookupOperation)> {
        let manifest = self.systems.get(system)?;
        Some((manifest, manifest.lookups.get(operation)?))
    }

    /// The systems that can be asked something, in order of name.
    #[must_use]
    pub fn registers(&self) -> Vec<&Manifest> {
        let mut registers: Vec<&Manifest> =
            self.systems.values().filter(|manifest| !manifest.lookups.is_empty()).collect();
        registers.sort_by(|one, other| one.system.cmp(&other.system));
        registers
    }

    /// What asks over a channel, built once per version of its entry.
    ///
    /// # Errors
    /// [`UnknownChannel`] says what the channel lacks.
    pub fn lookup(&self, channel: &Versioned<LookupChannel>) -> Result<Arc<dyn Lookup>, UnknownChannel> {
        let key = (channel.entry.id.clone(), channel.version);
        if let Some(known) = self.asking.lock().expect("no holder panics").get(&key) {
            return Ok(Arc::clone(known));
        }
        let entry = &channel.entry;
        let (engine, manifest) = self.spoken(&entry.id, &entry.system)?;
        let made = engine.lookup(manifest, self.address(way(entry))?)?;
        self.asking.lock().expect("no holder panics").insert(key, Arc::clone(&made));
        Ok(made)
    }

    /// The host that is asked over a channel: the channel's own, or else the manifest's.
    #[must_use]
    pub fn host(&self, channel: &LookupChannel) -> Option<String> {
        let manifest = self.systems.get(&channel.system)?;
        let address = channel.address.as_deref().and_then(|address| address.parse::<url::Url>().ok());
        let of_manifest = || manifest.endpoint.base_url.as_ref()?.url(&channel.system).ok();
        let address = address.or_else(of_manifest)?;
        address.host_str().map(str::to_owned)
    }
}

fn way(channel: &LookupChannel) -> Way<'_> {
    Way {
        channel: &channel.id,
        address: channel.address.as_deref(),
        secret: channel.secret.as_deref(),
        identity: channel.identity.as_deref(),
        roots: channel.roots.as_deref(),
    }
}
