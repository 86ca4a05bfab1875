//! Reads a TimeStampReq (RFC 3161, section 2.4.1).

use openssl::asn1::Asn1Object;

use super::der::{self, take, take_if};

/// Contents of 2.16.840.1.101.3.4.2, the arc of the SHA-2 family; 1, 2 and 3 follow.
const SHA2: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

/// A request.
pub(super) struct Query {
    /// The AlgorithmIdentifier as it came.
    pub(super) algorithm: Vec<u8>,
    pub(super) digest: Vec<u8>,
    pub(super) policy: Option<String>,
    /// The contents of the INTEGER.
    pub(super) nonce: Option<Vec<u8>>,
    pub(super) certificate_wanted: bool,
}

impl Query {
    pub(super) fn read(mut der: &[u8]) -> Option<Query> {
        let mut query = take(&mut der, der::SEQUENCE)?;
        let version = take(&mut query, der::INTEGER)?;
        let mut imprint = take(&mut query, der::SEQUENCE)?;
        let algorithm = take(&mut imprint, der::SEQUENCE)?.to_vec();
        let digest = take(&mut imprint, der::OCTET_STRING)?.to_vec();
        let policy = match take_if(&mut query, der::OID) {
            Some(contents) => Some(dotted(contents)?),
            None => None,
        };
        let nonce = take_if(&mut query, der::INTEGER).map(<[u8]>::to_vec);
        let certificate_wanted = take_if(&mut query, der::BOOLEAN).is_some_and(|value| value != [0]);
        // No extension is known here.
        let whole = der.is_empty() && version == [1] && imprint.is_empty() && query.is_empty();
        whole.then_some(Query { algorithm, digest, policy, nonce, certificate_wanted })
    }

    /// Whether the digest is SHA-256, SHA-384 or SHA-512 and as long as that.
    pub(super) fn is_sha2(&self) -> bool {
        let mut rest = self.algorithm.as_slice();
        let last = take(&mut rest, der::OID).and_then(|oid| oid.strip_prefix(&SHA2));
        matches!((last, self.digest.len()), (Some([1]), 32) | (Some([2]), 48) | (Some([3]), 64))
    }
}

/// The contents of an object identifier in dotted notation, as far as arcs fit 32 bits.
fn dotted(contents: &[u8]) -> Option<String> {
    let (mut arcs, mut arc) = (Vec::new(), 0_u32);
    for byte in contents {
        arc = arc.checked_mul(128)? | u32::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            arcs.push(std::mem::take(&mut arc));
        }
    }
    let first = (arcs.first()? / 40).min(2);
    let rest = [&[first, arcs[0] - 40 * first], &arcs[1..]].concat();
    let text = rest.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    // What does not come back as it went was not written well.
    (object(&text)? == contents).then_some(text)
}

/// The contents of an object identifier given in dotted notation.
pub(super) fn object(dotted: &str) -> Option<Vec<u8>> {
    Asn1Object::from_str(dotted).ok().map(|object| object.as_slice().to_vec())
}
