//! The form of a request to `/oauth/…`: small, and no parameter twice (RFC 6749, section 3.2).

use std::collections::HashMap;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, header};

use super::error::OauthError;

/// Largest form, in bytes: an assertion and a token fit.
const LARGEST: usize = 32 * 1024;

/// The parameters of a request.
pub struct Form(HashMap<String, String>);

impl Form {
    /// Reads a request.
    ///
    /// # Errors
    /// It is no form, too large, or has a parameter twice.
    pub async fn read(request: Request<Body>) -> Result<(Parts, Self), OauthError> {
        let wrong = |why: &str| OauthError::Request(why.to_owned());
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(wrong("the body must be application/x-www-form-urlencoded"));
        }
        let body = axum::body::to_bytes(body, LARGEST).await.map_err(|_| wrong("the body is larger than 32 KiB"))?;
        let mut form = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(&body) {
            // An empty parameter counts as left out (RFC 6749, section 3.2).
            if !value.is_empty() && form.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(wrong("a parameter occurs twice"));
            }
        }
        Ok((parts, Self(form)))
    }

    /// A parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}
