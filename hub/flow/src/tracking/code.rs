//! Making a code, and finding its message.

use openssl::memcmp;
use uuid::Uuid;

use crate::db::{Db, DbError};
use crate::lookup::JournalKey;
use crate::message::MessageId;
use crate::params;

/// Crockford's letters: none that are taken for another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 1 January 2020 in Unix milliseconds, before which no message was.
const BEGIN: u64 = 1_577_836_800_000;
/// Bits of the moment: enough until 2054.
const MOMENT: u32 = 40;
const TAG: u32 = 60;
/// Letters without the check letter.
const LENGTH: usize = 20;
/// Most messages of one millisecond that are looked at.
const MOST: i64 = 4096;

/// The code of a message: `7K2M-9QXB-4TZA-R0CD-83FWH`.
#[must_use]
pub fn of(key: &JournalKey, message: MessageId) -> String {
    let tag = tag(key, message);
    let moment = milliseconds(message.0).saturating_sub(BEGIN) & ones(MOMENT);
    let bits = u128::from(tag) << MOMENT | u128::from(moment ^ hidden(key, tag));
    let mut letters: Vec<u8> = (0..LENGTH).rev().map(|place| (bits >> (5 * place) & 31) as u8).collect();
    letters.push(check(&letters));
    let text: String = letters.iter().map(|value| char::from(LETTERS[usize::from(*value)])).collect();
    format!("{}-{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..16], &text[16..])
}

/// The message of a code; none where there is none. What is no code costs the same question.
///
/// # Errors
/// The database does not answer.
pub async fn find(db: &Db, key: &JournalKey, code: &str) -> Result<Option<MessageId>, DbError> {
    let read = read(code);
    let (tag, hidden_moment) = read.unwrap_or_default();
    let moment = BEGIN + (hidden_moment ^ hidden(key, tag));
    let sql = "select id from message where id >= $1 and id < $2 limit $3";
    let rows = db.query(sql, params![from(moment), from(moment + 1), MOST]).await?;
    let mut found = None;
    for mut row in rows {
        let id: MessageId = row.take("id")?;
        // All of them, in the same time each: how long it takes tells nothing of a tag.
        if memcmp::eq(&self::tag(key, id).to_be_bytes(), &tag.to_be_bytes()) {
            found = Some(id);
        }
    }
    Ok(found.filter(|_| read.is_some()))
}

/// Tag and hidden moment of a code as a person types it: small letters, blanks and the usual mistakes are forgiven.
fn read(code: &str) -> Option<(u64, u64)> {
    if code.len() > 64 {
        return None;
    }
    let value = |letter: char| {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        LETTERS.iter().position(|one| char::from(*one) == letter).map(|place| place as u8)
    };
    let letters = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
    let values: Vec<u8> = letters.map(value).collect::<Option<_>>()?;
    let (last, values) = values.split_last()?;
    if values.len() != LENGTH || check(values) != *last {
        return None;
    }
    let bits = values.iter().fold(0_u128, |bits, value| bits << 5 | u128::from(*value));
    Some(((bits >> MOMENT) as u64, bits as u64 & ones(MOMENT)))
}

/// The check letter (Luhn's algorithm modulo 32): every single wrong letter is noticed.
fn check(values: &[u8]) -> u8 {
    let doubled = |value: u32| value * 2 / 32 + value * 2 % 32;
    let sum: u32 = values
        .iter()
        .rev()
        .enumerate()
        .map(|(place, value)| if place % 2 == 0 { doubled(u32::from(*value)) } else { u32::from(*value) })
        .sum();
    ((32 - sum % 32) % 32) as u8
}

fn tag(key: &JournalKey, message: MessageId) -> u64 {
    first(&key.tracking("message", &message.to_string()), TAG)
}

fn hidden(key: &JournalKey, tag: u64) -> u64 {
    first(&key.tracking("moment", &tag.to_string()), MOMENT)
}

fn first(digest: &[u8; 32], bits: u32) -> u64 {
    let eight: [u8; 8] = std::array::from_fn(|place| digest[place]);
    u64::from_be_bytes(eight) >> (64 - bits)
}

const fn ones(bits: u32) -> u64 {
    (1 << bits) - 1
}

/// The moment of an id (UUID version 7, RFC 9562), in Unix milliseconds.
fn milliseconds(id: Uuid) -> u64 {
    (id.as_u128() >> 80) as u64
}

/// The first id of a millisecond.
fn from(millisecond: u64) -> [u8; 16] {
    (u128::from(millisecond) << 80).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(random: u128) -> MessageId {
        MessageId(Uuid::from_u128(1_790_000_000_123_u128 << 80 | 7 << 76 | random))
    }

    #[test]
    fn a_code_is_read_as_it_was_made_and_says_nothing_of_its_moment() {
        let key = JournalKey::new(b"of a test".to_vec());
        let code = of(&key, message(1));
        assert_eq!(code.len(), 25);
        let (tag, moment) = read(&code).unwrap();
        assert_eq!(tag, super::tag(&key, message(1)));
        assert_eq!(BEGIN + (moment ^ hidden(&key, tag)), 1_790_000_000_123);
        assert_eq!(read(&code.to_lowercase().replace('-', " ")), Some((tag, moment)));
        let other = of(&key, message(2));
        assert_ne!(code[12..], other[12..], "two codes of a moment have nothing in common");
        assert_ne!(code, of(&JournalKey::new(b"of another".to_vec()), message(1)));
    }

    #[test]
    fn a_wrong_letter_is_noticed() {
        let code = of(&JournalKey::new(b"of a test".to_vec()), message(1));
        for place in (0..code.len()).filter(|place| !code[*place..].starts_with('-')) {
            for letter in LETTERS.iter().map(|one| char::from(*one)).filter(|one| !code[place..].starts_with(*one)) {
                let wrong = format!("{}{letter}{}", &code[..place], &code[place + 1..]);
                assert_eq!(read(&wrong), None, "{wrong}");
            }
        }
        for wrong in ["", "-", "7K2M", &"7".repeat(100), "șșșș-șșșș-șșșș-șșșș-șșșșș"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
