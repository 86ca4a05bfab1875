//! The text of keys and secrets: `pk_<id>_<secret><checksum>`.
//!
//! The prefix and the checksum let scanners find a leaked key without asking anybody, and let the hub refuse a mistyped one
//! without looking anything up: `p[ks]_[0-9a-f]{32}_[0-9A-Za-z]{49}`.

use openssl::sha::sha256;
use uuid::Uuid;

use crate::message::CredentialId;

use super::model::Kind;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 256 bits in base 62.
const SECRET: usize = 43;
/// 32 bits in base 62.
const CHECKSUM: usize = 6;

/// A secret that was taken apart; whether it is right is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret {
    /// The credential it claims to be of.
    pub id: CredentialId,
    /// SHA-256 of the whole text.
    pub digest: [u8; 32],
}

/// SHA-256 of a secret as it is kept.
#[must_use]
pub fn digest_of(text: &str) -> [u8; 32] {
    sha256(text.as_bytes())
}

impl Secret {
    /// Writes a secret of 256 random bits; `None` for kinds that have none.
    #[must_use]
    pub fn write(kind: Kind, id: CredentialId, random: [[u8; 16]; 2]) -> Option<String> {
        let [high, low] = random;
        let named = format!("{}{}_{}", prefix(kind)?, id.0.simple(), base62(&[high, low].concat(), SECRET));
        let checksum = base62(&crc32(named.as_bytes()).to_be_bytes(), CHECKSUM);
        Some(named + &checksum)
    }

    /// Takes a text apart; `None` where it is no secret of this kind.
    #[must_use]
    pub fn read(kind: Kind, text: &str) -> Option<Self> {
        let (id, rest) = text.strip_prefix(prefix(kind)?)?.split_at_checked(32)?;
        let rest = rest.strip_prefix('_')?;
        if rest.len() != SECRET + CHECKSUM || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        if !id.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
            return None;
        }
        let (named, checksum) = text.split_at_checked(text.len() - CHECKSUM)?;
        if base62(&crc32(named.as_bytes()).to_be_bytes(), CHECKSUM) != checksum {
            return None;
        }
        Some(Self { id: CredentialId(Uuid::try_parse(id).ok()?), digest: digest_of(text) })
    }

    /// Whether it is the one that was kept. Takes the same time wherever they differ.
    #[must_use]
    pub fn is(&self, kept: &[u8; 32]) -> bool {
        openssl::memcmp::eq(&self.digest, kept)
    }
}

/// How secrets of a kind begin.
const fn prefix(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::ApiKey => Some("pk_"),
        Kind::ClientSecret => Some("ps_"),
        Kind::ClientKey | Kind::Certificate => None,
    }
}

/// A number in base 62, most significant digit first, filled up to a width.
fn base62(number: &[u8], width: usize) -> String {
    let mut digits = vec![b'0'; width];
    let mut number = number.to_vec();
    for place in digits.iter_mut().rev() {
        let mut rest = 0u32;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = u8::try_from(value / 62).expect("a rest below 62 makes a digit below 256");
            rest = value % 62;
        }
        *place = ALPHABET[rest as usize];
    }
    String::from_utf8(digits).expect("the alphabet is ASCII")
}

/// CRC-32 (ISO-HDLC), as in ZIP and PNG.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_checksum_is_the_one_everybody_knows() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(base62(&[0], 2), "00");
        assert_eq!(base62(&3843u32.to_be_bytes(), 2), "zz");
        assert_eq!(base62(&[0xFF; 32], SECRET).len(), SECRET);
    }

    #[test]
    fn a_key_is_read_as_it_was_written_and_a_mistyped_one_is_not() {
        let id = CredentialId(Uuid::from_u128(7));
        for (kind, start) in [(Kind::ApiKey, "pk_"), (Kind::ClientSecret, "ps_")] {
            let text = Secret::write(kind, id, [[1; 16], [2; 16]]).unwrap();
            assert!(text.starts_with(start) && text.len() == 3 + 32 + 1 + SECRET + CHECKSUM, "{text}");
            let read = Secret::read(kind, &text).unwrap();
            assert_eq!(read.id, id);
            assert!(read.is(&digest_of(&text)) && !read.is(&[0; 32]));
            for at in 0..text.len() {
                let mut other = text.clone().into_bytes();
                other[at] = if other[at] == b'7' { b'8' } else { b'7' };
                assert_eq!(Secret::read(kind, std::str::from_utf8(&other).unwrap()), None, "place {at}");
            }
        }
        let text = Secret::write(Kind::ApiKey, id, [[1; 16], [2; 16]]).unwrap();
        assert_eq!(Secret::read(Kind::ClientSecret, &text), None, "one kind is not the other");
        assert_eq!(Secret::write(Kind::Certificate, id, [[1; 16], [2; 16]]), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,120}", tail in "[0-9a-f]{32}_[0-9A-Za-z]{0,60}") {
            let _ = Secret::read(Kind::ApiKey, &text);
            let long = format!("pk_{tail}");
            prop_assert!(Secret::read(Kind::ApiKey, &long).is_none_or(|read| read.digest != [0; 32]));
        }
    }
}
