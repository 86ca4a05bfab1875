//! The chain of a register: what shows offline that no number was left out, put in or rewritten.
//!
//! Every number of a register and year is linked to the one before it, and every later act on an entry to the act before
//! it. Digests are salted, so that a chain tells nothing about an entry whose salt is not shown. It may assume that
//! numbers come in order; it reads no database and trusts no column beside the ones it is given.

use openssl::sha::Sha256;
use serde_json::Value;

/// A link of a chain, a digest of an entry, or the start of either.
pub type Hash = [u8; 32];
/// The salt of an entry or an act.
pub type Salt = [u8; 16];

/// Where the chain of a register and year of an institution starts.
#[must_use]
pub fn series_start(party: &str, register: &str, year: i64) -> Hash {
    let year = year.to_string();
    hash(b"punte-register-series-v1\0", &[party.as_bytes(), b"\0", register.as_bytes(), b"\0", year.as_bytes()])
}

/// The digest of an entry as it was first recorded. `canonical` is what [`canonical`] makes of it.
#[must_use]
pub fn entry_digest(salt: &Salt, canonical: &str) -> Hash {
    hash(b"punte-register-entry-v1\0", &[salt, canonical.as_bytes()])
}

/// The link of a number. `before` is the link of the number before it, or the series' start.
#[must_use]
pub fn link(before: &Hash, number: u64, digest: &Hash) -> Hash {
    hash(b"punte-register-link-v1\0", &[before, &number.to_be_bytes(), digest])
}

/// The link of an act on an entry. `before` is the link of the act before it, or the entry's digest.
#[must_use]
pub fn act_link(before: &Hash, salt: &Salt, canonical: &str) -> Hash {
    hash(b"punte-register-act-v1\0", &[before, salt, canonical.as_bytes()])
}

fn hash(domain: &[u8], parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(domain);
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finish()
}

/// JSON in its one form: no blanks, the keys of every object sorted by their bytes. With keys in ASCII and whole numbers,
/// which is all that registers hold, this is the form of RFC 8785.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| key.as_bytes());
            text.push('{');
            for (index, (key, member)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                write(member, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

/// One number of a chain, as a proof lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The number.
    pub number: u64,
    /// The entry's digest.
    pub digest: Hash,
    /// The link that was recorded.
    pub link: Hash,
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A number is missing, or comes twice: the register has a gap.
    #[error("after the number {after} comes {found}, not {}", after + 1)]
    Gap {
        /// The last number that was right; one less than the first wanted where none was.
        after: u64,
        /// What came.
        found: u64,
    },
    /// The recorded link is not the one its entry and the link before it lead to.
    #[error("the link of the number {number} is not the one its entry and the number before it lead to")]
    Link {
        /// Whose link.
        number: u64,
    },
}

/// Verifies a run of numbers that begins with `first`, after the link `before` (the series' start for the first number of
/// a year); answers the newest link.
///
/// # Errors
/// The first [`Break`].
pub fn verify(before: Hash, first: u64, chain: &[Linked]) -> Result<Hash, Break> {
    let mut newest = before;
    for (wanted, one) in (first..).zip(chain) {
        if one.number != wanted {
            return Err(Break::Gap { after: wanted.saturating_sub(1), found: one.number });
        }
        newest = link(&newest, one.number, &one.digest);
        if newest != one.link {
            return Err(Break::Link { number: one.number });
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chain(numbers: std::ops::RangeInclusive<u64>) -> (Hash, Vec<Linked>) {
        let start = series_start("uat-109773", "general", 2026);
        let mut newest = start;
        let linked = numbers.map(|number| {
            let digest = entry_digest(&[7; 16], &canonical(&json!({"number": number})));
            newest = link(&newest, number, &digest);
            Linked { number, digest, link: newest }
        });
        (start, linked.collect())
    }

    #[test]
    fn a_chain_holds_from_its_start_to_its_newest_link() {
        let (start, linked) = chain(1..=5);
        assert_eq!(verify(start, 1, &linked), Ok(linked[4].link));
        assert_eq!(verify(linked[1].link, 3, &linked[2..]), Ok(linked[4].link), "a run of it holds too");
        assert_eq!(verify(start, 1, &[]), Ok(start));
    }

    #[test]
    fn a_number_left_out_put_in_or_rewritten_is_seen() {
        let (start, linked) = chain(1..=5);
        let mut without = linked.clone();
        without.remove(2);
        assert_eq!(verify(start, 1, &without), Err(Break::Gap { after: 2, found: 4 }));
        let mut twice = linked.clone();
        twice.insert(2, linked[1].clone());
        assert_eq!(verify(start, 1, &twice), Err(Break::Gap { after: 2, found: 2 }));
        let mut rewritten = linked;
        rewritten[3].digest = entry_digest(&[7; 16], "{}");
        assert_eq!(verify(start, 1, &rewritten), Err(Break::Link { number: 4 }));
        let elsewhere = series_start("uat-109773", "general", 2027);
        assert_eq!(verify(elsewhere, 1, &rewritten), Err(Break::Link { number: 1 }));
    }

    #[test]
    fn json_has_one_form_whatever_the_order_of_its_keys() {
        let one = json!({"b": [1, {"z": null, "a": "ș\n"}], "a": true});
        let other = json!({"a": true, "b": [1, {"a": "ș\n", "z": null}]});
        assert_eq!(canonical(&one), canonical(&other));
        assert_eq!(canonical(&one), r#"{"a":true,"b":[1,{"a":"ș\n","z":null}]}"#);
    }

    #[test]
    fn names_cannot_run_into_each_other() {
        assert_ne!(series_start("ab", "c", 2026), series_start("a", "bc", 2026));
    }
}
