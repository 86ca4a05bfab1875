//! What a client is told about its authority, and what it is given instead of taking.

use std::sync::Arc;
use std::time::Duration;

use hub_signatures::trust::Trust;
use secrecy::SecretString;
use url::Url;

/// The time in seconds since 1970, given by whoever builds the client.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Random numbers that are never given twice (RFC 3161, section 2.4.1: the nonce).
pub type Nonces = Arc<dyn Fn() -> [u8; 8] + Send + Sync>;

/// An authority.
pub struct Settings {
    /// Where it listens; `http` is usual, since tokens are signed and requests hold digests only.
    pub url: Url,
    /// How to show who asks.
    pub credentials: Credentials,
    /// Which authorities are believed.
    pub trust: Trust,
    /// The policy to ask for, in dotted notation; none leaves it to the authority.
    pub policy: Option<String>,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// How a request shows who sends it. Has no Debug on purpose.
pub enum Credentials {
    /// The authority serves anybody, or knows the address.
    None,
    /// A user and a password (RFC 7617).
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A token (RFC 6750).
    Bearer(SecretString),
}

/// How long to wait, and how far clocks may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection.
    pub connect: Duration,
    /// For everything together, from the first byte out to the last byte in.
    pub total: Duration,
    /// Seconds by which the authority's clock may differ from ours, beyond the accuracy it claims.
    pub clock_tolerance: u32,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(15), clock_tolerance: 60 }
    }
}
