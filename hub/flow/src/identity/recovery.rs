//! Codes on paper, for the day the phone is lost. Each is good once; only its digest is kept.

use openssl::sha::Sha256;

use super::model::AccountId;

/// Signs that are not mistaken for one another on paper.
const SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A code of sixteen random bytes, eighty bits of which are written: `ABCD-EFGH-JKLM-NPQR`.
#[must_use]
pub fn code(random: [u8; 16]) -> String {
    let signs: Vec<u8> = random.iter().map(|byte| SIGNS[usize::from(byte % 32)]).collect();
    let quads: Vec<&str> = signs.chunks(4).map(|quad| std::str::from_utf8(quad).expect("ASCII")).collect();
    quads.join("-")
}

/// What is kept of a code, however it was typed. Eighty random bits need no slow digest.
#[must_use]
pub fn digest(account: AccountId, typed: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(account.0.as_bytes());
    let signs: Vec<u8> =
        typed.bytes().filter(u8::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase()).collect();
    digest.update(&signs);
    hex::encode(digest.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_code_is_known_however_it_is_typed_and_only_for_its_account() {
        let (one, other) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let code = code(std::array::from_fn(|index| index as u8 * 13));
        assert_eq!(code.len(), 19);
        assert_eq!(digest(one, &code), digest(one, &code.to_lowercase().replace('-', " ")));
        assert_ne!(digest(one, &code), digest(other, &code));
    }
}
