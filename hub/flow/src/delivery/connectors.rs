//! From a channel of the directory to a connector: engine, manifest, address, secret.

mod asking;
mod receiving;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use connectors_contract::{Channel as Address, Engine, Guard, Manifest, ManifestError, Outbound, Reach};
use secrecy::{ExposeSecret as _, SecretString};

use crate::directory::{Channel, Versioned};

/// Finds the secret that a reference (`env:NAME`, `file:PATH`) names.
pub type Secrets = Box<dyn Fn(&str) -> Option<SecretString> + Send + Sync>;

/// All engines and systems this hub has.
pub struct Connectors {
    engines: Vec<Box<dyn Engine>>,
    systems: HashMap<String, Manifest>,
    secrets: Secrets,
    /// For what is referenced and is no secret.
    public: Option<Secrets>,
    /// Whom addresses of the directory may reach.
    reach: Reach,
    hub_address: String,
    built: Mutex<HashMap<(String, i64), Arc<dyn Outbound>>>,
    asking: asking::Built,
    receiving: receiving::Built,
}

/// Why a channel cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnknownChannel {
    /// No folder of that name.
    #[error("canalul {channel} folosește sistemul {system}, care nu are dosar în connectors/systems")]
    System {
        /// Channel id.
        channel: String,
        /// System name.
        system: String,
    },
    /// No engine of that name.
    #[error("sistemul {system} cere motorul {engine}, pe care acest hub nu îl are")]
    Engine {
        /// System name.
        system: String,
        /// Engine name.
        engine: String,
    },
    /// The address is not a URL.
    #[error("adresa canalului {channel} nu este un URL")]
    Address {
        /// Channel id.
        channel: String,
    },
    /// The secret is not where the reference points.
    #[error("secretul canalului {channel} nu se găsește la {reference}")]
    Secret {
        /// Channel id.
        channel: String,
        /// The reference, never the secret.
        reference: String,
    },
    /// The engine refuses the manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl Connectors {
    /// The engines, the manifests of the systems by name, and where secrets are found.
    #[must_use]
    pub fn new(engines: Vec<Box<dyn Engine>>, systems: HashMap<String, Manifest>, secrets: Secrets) -> Self {
        Self {
            engines,
            systems,
            secrets,
            public: None,
            reach: Reach::Anywhere,
            hub_address: String::new(),
            built: Mutex::default(),
            asking: asking::Built::default(),
            receiving: receiving::Built::default(),
        }
    }

    /// Tells targets where this hub is, for the links it sends them.
    #[must_use]
    pub fn reachable_at(mut self, hub_address: String) -> Self {
        self.hub_address = hub_address;
        self
    }

    /// Where certificates and keys of hosts are found, which everybody may read; without it, where secrets are.
    #[must_use]
    pub fn public_from(mut self, public: Secrets) -> Self {
        self.public = Some(public);
        self
    }

    /// Lets addresses of the directory lead only where the guard lets them.
    #[must_use]
    pub fn guarded(mut self, guard: Guard) -> Self {
        self.reach = Reach::Guarded(Arc::new(guard));
        self
    }

    /// Base URL of this hub as targets see it.
    #[must_use]
    pub fn hub_address(&self) -> &str {
        &self.hub_address
    }

    /// What a reference (`env:NAME`, `file:PATH`) to something public holds, where it leads to something.
    #[must_use]
    pub fn referenced(&self, reference: &str) -> Option<SecretString> {
        self.public.as_ref().unwrap_or(&self.secrets)(reference)
    }

    /// The manifest of a system, where it has a folder.
    #[must_use]
    pub fn manifest(&self, system: &str) -> Option<&Manifest> {
        self.systems.get(system)
    }

    /// All systems, in no order.
    pub fn manifests(&self) -> impl Iterator<Item = &Manifest> {
        self.systems.values()
    }

    /// The target type a system wants bodies in; none when it takes them as they are.
    #[must_use]
    pub fn translation(&self, system: &str) -> Option<&str> {
        self.systems.get(system)?.translation.as_deref()
    }

    /// The connector of a channel, built once per version of its entry.
    ///
    /// # Errors
    /// [`UnknownChannel`] says what the channel lacks; deliveries over it wait, they do not fail.
    pub fn outbound(&self, channel: &Versioned<Channel>) -> Result<Arc<dyn Outbound>, UnknownChannel> {
        let key = (channel.entry.id.clone(), channel.version);
        if let Some(known) = self.built.lock().expect("no holder panics").get(&key) {
            return Ok(Arc::clone(known));
        }
        let made = self.build(&channel.entry)?;
        self.built.lock().expect("no holder panics").insert(key, Arc::clone(&made));
        Ok(made)
    }

    fn build(&self, channel: &Channel) -> Result<Arc<dyn Outbound>, UnknownChannel> {
        let (engine, manifest) = self.spoken(&channel.id, &channel.system)?;
        let way = Way {
            channel: &channel.id,
            address: channel.address.as_deref(),
            secret: channel.secret.as_deref(),
            identity: channel.identity.as_deref(),
            roots: channel.roots.as_deref(),
        };
        Ok(engine.outbound(manifest, self.address(way)?)?)
    }

    /// The manifest of a channel's system, and the engine that speaks its protocol.
    fn spoken(&self, channel: &str, system: &str) -> Result<(&dyn Engine, &Manifest), UnknownChannel> {
        let missing = || UnknownChannel::System { channel: channel.to_owned(), system: system.to_owned() };
        let manifest = self.systems.get(system).ok_or_else(missing)?;
        let engine = self.engines.iter().find(|engine| engine.name() == manifest.engine);
        let missing = || UnknownChannel::Engine { system: system.to_owned(), engine: manifest.engine.clone() };
        Ok((engine.ok_or_else(missing)?.as_ref(), manifest))
    }

    /// Address, secret and identity of a channel, its references followed.
    fn address(&self, way: Way<'_>) -> Result<Address, UnknownChannel> {
        let unreadable = |_| UnknownChannel::Address { channel: way.channel.to_owned() };
        let address = way.address.map(str::parse).transpose().map_err(unreadable)?;
        let held = |reference: Option<&str>| self.held(way.channel, reference);
        let (secret, identity) = (held(way.secret)?, held(way.identity)?);
        let roots = way.roots.map(|reference| {
            let roots = self.referenced(reference).map(|roots| roots.expose_secret().to_owned());
            roots.ok_or_else(|| UnknownChannel::Secret {
                channel: way.channel.to_owned(),
                reference: reference.to_owned(),
            })
        });
        let roots = roots.transpose()?;
        // An address of the directory is what an institution asked for; one of a manifest is the operator's own.
        let reach = if address.is_some() { self.reach.clone() } else { Reach::Anywhere };
        Ok(Address { address, secret, identity, roots, reach })
    }

    /// What a channel's reference leads to, where it has one.
    fn held(&self, channel: &str, reference: Option<&str>) -> Result<Option<SecretString>, UnknownChannel> {
        let Some(reference) = reference else { return Ok(None) };
        let missing = || UnknownChannel::Secret { channel: channel.to_owned(), reference: reference.to_owned() };
        (self.secrets)(reference).ok_or_else(missing).map(Some)
    }
}

/// What a channel of the directory says of its way to a system, secrets still by reference.
#[derive(Clone, Copy)]
struct Way<'a> {
    channel: &'a str,
    address: Option<&'a str>,
    secret: Option<&'a str>,
    identity: Option<&'a str>,
    roots: Option<&'a str>,
}
