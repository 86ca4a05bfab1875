//! RO e-Transport v2: declarations filed, and questions about them.

pub(crate) mod classify;
mod sending;
mod questions;

use std::sync::Arc;

use connectors_contract::{Channel, Engine, Lookup, Manifest, ManifestError, Outbound};
use connectors_http::{ClientError, Clients};

use crate::Clock;
use crate::api::Api;
use crate::manifest::{only, upload};
use crate::oauth::OAuth;
use crate::settings::{Settings, access};
use questions::EtransportLookup;
use sending::EtransportOutbound;

/// Speaks RO e-Transport for every system whose manifest says `engine = "anaf-etransport"`.
pub struct EtransportEngine {
    clock: Clock,
    clients: Clients,
    oauth: Arc<OAuth>,
}

impl EtransportEngine {
    /// An engine whose tokens are kept by the host.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new(clock: Clock, oauth: Arc<OAuth>) -> Result<Self, ClientError> {
        Ok(Self { clock, clients: Clients::new()?, oauth })
    }

    fn service(&self, manifest: &Manifest, channel: &Channel) -> Result<Service, ManifestError> {
        if manifest.engine != self.name() {
            let asked = format!("engine = {:?}", manifest.engine);
            return Err(self.without(manifest, &asked, "give it to the engine it names"));
        }
        let settings = Settings::read(manifest)?;
        let invoices = settings.r#extern.is_some() || settings.autofactura.is_some() || settings.fetch.is_some();
        if invoices || settings.executare {
            let way_out = "it has environment, login and settled_after_min";
            return Err(self.without(manifest, "settings about invoices", way_out));
        }
        let api = access((&self.clock, &self.clients, &self.oauth), manifest, channel, &settings)?;
        Ok(Service { api, settings })
    }
}

/// The service for one institution.
pub(crate) struct Service {
    api: Api,
    settings: Settings,
}

impl Service {
    /// The path of an operation in the environment of the manifest.
    fn path(&self, operation: &str) -> String {
        format!("{}/ETRANSPORT/ws/v1/{operation}", self.settings.environment.segment())
    }
}

impl Engine for EtransportEngine {
    fn name(&self) -> &'static str {
        "anaf-etransport"
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        let service = self.service(manifest, &channel)?;
        Ok(Arc::new(EtransportOutbound::new(service, upload(self, manifest)?)))
    }

    fn lookup(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        let service = self.service(manifest, &channel)?;
        only(&EtransportLookup::NAMES, self, manifest)?;
        Ok(Arc::new(EtransportLookup::new(service)))
    }
}
