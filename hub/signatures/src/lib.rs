//! XML signatures, XAdES seals and canonical XML for the evidences of the hub.
//!
//! A leaf library: it turns bytes into verdicts and bodies into sealed documents. It may assume that the caller
//! gives time, keys and trust anchors. It never reads a clock, a file or the network, never follows a DOCTYPE, and
//! never guesses: a transform, an algorithm or an XPath it does not know is an error that names it.

pub mod canonical;
pub mod tree;
pub mod c14n;
pub mod digest;
pub mod algorithm;
pub mod certificate;
pub mod signer;
#[cfg(feature = "pkcs11")]
pub mod pkcs11;
pub mod trust;
pub mod revocation;
pub mod time_stamp;
pub mod tsp;
pub mod dsig;
pub mod xades;
pub mod asice;
pub mod pades;
pub mod instant;
pub mod log;
pub mod jws;
pub mod evidence_record;
mod der;
mod escape;
pub mod remembered;

/// Namespace of XML Signature (W3C XML Signature Syntax and Processing, section 1.3).
pub const DSIG_NAMESPACE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// Namespace of XAdES qualifying properties (ETSI EN 319 132-1, clause 4.2).
pub const XADES_NAMESPACE: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// Namespace of `wsu:Id` (OASIS WS-Security 1.1 utility schema).
pub const WSU_NAMESPACE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
