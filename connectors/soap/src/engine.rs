//! The engine: the HTTP clients all systems share, and the checks before a connector is handed out.

use std::sync::Arc;

use connectors_contract::{Channel, Engine, Lookup, Manifest, ManifestError, Outbound, SideEffect};
use connectors_http::{ClientError, Clients, Connections};
use hub_signatures::certificate::Certificate;
use hub_signatures::trust::Trust;
use serde_json::Value;

use crate::connector::{Asks, SoapConnector};
use crate::credentials::Credentials;
use crate::settings::Settings;
use crate::xml_text::XmlText;

/// The time in seconds since 1970, given by whoever builds the engine.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Sixteen random bytes, given by whoever builds the engine; for nonces.
pub type Randomness = Arc<dyn Fn() -> [u8; 16] + Send + Sync>;

/// Speaks SOAP for every system whose manifest asks for it.
pub struct SoapEngine {
    clients: Clients,
    clock: Clock,
    randomness: Randomness,
}

impl SoapEngine {
    /// Builds the engine with its clients.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new(clock: Clock, randomness: Randomness) -> Result<Self, ClientError> {
        Ok(Self { clients: Clients::new()?, clock, randomness })
    }

    fn connector(
        &self,
        manifest: &Manifest,
        channel: &Channel,
        connections: Connections,
    ) -> Result<SoapConnector, ManifestError> {
        if manifest.engine != self.name() {
            let asked = format!("engine = {:?}", manifest.engine);
            return Err(self.without(manifest, &asked, "give the manifest to the engine it names"));
        }
        let settings = Settings::of(manifest)?;
        let address = manifest.endpoint.address(&manifest.system, channel)?;
        if !matches!(address.scheme(), "http" | "https") {
            let problem = format!("this engine speaks HTTP, and the address begins with {}:", address.scheme());
            return Err(ManifestError::Address { system: manifest.system.clone(), problem });
        }
        let credentials = Credentials::prepare(manifest, &settings, channel)?;
        Ok(SoapConnector {
            client: self.clients.client(&manifest.system, channel, connections)?,
            clock: Arc::clone(&self.clock),
            randomness: Arc::clone(&self.randomness),
            trust: trust(manifest, &settings, channel)?,
            manifest: manifest.clone(),
            settings,
            address,
            credentials,
        })
    }
}

impl Engine for SoapEngine {
    fn name(&self) -> &'static str {
        "soap"
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        let Some(deliver) = &manifest.deliver else {
            return Err(self.without(manifest, "deliveries without a section [deliver]", "add it"));
        };
        // A kept connection may have been closed by the target without our knowing, and a document sent into it is in
        // doubt. Where only a person can settle a doubt, every document gets a connection of its own.
        let connections = match deliver.side_effect {
            SideEffect::Once => Connections::Fresh,
            SideEffect::Queryable | SideEffect::Repeatable => Connections::Kept,
        };
        Ok(Arc::new(self.connector(manifest, &channel, connections)?))
    }

    fn lookup(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        let connector = self.connector(manifest, &channel, Connections::Kept)?;
        let mut requests = Vec::new();
        for (name, operation) in &manifest.lookups {
            let refused = |asked: String, way_out: &str| self.without(manifest, &asked, way_out);
            if operation.batch.is_some() {
                return Err(refused(format!("the batch of lookup {name}"), "leave it out: one question, one envelope"));
            }
            let Some(Value::String(request)) = &operation.request else {
                return Err(refused(
                    format!("lookup {name} without a request"),
                    "write the child of the body as XML text",
                ));
            };
            let text = XmlText::try_from(request.clone()).and_then(|text| text.check().map(|()| text));
            let text = text.map_err(|problem| refused(format!("lookup {name}: {problem}"), "write one XML element"))?;
            if let Some(unknown) = text.selected().find(|hole| !operation.knows(hole)) {
                return Err(refused(
                    format!("the hole {{{unknown}}} of lookup {name}"),
                    "use an argument of the operation",
                ));
            }
            requests.push((name.clone(), text));
        }
        Ok(Arc::new(Asks { connector, requests: requests.into_iter().collect() }))
    }
}

/// Whom signed answers must lead to.
fn trust(manifest: &Manifest, settings: &Settings, channel: &Channel) -> Result<Option<Trust>, ManifestError> {
    if !settings.verify_answers {
        return Ok(None);
    }
    let anchors = channel.roots.as_ref().and_then(|roots| Certificate::all_from_pem(roots.as_bytes()).ok());
    let anchors = anchors.filter(|anchors| !anchors.is_empty()).ok_or_else(|| ManifestError::Channel {
        system: manifest.system.clone(),
        lacks: "trust anchors".to_owned(),
        way_out: "answers are verified against them, store the certificates as PEM".to_owned(),
    })?;
    Ok(Some(Trust::Anchors(anchors)))
}
