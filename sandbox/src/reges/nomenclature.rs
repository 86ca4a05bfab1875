//! The nomenclatures as an endpoint: read whole, in JSON or XML, with ids that stay. A few short lists of the schema.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::message::Notation;
use super::people::guid;
use super::service::accepted;
use super::words::answered;

const LISTS: [(&str, &[&str]); 5] = [
    ("GradHandicap", &["Usor", "Mediu", "Accentuat", "Grav"]),
    ("GradInvaliditate", &["Grad1", "Grad2", "Grad3"]),
    ("TipDurata", &["Nedeterminata", "Determinata"]),
    (
        "TipContract",
        &["ContractIndividualMunca", "ContractUcenicie", "ContractMuncaDomiciliu", "ContractMuncaTemporara"],
    ),
    ("TipActIdentitate", &["CarteIdentitate", "Pasaport"]),
];

/// All lists.
pub(super) async fn list(headers: HeaderMap) -> Response {
    let item = |list: &str, name: &&str| json!({ "id": guid(&format!("{list} {name}")), "cod": name, "activ": true });
    let lists = LISTS.iter().map(|(name, values)| {
        json!({ "nume": name, "valori": values.iter().map(|value| item(name, value)).collect::<Vec<Value>>() })
    });
    let lists = json!({ "nomenclator": lists.collect::<Vec<Value>>() });
    answered(accepted(&headers, Notation::Json), StatusCode::OK, "Nomenclatoare", &lists)
}
