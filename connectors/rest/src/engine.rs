//! The engine: the HTTP clients all systems share, and the checks before a connector is handed out.

use std::sync::Arc;

use connectors_contract::{Channel, Engine, Inbound, Lookup, Manifest, ManifestError, Outbound, SideEffect};

use connectors_http::{ClientError, Clients, Connections, Credentials};
use url::Url;

use crate::connector::RestOutbound;
use crate::inbound;
use crate::lookup::RestLookup;
use crate::receive::{Receive, RestTable};

/// The time in seconds since 1970, given by whoever builds the engine.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Speaks REST for every system whose manifest asks for it.
pub struct RestEngine {
    clients: Clients,
    clock: Clock,
}

impl RestEngine {
    /// Builds the engine with its clients.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new(clock: Clock) -> Result<Self, ClientError> {
        Ok(Self { clients: Clients::new()?, clock })
    }
}

/// A kept connection may have been closed by the target without our knowing, and a document sent into it is in doubt.
/// Where only a person can settle a doubt, every document gets a connection of its own.
fn connections(side_effect: SideEffect) -> Connections {
    match side_effect {
        SideEffect::Once => Connections::Fresh,
        SideEffect::Queryable | SideEffect::Repeatable => Connections::Kept,
    }
}

impl RestEngine {
    /// Where to call, if the manifest is this engine's and the address one of HTTP.
    fn address(&self, manifest: &Manifest, channel: &Channel) -> Result<Url, ManifestError> {
        if manifest.engine != self.name() {
            return Err(ManifestError::Unsupported {
                system: manifest.system.clone(),
                engine: self.name().to_owned(),
                asked: format!("engine = {:?}", manifest.engine),
                way_out: "give the manifest to the engine it names".to_owned(),
            });
        }
        let address = manifest.endpoint.address(&manifest.system, channel)?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(ManifestError::Address {
                system: manifest.system.clone(),
                problem: format!("this engine speaks HTTP, and the address begins with {}:", address.scheme()),
            });
        }
        Ok(address)
    }
}

impl Engine for RestEngine {
    fn name(&self) -> &'static str {
        "rest"
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        let address = self.address(manifest, &channel)?;
        let Some(deliver) = &manifest.deliver else {
            return Err(self.without(manifest, "deliveries without a section [deliver]", "add it"));
        };
        if address.query().is_some() && !deliver.path.is_empty() {
            return Err(ManifestError::Address {
                system: manifest.system.clone(),
                problem: "an address with a ? cannot be followed by the path of [deliver], leave one out".to_owned(),
            });
        }
        let credentials = Credentials::prepare(manifest, &channel)?;
        let client = self.clients.client(&manifest.system, &channel, connections(deliver.side_effect))?;
        let to = (address, credentials);
        Ok(Arc::new(RestOutbound::new(client, Arc::clone(&self.clock), (manifest.clone(), deliver.clone()), to)))
    }
    fn lookup(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        let address = self.address(manifest, &channel)?;
        if manifest.lookups.is_empty() {
            return Err(self.without(manifest, "lookups without a section [lookup.<name>]", "add one"));
        }
        let credentials = Credentials::prepare(manifest, &channel)?;
        let client = self.clients.client(&manifest.system, &channel, Connections::Kept)?;
        Ok(Arc::new(RestLookup::new(client, Arc::clone(&self.clock), manifest.clone(), (address, credentials))?))
    }
    fn inbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        let address = self.address(manifest, &channel)?;
        let table: Option<RestTable> = manifest.section()?;
        let Some(text) = table.and_then(|table| table.receive) else {
            return Err(self.without(manifest, "arrivals without a section [rest.receive]", "add it"));
        };
        let receive = Receive::read(text)
            .map_err(|way_out| self.without(manifest, "the section [rest.receive] as it is written", &way_out))?;
        let credentials = Credentials::prepare(manifest, &channel)?;
        let client = self.clients.client(&manifest.system, &channel, Connections::Kept)?;
        Ok(inbound::connector(client, &self.clock, (manifest, receive), (address, credentials)))
    }
}
