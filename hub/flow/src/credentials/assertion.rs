//! Assertions by which clients prove who they are with a key of their own (RFC 7523, section 2.2).

use std::sync::Arc;

use hub_signatures::jws::{Compact, Refused};
use openssl::sha::sha256;
use serde_json::Value;

use crate::clock::Timestamp;

use super::keeper::Known;
use super::model::{Held, Kind};

/// The longest life of an assertion, in seconds.
const LONGEST_LIFE: i64 = 600;
/// Clocks of clients may differ by so much, in seconds.
const SKEW: i64 = 30;
/// Longest id of an assertion, in bytes.
const LONGEST_ID: usize = 256;

/// What an assertion must say.
pub struct Expected<'a> {
    /// The client, where the request names it.
    pub client: Option<&'a str>,
    /// The names of this hub, one of which is the audience.
    pub audiences: &'a [String],
    /// When.
    pub now: Timestamp,
}

/// An assertion that is believed, if it was not used before.
pub struct Assertion {
    /// The key that signed it.
    pub held: Arc<Held>,
    /// SHA-256 of its id.
    pub id: [u8; 32],
    /// When it may be forgotten.
    pub expires_at: Timestamp,
}

/// Why an assertion is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRefused {
    /// It is no signed token, or not signed by the key.
    #[error(transparent)]
    Token(#[from] Refused),
    /// It is a token of another kind.
    #[error("typ is {0:?}; an assertion has JWT or client-authentication+jwt, or none")]
    Kind(String),
    /// Its issuer and its subject are not the client.
    #[error("iss and sub must both be the client")]
    Client,
    /// The client has no such key that counts.
    #[error("the client has no key in force with this kid")]
    UnknownKey,
    /// It is not for this hub.
    #[error("aud must be this hub, alone")]
    Audience,
    /// Its time is over, or has not come.
    #[error("exp, nbf or iat do not allow it now")]
    Time,
    /// It would count for too long.
    #[error("exp is more than {LONGEST_LIFE} seconds away")]
    TooLong,
    /// It has no usable id.
    #[error("jti is missing, or longer than {LONGEST_ID} bytes")]
    Id,
}

impl Assertion {
    /// Judges an assertion. Whether it was used before is asked of the database afterwards.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn judge(text: &str, known: &Known, expected: &Expected<'_>) -> Result<Self, AssertionRefused> {
        let compact = Compact::read(text)?;
        if let Some(kind) =
            compact.kind.as_ref().filter(|kind| !["jwt", "client-authentication+jwt"].contains(&kind.as_str()))
        {
            return Err(AssertionRefused::Kind(kind.clone()));
        }
        let said = |name: &str| compact.unverified().get(name).and_then(Value::as_str).unwrap_or_default();
        let client = said("sub").to_owned();
        if client.is_empty() || said("iss") != client || expected.client.is_some_and(|named| named != client) {
            return Err(AssertionRefused::Client);
        }
        let held = signer(known, &client, &compact, expected.now)?;
        let key = held.key.as_ref().ok_or(AssertionRefused::UnknownKey)?;
        let claims = compact.verified(key)?;
        let audience = match claims.get("aud") {
            Some(Value::Array(all)) if all.len() == 1 => all[0].as_str(),
            one => one.and_then(Value::as_str),
        };
        if !audience.is_some_and(|named| expected.audiences.iter().any(|ours| ours == named)) {
            return Err(AssertionRefused::Audience);
        }
        let now = expected.now.0.div_euclid(1_000_000);
        let time = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => seconds(value).map(Some).ok_or(AssertionRefused::Time),
        };
        let expires = time("exp")?.ok_or(AssertionRefused::Time)?;
        let too_early = |at: Option<i64>| at.is_some_and(|at| at > now + SKEW);
        if expires <= now || too_early(time("nbf")?) || too_early(time("iat")?) {
            return Err(AssertionRefused::Time);
        }
        if expires > now + LONGEST_LIFE + SKEW {
            return Err(AssertionRefused::TooLong);
        }
        let id = claims.get("jti").and_then(Value::as_str).filter(|id| (1..=LONGEST_ID).contains(&id.len()));
        let id = sha256(id.ok_or(AssertionRefused::Id)?.as_bytes());
        Ok(Self { held, id, expires_at: Timestamp(0).plus_seconds(expires + SKEW) })
    }
}

/// The client's key that an assertion names, or the one whose algorithm it has where it names none. A `kid` is compared
/// with those registered, and is never anything else: no path, no address.
fn signer(known: &Known, client: &str, compact: &Compact<'_>, now: Timestamp) -> Result<Arc<Held>, AssertionRefused> {
    let mut refused = AssertionRefused::UnknownKey;
    for held in known.of_system(client, Kind::ClientKey).filter(|held| held.credential.stands(now).is_ok()) {
        let Some(key) = &held.key else { continue };
        let named = |kid: &String| key.id.as_ref() == Some(kid) || *kid == held.credential.made.id.to_string();
        if !compact.key.as_ref().is_none_or(named) {
            continue;
        }
        match compact.clone().verified(key) {
            Ok(_) => return Ok(Arc::clone(held)),
            Err(error) => refused = error.into(),
        }
    }
    Err(refused)
}

/// A `NumericDate` (RFC 7519, section 2), in whole seconds.
fn seconds(value: &Value) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation, reason = "bounded before it is cut off")]
    let whole = |number: f64| (number.abs() < 1e15).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(whole)).filter(|seconds| (0..1_000_000_000_000).contains(seconds))
}
