//! The promise of a connector that delivers.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::{Attempt, Consignment, Inquiry, Manifest, ManifestError};

/// One party's address on a system: where, and the secret to be known by.
#[derive(Clone)]
pub struct Channel {
    /// Base address, overriding the manifest's where the system has one address per party (a webhook).
    pub address: Option<url::Url>,
    /// The secret the manifest's `auth` refers to.
    pub secret: Option<SecretString>,
}

impl std::fmt::Debug for Channel {
    /// An address may hold a token in its path or query: only scheme and host are shown.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = self.address.as_ref().map(|address| address.origin().ascii_serialization());
        let secret = self.secret.as_ref().map(|_| "kept secret");
        formatter.debug_struct("Channel").field("address", &address).field("secret", &secret).finish()
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

    /// Sends the document once. Never retries, never panics on what the target answers.
    async fn deliver(&self, consignment: &Consignment) -> Attempt;

    /// Asks what became of a delivery whose answer was lost.
    async fn inquire(&self, consignment: &Consignment) -> Inquiry;
}

/// A protocol: makes connectors out of manifests.
pub trait Engine: Send + Sync {
    /// The name manifests use: `rest`, `soap` …
    fn name(&self) -> &'static str;

    /// Builds the connector of a system for one party's channel.
    ///
    /// # Errors
    /// The manifest asks for something this engine does not have, or the channel lacks what the manifest needs.
    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError>;
}
