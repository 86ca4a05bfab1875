//! Whom a document is about, as far as its structured data name them. Pure.

use std::collections::BTreeSet;

use schemas::Cnp;
use serde_json::Value;

/// Persons of one document that are kept apart; a document about more is about a list, and its register says so.
const MOST: usize = 1_000;

/// The personal codes a document names, each once: texts that are a valid CNP, wherever they stand.
#[must_use]
pub fn persons_in(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(document, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        // Most texts have another length: their check digit is not computed.
        Value::String(text) if text.len() == 13 && found.len() < MOST && Cnp::parse(text).is_ok() => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_is_found_once_wherever_it_is_named() {
        // The codes are invented.
        let document = json!({
            "persoana": {"cnp": "2580412259906"},
            "familie": [{"cnp": "2580412259906"}, {"cnp": "2580412259907"}],
            "telefon": "0040745123456", "nota": "2580412259906 ",
        });
        assert_eq!(persons_in(&document), BTreeSet::from(["2580412259906".to_owned()]));
    }
}
