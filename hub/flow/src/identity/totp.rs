//! Codes of the moment: TOTP (RFC 6238) with SHA-1, six digits and thirty seconds, which every app knows.
//!
//! A code is good for its step and one on each side, for clocks that drift; a step that was taken is never taken again.

use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sign::Signer;

use crate::clock::Timestamp;

/// Seconds of a step.
const STEP: i64 = 30;
/// Steps a clock may be off.
const DRIFT: i64 = 1;
/// The letters of base 32 (RFC 4648, section 6).
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step a moment lies in.
#[must_use]
pub const fn step_at(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000_000 * STEP)
}

/// What the app and the hub share: 160 bits (RFC 4226, section 4).
#[derive(Clone)]
pub struct Seed(pub [u8; 20]);

impl Seed {
    /// Makes one of thirty-two random bytes.
    #[must_use]
    pub fn of(random: [u8; 32]) -> Self {
        Self(std::array::from_fn(|index| random[index]))
    }

    /// The step whose code this is, where it is later than the last that was taken.
    ///
    /// Every candidate is compared in the same time.
    #[must_use]
    pub fn taken_step(&self, code: &str, at: Timestamp, last: i64) -> Option<i64> {
        let code: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
        let now = step_at(at);
        let mut taken = None;
        for step in now - DRIFT..=now + DRIFT {
            let expected = self.code(step);
            let same = code.len() == expected.len() && memcmp::eq(code.as_bytes(), expected.as_bytes());
            if same && step > last {
                taken = Some(step);
            }
        }
        taken
    }

    /// The code of a step.
    #[must_use]
    pub fn code(&self, step: i64) -> String {
        const WHY: &str = "HMAC-SHA-1 is built in";
        let key = PKey::hmac(&self.0).expect(WHY);
        let mut signer = Signer::new(MessageDigest::sha1(), &key).expect(WHY);
        let digest = signer.sign_oneshot_to_vec(&step.to_be_bytes()).expect(WHY);
        let offset = usize::from(digest[19] & 0x0f);
        let number = digest[offset..offset + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }

    /// The seed as people type it where a camera is missing.
    #[must_use]
    pub fn to_base32(&self) -> String {
        let bits: Vec<u8> = self.0.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        let letter = |bits: &[u8]| LETTERS[bits.iter().fold(0, |value, bit| value << 1 | usize::from(*bit))];
        bits.chunks(5).map(|bits| char::from(letter(bits))).collect()
    }

    /// The address an app reads from the square (`otpauth`, the key URI form of the apps).
    #[must_use]
    pub fn address(&self, issuer: &str, login: &str) -> String {
        let escaped = |text: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte);
            let sign = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
            text.bytes().map(sign).collect::<String>()
        };
        let (issuer, login, secret) = (escaped(issuer), escaped(login), self.to_base32());
        format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Seed = Seed(*b"12345678901234567890");

    #[test]
    fn the_codes_are_those_of_rfc_6238_appendix_b() {
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, code) in table {
            assert_eq!(SEED.code(step_at(Timestamp(second * 1_000_000))), code, "{second}");
        }
        assert_eq!(SEED.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_is_good_once_and_a_clock_may_be_one_step_off() {
        let at = Timestamp(1_111_111_111_000_000);
        let now = step_at(at);
        assert_eq!(SEED.taken_step(&SEED.code(now), at, 0), Some(now));
        assert_eq!(SEED.taken_step(&SEED.code(now), at, now), None, "a replay");
        assert_eq!(SEED.taken_step(&SEED.code(now - 1), at, now), None, "an older code after a newer");
        assert_eq!(SEED.taken_step(&SEED.code(now + 1), at, 0), Some(now + 1));
        assert_eq!(SEED.taken_step(&SEED.code(now - 1), at, 0), Some(now - 1));
        assert_eq!(SEED.taken_step(&SEED.code(now + 2), at, 0), None);
        assert_eq!(SEED.taken_step("", at, 0), None);
        assert_eq!(SEED.taken_step("050 471", at, 0), Some(now));
    }
}
