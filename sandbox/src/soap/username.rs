//! The UsernameToken of a call (OASIS Web Services Security UsernameToken Profile 1.1), with a plain password or a digest.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use openssl::hash::{MessageDigest, hash};

use super::{Envelope, child_text};

/// How far `Created` may be from now, in seconds (profile 1.1, section 3.1 recommends five minutes).
const FRESH: i64 = 300;
/// The most nonces remembered.
const MOST_NONCES: usize = 100_000;

/// The nonces seen, so that a digest is good once.
#[derive(Default)]
pub(crate) struct Nonces(Mutex<BTreeSet<String>>);

/// Who calls by its token, or why the token is not believed.
pub(crate) fn caller(
    envelope: &Envelope<'_>,
    password_of: impl Fn(&str) -> Option<String>,
    nonces: &Nonces,
    now: i64,
) -> Result<String, &'static str> {
    let security = envelope.block("Security").ok_or("Lipsește antetul wsse:Security.")?;
    let token = security.children().find(|child| child.is_element() && child.tag_name().name() == "UsernameToken");
    let token = token.ok_or("Lipsește wsse:UsernameToken.")?;
    let user = child_text(token, "Username").ok_or("Lipsește wsse:Username.")?;
    let said = child_text(token, "Password").ok_or("Lipsește wsse:Password.")?;
    let kind =
        token.children().find(|child| child.tag_name().name() == "Password").and_then(|node| node.attribute("Type"));
    let wrong = "Utilizatorul sau parola sunt greșite.";
    let password = password_of(&user).ok_or(wrong)?;
    if !kind.is_some_and(|kind| kind.ends_with("#PasswordDigest")) {
        return if same(said.as_bytes(), password.as_bytes()) { Ok(user) } else { Err(wrong) };
    }
    let nonce = child_text(token, "Nonce").ok_or("Lipsește wsse:Nonce.")?;
    let created = child_text(token, "Created").ok_or("Lipsește wsu:Created.")?;
    let at = created.parse::<Timestamp>().map_err(|_| "wsu:Created nu este o dată.")?.as_second();
    if (at - now).abs() > FRESH {
        return Err("wsu:Created este mai departe de cinci minute de ora serverului.");
    }
    let raw = STANDARD.decode(&nonce).map_err(|_| "wsse:Nonce nu este base64.")?;
    let digest = hash(MessageDigest::sha1(), &[&raw, created.as_bytes(), password.as_bytes()].concat());
    let digest = digest.map_err(|_| wrong)?;
    if !same(said.as_bytes(), STANDARD.encode(digest).as_bytes()) {
        return Err(wrong);
    }
    let mut seen = nonces.0.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.len() >= MOST_NONCES || !seen.insert(nonce) {
        return Err("wsse:Nonce a mai fost folosit.");
    }
    Ok(user)
}

fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && openssl::memcmp::eq(one, other)
}
