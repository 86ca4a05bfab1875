//! Writes a TimeStampResp: a rejection, or a token signed as RFC 3161, section 2.4.2, and RFC 5816 say.
//!
//! The token is put together here and not by the openssl program, because that program stamps the machine's time only.

use jiff::Timestamp;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::sha::sha256;
use openssl::sign::Signer;

use super::authority::Authority;
use super::der::{self, number, sequence, value};
use super::query::{Query, object};
use crate::faults::FaultKind;

const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
const SHA256: &str = "2.16.840.1.101.3.4.2.1";
const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";
/// The policy of a token that was asked for under another one.
const OTHER_POLICY: &str = "2.999.3161.99";

/// Why a request is rejected: the bit of PKIFailureInfo and the words.
#[derive(Clone, Copy)]
pub(super) enum Rejection {
    BadAlgorithm,
    BadDataFormat,
    TimeNotAvailable,
    UnacceptedPolicy,
    SystemFailure,
}

/// A response with status 2.
pub(super) fn rejection(rejection: Rejection) -> Vec<u8> {
    let (bit, words) = match rejection {
        Rejection::BadAlgorithm => (0, "Algoritmul de rezumat nu este acceptat."),
        Rejection::BadDataFormat => (5, "Cererea nu poate fi citită."),
        Rejection::TimeNotAvailable => (14, "Ora nu este disponibilă."),
        Rejection::UnacceptedPolicy => (15, "Politica cerută nu este acceptată."),
        Rejection::SystemFailure => (25, "Eroare internă."),
    };
    let mut bits = vec![0_u8; bit / 8 + 1];
    bits[bit / 8] = 0x80 >> (bit % 8);
    let unused = bits[bit / 8].trailing_zeros().to_le_bytes()[0];
    let failures = value(0x03, &[&[unused], bits.as_slice()].concat());
    let text = sequence([&value(0x0C, words.as_bytes())]);
    sequence([&sequence([&number(2), &text, &failures])])
}

/// A token to be made.
pub(super) struct Stamping<'s> {
    pub(super) query: &'s Query,
    pub(super) policy: &'s str,
    pub(super) serial: u64,
    pub(super) time: i64,
    pub(super) wrong: Option<FaultKind>,
}

impl Stamping<'_> {
    /// A response with status 0 and the token.
    pub(super) fn granted(&self, authority: &Authority) -> Result<Vec<u8>, ErrorStack> {
        let stamper = match self.wrong {
            Some(FaultKind::ExpiredCertificate) => &authority.expired,
            _ => &authority.current,
        };
        let info = self.info();
        let certificate = stamper.certificate.to_der()?;
        let mut attributes = [
            attribute(CONTENT_TYPE, &oid(TST_INFO)),
            attribute(MESSAGE_DIGEST, &value(der::OCTET_STRING, &sha256(&info))),
            // One ESSCertIDv2 with the default algorithm, SHA-256.
            attribute(
                SIGNING_CERTIFICATE_V2,
                &sequence([&sequence([&sequence([&value(der::OCTET_STRING, &sha256(&certificate))])])]),
            ),
        ];
        // DER sorts the members of a SET OF.
        attributes.sort();
        let attributes = attributes.concat();
        // What is signed carries the tag of a SET, what is sent the tag of its place (RFC 5652, section 5.4).
        let mut signer = Signer::new(MessageDigest::sha256(), &stamper.key)?;
        let signature = signer.sign_oneshot_to_vec(&value(der::SET, &attributes))?;
        let serial = stamper.certificate.serial_number().to_bn()?.to_vec();
        let signer_info = sequence([
            &number(1),
            &sequence([&stamper.certificate.issuer_name().to_der()?, &value(der::INTEGER, &serial)]),
            &sequence([&oid(SHA256)]),
            &value(0xA0, &attributes),
            &sequence([&oid(ECDSA_WITH_SHA256)]),
            &value(der::OCTET_STRING, &signature),
        ]);
        let certificates = if self.query.certificate_wanted { value(0xA0, &certificate) } else { Vec::new() };
        let signed_data = sequence([
            &number(3),
            &value(der::SET, &sequence([&oid(SHA256)])),
            &sequence([&oid(TST_INFO), &value(0xA0, &value(der::OCTET_STRING, &info))]),
            &certificates,
            &value(der::SET, &signer_info),
        ]);
        let token = sequence([&oid(SIGNED_DATA), &value(0xA0, &signed_data)]);
        Ok(sequence([&sequence([&number(0)]), &token]))
    }

    /// TSTInfo, with an accuracy of one second.
    fn info(&self) -> Vec<u8> {
        let mut digest = self.query.digest.clone();
        let mut nonce = self.query.nonce.clone();
        let mut policy = self.policy;
        match self.wrong {
            Some(FaultKind::WrongImprint) => digest[0] ^= 1,
            Some(FaultKind::WrongPolicy) => policy = OTHER_POLICY,
            Some(FaultKind::WrongNonce) => nonce = Some(vec![0x2A]),
            _ => {}
        }
        let time = Timestamp::from_second(self.time).unwrap_or_default().strftime("%Y%m%d%H%M%SZ").to_string();
        sequence([
            &number(1),
            &oid(policy),
            &sequence([&value(der::SEQUENCE, &self.query.algorithm), &value(der::OCTET_STRING, &digest)]),
            &number(self.serial),
            &value(0x18, time.as_bytes()),
            &sequence([&number(1)]),
            &nonce.map(|nonce| value(der::INTEGER, &nonce)).unwrap_or_default(),
        ])
    }
}

fn attribute(kind: &str, inside: &[u8]) -> Vec<u8> {
    sequence([&oid(kind), &value(der::SET, inside)])
}

/// An object identifier; those given here are well written.
fn oid(dotted: &str) -> Vec<u8> {
    value(der::OID, &object(dotted).unwrap_or_default())
}
