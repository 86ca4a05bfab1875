//! Certificates of a channel, checked when a connector is made and not at the first call.

use openssl::pkey::{PKey, Private};
use openssl::x509::X509;

/// What a channel lacks, and the way out. Neither holds a value.
type Lack = (&'static str, &'static str);

/// Certificate chain and key out of one PEM text, in any order of the two; the certificate of the key comes first.
pub(crate) fn client_identity(pem: &str) -> Result<reqwest::Identity, Lack> {
    let chain = X509::stack_from_pem(pem.as_bytes()).ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or(("a client certificate", "write certificate chain and key as PEM into the identity"))?;
    let key = private_key(pem)
        .ok_or(("the key of the client certificate", "write it as unencrypted PEM after the certificate chain"))?;
    let belongs = chain[0].public_key().is_ok_and(|public| public.public_eq(&key));
    if !belongs {
        let way_out = "the first certificate of the identity must be the one of the key";
        return Err(("a certificate and key that belong together", way_out));
    }
    let unusable = ("a client certificate that the TLS library takes", "check the PEM of certificate and key");
    let certificates: Result<Vec<_>, _> = chain.iter().map(|certificate| certificate.to_pem()).collect();
    let (certificates, key) =
        certificates.and_then(|all| Ok((all.concat(), key.private_key_to_pem_pkcs8()?))).map_err(|_| unusable)?;
    reqwest::Identity::from_pkcs8_pem(&certificates, &key).map_err(|_| unusable)
}

/// Every certificate of a PEM text.
pub(crate) fn trust_anchors(pem: &str) -> Result<Vec<reqwest::Certificate>, Lack> {
    let unusable = ("roots that can be read", "write one or more certificates as PEM");
    let roots = X509::stack_from_pem(pem.as_bytes()).map_err(|_| unusable)?;
    let roots: Option<Vec<_>> =
        roots.iter().map(|root| reqwest::Certificate::from_der(&root.to_der().ok()?).ok()).collect();
    roots.filter(|roots| !roots.is_empty()).ok_or(unusable)
}

/// The library would ask at the terminal for the password of an encrypted key; here there is none.
fn private_key(pem: &str) -> Option<PKey<Private>> {
    PKey::private_key_from_pem_callback(pem.as_bytes(), |_| Ok(0)).ok()
}
