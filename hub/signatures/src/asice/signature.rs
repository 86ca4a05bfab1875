//! Writes a detached XAdES baseline B-B signature over files (EN 319 162-1, clause 4.4; EN 319 132-1, clause 6).
//!
//! It may assume that names are checked. Every digested fragment is written in canonical form as a document of its own
//! and put into place unchanged, so that nothing is parsed back. Files are digested as they are, without transforms.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::draft::WriteError;
use super::{NAMESPACES, name};
use crate::canonical::Writer;
use crate::digest::{self, DigestAlgorithm};
use crate::instant;
use crate::signer::{Signer, SignerError};
use crate::xades::{SIGNED_PROPERTIES_TYPE, time_stamp_property};

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const START: &str = concat!(
    r##"<asic:XAdESSignatures xmlns:asic="http://uri.etsi.org/02918/v1.2.1#">"##,
    r##"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="S">"##,
);
const BEFORE_PROPERTIES: &str = concat!(
    r##"</ds:X509Data></ds:KeyInfo><ds:Object>"##,
    r##"<xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Target="#S">"##,
);
const END: &str = "</xades:QualifyingProperties></ds:Object></ds:Signature></asic:XAdESSignatures>";
const VALUE_START: &str = "<ds:SignatureValue>";
const VALUE_END: &str = "</ds:SignatureValue>";

/// A file as a signature speaks of it.
pub(super) struct Signable<'f> {
    pub(super) name: &'f str,
    pub(super) media_type: &'f str,
    pub(super) sha256: [u8; 32],
}

/// The content of a `META-INF/signatures*.xml` that covers these files.
pub(super) fn write(files: &[Signable<'_>], signer: &dyn Signer, signing_time: &str) -> Result<Vec<u8>, WriteError> {
    if !signing_time.ends_with('Z') || instant::from_date_time(signing_time).is_none() {
        return Err(WriteError::SigningTime(signing_time.to_owned()));
    }
    let chain = signer.certificate_chain();
    let parts = chain.first().map(|certificate| certificate.seal_parts());
    let parts = parts.ok_or_else(|| SignerError::Refused("the signer has no certificate".to_owned()))?;

    let mut properties = Writer::with_namespaces(NAMESPACES);
    properties.open("xades:SignedProperties", &[("Id", "SP")]).open("xades:SignedSignatureProperties", &[]);
    properties.leaf("xades:SigningTime", signing_time);
    properties.open("xades:SigningCertificateV2", &[]).open("xades:Cert", &[]).open("xades:CertDigest", &[]);
    write_digest(&mut properties, &parts.sha256);
    properties.close().leaf("xades:IssuerSerialV2", &parts.issuer_serial).close().close().close();
    properties.open("xades:SignedDataObjectProperties", &[]);
    for (position, file) in files.iter().enumerate() {
        properties.open("xades:DataObjectFormat", &[("ObjectReference", &format!("#R{position}"))]);
        properties.leaf("xades:MimeType", file.media_type).close();
    }
    properties.close().close();
    let properties = properties.finish()?;

    let mut signed_info = Writer::with_namespaces(NAMESPACES);
    signed_info.open("ds:SignedInfo", &[]).leaf_with("ds:CanonicalizationMethod", &[("Algorithm", EXCLUSIVE)], "");
    signed_info.leaf_with("ds:SignatureMethod", &[("Algorithm", signer.algorithm().uri())], "");
    for (position, file) in files.iter().enumerate() {
        let (id, uri) = (format!("R{position}"), name::to_uri(file.name));
        signed_info.open("ds:Reference", &[("Id", &id), ("URI", &uri)]);
        write_digest(&mut signed_info, &STANDARD.encode(file.sha256));
        signed_info.close();
    }
    signed_info.open("ds:Reference", &[("Type", SIGNED_PROPERTIES_TYPE), ("URI", "#SP")]);
    signed_info.open("ds:Transforms", &[]).leaf_with("ds:Transform", &[("Algorithm", EXCLUSIVE)], "").close();
    write_digest(&mut signed_info, &STANDARD.encode(digest::sha256(properties.as_bytes())));
    signed_info.close().close();
    let signed_info = signed_info.finish()?;

    let value = STANDARD.encode(signer.sign(signed_info.as_bytes())?);
    let mut out = [START, &signed_info, VALUE_START, &value, VALUE_END].concat();
    out.push_str("<ds:KeyInfo><ds:X509Data>");
    for certificate in chain {
        let certificate = &certificate.seal_parts().certificate;
        out.push_str(&["<ds:X509Certificate>", certificate, "</ds:X509Certificate>"].concat());
    }
    out.push_str(&[BEFORE_PROPERTIES, &properties, END].concat());
    Ok(out.into_bytes())
}

/// What a signature time-stamp covers: the canonical SignatureValue of an entry written by [`write`].
pub(super) fn time_stamped(entry: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(entry).ok()?;
    let start = text.find(VALUE_START)?;
    let end = text[start..].find(VALUE_END)? + start;
    let value = &text[start + VALUE_START.len()..end];
    Some([r##"<ds:SignatureValue xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"##, value, VALUE_END].concat())
}

/// The entry written by [`write`] with its signature time-stamp; none when it is not one, or has one.
pub(super) fn with_time_stamp(entry: &[u8], token: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(entry).ok()?;
    let before = text.strip_suffix(END).filter(|before| before.ends_with("</xades:SignedProperties>"))?;
    let stamp = time_stamp_property(token);
    Some([before, &stamp, END].concat().into_bytes())
}

/// `ds:DigestMethod` and `ds:DigestValue` of a SHA-256 digest in base64.
pub(super) fn write_digest(writer: &mut Writer, base64: &str) {
    writer.leaf_with("ds:DigestMethod", &[("Algorithm", DigestAlgorithm::Sha256.uri())], "");
    writer.leaf("ds:DigestValue", base64);
}
