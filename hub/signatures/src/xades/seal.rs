//! Writes a seal by hashing the very bytes it writes: nothing is parsed back.
//!
//! It may assume that the body is canonical (see [`crate::canonical`]) and uses none of the Ids `S`, `R1`, `SP`. Every
//! digested fragment declares its namespaces itself, so that its bytes in the document are its canonical bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::digest;
use crate::instant;
use crate::signer::{Signer, SignerError};

const SIGNATURE_START: &str = r##"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="S">"##;
const SIGNED_INFO_START: &str = concat!(
    r##"<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"##,
    r##"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>"##,
    r##"<ds:SignatureMethod Algorithm=""##,
);
const BEFORE_BODY_DIGEST: &str = concat!(
    r##""></ds:SignatureMethod><ds:Reference Id="R1" URI=""><ds:Transforms>"##,
    r##"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>"##,
    r##"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>"##,
    r##"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>"##,
);
const BEFORE_PROPERTIES_DIGEST: &str = concat!(
    r##"</ds:DigestValue></ds:Reference>"##,
    r##"<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#SP"><ds:Transforms>"##,
    r##"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform></ds:Transforms>"##,
    r##"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>"##,
);
const SIGNED_INFO_END: &str = "</ds:DigestValue></ds:Reference></ds:SignedInfo>";
const VALUE_START: &str = r##"<ds:SignatureValue xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"##;
const VALUE_END: &str = "</ds:SignatureValue>";
const KEY_INFO_START: &str = "<ds:KeyInfo><ds:X509Data>";
const CERTIFICATE_START: &str = "<ds:X509Certificate>";
const CERTIFICATE_END: &str = "</ds:X509Certificate>";
const BEFORE_PROPERTIES: &str = concat!(
    r##"</ds:X509Data></ds:KeyInfo><ds:Object>"##,
    r##"<xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Target="#S">"##,
);
const PROPERTIES_START: &str = concat!(
    r##"<xades:SignedProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Id="SP">"##,
    r##"<xades:SignedSignatureProperties><xades:SigningTime>"##,
);
const BEFORE_CERTIFICATE_DIGEST: &str = concat!(
    r##"</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"##,
    r##"<ds:DigestMethod xmlns:ds="http://www.w3.org/2000/09/xmldsig#" "##,
    r##"Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>"##,
    r##"<ds:DigestValue xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"##,
);
const BEFORE_ISSUER_SERIAL: &str = "</ds:DigestValue></xades:CertDigest><xades:IssuerSerialV2>";
pub(super) const PROPERTIES_END: &str = concat!(
    r##"</xades:IssuerSerialV2></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>"##,
    r##"<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#R1">"##,
    r##"<xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>"##,
    r##"</xades:SignedProperties>"##,
);
pub(super) const SIGNATURE_END: &str = "</xades:QualifyingProperties></ds:Object></ds:Signature>";
/// Room for everything in a signature but certificates, body and value; more only costs a second allocation.
const TEMPLATE_BYTES: usize = 3 * 1024;

/// Why a document could not be sealed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealError {
    /// The body is not one element from start tag to end tag.
    #[error("the document to seal is not one XML element from its start tag to its end tag")]
    NotOneElement,
    /// The signing time is not `xs:dateTime` in UTC.
    #[error("the signing time {0:?} is not a date and time in UTC that ends in Z")]
    SigningTime(String),
    /// The document to time-stamp was not made by [`seal`], or has a time-stamp already.
    #[error("the document is not a seal of this program that waits for its time-stamp")]
    NotSealed,
    /// The signer refused.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

/// Seals `canonical_body` and returns the document with the signature as last child of its root: XAdES baseline B-B.
///
/// The body is a root element in exclusive canonical form, without XML declaration, from its start tag to its end tag,
/// as [`crate::canonical::Writer`] makes it; it must not use the Ids `S`, `R1` and `SP`. `signing_time` is an
/// `xs:dateTime` in UTC ending in `Z`. If the body is not canonical the result is a document that does not verify.
///
/// # Errors
/// When the body is not one element, the time is not one, or the signer refuses.
pub fn seal(canonical_body: &str, signer: &dyn Signer, signing_time: &str) -> Result<String, SealError> {
    let end_tag = end_tag_at(canonical_body).ok_or(SealError::NotOneElement)?;
    if !signing_time.ends_with('Z') || instant::from_date_time(signing_time).is_none() {
        return Err(SealError::SigningTime(signing_time.to_owned()));
    }
    let chain = signer.certificate_chain();
    let parts = chain.first().map(|certificate| certificate.seal_parts());
    let parts = parts.ok_or_else(|| SignerError::Refused("the signer has no certificate".to_owned()))?;

    let properties = [
        PROPERTIES_START,
        signing_time,
        BEFORE_CERTIFICATE_DIGEST,
        &parts.sha256,
        BEFORE_ISSUER_SERIAL,
        &parts.issuer_serial,
        PROPERTIES_END,
    ]
    .concat();

    let certificates: usize = chain.iter().map(|certificate| certificate.seal_parts().certificate.len() + 64).sum();
    let mut out = String::with_capacity(canonical_body.len() + certificates + properties.len() + TEMPLATE_BYTES);
    out.push_str(&canonical_body[..end_tag]);
    out.push_str(SIGNATURE_START);
    let signed_info = out.len();
    out.push_str(SIGNED_INFO_START);
    out.push_str(signer.algorithm().uri());
    out.push_str(BEFORE_BODY_DIGEST);
    // Taking the signature away again, as the enveloped transform does, leaves exactly the body.
    STANDARD.encode_string(digest::sha256(canonical_body.as_bytes()), &mut out);
    out.push_str(BEFORE_PROPERTIES_DIGEST);
    STANDARD.encode_string(digest::sha256(properties.as_bytes()), &mut out);
    out.push_str(SIGNED_INFO_END);
    let value = signer.sign(&out.as_bytes()[signed_info..])?;
    out.push_str(VALUE_START);
    STANDARD.encode_string(value, &mut out);
    out.push_str(VALUE_END);
    out.push_str(KEY_INFO_START);
    for certificate in chain {
        out.push_str(CERTIFICATE_START);
        out.push_str(&certificate.seal_parts().certificate);
        out.push_str(CERTIFICATE_END);
    }
    out.push_str(BEFORE_PROPERTIES);
    out.push_str(&properties);
    out.push_str(SIGNATURE_END);
    out.push_str(&canonical_body[end_tag..]);
    Ok(out)
}

/// SHA-256 of what a signature time-stamp covers in a document made by [`seal`]: the canonical `ds:SignatureValue`
/// element (EN 319 132-1, clause 5.3). This is the message imprint to send to the time-stamping authority.
///
/// # Errors
/// [`SealError::NotSealed`] when the document was not made by [`seal`].
pub fn time_stamp_imprint(sealed: &str) -> Result<[u8; 32], SealError> {
    let start = sealed.rfind(VALUE_START).ok_or(SealError::NotSealed)?;
    let end = sealed[start..].find(VALUE_END).ok_or(SealError::NotSealed)? + start + VALUE_END.len();
    Ok(digest::sha256(&sealed.as_bytes()[start..end]))
}

/// Where the end tag of the root starts, when the body begins with a start tag of that name and ends with it.
fn end_tag_at(body: &str) -> Option<usize> {
    let at = body.rfind("</")?;
    let name = body[at + 2..].strip_suffix('>')?;
    let after_name = body.strip_prefix('<')?.strip_prefix(name)?;
    (!name.is_empty() && after_name.starts_with([' ', '>'])).then_some(at)
}
