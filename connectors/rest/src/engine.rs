//! The engine: the HTTP clients all systems share, and the checks before a connector is handed out.

use std::sync::Arc;
use std::time::Duration;

use connectors_contract::{Channel, Engine, Manifest, ManifestError, Outbound, SideEffect};

use crate::connector::RestOutbound;
use crate::credentials::Credentials;

/// The time in seconds since 1970, given by whoever builds the engine.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Speaks REST for every system whose manifest asks for it.
pub struct RestEngine {
    kept: reqwest::Client,
    fresh: reqwest::Client,
    clock: Clock,
}

/// The HTTP clients cannot be built on this machine.
#[derive(Debug, thiserror::Error)]
#[error("building the HTTP clients: {0}")]
pub struct ClientError(#[from] reqwest::Error);

impl RestEngine {
    /// Builds the engine with its clients.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new(clock: Clock) -> Result<Self, ClientError> {
        let kept = client().pool_idle_timeout(Duration::from_secs(30)).build()?;
        let fresh = client().pool_max_idle_per_host(0).build()?;
        Ok(Self { kept, fresh, clock })
    }

    /// A kept connection may have been closed by the target without our knowing, and a document sent into it is in
    /// doubt. Where only a person can settle a doubt, every document gets a connection of its own.
    fn client(&self, side_effect: SideEffect) -> reqwest::Client {
        match side_effect {
            SideEffect::Once => self.fresh.clone(),
            SideEffect::Queryable | SideEffect::Repeatable => self.kept.clone(),
        }
    }
}

impl Engine for RestEngine {
    fn name(&self) -> &'static str {
        "rest"
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        if manifest.engine != self.name() {
            return Err(ManifestError::Unsupported {
                system: manifest.system.clone(),
                engine: self.name().to_owned(),
                asked: format!("engine = {:?}", manifest.engine),
                way_out: "give the manifest to the engine it names".to_owned(),
            });
        }
        let address = manifest.endpoint.address(&manifest.system, &channel)?;
        if !matches!(address.scheme(), "http" | "https") {
            return Err(ManifestError::Address {
                system: manifest.system.clone(),
                problem: format!("this engine speaks HTTP, and the address begins with {}:", address.scheme()),
            });
        }
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
        let client = self.client(deliver.side_effect);
        let to = (address, credentials);
        Ok(Arc::new(RestOutbound::new(client, Arc::clone(&self.clock), (manifest.clone(), deliver.clone()), to)))
    }
}

fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("punte/", env!("CARGO_PKG_VERSION")))
}
