//! The engine: one session per channel, shared by questions and arrivals, because every log-in may ring a telephone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use connectors_contract::{Channel, Engine, Inbound, Lookup, Manifest, ManifestError};
use connectors_http::{ClientError, Clients, Connections};
use openssl::sha::Sha256;
use secrecy::ExposeSecret;

use crate::Clock;

use super::inbound::SpvInbound;
use super::lookup::SpvLookup;
use super::service::Service;
use super::session::Session;

/// Speaks to SPV for every system whose manifest says `engine = "anaf-spv"`.
pub struct SpvEngine {
    clock: Clock,
    clients: Clients,
    sessions: Mutex<HashMap<[u8; 32], Arc<Session>>>,
}

impl SpvEngine {
    /// An engine without sessions; the first question of a channel begins one.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new(clock: Clock) -> Result<Self, ClientError> {
        Ok(Self { clock, clients: Clients::new()?, sessions: Mutex::default() })
    }

    fn service(&self, manifest: &Manifest, channel: &Channel) -> Result<Service, ManifestError> {
        if manifest.engine != self.name() {
            return Err(self.without(
                manifest,
                &format!("engine = {:?}", manifest.engine),
                "give it to the engine it names",
            ));
        }
        let address = manifest.endpoint.address(&manifest.system, channel)?;
        if !matches!(address.scheme(), "http" | "https") {
            let problem = format!("this engine speaks HTTP, and the address begins with {}:", address.scheme());
            return Err(ManifestError::Address { system: manifest.system.clone(), problem });
        }
        let key = fingerprint(&address, channel);
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let session = match sessions.get(&key) {
            Some(session) => Arc::clone(session),
            None => {
                let client = self.clients.client(&manifest.system, channel, Connections::Renegotiated)?;
                let session = Arc::new(Session::new(client, address, channel));
                sessions.insert(key, Arc::clone(&session));
                session
            }
        };
        Ok(Service::new(session, manifest.endpoint.timeout, Arc::clone(&self.clock)))
    }
}

impl Engine for SpvEngine {
    fn name(&self) -> &'static str {
        "anaf-spv"
    }

    fn lookup(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        let service = self.service(manifest, &channel)?;
        if let Some(name) = manifest.lookups.keys().find(|name| !SpvLookup::knows(name)) {
            let asked = format!("the lookup {name:?}");
            return Err(self.without(manifest, &asked, &format!("it has {}", SpvLookup::NAMES.join(", "))));
        }
        Ok(Arc::new(SpvLookup::new(service)))
    }

    fn inbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        let service = self.service(manifest, &channel)?;
        Ok(Arc::new(SpvInbound::new(service)))
    }
}

/// What makes a channel another channel: a changed certificate or first cookie begins a session of its own.
fn fingerprint(address: &url::Url, channel: &Channel) -> [u8; 32] {
    let secrets = [&channel.identity, &channel.secret].map(|secret| secret.as_ref().map(ExposeSecret::expose_secret));
    let pieces = [Some(address.as_str()), secrets[0], secrets[1], channel.roots.as_deref()];
    let mut hasher = Sha256::new();
    for piece in pieces {
        let piece = piece.unwrap_or_default();
        hasher.update(&piece.len().to_be_bytes());
        hasher.update(piece.as_bytes());
    }
    hasher.finish()
}
