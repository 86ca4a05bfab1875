//! The verification code of an evidence: its id, as people read it from paper and type it.
//!
//! Crockford's base 32, upper case, in groups of five: no letter is taken for a digit. A code alone tells nothing; the
//! public page answers only with the beginning of the evidence's SHA-256 beside it.

use uuid::Uuid;

use crate::message::EvidenceId;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits of a code: 130 bits for the 128 of an id.
const LENGTH: u32 = 26;
const GROUP: usize = 5;

/// Writes the code of an evidence.
#[must_use]
pub fn of(id: EvidenceId) -> String {
    let bits = id.0.as_u128();
    let mut code = String::with_capacity(32);
    for place in 0..LENGTH {
        if place > 0 && (place as usize).is_multiple_of(GROUP) {
            code.push('-');
        }
        let shift = 5 * (LENGTH - 1 - place);
        let digit = if shift >= 128 { 0 } else { (bits >> shift) & 31 };
        code.push(char::from(DIGITS[usize::try_from(digit).unwrap_or(0)]));
    }
    code
}

/// Reads a code as people type it: any case, any separators, O for 0, I and L for 1.
#[must_use]
pub fn read(text: &str) -> Option<EvidenceId> {
    let mut bits: u128 = 0;
    let mut places = 0;
    for character in text.chars().filter(|character| !matches!(character, '-' | ' ' | '.')) {
        let digit = match character.to_ascii_uppercase() {
            'O' => 0,
            'I' | 'L' => 1,
            other => DIGITS.iter().position(|digit| char::from(*digit) == other)?,
        };
        places += 1;
        if places > LENGTH || (places == 1 && digit > 7) {
            return None;
        }
        bits = bits << 5 | u128::try_from(digit).ok()?;
    }
    (places == LENGTH).then(|| EvidenceId(Uuid::from_u128(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        for bits in [0, 1, u128::MAX, 0x0190_1234_5678_7abc_8def_0123_4567_89ab] {
            let id = EvidenceId(Uuid::from_u128(bits));
            let code = of(id);
            assert_eq!(code.len(), 31, "{code}");
            assert_eq!(read(&code), Some(id));
            assert_eq!(read(&code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l")), Some(id));
        }
        for wrong in ["", "0", "U0000-00000-00000-00000-00000-0", "80000-00000-00000-00000-00000-0", &"0".repeat(27)] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
