//! `GET /v1/directory/export`: the entries the caller sees, as TOML with all kinds or as CSV with one.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use hub_flow::authorization::to;
use hub_flow::directory::Kind;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::api::App;
use crate::api::may::May;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

use super::entry::{is_inner, kind, visible};
use super::{entry, table};

/// In which form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    format: Option<String>,
    kind: Option<String>,
}

/// The file. Only for those who run the hub it has the digests of keys, so that it can be imported again.
///
/// # Errors
/// A problem document.
pub async fn export(
    may: May<to::DirectoryRead>,
    State(app): State<App>,
    Wanted(form): Wanted<Form>,
) -> Result<Response, Problem> {
    let directory = app.hub.directory();
    let of_kind = |wanted: Kind| -> Vec<Value> {
        let in_force = directory.ledger().all().filter(move |(kind, ..)| *kind == wanted);
        let documents = in_force.filter_map(|(kind, _, held)| Some((kind, held.document.as_ref()?)));
        let seen = documents.filter(|(kind, document)| visible(&app, &directory, &may, (*kind, document)));
        seen.map(|(kind, document)| if may.operator { document.clone() } else { entry::shown(&may, kind, document) })
            .collect()
    };
    match (form.format.as_deref(), form.kind.as_deref()) {
        (Some("csv"), Some(word)) => {
            let entries = of_kind(kind(word)?);
            Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], table::write(entries.iter())).into_response())
        }
        (None | Some("toml"), None) => {
            let mut all = Map::new();
            for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Register && !is_inner(*kind)) {
                let entries = of_kind(kind);
                if !entries.is_empty() {
                    all.insert(kind.as_str().to_owned(), entries.into());
                }
            }
            let text = toml::to_string(&Value::Object(all)).map_err(|error| {
                tracing::error!(%error, "the directory cannot be written as TOML");
                Problem::of(&problems::UNAVAILABLE)
            })?;
            Ok(([(header::CONTENT_TYPE, "application/toml")], text).into_response())
        }
        _ => Err(Problem::of(&problems::MALFORMED_REQUEST).detail(
            "Scrieți format=toml fără kind, sau format=csv cu kind, de exemplu kind=parties",
            "Write format=toml without kind, or format=csv with kind, for example kind=parties",
        )),
    }
}
