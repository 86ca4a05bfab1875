//! Who stands behind the proxies in front of the hub: addresses (`X-Forwarded-For`) and client certificates (RFC 9440).
//! Of a certificate the hub believes the proxy that the client has the key, and nothing else: it verifies it itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hub_flow::clock::Timestamp;
use ipnet::IpNet;
use openssl::sha::sha256;
use openssl::x509::X509;

use crate::config::ProxyConfig;
use crate::protection::address;

use super::anchors::{Anchors, Unbelievable};
use super::certificate::ClientCertificate;

/// Longest header, in characters: a chain of five large certificates.
const LONGEST: usize = 16 * 1024;
/// Verified certificates that are remembered.
const REMEMBERED: usize = 1024;
/// A verified certificate is verified again after so long: lists and roots may have changed.
const FRESH_SECONDS: i64 = 60;

/// What a proxy told about a client.
pub enum Told {
    /// Nothing, or the address is none of the proxies.
    Nothing,
    /// A certificate, which was verified.
    Certificate(Arc<ClientCertificate>),
    /// Something that is not believed.
    Unbelievable(String),
}

/// Certificates that were verified, by the SHA-256 of what was told, with the moment until which that holds.
type Verified = HashMap<[u8; 32], (Timestamp, Arc<ClientCertificate>)>;

/// The proxies in front of the hub.
pub struct Proxies {
    trusted: Vec<IpNet>,
    config: ProxyConfig,
    verified: Mutex<Verified>,
}

impl Proxies {
    /// The proxies of a configuration, which are those whom the whole door trusts.
    ///
    /// # Errors
    /// The authorities cannot be read.
    pub fn open(trusted: &[IpNet], config: &ProxyConfig) -> anyhow::Result<Self> {
        if let Some(roots) = &config.client_roots {
            Anchors::read(roots, &config.revocation)?;
        }
        Ok(Self { trusted: trusted.to_vec(), config: config.clone(), verified: Mutex::default() })
    }

    /// Whether an address is one of them.
    #[must_use]
    pub fn trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// The address a request comes from: the peer's, or what trusted proxies say of who stands behind them.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        address::client(peer, headers, &self.trusted)
    }

    /// Reads the headers of a request that came from an address.
    pub fn told(&self, address: IpAddr, headers: &HeaderMap, now: Timestamp) -> Told {
        let Some(roots) = self.config.client_roots.as_ref().filter(|_| self.trusted(address)) else {
            return Told::Nothing;
        };
        let mut given = headers.get_all("client-cert").iter();
        let Some(header) = given.next() else { return Told::Nothing };
        if given.next().is_some() {
            return Told::Unbelievable("the header Client-Cert came twice".to_owned());
        }
        let chain: Vec<&[u8]> = headers.get_all("client-cert-chain").iter().map(|value| value.as_bytes()).collect();
        let digest = sha256(&[header.as_bytes(), &chain.join(&b',')].join(&b'\n'));
        let remembered = || self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((until, certificate)) = remembered().get(&digest).filter(|(until, _)| now < *until) {
            return if now <= certificate.not_after.min(*until) {
                Told::Certificate(Arc::clone(certificate))
            } else {
                Told::Unbelievable("the certificate has expired".to_owned())
            };
        }
        let verified = || -> Result<ClientCertificate, Unbelievable> {
            let certificate = one(header.as_bytes())?;
            let listed = chain.iter().flat_map(|list| list.split(|byte| *byte == b','));
            let above = listed.map(one).collect::<Result<Vec<_>, _>>()?;
            let anchors = Anchors::read(roots, &self.config.revocation);
            anchors.map_err(|error| Unbelievable::Unusable(format!("{error:#}")))?.verify(&certificate, &above)?;
            Ok(ClientCertificate::of(certificate)?)
        };
        match verified() {
            Ok(certificate) => {
                let certificate = Arc::new(certificate);
                let mut kept = remembered();
                if kept.len() >= REMEMBERED {
                    kept.clear();
                }
                kept.insert(digest, (now.plus_seconds(FRESH_SECONDS), Arc::clone(&certificate)));
                Told::Certificate(certificate)
            }
            Err(error) => Told::Unbelievable(error.to_string()),
        }
    }
}

/// Reads one byte sequence of a structured field (RFC 9651, section 3.3.5) as a certificate.
fn one(text: &[u8]) -> Result<X509, Unbelievable> {
    let wrong = |what: &str| Unbelievable::Unusable(what.to_owned());
    let text = text.trim_ascii();
    if text.len() > LONGEST {
        return Err(wrong("the header is too long"));
    }
    let inner = text.strip_prefix(b":").and_then(|text| text.strip_suffix(b":"));
    let inner = inner.ok_or_else(|| wrong("the header is no byte sequence (RFC 9440)"))?;
    let der = STANDARD.decode(inner).map_err(|_| wrong("the header is no Base64"))?;
    let certificate = X509::from_der(&der)?;
    // Nothing may follow the certificate.
    if certificate.to_der()? != der {
        return Err(wrong("the header holds more than a certificate"));
    }
    Ok(certificate)
}
