//! RO e-Factura: invoices filed, what others sent fetched, and questions about both.

mod document;
pub(crate) mod classify;
mod listing;
mod download;
mod sending;
mod arrivals;
mod questions;
#[cfg(test)]
mod collected;

use std::sync::Arc;

use connectors_contract::{Channel, Engine, Inbound, Lookup, Manifest, ManifestError, Outbound};
use connectors_http::{ClientError, Clients};

use crate::Clock;
use crate::manifest::{only, upload};
use crate::oauth::OAuth;
use crate::settings::{Settings, access};
use crate::store::CursorStore;
use arrivals::EfacturaInbound;
use questions::EfacturaLookup;
use sending::EfacturaOutbound;

/// Speaks RO e-Factura for every system whose manifest says `engine = "anaf-efactura"`.
pub struct EfacturaEngine {
    clock: Clock,
    clients: Clients,
    oauth: Arc<OAuth>,
    cursors: Arc<dyn CursorStore>,
}

impl EfacturaEngine {
    /// An engine whose tokens and cursors are kept by the host.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new(clock: Clock, oauth: Arc<OAuth>, cursors: Arc<dyn CursorStore>) -> Result<Self, ClientError> {
        Ok(Self { clock, clients: Clients::new()?, oauth, cursors })
    }

    fn service(&self, manifest: &Manifest, channel: &Channel) -> Result<Service, ManifestError> {
        if manifest.engine != self.name() {
            let asked = format!("engine = {:?}", manifest.engine);
            return Err(self.without(manifest, &asked, "give it to the engine it names"));
        }
        let settings = Settings::read(manifest)?;
        let api = access((&self.clock, &self.clients, &self.oauth), manifest, channel, &settings)?;
        Ok(Service { api, settings })
    }
}

/// The service for one institution.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) api: crate::api::Api,
    pub(crate) settings: Settings,
}

impl Service {
    /// The path of an operation in the environment of the manifest.
    fn path(&self, operation: &str) -> String {
        format!("{}/FCTEL/rest/{operation}", self.settings.environment.segment())
    }
}

impl Engine for EfacturaEngine {
    fn name(&self) -> &'static str {
        "anaf-efactura"
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        let service = self.service(manifest, &channel)?;
        Ok(Arc::new(EfacturaOutbound::new(service, upload(self, manifest)?)))
    }

    fn lookup(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        let service = self.service(manifest, &channel)?;
        only(&EfacturaLookup::NAMES, self, manifest)?;
        Ok(Arc::new(EfacturaLookup::new(service)))
    }

    fn inbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        let service = self.service(manifest, &channel)?;
        Ok(Arc::new(EfacturaInbound::new(service, &manifest.system, Arc::clone(&self.cursors))))
    }
}
