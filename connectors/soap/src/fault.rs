//! Faults of both versions in one shape, and the status that says what they mean.

use serde_json::{Map, Value};

use crate::settings::Version;

/// Codes of WS-Security faults (SOAP Message Security 1.1.1, section 12): our credentials, the document was not looked at.
const CREDENTIALS: [&str; 6] = [
    "UnsupportedSecurityToken",
    "InvalidSecurity",
    "InvalidSecurityToken",
    "FailedAuthentication",
    "SecurityTokenUnavailable",
    "MessageExpired",
];

/// A fault, whichever version it came in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    code: String,
    subcode: Option<String>,
    reason: Option<String>,
    detail: Option<Value>,
}

impl Fault {
    /// Reads the value of a `Fault` element (SOAP 1.1, 4.4; SOAP 1.2 Part 1, 5.4).
    pub(crate) fn read(version: Version, fault: &Value) -> Self {
        let place = |path: &str| fault.pointer(path).filter(|found| !found.is_null());
        match version {
            Version::V11 => Self {
                code: place("/faultcode").and_then(text).map(|code| local(&code)).unwrap_or_default(),
                subcode: None,
                reason: place("/faultstring").and_then(text),
                detail: place("/detail").cloned(),
            },
            Version::V12 => Self {
                code: place("/Code/Value").and_then(text).map(|code| local(&code)).unwrap_or_default(),
                subcode: place("/Code/Subcode/Value").and_then(text).map(|code| local(&code)),
                reason: place("/Reason/Text").and_then(text),
                detail: place("/Detail").cloned(),
            },
        }
    }

    /// The status of REST that means the same: the sender's fault refuses, the receiver's leaves it open. A status of
    /// haste, maintenance or credentials keeps its meaning whatever fault comes with it.
    pub(crate) fn status(&self, http: u16) -> u16 {
        let party = self.code.split('.').next().unwrap_or_default();
        let named = |code: &str| CREDENTIALS.contains(&code);
        if matches!(http, 401 | 407 | 408 | 425 | 429 | 503) {
            http
        } else if named(&self.code) || self.subcode.as_deref().is_some_and(named) {
            401
        } else if matches!(party, "Client" | "Sender" | "MustUnderstand" | "VersionMismatch" | "DataEncodingUnknown") {
            400
        } else {
            500
        }
    }

    /// What a manifest points into: `/Fault/code`, `/Fault/subcode`, `/Fault/reason`, `/Fault/detail/…`.
    pub(crate) fn value(self) -> Value {
        let mut members = Map::from_iter([("code".to_owned(), Value::from(self.code))]);
        let optional = [("subcode", self.subcode), ("reason", self.reason)];
        members.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?)))));
        members.extend(self.detail.map(|detail| ("detail".to_owned(), detail)));
        Value::Object(Map::from_iter([("Fault".to_owned(), Value::Object(members))]))
    }
}

/// The text of an element, of the first one where it is repeated.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Object(members) => members.get("#text").and_then(text),
        Value::Array(items) => items.first().and_then(text),
        _ => None,
    }
}

/// A code without its prefix, which means nothing outside its envelope.
fn local(code: &str) -> String {
    code.trim().rsplit(':').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_means_the_same_in_both_versions() {
        let old = |code: &str| json!({ "faultcode": code, "faultstring": "de ce", "detail": { "a": "b" } });
        let new = |code: &str, inner: &str| {
            json!({ "Code": { "Value": code, "Subcode": { "Value": inner } },
                    "Reason": { "Text": [{ "@lang": "ro", "#text": "de ce" }, { "@lang": "en", "#text": "why" }] },
                    "Detail": { "a": "b" } })
        };
        let table = [
            (Version::V11, old("soap:Client"), 500, 400),
            (Version::V11, old("S:Client.Format"), 500, 400),
            (Version::V11, old("soap:Server"), 500, 500),
            (Version::V11, old("soap:Server"), 200, 500),
            (Version::V11, old("Oops"), 500, 500),
            (Version::V11, old("wsse:FailedAuthentication"), 500, 401),
            (Version::V11, old("soap:Client"), 503, 503),
            (Version::V12, new("env:Sender", "a:Bad"), 400, 400),
            (Version::V12, new("env:Sender", "wsse:InvalidSecurityToken"), 400, 401),
            (Version::V12, new("env:Receiver", "a:Busy"), 500, 500),
            (Version::V12, json!({}), 500, 500),
        ];
        for (version, fault, http, meant) in table {
            let read = Fault::read(version, &fault);
            assert_eq!(read.status(http), meant, "{fault}");
            let value = read.value();
            assert!(fault == json!({}) || value["Fault"]["reason"] == "de ce", "{value}");
            assert!(fault == json!({}) || value["Fault"]["detail"]["a"] == "b", "{value}");
        }
    }
}
