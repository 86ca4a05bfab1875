//! `GET /v1/parties/{party}/keys`

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as B64};
use hub_flow::encryption::{PartyKey, keys_of};
use hub_signatures::algorithm::SignatureAlgorithm;
use hub_signatures::signer::Signer;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

/// The keys of a party in force, as a JWK set (RFC 7517) with their validity, and the same set sealed by this hub as a JWS
/// (RFC 7515) under `attestation`, so that who passes it on cannot change it.
///
/// # Errors
/// There is no such party.
pub async fn list(State(app): State<App>, Path(party): Path<String>) -> Result<Json<Value>, Problem> {
    if app.hub.directory().party(&party).is_none() {
        return Err(Problem::of(&problems::NOT_FOUND));
    }
    let now = app.hub.clock.now();
    let keys = keys_of(&app.hub.db, &party).await?;
    let keys: Vec<Value> = keys.iter().filter(|key| key.is_in_force(now)).map(shown).collect();
    let mut set = json!({"party": party, "as_of": now.to_utc(), "keys": keys});
    // A seal that cannot sign now leaves the set without its attestation, not the sender without keys.
    set["attestation"] = attested(&*app.hub.seal.signer(), &set).map_or(Value::Null, Value::from);
    Ok(Json(set))
}

/// A key as the set shows it.
pub(super) fn shown(key: &PartyKey) -> Value {
    let mut jwk = key.jwk.clone();
    jwk["nbf"] = (key.valid_from.0 / 1_000_000).into();
    jwk["exp"] = (key.valid_to.0 / 1_000_000).into();
    jwk
}

/// Compact JWS, the certificate chain of the seal in `x5c`.
fn attested(signer: &dyn Signer, set: &Value) -> Option<String> {
    let chain: Vec<String> = signer.certificate_chain().iter().map(|one| STANDARD.encode(one.der())).collect();
    let header = json!({"alg": algorithm(signer.algorithm())?, "typ": "jwk-set+jwt", "x5c": chain});
    let signed = format!("{}.{}", B64.encode(header.to_string()), B64.encode(set.to_string()));
    let value = signer.sign(signed.as_bytes()).ok()?;
    Some(format!("{signed}.{}", B64.encode(value)))
}

/// The name of RFC 7518 for a seal's algorithm; ECDSA with SHA-512 has none for the curves of seals.
const fn algorithm(of: SignatureAlgorithm) -> Option<&'static str> {
    match of {
        SignatureAlgorithm::RsaSha256 => Some("RS256"),
        SignatureAlgorithm::RsaSha384 => Some("RS384"),
        SignatureAlgorithm::RsaSha512 => Some("RS512"),
        SignatureAlgorithm::EcdsaSha256 => Some("ES256"),
        SignatureAlgorithm::EcdsaSha384 => Some("ES384"),
        SignatureAlgorithm::EcdsaSha512 => None,
    }
}
