//! The secret: whether it has the shape its kind needs, and what a token says of itself.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use connectors_contract::manifest::Auth;
use hub_flow::clock::Timestamp;
use serde_json::Value;

use super::{Examination, Side};
use crate::assembly::system_micros;

/// What a token says that a target decides by (RFC 7519, 4.1; the last three are ANAF's).
const CLAIMS: [&str; 8] = ["iss", "sub", "aud", "scope", "token_type", "role", "clientappid", "serial"];

/// Examines a secret without showing it.
pub(super) fn examine(auth: &Auth, secret: &str, examination: &mut Examination) {
    if secret.trim() != secret || secret.contains(['\n', '\r']) {
        examination.wrong(Side::Ours, "secretul are spații sau rânduri în plus", "salvați-l fără ele");
    }
    match auth {
        Auth::Bearer | Auth::Header { .. } => bearer(secret, examination),
        Auth::Basic { user: Some(user) } => examination.well(format!("HTTP Basic, utilizatorul {user}")),
        Auth::Basic { user: None } => match secret.split_once(':') {
            Some((user, _)) => examination.well(format!("HTTP Basic, utilizatorul {user}")),
            None => examination.wrong(Side::Ours, "secretul nu are utilizator", "scrieți utilizator:parolă"),
        },
        Auth::StandardWebhooks => {
            let fits = |key: &str| {
                let bytes = key.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
                bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len()))
            };
            if secret.split_whitespace().all(fits) {
                examination.well("cheia webhook are forma cerută");
            } else {
                examination.wrong(
                    Side::Ours,
                    "cheia webhook nu are forma cerută",
                    "whsec_ urmat de 24–64 de octeți în base64",
                );
            }
        }
        Auth::None => {}
    }
}

fn bearer(token: &str, examination: &mut Examination) {
    let mut pieces = token.split('.');
    let (Some(header), Some(payload), Some(_), None) = (pieces.next(), pieces.next(), pieces.next(), pieces.next())
    else {
        examination.well(format!("jeton opac de {} semne; numai sistemul îl poate citi", token.chars().count()));
        return;
    };
    let (Some(header), Some(payload)) = (read(header), read(payload)) else {
        examination.warn("jetonul are trei părți, dar nu este un JWT; numai sistemul îl poate citi");
        return;
    };
    let said = |part: &Value, name: &str| match &part[name] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let key = said(&header, "kid").unwrap_or_else(|| "nenumită".to_owned());
    examination.well(format!("JWT semnat cu {}, cheia {key}", said(&header, "alg").unwrap_or_default()));
    for claim in CLAIMS {
        if let Some(value) = said(&payload, claim) {
            examination.well(format!("  pretinde {claim} = {value}"));
        }
    }
    times(&payload, system_micros() / 1_000_000, examination);
}

fn times(payload: &Value, now: i64, examination: &mut Examination) {
    let when = |second: i64| Timestamp(second.saturating_mul(1_000_000)).to_romanian();
    match payload["exp"].as_i64() {
        Some(end) if end <= now => {
            examination.wrong(
                Side::Ours,
                format!("jetonul a expirat la {}", when(end)),
                "înnoiți-l cu jetonul de reîmprospătare",
            );
        }
        Some(end) if end - now < 7 * 86_400 => examination.warn(format!("jetonul expiră curând, la {}", when(end))),
        Some(end) => examination.well(format!("jetonul este valabil până la {}", when(end))),
        None => examination.warn("jetonul nu spune până când este valabil (exp)"),
    }
    if let Some(begin) = payload["nbf"].as_i64().filter(|begin| *begin > now) {
        let told = format!("jetonul este valabil abia de la {}", when(begin));
        examination.wrong(Side::Ours, told, "ceasul nostru rămâne în urmă, sau jetonul este pentru mai târziu");
    }
}

fn read(piece: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(piece.trim_end_matches('=')).ok()?).ok()
}
