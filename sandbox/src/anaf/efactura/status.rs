//! `stareMesaj`: what became of a filing.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::super::meter::Counted;
use super::super::{Anaf, answers, bucharest};
use super::{Asked, enter, is_number, parameter};

pub(super) async fn status(
    State(twin): State<Arc<Anaf>>,
    Path(environment): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let now = twin.now();
    let Some(given) = parameter(&asked, "id_incarcare") else {
        return answers::bad_request("Parametrul id_incarcare este obligatoriu", now);
    };
    if !is_number(given) {
        return answers::status_refused(&format!("Id_incarcare introdus= {given} nu este un numar intreg"));
    }
    let settings = twin.settings().clone();
    if settings.rights.is_empty() {
        return answers::status_refused("Nu exista niciun CIF petru care sa aveti drept");
    }
    let index = given.parse().unwrap_or(0);
    let mut state = twin.invoices.locked();
    let Some(filing) = state.filing_mut(index).filter(|filing| filing.environment == environment) else {
        return answers::status_refused(&format!("Nu exista factura cu id_incarcare= {given}"));
    };
    if !settings.may_act_for(&filing.cif) {
        return answers::status_refused(&format!("Nu aveti dreptul de inteorgare pentru id_incarcare= {given}"));
    }
    let limit = settings.quotas.status;
    if !twin.meter.allows(Counted::Status, given, &bucharest::day(now), limit) {
        return answers::status_refused(&format!("S-au facut deja {limit} descarcari de mesaj in cursul zilei"));
    }
    if filing.polls_left > 0 {
        filing.polls_left -= 1;
        return header("in prelucrare", None);
    }
    let word = if filing.errors.is_empty() { "ok" } else { "nok" };
    header(word, state.result_of(index).map(|message| message.id))
}

fn header(word: &str, id: Option<u64>) -> Response {
    let id = id.map(|id| format!(" id_descarcare=\"{id}\"")).unwrap_or_default();
    let namespace = answers::STATUS_NAMESPACE;
    answers::xml(format!("{}<header xmlns=\"{namespace}\" stare=\"{word}\"{id}/>\n", answers::DECLARATION))
}
