//! What a request carries, with errors in the hub's own words.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::problems;
use crate::protection::json;

use super::App;
use super::problem::Problem;

/// Parameters of the path. What cannot be read names nothing that is there.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path: Result<axum::extract::Path<T>, _> = axum::extract::Path::from_request_parts(parts, app).await;
        path.map(|axum::extract::Path(named)| Self(named)).map_err(|error| {
            Problem::of(&problems::NOT_FOUND).detail(
                format!("Adresa nu poate numi așa ceva: {}", error.body_text()),
                format!("No address names such a thing: {}", error.body_text()),
            )
        })
    }
}

/// Parameters of the query.
pub struct Wanted<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Wanted<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, app).await;
        query.map(|Query(wanted)| Self(wanted)).map_err(|error| {
            Problem::of(&problems::MALFORMED_REQUEST).detail(
                format!("Un parametru al adresei nu poate fi citit: {}", error.body_text()),
                format!("A parameter of the address cannot be read: {}", error.body_text()),
            )
        })
    }
}

/// A small body, never more than the configured limit in memory.
pub struct SmallBody(pub Bytes);

impl FromRequest<App> for SmallBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let limit = app.limits.json_bytes;
        let body = axum::body::to_bytes(request.into_body(), limit).await;
        let body = body.map_err(|_| Problem::too_large(limit as u64))?;
        json_bounded(&body)?;
        Ok(Self(body))
    }
}

/// Looks a body over before it is read as JSON.
///
/// # Errors
/// It is nested too deep, or holds too much.
pub fn json_bounded(body: &[u8]) -> Result<(), Problem> {
    json::bounded(body, json::Bounds::default())
        .map_err(|error| Problem::of(&problems::MALFORMED_REQUEST).detail(error.in_romanian(), error.to_string()))
}
