//! What a request carries, with errors in the hub's own words.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::problems;

use super::App;
use super::problem::Problem;

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
        body.map(Self).map_err(|_| Problem::too_large(limit as u64))
    }
}
