//! The signature over body and timestamp with a certificate of the sender (OASIS X.509 Token Profile 1.1.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hub_signatures::DSIG_NAMESPACE;
use hub_signatures::c14n::{Apex, Method, canonicalize};
use hub_signatures::instant::to_date_time;
use hub_signatures::signer::{FileSigner, Signer};
use hub_signatures::tree::{Limits, Tree};

use super::{BASE64, BODY_ID, X509_V3};
use crate::envelope::Draft;

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// How long what is signed is meant for, in seconds.
const LIFETIME: i64 = 300;

/// The key of a channel and its certificate.
pub(crate) struct SigningKey(FileSigner);

impl SigningKey {
    /// From the PEM of an identity: certificates and an unencrypted key, in any order.
    pub(crate) fn from_pem(identity: &str) -> Result<Self, String> {
        FileSigner::from_pem(identity.as_bytes(), identity.as_bytes()).map(Self).map_err(|error| error.to_string())
    }

    /// What the security header holds: certificate, timestamp, signature.
    pub(super) fn signature(&self, draft: &Draft, now: i64) -> Result<String, String> {
        let refused = |error: &dyn std::fmt::Display| format!("mesajul nu poate fi semnat: {error}");
        let body = draft.body();
        let tree = Tree::parse(body.as_bytes(), &Limits::default()).map_err(|error| refused(&error))?;
        let body = canonicalize(&tree, Apex::Element(tree.root().id()), &[], &Method::EXCLUSIVE);
        let wsu = hub_signatures::WSU_NAMESPACE;
        let (created, expires) = (to_date_time(now), to_date_time(now + LIFETIME));
        // Written the way exclusive canonicalization writes it, so that its bytes can be digested as they are.
        let timestamp = format!(
            "<wsu:Timestamp xmlns:wsu=\"{wsu}\" wsu:Id=\"timp\"><wsu:Created>{created}</wsu:Created>\
             <wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>"
        );
        let algorithm = self.0.algorithm();
        let digest = algorithm.digest();
        let reference = |id: &str, bytes: &[u8]| {
            format!(
                "<ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms>\
                 <ds:DigestMethod Algorithm=\"{}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue></ds:Reference>",
                digest.uri(),
                STANDARD.encode(digest.digest(bytes))
            )
        };
        let info = format!(
            "<ds:SignedInfo xmlns:ds=\"{DSIG_NAMESPACE}\">\
             <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"{}\"></ds:SignatureMethod>{}{}</ds:SignedInfo>",
            algorithm.uri(),
            reference(BODY_ID, &body),
            reference("timp", timestamp.as_bytes())
        );
        let value = self.0.sign(info.as_bytes()).map_err(|error| refused(&error))?;
        let certificate = self.0.certificate_chain().first().ok_or_else(|| refused(&"no certificate"))?;
        Ok(format!(
            "<wsse:BinarySecurityToken EncodingType=\"{BASE64}\" ValueType=\"{X509_V3}\" wsu:Id=\"certificat\">{}</wsse:BinarySecurityToken>\
             {timestamp}<ds:Signature xmlns:ds=\"{DSIG_NAMESPACE}\">{info}<ds:SignatureValue>{}</ds:SignatureValue>\
             <ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI=\"#certificat\" ValueType=\"{X509_V3}\"></wsse:Reference>\
             </wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>",
            STANDARD.encode(certificate.der()),
            STANDARD.encode(value)
        ))
    }
}
