//! What was scanned of an entry: taken from a form, and given back as it came.

use axum::extract::Path;
use axum::http::StatusCode;

use crate::asking::piece;
use crate::form::Filled;
use crate::page::{Answer, done};
use crate::visit::Visit;

use super::{Place, again};

/// Keeps the files of a form, each for itself: one that is refused takes no other with it.
///
/// # Errors
/// There is no such entry, or the hub cannot answer.
pub async fn add(visit: Visit, Path((register, year, number)): Path<(String, i64, i64)>, filled: Filled) -> Answer {
    let place = Place { register, year, number };
    for (at, file) in filled.files.iter().enumerate() {
        let path = format!("{}/content?name={}", place.api(), piece(&file.name));
        let asked = visit.post(path).form(filled.token()).key(&format!("{}-{at}", filled.key()));
        match asked.body(&file.media_type, file.bytes.clone()).value().await {
            Ok(_) => {}
            Err(fault) if fault.status == StatusCode::NOT_FOUND => return Err(fault),
            Err(fault) => return again(&visit, place, fault, ("content", &filled)).await,
        }
    }
    Ok(done(&place.page(), "saved"))
}

/// The bytes of one.
///
/// # Errors
/// There is none, or its bytes were destroyed.
pub async fn bytes(visit: Visit, Path((register, year, number, position)): Path<(String, i64, i64, i64)>) -> Answer {
    let place = Place { register, year, number };
    visit.get(format!("{}/content/{position}", place.api())).passed().await
}
