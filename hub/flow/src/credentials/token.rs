//! Access tokens (RFC 9068): issued with ES256, read back as nothing but what the hub itself issued.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hub_signatures::jws::{self, Compact, Refused};
use openssl::pkey::{PKey, Private};
use openssl::sha::sha256;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::authorization::{Permission, PermissionSet};
use crate::clock::Timestamp;
use crate::message::CredentialId;

use super::keeper::Known;
use super::model::{Credential, State};

/// How long a token counts, in seconds.
pub const LIFE_SECONDS: i64 = 600;
/// The kind of an access token (RFC 9068, section 2.1).
const KIND: &str = "at+jwt";
/// Clocks of nodes may differ by so much, in seconds.
const SKEW: i64 = 5;
/// The credential a token was given for.
const CREDENTIAL: &str = "punte_credential";

/// A token about to be issued.
pub struct Wanted<'a> {
    /// The hub, as issuer and audience.
    pub issuer: &'a str,
    /// What it is given for.
    pub credential: &'a Credential,
    /// What it is narrowed to.
    pub operations: Option<PermissionSet>,
    /// SHA-256 of the client certificate it is bound to (RFC 8705, section 3).
    pub certificate: Option<[u8; 32]>,
    /// Its id.
    pub id: Uuid,
    /// When.
    pub now: Timestamp,
}

/// Issues a token.
///
/// # Errors
/// OpenSSL cannot sign.
pub fn issue(wanted: &Wanted<'_>, key: (&str, &PKey<Private>)) -> Result<String, openssl::error::ErrorStack> {
    let Wanted { issuer, credential, operations, certificate, id, now } = wanted;
    let now = now.0.div_euclid(1_000_000);
    let mut claims = json!({
        "iss": issuer,
        "aud": issuer,
        "sub": credential.made.system,
        "client_id": credential.made.system,
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "jti": id.simple().to_string(),
        CREDENTIAL: credential.made.id,
    });
    if let Some(operations) = operations {
        let names: Vec<&str> = operations.iter().map(Permission::as_str).collect();
        claims["scope"] = names.join(" ").into();
    }
    if let Some(digest) = certificate {
        claims["cnf"] = json!({"x5t#S256": URL_SAFE_NO_PAD.encode(digest)});
    }
    jws::sign((KIND, key.0), &claims, key.1)
}

/// A token the hub issued. Whether it counts now is asked on every call: [`Token::stands`].
#[derive(Debug, Clone)]
pub struct Token {
    /// The system it was given to.
    pub system: String,
    /// What it was given for.
    pub credential: CredentialId,
    /// What it is narrowed to.
    pub narrowed_to: Option<PermissionSet>,
    /// SHA-256 of its id.
    pub id: [u8; 32],
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Its end.
    pub expires_at: Timestamp,
    /// The certificate it is bound to.
    pub certificate: Option<[u8; 32]>,
    key: String,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// It is no token of this hub.
    #[error("the access token is not one of this hub: {0}")]
    Foreign(String),
    /// Its time is over.
    #[error("the access token has expired; ask for a new one")]
    Expired,
    /// It, or what it was given for, or the key that signed it, was taken back.
    #[error("the access token was revoked")]
    Revoked,
    /// It is bound to a certificate that this connection does not show.
    #[error("the access token is bound to a client certificate, which this connection does not show")]
    Unbound,
}

impl From<Refused> for TokenRefused {
    fn from(refused: Refused) -> Self {
        Self::Foreign(refused.to_string())
    }
}

/// Reads a token: its signature, its kind, who issued it and for whom.
///
/// # Errors
/// It is not one of this hub.
pub fn read(token: &str, known: &Known, issuer: &str) -> Result<Token, TokenRefused> {
    let foreign = |what: &str| TokenRefused::Foreign(what.to_owned());
    let compact = Compact::read(token)?;
    if compact.kind.as_deref() != Some(KIND) {
        return Err(foreign("its typ is not at+jwt"));
    }
    let key_id = compact.key.clone().ok_or_else(|| foreign("it names no key"))?;
    let key = known.token_key(&key_id).ok_or_else(|| foreign("its key is unknown"))?;
    let claims = compact.verified(&key.public)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).ok_or_else(|| foreign("a claim is missing"));
    if text("iss")? != issuer || text("aud")? != issuer {
        return Err(foreign("it was issued by or for somebody else"));
    }
    if text("sub")? != text("client_id")? {
        return Err(foreign("its client is not its subject"));
    }
    let time = |name: &str| {
        let seconds = claims.get(name).and_then(Value::as_i64).ok_or_else(|| foreign("a time is missing"))?;
        Ok::<_, TokenRefused>(Timestamp(0).plus_seconds(seconds))
    };
    Ok(Token {
        system: text("sub")?.to_owned(),
        credential: text(CREDENTIAL)?.parse().map_err(|_| foreign("it names no credential"))?,
        narrowed_to: narrowed(&claims)?,
        id: sha256(text("jti")?.as_bytes()),
        issued_at: time("iat")?,
        expires_at: time("exp")?,
        certificate: bound(&claims)?,
        key: key_id,
    })
}

impl Token {
    /// Whether it counts now, on a connection that shows this certificate.
    ///
    /// # Errors
    /// Why not.
    pub fn stands(&self, known: &Known, now: Timestamp, certificate: Option<&[u8; 32]>) -> Result<(), TokenRefused> {
        if now >= self.expires_at {
            return Err(TokenRefused::Expired);
        }
        if now.plus_seconds(SKEW) < self.issued_at {
            return Err(TokenRefused::Foreign("it was issued in the future".to_owned()));
        }
        let withdrawn = known.token_key(&self.key).is_none();
        // A credential that was replaced or ran out meanwhile did count when the token was given for it.
        let revoked = known.by_id(self.credential).is_none_or(|held| held.credential.state(now) == State::Revoked);
        if withdrawn || revoked || known.is_revoked_token(&self.id) {
            return Err(TokenRefused::Revoked);
        }
        match (&self.certificate, certificate) {
            (None, _) => Ok(()),
            (Some(bound), Some(shown)) if openssl::memcmp::eq(bound, shown) => Ok(()),
            (Some(_), _) => Err(TokenRefused::Unbound),
        }
    }
}

fn narrowed(claims: &Map<String, Value>) -> Result<Option<PermissionSet>, TokenRefused> {
    let foreign = || TokenRefused::Foreign("its scope is no list of permissions".to_owned());
    let Some(scope) = claims.get("scope") else { return Ok(None) };
    let names = scope.as_str().ok_or_else(foreign)?.split(' ').filter(|name| !name.is_empty());
    names.map(|name| Permission::parse(name).ok_or_else(foreign)).collect::<Result<_, _>>().map(Some)
}

fn bound(claims: &Map<String, Value>) -> Result<Option<[u8; 32]>, TokenRefused> {
    let Some(confirmation) = claims.get("cnf") else { return Ok(None) };
    // A confirmation that is not understood must never be taken for none.
    let digest = confirmation.get("x5t#S256").and_then(Value::as_str);
    let digest = digest.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).and_then(|bytes| bytes.try_into().ok());
    digest.map(Some).ok_or_else(|| TokenRefused::Foreign("its confirmation is not understood".to_owned()))
}
