//! The DER of evidence records (RFC 4998, appendix A.1, implicit tags) and what is read out of tokens.

use crate::certificate::Certificate;
use crate::der::{self, Reader};
use crate::digest::DigestAlgorithm;
use crate::evidence_record::{ArchiveTimeStamp, EvidenceRecord, MAX_RECORD, MAX_TIME_STAMPS, RecordError};
use openssl::pkcs7::Pkcs7;

/// Contents of the object identifiers 2.16.840.1.101.3.4.2.{1,2,3}, without the last number (RFC 5754, section 2).
const SHA2: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
const NULL: u8 = 0x05;
/// `cryptoInfos [0]` of a record, `digestAlgorithm [0]` of a time-stamp.
const CONTEXT_0: u8 = 0xA0;
/// `encryptionInfo [1]` of a record, `attributes [1]` of a time-stamp.
const CONTEXT_1: u8 = 0xA1;
/// `reducedHashtree [2]` of a time-stamp.
const CONTEXT_2: u8 = 0xA2;

impl EvidenceRecord {
    /// The record in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let mut contents = der::integer(&[1]);
        let algorithms: Vec<u8> = self
            .algorithms()
            .into_iter()
            .flat_map(|algorithm| der::value(der::SEQUENCE, &algorithm_identifier(algorithm)))
            .collect();
        contents.extend(der::value(der::SEQUENCE, &algorithms));
        contents.extend(self.crypto_infos.iter().flat_map(|infos| der::value(CONTEXT_0, infos)));
        contents.extend(der::value(der::SEQUENCE, &chains(&self.chains)));
        der::value(der::SEQUENCE, &contents)
    }

    /// Reads a record; digests, tokens and signatures are not checked.
    ///
    /// # Errors
    /// When the bytes are too many, not a record, or use what is not understood: encrypted objects, other digest
    /// algorithms than SHA-2.
    pub fn from_der(bytes: &[u8]) -> Result<EvidenceRecord, RecordError> {
        if bytes.len() > MAX_RECORD {
            return Err(RecordError::Unreadable("it is larger than a record may be"));
        }
        let malformed = RecordError::Unreadable("it is not the DER of RFC 4998 with SHA-2 digests");
        let mut outer = Reader::new(bytes);
        let mut record = outer.sequence().filter(|_| outer.is_empty()).ok_or(malformed.clone())?;
        if record.value(der::INTEGER) != Some(&[1]) {
            return Err(RecordError::Unreadable("its version is not 1"));
        }
        let listed = record.sequence().and_then(read_algorithms).ok_or(malformed.clone())?;
        let crypto_infos = match record.tag() {
            Some(CONTEXT_0) => {
                let infos = record.value(CONTEXT_0).filter(|infos| are_attributes(infos));
                Some(infos.ok_or(malformed.clone())?.to_vec())
            }
            _ => None,
        };
        if record.tag() == Some(CONTEXT_1) {
            return Err(RecordError::Unreadable("it is for objects in encrypted form, which are not supported"));
        }
        let chains = record.sequence().and_then(read_chains).filter(|_| record.is_empty()).ok_or(malformed)?;
        if chains.iter().map(Vec::len).sum::<usize>() > MAX_TIME_STAMPS {
            return Err(RecordError::Unreadable("it has more time-stamps than a record may have"));
        }
        let record = EvidenceRecord { chains, crypto_infos };
        let used = record.algorithms();
        if listed.len() != used.len() || used.iter().any(|algorithm| !listed.contains(algorithm)) {
            return Err(RecordError::Unreadable("it lists other digest algorithms than it uses"));
        }
        Ok(record)
    }

    /// Every algorithm once, in the order of first use.
    fn algorithms(&self) -> Vec<DigestAlgorithm> {
        let mut algorithms = Vec::new();
        for stamp in self.chains.iter().flatten() {
            if !algorithms.contains(&stamp.algorithm()) {
                algorithms.push(stamp.algorithm());
            }
        }
        algorithms
    }
}

/// The contents of `ArchiveTimeStampSequence`.
pub(super) fn chains(chains: &[Vec<ArchiveTimeStamp>]) -> Vec<u8> {
    chains.iter().flat_map(|chain| self::chain(chain)).collect()
}

/// `ArchiveTimeStampChain`.
pub(super) fn chain(chain: &[ArchiveTimeStamp]) -> Vec<u8> {
    der::value(der::SEQUENCE, &chain.iter().flat_map(ArchiveTimeStamp::der).copied().collect::<Vec<u8>>())
}

/// `ArchiveTimeStamp`.
pub(super) fn archive_time_stamp(algorithm: DigestAlgorithm, lists: &[Vec<Vec<u8>>], token: &[u8]) -> Vec<u8> {
    let mut contents = der::value(CONTEXT_0, &algorithm_identifier(algorithm));
    if !lists.is_empty() {
        let list = |list: &Vec<Vec<u8>>| -> Vec<u8> {
            let hashes: Vec<u8> = list.iter().flat_map(|hash| der::value(der::OCTET_STRING, hash)).collect();
            der::value(der::SEQUENCE, &hashes)
        };
        contents.extend(der::value(CONTEXT_2, &lists.iter().flat_map(list).collect::<Vec<u8>>()));
    }
    contents.extend_from_slice(token);
    der::value(der::SEQUENCE, &contents)
}

/// Bytes of a digest.
pub(super) fn bytes(algorithm: DigestAlgorithm) -> usize {
    match algorithm {
        DigestAlgorithm::Sha256 => 32,
        DigestAlgorithm::Sha384 => 48,
        DigestAlgorithm::Sha512 => 64,
    }
}

/// Algorithm and value of the imprint in a token that is exactly one DER value (RFC 5652, section 5.1; RFC 3161,
/// section 2.4.2).
pub(super) fn imprint(token: &[u8]) -> Option<(DigestAlgorithm, &[u8])> {
    let mut outer = Reader::new(token);
    let mut content_info = outer.sequence().filter(|_| outer.is_empty())?;
    content_info.value(der::OID)?;
    let mut signed_data = Reader::new(content_info.value(CONTEXT_0)?).sequence()?;
    signed_data.value(der::INTEGER)?;
    signed_data.value(der::SET)?;
    let mut content = signed_data.sequence()?;
    content.value(der::OID)?;
    let octets = Reader::new(content.value(CONTEXT_0)?).value(der::OCTET_STRING)?;
    let mut info = Reader::new(octets).sequence()?;
    info.value(der::INTEGER)?;
    info.value(der::OID)?;
    let mut imprint = info.sequence()?;
    let algorithm = read_algorithm(imprint.sequence()?)?;
    Some((algorithm, imprint.value(der::OCTET_STRING)?))
}

/// The certificates inside a token, which may lead from its authority to an anchor.
pub(super) fn certificates(token: &[u8]) -> Vec<Certificate> {
    let token = Pkcs7::from_der(token).ok();
    let inside = token.as_ref().and_then(|token| token.signed()).and_then(|signed| signed.certificates());
    inside.into_iter().flatten().filter_map(|one| Certificate::from_x509(one.to_owned()).ok()).collect()
}

/// Contents of an `AlgorithmIdentifier` without parameters (RFC 5754, section 2).
fn algorithm_identifier(algorithm: DigestAlgorithm) -> Vec<u8> {
    let last = match algorithm {
        DigestAlgorithm::Sha256 => 1,
        DigestAlgorithm::Sha384 => 2,
        DigestAlgorithm::Sha512 => 3,
    };
    der::value(der::OID, &[SHA2.as_slice(), &[last]].concat())
}

/// The contents of an `AlgorithmIdentifier`; parameters may be absent or NULL.
fn read_algorithm(mut identifier: Reader<'_>) -> Option<DigestAlgorithm> {
    let algorithm = match identifier.value(der::OID)?.strip_prefix(&SHA2)? {
        [1] => DigestAlgorithm::Sha256,
        [2] => DigestAlgorithm::Sha384,
        [3] => DigestAlgorithm::Sha512,
        _ => return None,
    };
    let plain = identifier.is_empty() || identifier.value(NULL)?.is_empty() && identifier.is_empty();
    plain.then_some(algorithm)
}

fn read_algorithms(mut list: Reader<'_>) -> Option<Vec<DigestAlgorithm>> {
    let mut algorithms = Vec::new();
    while !list.is_empty() {
        algorithms.push(read_algorithm(list.sequence()?)?);
    }
    Some(algorithms)
}

/// The chains of a record, none of them empty.
fn read_chains(mut sequence: Reader<'_>) -> Option<Vec<Vec<ArchiveTimeStamp>>> {
    let mut chains = Vec::new();
    while !sequence.is_empty() {
        let mut contents = sequence.sequence()?;
        let mut chain = Vec::new();
        while !contents.is_empty() {
            chain.push(read_archive_time_stamp(contents.value(der::SEQUENCE)?)?);
        }
        chains.push((!chain.is_empty()).then_some(chain)?);
    }
    (!chains.is_empty()).then_some(chains)
}

fn read_archive_time_stamp(contents: &[u8]) -> Option<ArchiveTimeStamp> {
    let mut reader = Reader::new(contents);
    let named = match reader.tag()? {
        CONTEXT_0 => Some(read_algorithm(Reader::new(reader.value(CONTEXT_0)?))?),
        _ => None,
    };
    if reader.tag()? == CONTEXT_1 {
        // Attributes say nothing that a verifier needs; they stay in the encoding that is kept.
        are_attributes(reader.value(CONTEXT_1)?).then_some(())?;
    }
    let lists = match reader.tag()? {
        CONTEXT_2 => Some(read_lists(Reader::new(reader.value(CONTEXT_2)?))?),
        _ => None,
    };
    let token = der::value(der::SEQUENCE, reader.value(der::SEQUENCE)?);
    // Without a name, the algorithm is the one of the time-stamp; with one, it is the same.
    let (algorithm, _) = imprint(&token)?;
    if !reader.is_empty() || named.is_some_and(|named| named != algorithm) {
        return None;
    }
    let whole = der::value(der::SEQUENCE, contents);
    Some(ArchiveTimeStamp::read(algorithm, lists.unwrap_or_default(), token, whole))
}

/// Whether these are one or more `Attribute`s (RFC 5652, section 5.3).
fn are_attributes(contents: &[u8]) -> bool {
    let read = || {
        let mut attributes = Reader::new(contents);
        attributes.tag()?;
        while !attributes.is_empty() {
            let mut attribute = attributes.sequence()?;
            attribute.value(der::OID)?;
            attribute.value(der::SET)?;
            attribute.is_empty().then_some(())?;
        }
        Some(())
    };
    read().is_some()
}

/// The lists of a reduced hash tree, neither it nor any of them empty.
fn read_lists(mut tree: Reader<'_>) -> Option<Vec<Vec<Vec<u8>>>> {
    let mut lists = Vec::new();
    while !tree.is_empty() {
        let mut list = tree.sequence()?;
        let mut hashes = Vec::new();
        while !list.is_empty() {
            hashes.push(list.value(der::OCTET_STRING)?.to_vec());
        }
        lists.push((!hashes.is_empty()).then_some(hashes)?);
    }
    (!lists.is_empty()).then_some(lists)
}
