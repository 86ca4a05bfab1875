//! JSON as the service writes it: mostly strict, but its instructions show names and words without quotation marks.

use serde_json::{Map, Value};

/// The deepest nesting and the most values of relaxed text; what the service sends is flat and short.
const DEEPEST: usize = 16;
const MOST: usize = 20_000;

/// Reads strict JSON, or else the relaxed kind. None when it is neither.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(body) {
        return Some(value);
    }
    let text = std::str::from_utf8(body).ok()?.trim_start_matches('\u{feff}');
    let mut reader = Reader { rest: text, values: 0 };
    let value = reader.value(0)?;
    // A surplus brace at the end was seen in official samples.
    reader.rest.trim().trim_matches('}').trim().is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    values: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        self.values += 1;
        if depth > DEEPEST || self.values > MOST {
            return None;
        }
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '{' => self.object(depth),
            '[' => self.list(depth),
            '"' => self.quoted().map(Value::String),
            _ => Some(plain(self.word(&[',', '}', ']'])?)),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut object = Map::new();
        self.skip('{')?;
        loop {
            if self.skip('}').is_some() {
                return Some(Value::Object(object));
            }
            self.rest = self.rest.trim_start();
            let name = if self.rest.starts_with('"') { self.quoted()? } else { self.word(&[':'])?.to_owned() };
            self.skip(':')?;
            let value = self.value(depth + 1)?;
            object.insert(name, value);
            if self.skip(',').is_none() {
                self.skip('}')?;
                return Some(Value::Object(object));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut list = Vec::new();
        self.skip('[')?;
        loop {
            if self.skip(']').is_some() {
                return Some(Value::Array(list));
            }
            list.push(self.value(depth + 1)?);
            if self.skip(',').is_none() {
                self.skip(']')?;
                return Some(Value::Array(list));
            }
        }
    }

    /// A quoted text: its end is found here, its escapes are read by the strict reader.
    fn quoted(&mut self) -> Option<String> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, letter)| {
            let ends = *letter == '"' && !escaped;
            escaped = *letter == '\\' && !escaped;
            ends
        })?;
        let (text, rest) = self.rest.split_at(end.0 + 1);
        self.rest = rest;
        serde_json::from_str(text).ok()
    }

    fn word(&mut self, ends: &[char]) -> Option<&'a str> {
        let end = self.rest.find(ends)?;
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(word.trim()).filter(|word| !word.is_empty())
    }

    fn skip(&mut self, sign: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(sign)?;
        Some(())
    }
}

/// A word without quotation marks. A long number stays text, so that no code loses a digit.
fn plain(word: &str) -> Value {
    match serde_json::from_str::<Value>(word) {
        Ok(value @ (Value::Null | Value::Bool(_))) => value,
        Ok(Value::Number(number)) if number.is_u64() => Value::Number(number),
        _ => Value::String(word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::json;

    #[test]
    fn names_and_words_without_quotation_marks_are_read() {
        let text = "{ id_solicitare: 260149, parametri: \"an=2017, cui=8000000000\", titlu: Transmitere cerere tip D101, \
                    serial: 01AB, cnp: null }";
        let expected = json!({ "id_solicitare": 260_149, "parametri": "an=2017, cui=8000000000",
            "titlu": "Transmitere cerere tip D101", "serial": "01AB", "cnp": null });
        assert_eq!(read(text.as_bytes()), Some(expected));
        assert_eq!(read(br#"{"eroare":"a \"b\""}"#), Some(json!({ "eroare": "a \"b\"" })));
        assert_eq!(read(br#"{"eroare":"x","titlu":"Descarcare"}}"#).unwrap()["eroare"], "x", "a surplus brace");
        assert_eq!(
            read(b"{ mesaje: [ { id: 1 }, { id: 2 } ] }"),
            Some(json!({ "mesaje": [{ "id": 1 }, { "id": 2 }] }))
        );
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_read_or_refused_and_never_a_panic() {
        let text = "{ id_solicitare: 260149, parametri: \"an=2017, \\\"x\\\"\", l: [ 1, { a: ă } ], b: true, n: null }";
        assert!(read(text.as_bytes()).is_some());
        for at in 0..text.len() {
            assert_eq!(read(&text.as_bytes()[..at]), None, "cut at {at}");
            for byte in [b'"', b'{', b'}', b'[', b']', b',', b':', b'\\', 0, 0xff] {
                let mut changed = text.as_bytes().to_vec();
                changed[at] = byte;
                let _read_or_not = read(&changed);
            }
        }
    }

    #[test]
    fn what_is_cut_deep_or_not_json_at_all_is_nothing() {
        let deep = "[".repeat(10_000);
        for text in ["", "{", "{ a: ", "{ a 1 }", "{ a: 1 } b", "<html>", "\"", "{ \"a: 1 }", deep.as_str(), "{:1}"] {
            assert_eq!(read(text.as_bytes()), None, "{text:.20}");
        }
        assert_eq!(read(&[0xff, 0xfe]), None);
    }
}
