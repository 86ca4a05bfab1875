//! Errors of OAuth (RFC 6749, section 5.2): their own form, which client libraries understand.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hub_flow::db::DbError;
use serde_json::json;

use crate::api::problem::Problem;

/// A refusal.
#[derive(Debug)]
pub enum OauthError {
    /// The request is not as it must be.
    Request(String),
    /// The client is not who it says, or says nothing. `basic`: it tried the `Authorization` header.
    Client {
        /// Why, without telling more than the client must know.
        why: String,
        /// Whether it tried the header.
        basic: bool,
    },
    /// More is asked for than the credential carries, or something that does not exist.
    Scope(String),
    /// Another grant than client credentials.
    GrantType,
    /// A fault of ours.
    Ours(Problem),
}

impl From<DbError> for OauthError {
    fn from(error: DbError) -> Self {
        Self::Ours(error.into())
    }
}

impl From<Problem> for OauthError {
    fn from(problem: Problem) -> Self {
        Self::Ours(problem)
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let (status, code, why, basic) = match self {
            Self::Request(why) => (StatusCode::BAD_REQUEST, "invalid_request", why, false),
            Self::Client { why, basic } => (StatusCode::UNAUTHORIZED, "invalid_client", why, basic),
            Self::Scope(why) => (StatusCode::BAD_REQUEST, "invalid_scope", why, false),
            Self::GrantType => {
                let why = "grant_type must be client_credentials".to_owned();
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", why, false)
            }
            Self::Ours(problem) => return problem.into_response(),
        };
        // The characters RFC 6749 allows in a description.
        let allowed = |letter: &char| matches!(letter, ' '..='~') && !matches!(letter, '"' | '\\');
        let why: String = why.chars().filter(allowed).take(500).collect();
        let mut response = (status, Json(json!({"error": code, "error_description": why}))).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            let scheme = if basic { "Basic realm=\"punte\", charset=\"UTF-8\"" } else { "Bearer" };
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
        }
        response
    }
}
