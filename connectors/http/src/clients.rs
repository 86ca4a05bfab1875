//! The HTTP clients: one for everybody without certificates, and one for every certificate and set of roots.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connectors_contract::{Channel, ManifestError, Reach};
use openssl::sha::Sha256;
use secrecy::ExposeSecret;

use crate::identity::{client_identity, trust_anchors};
use crate::judging::Judging;

/// When so many certificates were seen, those of the past are forgotten. A channel keeps its own client.
const MOST_KEPT: usize = 1_000;

/// Whether connections are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Connections {
    /// For half a minute. The target may have closed one without our knowing, and what is sent into it is in doubt.
    Kept,
    /// Every call has its own.
    Fresh,
    /// For some seconds, over HTTP/1.1 and at most TLS 1.2: the target may renegotiate a connection to ask for the
    /// certificate in the middle of it, which newer TLS does not have.
    Renegotiated,
}

/// What makes a client: certificate and roots, whether its connections are used again, and how it may connect.
type Kind = ([u8; 32], Connections, Way);

/// The clients of one engine. Channels with the same certificate and roots share one, and its connections.
pub struct Clients {
    kept: reqwest::Client,
    fresh: reqwest::Client,
    others: Mutex<HashMap<Kind, reqwest::Client>>,
}

/// The HTTP clients cannot be built on this machine.
#[derive(Debug, thiserror::Error)]
#[error("building the HTTP clients: {0}")]
pub struct ClientError(#[from] reqwest::Error);

impl Clients {
    /// Builds the clients of channels without certificates.
    ///
    /// # Errors
    /// The TLS library cannot be used.
    pub fn new() -> Result<Self, ClientError> {
        let (kept, fresh) = (builder(Connections::Kept).build()?, builder(Connections::Fresh).build()?);
        Ok(Self { kept, fresh, others: Mutex::default() })
    }

    /// The client of a channel. The roots of a channel are believed beside the machine's own. Where the channel is
    /// guarded, its client connects to nothing that was not judged.
    ///
    /// # Errors
    /// The channel's certificate, key or roots cannot be used, or its address may not be called.
    pub fn client(
        &self,
        system: &str,
        channel: &Channel,
        connections: Connections,
    ) -> Result<reqwest::Client, ManifestError> {
        let way = way(system, channel)?;
        let without = channel.identity.is_none() && channel.roots.is_none() && way == Way::Open;
        match connections {
            Connections::Kept if without => return Ok(self.kept.clone()),
            Connections::Fresh if without => return Ok(self.fresh.clone()),
            _ => {}
        }
        let key = (fingerprint(channel), connections, way);
        let mut known = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = known.get(&key) {
            return Ok(client.clone());
        }
        let lacks = |(lacks, way_out): (&str, &str)| ManifestError::Channel {
            system: system.to_owned(),
            lacks: lacks.to_owned(),
            way_out: way_out.to_owned(),
        };
        let mut builder = builder(connections);
        if let Reach::Guarded(guard) = &channel.reach {
            let judging = Judging { guard: Arc::clone(guard), strict: way == Way::AllowedOnly };
            builder = builder.dns_resolver(Arc::new(judging));
        }
        if let Some(identity) = &channel.identity {
            builder = builder.identity(client_identity(identity.expose_secret()).map_err(lacks)?);
        }
        if let Some(roots) = &channel.roots {
            builder = builder.tls_certs_merge(trust_anchors(roots).map_err(lacks)?);
        }
        // The library's own words may quote what it was given.
        let unusable =
            |_| lacks(("certificates that the TLS library takes", "check the PEM of certificate, key and roots"));
        let client = builder.build().map_err(unusable)?;
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        known.insert(key, client.clone());
        Ok(client)
    }
}

/// How a client may connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// To everybody.
    Open,
    /// To what is open to all, and to allowed networks.
    Judged,
    /// To allowed networks only: the address is plain HTTP, or has an unusual port.
    AllowedOnly,
}

fn way(system: &str, channel: &Channel) -> Result<Way, ManifestError> {
    let (Reach::Guarded(guard), Some(address)) = (&channel.reach, &channel.address) else { return Ok(Way::Open) };
    guard
        .judge_url(address)
        .map_err(|forbidden| ManifestError::Address { system: system.to_owned(), problem: forbidden.to_string() })?;
    Ok(if guard.is_strict(address) { Way::AllowedOnly } else { Way::Judged })
}

fn fingerprint(channel: &Channel) -> [u8; 32] {
    let identity = channel.identity.as_ref().map_or("", |identity| identity.expose_secret());
    let roots = channel.roots.as_deref().unwrap_or_default();
    let mut hasher = Sha256::new();
    for text in [identity, roots] {
        hasher.update(&(text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finish()
}

fn builder(connections: Connections) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("punte/", env!("CARGO_PKG_VERSION")));
    match connections {
        Connections::Kept => builder.pool_idle_timeout(Duration::from_secs(30)),
        Connections::Fresh => builder.pool_max_idle_per_host(0),
        Connections::Renegotiated => {
            let tls = reqwest::tls::Version::TLS_1_2;
            builder.pool_idle_timeout(Duration::from_secs(5)).http1_only().max_tls_version(tls)
        }
    }
}
