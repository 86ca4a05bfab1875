//! `/v1/log/inclusion`, `/v1/log/consistency`: proofs for whoever holds a head.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_flow::log;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Two sizes of the log.
#[derive(Deserialize)]
pub struct Between {
    old: u64,
    new: u64,
}

/// `GET /v1/log/consistency?old=&new=`: that the log of `old` leaves begins the one of `new` (RFC 9162, section 2.1.4.1).
///
/// # Errors
/// The sizes are not ones of this log.
pub async fn consistency(State(app): State<App>, query: Wanted<Between>) -> Result<Json<Value>, Problem> {
    let Wanted(Between { old, new }) = query;
    let proof = log::consistency(&app.hub.db, old, new).await?;
    Ok(Json(json!({"old": old, "new": new, "proof": texts(&proof)})))
}

/// A leaf and a size of the log.
#[derive(Deserialize)]
pub struct Leaf {
    index: Option<u64>,
    leaf_hash: Option<String>,
    size: u64,
}

/// `GET /v1/log/inclusion?index=&size=`: the path of a leaf to the root (RFC 9162, section 2.1.3.1). A `leaf_hash` in
/// hexadecimal, where given, must be the one at that index.
///
/// There is no search by hash alone: leaves are salted, so whoever knows the hash of one has it from a proof, with its
/// index.
///
/// # Errors
/// There is no such leaf.
pub async fn inclusion(State(app): State<App>, Wanted(leaf): Wanted<Leaf>) -> Result<Json<Value>, Problem> {
    let index = leaf.index.ok_or_else(|| {
        Problem::of(&problems::MALFORMED_REQUEST).detail(
            "Dați index: frunzele au sare, deci rezumatul unei frunze se află doar dintr-o probă, împreună cu numărul ei",
            "Give index: leaves are salted, so the hash of a leaf is only known from a proof, together with its number",
        )
    })?;
    let missing = || Problem::of(&problems::NOT_FOUND);
    let proof = log::inclusion(&app.hub.db, index, leaf.size).await?;
    let hash = log::leaf_hash(&app.hub.db, index).await?.ok_or_else(missing)?;
    if leaf.leaf_hash.is_some_and(|given| !given.eq_ignore_ascii_case(&hex::encode(hash))) {
        return Err(missing());
    }
    Ok(Json(json!({"index": index, "size": leaf.size, "leaf_hash": BASE64.encode(hash), "proof": texts(&proof)})))
}

fn texts(hashes: &[[u8; 32]]) -> Vec<String> {
    hashes.iter().map(|hash| BASE64.encode(hash)).collect()
}
