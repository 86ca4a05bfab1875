//! The receipt of a transmission: first as plain XML, then the same bytes signed in a batch as CMS (RFC 5652).
//!
//! The real receipt is a printed page; that it exists unsigned first and is replaced by a signed one is RAN's (sheet E2).

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;

use super::register::TransmissionRecord;
use crate::soap::signing::Seal;
use crate::soap::{element, escape};

/// The receipt before the batch signature.
pub(super) fn unsigned(record: &TransmissionRecord) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?><RECIPISA_RAN>");
    text += &element("codXml", &record.code);
    text += &element("sirutaUAT", &record.uat.to_string());
    text += &element("codCapitol", &record.chapter);
    text += &element("stare", &format!("{:?}", record.state).to_uppercase());
    text += &element("sha256", &record.sha256);
    for problem in &record.problems {
        let hint = problem.hint.as_deref().map(|hint| element("indiciu", hint)).unwrap_or_default();
        text +=
            &format!("<eroare cod=\"{}\">{}{hint}</eroare>", escape(&problem.code), element("mesaj", &problem.message));
    }
    text + "</RECIPISA_RAN>"
}

/// The same, signed, in DER.
pub(super) fn signed(receipt: &[u8], seal: &Seal) -> Result<Vec<u8>, ErrorStack> {
    let flags = CMSOptions::BINARY | CMSOptions::NOSMIMECAP;
    CmsContentInfo::sign(Some(&seal.certificate), Some(&seal.key), None, Some(receipt), flags)?.to_der()
}
