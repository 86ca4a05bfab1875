//! Forms as browsers send them.

use std::collections::HashMap;

use axum::extract::{FromRequest, Request};

use crate::api::App;
use crate::api::arguments::Argument;
use crate::api::openapi::Operation;
use crate::api::problem::Problem;

/// Most bytes of a form.
const LARGEST: usize = 16 * 1024;

/// The fields of a form; of two with one name the first.
pub struct Filled(HashMap<String, String>);

impl Filled {
    /// A field; empty where it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// A field, for good.
    #[must_use]
    pub fn take(&mut self, name: &str) -> String {
        self.0.remove(name).unwrap_or_default()
    }
}

impl Argument for Filled {
    fn describe(into: &mut Operation) {
        into.body = true;
        into.sent.push(("application/x-www-form-urlencoded", serde_json::json!({"type": "object"})));
    }
}

impl FromRequest<App> for Filled {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let body = axum::body::to_bytes(request.into_body(), LARGEST).await;
        let body = body.map_err(|_| Problem::too_large(LARGEST as u64))?;
        let mut fields = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(&body) {
            fields.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Ok(Self(fields))
    }
}
