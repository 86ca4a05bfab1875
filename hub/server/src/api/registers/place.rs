//! Where an entry stands, as the address of a request says it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::api::App;
use crate::api::problem::Problem;
use crate::api::request::Path;
use crate::problems;

/// `{register}/{year}/{number}`. What cannot be an entry's place is answered like an entry that is not there.
#[derive(Debug, Clone)]
pub struct Place {
    /// The register.
    pub register: String,
    /// The year.
    pub year: i64,
    /// The number.
    pub number: i64,
}

impl FromRequestParts<App> for Place {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path: Result<Path<(String, i64, i64)>, _> = Path::from_request_parts(parts, app).await;
        let Path((register, year, number)) = path.map_err(|_| {
            Problem::of(&problems::NOT_FOUND).detail(
                "Anul și numărul sunt numere întregi: /v1/registers/{registru}/{an}/{număr}, cu numărul fără litere",
                "Year and number are whole numbers: /v1/registers/{register}/{year}/{number}, the number without letters",
            )
        })?;
        Ok(Self { register, year, number })
    }
}
