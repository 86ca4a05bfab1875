//! The HTTP client of one channel: its certificate, its trust anchors, and TLS that can be renegotiated.

use std::time::Duration;

use connectors_contract::{Channel, Manifest, ManifestError};
use openssl::pkey::PKey;
use openssl::x509::X509;
use reqwest::{Certificate, Client, Identity};
use secrecy::ExposeSecret;

/// The client that presents the channel's certificate when it is asked for.
///
/// TLS stops at 1.2: the appliance asks for the certificate by renegotiation, which 1.3 does not have.
pub(super) fn client(manifest: &Manifest, channel: &Channel) -> Result<Client, ManifestError> {
    let lacks = |lacks: &str, way_out: &str| ManifestError::Channel {
        system: manifest.system.clone(),
        lacks: lacks.to_owned(),
        way_out: way_out.to_owned(),
    };
    let mut builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .http1_only()
        .max_tls_version(reqwest::tls::Version::TLS_1_2)
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(5))
        .user_agent(concat!("punte/", env!("CARGO_PKG_VERSION")));
    if let Some(identity) = &channel.identity {
        let identity = own(identity.expose_secret().as_bytes());
        let identity = identity.ok_or_else(|| {
            lacks(
                "a usable certificate",
                "store the chain and its unencrypted key as PEM, the key of the first certificate",
            )
        })?;
        builder = builder.identity(identity);
    }
    if let Some(roots) = &channel.roots {
        let roots = Certificate::from_pem_bundle(roots.as_bytes()).ok().filter(|roots| !roots.is_empty());
        let roots = roots.ok_or_else(|| lacks("usable trust anchors", "store certificates as PEM"))?;
        builder = roots.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
    }
    builder.build().map_err(|_| lacks("a certificate the TLS library takes", "check that key and certificate fit"))
}

/// The chain and the key of a PEM text, if they belong together.
fn own(pem: &[u8]) -> Option<Identity> {
    let chain = X509::stack_from_pem(pem).ok()?;
    let key = PKey::private_key_from_pem_callback(pem, |_| Ok(0)).ok()?;
    if !chain.first()?.public_key().ok()?.public_eq(&key) {
        return None;
    }
    let certificates: Result<Vec<_>, _> = chain.iter().map(|certificate| certificate.to_pem()).collect();
    Identity::from_pkcs8_pem(&certificates.ok()?.concat(), &key.private_key_to_pem_pkcs8().ok()?).ok()
}
