//! The promise of a connector that delivers.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::{Attempt, Consignment, Inbound, Inquiry, Lookup, Manifest, ManifestError, Reach};

/// One party's address on a system: where, and the secret to be known by.
#[derive(Clone, Default)]
pub struct Channel {
    /// Base address, overriding the manifest's where the system has one address per party (a webhook).
    pub address: Option<url::Url>,
    /// The secret the manifest's `auth` refers to.
    pub secret: Option<SecretString>,
    /// What proves who we are in TLS: certificate chain and unencrypted key, as PEM.
    pub identity: Option<SecretString>,
    /// Further trust anchors as PEM, or a known-hosts line for SFTP. Without them, the machine's own.
    pub roots: Option<String>,
    /// Whom the address may reach.
    pub reach: Reach,
}

impl std::fmt::Debug for Channel {
    /// An address may hold a token in its path or query: only scheme and host are shown.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = self.address.as_ref().map(|address| address.origin().ascii_serialization());
        let secret = self.secret.as_ref().map(|_| "kept secret");
        let identity = self.identity.as_ref().map(|_| "kept secret");
        let mut shown = formatter.debug_struct("Channel");
        shown.field("address", &address).field("secret", &secret).field("identity", &identity);
        shown.field("reach", &self.reach);
        shown.field("roots", &self.roots.as_ref().map(String::len)).finish()
    }
}

/// What a second sending of the same document does at the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SideEffect {
    /// A second sending makes a second document: after a lost answer only a person may decide.
    Once,
    /// The target can be asked what became of a sending: after a lost answer it is asked.
    Queryable,
    /// The target recognises the idempotency key: sending again is safe.
    Repeatable,
}

/// Delivers documents to one system over one channel.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// What a second sending does at the target.
    fn side_effect(&self) -> SideEffect;

    /// Whether a document that was delivered so has only been handed to a carrier, such as a mail server: then it has left
    /// registered delivery, and nothing attests that the recipient has it.
    fn leaves_registered_delivery(&self) -> bool {
        false
    }

    /// Sends the document once. Never retries, never panics on what the target answers.
    async fn deliver(&self, consignment: &Consignment) -> Attempt;

    /// Asks what became of a delivery whose answer was lost.
    async fn inquire(&self, consignment: &Consignment) -> Inquiry;
}

/// A protocol: makes connectors out of manifests.
pub trait Engine: Send + Sync {
    /// The name manifests use: `rest`, `soap` …
    fn name(&self) -> &'static str;

    /// Builds what delivers to a system over one channel.
    ///
    /// # Errors
    /// The manifest asks for something this engine does not have, or the channel lacks what the manifest needs.
    fn outbound(&self, manifest: &Manifest, _channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        Err(self.without(manifest, "deliveries", "use it for what its README says it does"))
    }

    /// Builds what asks a system over one channel.
    ///
    /// # Errors
    /// As for [`Engine::outbound`].
    fn lookup(&self, manifest: &Manifest, _channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        Err(self.without(manifest, "lookups", "use it for what its README says it does"))
    }

    /// Builds what fetches from a system over one channel.
    ///
    /// # Errors
    /// As for [`Engine::outbound`].
    fn inbound(&self, manifest: &Manifest, _channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        Err(self.without(manifest, "arrivals", "use it for what its README says it does"))
    }

    /// The error that this engine does not have something a manifest asks for.
    fn without(&self, manifest: &Manifest, asked: &str, way_out: &str) -> ManifestError {
        ManifestError::Unsupported {
            system: manifest.system.clone(),
            engine: self.name().to_owned(),
            asked: asked.to_owned(),
            way_out: way_out.to_owned(),
        }
    }
}
