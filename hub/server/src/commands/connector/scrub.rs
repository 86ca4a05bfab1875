//! Taking persons and secrets out of what was recorded. What is recognised is replaced by invented values of the same
//! shape; what is not recognised stays, so a person reads every file before it is kept.

use std::str::FromStr;

use schemas::identifiers::{Cnp, Iban};
use serde_json::Value;

/// A personal code nobody has: the example of the public checkers.
const CNP: &str = "1630615123457";
/// The public specimen.
const IBAN: &str = "RO49AAAA1B31007593840000";
const REMOVED: &str = "[scos]";
/// A number nobody has.
const TELEPHONE: &str = "0700000000";

/// Members whose values are secrets, by parts of their names.
const SECRETS: [&str; 8] = ["token", "secret", "parola", "password", "api_key", "apikey", "authorization", "cookie"];
/// Members whose values are about persons, by parts of their names, and what stands in their place.
const PERSONS: [(&str, &str); 9] = [
    ("prenume", "Ion"),
    ("firstname", "Ion"),
    ("nume", "Exemplescu"),
    ("lastname", "Exemplescu"),
    ("adresa", "Str. Exemplu nr. 1"),
    ("address", "Str. Exemplu nr. 1"),
    ("strada", "Exemplu"),
    ("telefon", "0700000000"),
    ("phone", "0700000000"),
];

/// The body without persons and secrets: as JSON where it is JSON, as text otherwise.
pub(super) fn body(bytes: &[u8]) -> Value {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) if !value.is_string() => scrubbed(value),
        _ => Value::String(text(&String::from_utf8_lossy(bytes))),
    }
}

fn scrubbed(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().map(|(name, value)| member(name, value)).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(scrubbed).collect()),
        Value::String(found) => Value::String(text(&found)),
        Value::Number(number) if is_cnp(&number.to_string()) => Value::from(CNP.parse::<u64>().unwrap_or_default()),
        other => other,
    }
}

fn member(name: String, value: Value) -> (String, Value) {
    let folded: String = name.to_lowercase().chars().filter(|letter| *letter != '_' && *letter != '-').collect();
    let value = match value {
        Value::String(_) if SECRETS.iter().any(|secret| folded.contains(&secret.replace('_', ""))) => REMOVED.into(),
        Value::String(found) if !found.is_empty() => {
            let person = PERSONS.iter().find(|(part, _)| folded.contains(part) && !folded.contains("denumire"));
            person.map_or_else(|| Value::String(text(&found)), |(_, invented)| (*invented).into())
        }
        other => scrubbed(other),
    };
    (name, value)
}

/// A text with personal codes, accounts, telephone numbers, addresses of mail and tokens replaced.
pub(super) fn text(found: &str) -> String {
    words(&telephones(found))
}

/// Replaces Romanian telephone numbers, however they are grouped: `0722 123 456`, `0722.123.456`, `+40 722-123-456`,
/// `(021) 312 34 56`. Ten digits that begin with 02, 03 or 07 (OUG nr. 111/2011, the national numbering plan).
fn telephones(found: &str) -> String {
    let letters: Vec<char> = found.chars().collect();
    let (mut scrubbed, mut at) = (String::with_capacity(found.len()), 0);
    while at < letters.len() {
        let begins =
            at == 0 || !(letters[at - 1].is_alphanumeric() || matches!(letters[at - 1], '.' | '-' | '+' | '@'));
        match begins.then(|| telephone(&letters[at..])).flatten() {
            Some(length) => {
                scrubbed.push_str(TELEPHONE);
                at += length;
            }
            None => {
                scrubbed.push(letters[at]);
                at += 1;
            }
        }
    }
    scrubbed
}

/// How many letters a telephone number takes that begins here, if one does.
fn telephone(letters: &[char]) -> Option<usize> {
    // A date such as 02.03.2026 begins with two digits, a number of ours with three at least, or with the country.
    let first =
        letters.iter().skip_while(|letter| **letter == '(').take_while(|letter| letter.is_ascii_digit()).count();
    if first < 3 && letters.first() != Some(&'+') {
        return None;
    }
    let (mut digits, mut end) = (String::new(), 0);
    for (at, letter) in letters.iter().enumerate() {
        match letter {
            '0'..='9' => {
                digits.push(*letter);
                end = at + 1;
            }
            '+' | '(' if at == 0 => {}
            // One mark between two groups, or a bracket and a blank.
            ' ' | '.' | '-' | '/' | ')' if !digits.is_empty() && at - end < 2 => {}
            _ => break,
        }
    }
    let national = digits.strip_prefix("0040").or_else(|| digits.strip_prefix("40")).map(|rest| format!("0{rest}"));
    let number = national.unwrap_or(digits);
    let kinds = ["02", "03", "07"];
    (number.len() == 10 && kinds.iter().any(|kind| number.starts_with(kind))).then_some(end)
}

fn words(found: &str) -> String {
    let in_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '@' | '.' | '_' | '-' | '+');
    let mut scrubbed = String::with_capacity(found.len());
    let mut rest = found;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !in_word(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        scrubbed.push_str(&replaced(word));
        let gap = after.find(in_word).unwrap_or(after.len());
        scrubbed.push_str(&after[..gap]);
        rest = &after[gap..];
    }
    scrubbed
}

fn replaced(word: &str) -> String {
    let bare = word.trim_matches(['.', '-', '_', '+']);
    let invented = if is_cnp(bare) {
        CNP
    } else if Iban::from_str(bare).is_ok() {
        IBAN
    } else if bare.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        "persoana@exemplu.ro"
    } else if bare.starts_with("eyJ") && bare.matches('.').count() == 2 {
        REMOVED
    } else {
        return word.to_owned();
    };
    word.replace(bare, invented)
}

fn is_cnp(word: &str) -> bool {
    word.len() == 13 && Cnp::from_str(word).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn persons_and_secrets_are_replaced_and_the_rest_stays() {
        let found = body(
            json!({
                "numar": "2026-0001", "access_token": "abc", "denumire": "PRIMARIA X",
                "persoana": { "nume": "Popescu", "prenume": "Ana", "cnp": "5010101400010", "cod": 5_010_101_400_010_u64 },
                "nota": "scrieți la ana@primarie.ro, CNP 5010101400010, cont RO49AAAA1B31007593840000."
            })
            .to_string()
            .as_bytes(),
        );
        assert_eq!(
            found,
            json!({
                "numar": "2026-0001", "access_token": "[scos]", "denumire": "PRIMARIA X",
                "persoana": { "nume": "Exemplescu", "prenume": "Ion", "cnp": CNP, "cod": 1_630_615_123_457_u64 },
                "nota": format!("scrieți la persoana@exemplu.ro, CNP {CNP}, cont {IBAN}.")
            })
        );
    }

    #[test]
    fn text_that_is_not_json_is_scrubbed_too() {
        assert_eq!(text("<cnp>5010101400010</cnp>"), format!("<cnp>{CNP}</cnp>"));
        assert_eq!(text("Bearer eyJhbGciOi.eyJzdWIi.c2ln"), "Bearer [scos]");
        assert_eq!(text("2026-11-22 12.50"), "2026-11-22 12.50");
    }

    #[test]
    fn telephone_numbers_are_replaced_however_they_are_written_and_other_numbers_stay() {
        for number in [
            "0722123456",
            "0722 123 456",
            "0722.123.456",
            "+40722123456",
            "+40 722-123-456",
            "(021) 312 34 56",
            "0040722123456",
        ] {
            let found = format!("sunați la {number}, între 8 și 16");
            assert_eq!(text(&found), "sunați la 0700000000, între 8 și 16", "{number}");
        }
        for other in
            ["2026-0001", "0722123", "9999999999", "07221234567", "nr. 0212/2026", "02.03.2026 10:00", "a0722123456"]
        {
            assert_eq!(text(other), other);
        }
    }
}
