//! `[tls]` and `[proxy]`: how the door proves who the hub is, and how it learns which machine calls.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::Config;

/// TLS of the door. Its files are read again when they change and on SIGHUP; connections that are open live on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// Certificate chain, PEM: the hub's own first, then those above it.
    pub certificate: PathBuf,
    /// Private key, PEM, unencrypted.
    pub key: PathBuf,
    /// Whether clients are asked for a certificate.
    #[serde(default)]
    pub client: ClientCertificates,
    /// Authorities whose client certificates are believed, PEM.
    pub client_roots: Option<PathBuf>,
    /// Revocation lists of these authorities, PEM or DER. Where one is named, a certificate whose issuer has no list in
    /// force is refused.
    #[serde(default)]
    pub revocation: Vec<PathBuf>,
    /// OCSP response of the hub's own certificate, DER, stapled to handshakes; something else keeps the file fresh.
    pub ocsp: Option<PathBuf>,
    /// Oldest version that is spoken.
    #[serde(default)]
    pub min: OldestTls,
    /// Seconds a handshake may take.
    #[serde(default = "ten")]
    pub handshake_seconds: NonZeroU32,
    /// Handshakes under way at once; from one address a quarter of them.
    #[serde(default = "five_hundred")]
    pub handshakes: NonZeroU32,
    /// Seconds between two looks whether the files changed.
    #[serde(default = "thirty")]
    pub reload_seconds: NonZeroU32,
}

impl TlsConfig {
    /// The defaults around two files that must be named.
    #[must_use]
    pub fn minimal() -> Self {
        Self {
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            client: ClientCertificates::default(),
            client_roots: None,
            revocation: Vec::new(),
            ocsp: None,
            min: OldestTls::default(),
            handshake_seconds: ten(),
            handshakes: five_hundred(),
            reload_seconds: thirty(),
        }
    }
}

const fn ten() -> NonZeroU32 {
    NonZeroU32::new(10).expect("not zero")
}

const fn thirty() -> NonZeroU32 {
    NonZeroU32::new(30).expect("not zero")
}

const fn five_hundred() -> NonZeroU32 {
    NonZeroU32::new(512).expect("not zero")
}

/// Whether clients are asked for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificates {
    /// They are not.
    #[default]
    Off,
    /// They are; one who has none goes on without, one whose certificate is not believed is refused.
    Optional,
    /// They are, and nobody comes in without.
    Required,
}

/// Versions of TLS that may be the oldest spoken. Nothing before 1.2 can be configured (RFC 8996).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum OldestTls {
    /// TLS 1.2.
    #[default]
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    V1_3,
}

/// What the trusted proxies of `[door]` may tell of the client's certificate, where they end TLS for the hub (RFC 9440).
/// They must take the header away from what clients send.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProxyConfig {
    /// Authorities whose client certificates are believed, PEM: the hub verifies what it is told. Where absent, no header
    /// about certificates is believed.
    pub client_roots: Option<PathBuf>,
    /// Revocation lists of these authorities, PEM or DER.
    pub revocation: Vec<PathBuf>,
}

impl Config {
    /// How addresses of this hub begin.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// The address under which others reach this hub, without a slash at the end.
    #[must_use]
    pub fn reached_at(&self) -> String {
        let own = || format!("{}://{}", self.scheme(), self.listen);
        self.public_url.as_deref().map_or_else(own, |url| url.trim_end_matches('/').to_owned())
    }

    /// Refuses a door that would carry keys in the clear through a network.
    ///
    /// # Errors
    /// There is no TLS, the address is not loopback, and nobody said that this is meant; or a setting of `[tls]` lacks
    /// another one.
    pub fn check_door(&self, address: IpAddr) -> anyhow::Result<()> {
        let Some(tls) = &self.tls else {
            if !address.is_loopback() && !self.insecure_plain_http {
                bail!(
                    "the door at {address} would speak plain HTTP to a network: keys and documents could be read on the \
                     way. Configure [tls], listen on 127.0.0.1 behind a proxy, or say insecure_plain_http = true"
                );
            }
            return Ok(());
        };
        if tls.client != ClientCertificates::Off {
            tls.client_roots.as_ref().context("[tls] with client certificates needs client_roots")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_door_to_a_network_must_be_asked_for() {
        let config = Config::default();
        assert!(config.check_door("127.0.0.1".parse().unwrap()).is_ok());
        assert!(config.check_door("::1".parse().unwrap()).is_ok());
        let error = config.check_door("0.0.0.0".parse().unwrap()).unwrap_err().to_string();
        assert!(error.contains("insecure_plain_http"), "{error}");
        let config = Config { insecure_plain_http: true, ..Config::default() };
        assert!(config.check_door("0.0.0.0".parse().unwrap()).is_ok());
        let config = toml::from_str::<Config>("[tls]\ncertificate='c'\nkey='k'\nclient='required'\n").unwrap();
        assert!(config.check_door("0.0.0.0".parse().unwrap()).is_err(), "client_roots are missing");
        for old in ["1.0", "1.1", "ssl3"] {
            assert!(toml::from_str::<TlsConfig>(&format!("certificate='c'\nkey='k'\nmin='{old}'")).is_err(), "{old}");
        }
    }
}
