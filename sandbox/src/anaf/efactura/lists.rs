//! The two lists: an empty result and an error share one key, and both are 200.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::super::faults::{TOO_MANY_MESSAGES, in_the_future};
use super::super::meter::Counted;
use super::super::{Anaf, answers, bucharest, cui};
use super::register::Message;
use super::{Asked, enter, is_number, parameter};

/// The most entries of one page, and of the simple list.
const PAGE: usize = 500;
const DAY: i64 = 86_400;
const KEPT_DAYS: i64 = 60;

/// Which messages are asked for.
struct Window<'a> {
    environment: &'a str,
    cif: &'a str,
    filter: &'a str,
    from: i64,
    until: i64,
}

pub(super) async fn simple(
    State(twin): State<Arc<Anaf>>,
    Path(environment): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let now = twin.now();
    let (Some(days), Some(cif)) = (parameter(&asked, "zile"), parameter(&asked, "cif")) else {
        return answers::bad_request("Parametrii zile si cif sunt obligatorii", now);
    };
    let cif = cui::bare(cif);
    if let Err(text) = simple_problem(&twin, &asked, days, cif) {
        return answers::error(&text, TITLE);
    }
    let from = now - days.parse::<i64>().unwrap_or(0) * DAY;
    let filter = parameter(&asked, "filtru").unwrap_or_default();
    let found = messages(&twin, &Window { environment: &environment, cif, filter, from, until: now });
    if found.is_empty() {
        return answers::error(&format!("Nu exista mesaje in ultimele {days} zile"), TITLE);
    }
    if found.len() > PAGE {
        return answers::error(TOO_MANY_MESSAGES, TITLE);
    }
    let title = format!("Lista Mesaje disponibile din ultimele {days} zile");
    let serial = twin.settings().serial.clone();
    Json(json!({ "mesaje": entries(&found), "serial": serial, "cui": cif, "titlu": title })).into_response()
}

pub(super) async fn paged(
    State(twin): State<Arc<Anaf>>,
    Path(environment): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let now = twin.now();
    let given = |name| parameter(&asked, name);
    let (Some(start), Some(end), Some(cif), Some(page)) =
        (given("startTime"), given("endTime"), given("cif"), given("pagina"))
    else {
        return answers::bad_request("Parametrii startTime, endTime, cif si pagina sunt obligatorii", now);
    };
    let cif = cui::bare(cif);
    let (from, until, page) = match paged_problem(&twin, &asked, (start, end, page), cif) {
        Ok(window) => window,
        Err(text) => return answers::error(&text, TITLE),
    };
    let filter = given("filtru").unwrap_or_default();
    let found = messages(&twin, &Window { environment: &environment, cif, filter, from, until });
    if found.is_empty() {
        return answers::error("Nu exista mesaje in intervalul selectat", TITLE);
    }
    let pages = found.len().div_ceil(PAGE);
    if page > pages {
        let text = format!("Pagina solicitata {page} este mai mare decat numarul toatal de pagini {pages}");
        return answers::error(&text, TITLE);
    }
    let shown: Vec<Message> = found.iter().skip((page - 1) * PAGE).take(PAGE).cloned().collect();
    let (first, last) = (bucharest::written(from), bucharest::written(until));
    Json(json!({
        "mesaje": entries(&shown),
        "numar_inregistrari_in_pagina": shown.len(),
        "numar_total_inregistrari_per_pagina": PAGE,
        "numar_total_inregistrari": found.len(),
        "numar_total_pagini": pages,
        "index_pagina_curenta": page,
        "serial": twin.settings().serial.clone(),
        "cui": cif,
        "titlu": format!("Lista Mesaje disponibile din intervalul {first} - {last}"),
    }))
    .into_response()
}

const TITLE: &str = "Lista Mesaje";

fn simple_problem(twin: &Anaf, asked: &Asked, days: &str, cif: &str) -> Result<(), String> {
    if !is_number(days) {
        return Err(format!("Numarul de zile introdus= {days} nu este un numar intreg"));
    }
    if !(1..=KEPT_DAYS).contains(&days.parse().unwrap_or(0)) {
        return Err("Numarul de zile trebuie sa fie intre 1 si 60".to_owned());
    }
    if !is_number(cif) {
        return Err(format!("CIF introdus= {cif} nu este un numar"));
    }
    common_problem(twin, asked, cif, Counted::List)
}

/// The window and the page, or what is wrong with them, in the order ANAF looks.
fn paged_problem(
    twin: &Anaf,
    asked: &Asked,
    (start, end, page): (&str, &str, &str),
    cif: &str,
) -> Result<(i64, i64, usize), String> {
    for (name, value) in [("startTime", start), ("endTime", end), ("pagina", page)] {
        if !is_number(value) || (name == "pagina" && value == "0") {
            return Err(format!("{name} = {value} nu este un numar sau nu are o valoare acceptata de sistem"));
        }
    }
    if !is_number(cif) {
        return Err(format!("CIF introdus= {cif} nu este un numar sau nu are o valoare acceptata de sistem"));
    }
    let now = twin.now();
    let seconds = |text: &str| text.parse::<i64>().unwrap_or(0) / 1_000;
    let (from, until) = (seconds(start), seconds(end));
    if from < now - KEPT_DAYS * DAY {
        let from = bucharest::written(from);
        return Err(format!("startTime = {from} nu poate fi mai vechi de 60 de zile fata de momentul requestului"));
    }
    if until <= from {
        let (from, until) = (bucharest::written(from), bucharest::written(until));
        return Err(format!("endTime = {until} nu poate fi <= startTime = {from}"));
    }
    if until > now {
        return Err(in_the_future("endTime", until, now));
    }
    common_problem(twin, asked, cif, Counted::PagedList)?;
    Ok((from, until, page.parse().unwrap_or(1)))
}

fn common_problem(twin: &Anaf, asked: &Asked, cif: &str, counted: Counted) -> Result<(), String> {
    let settings = twin.settings().clone();
    if parameter(asked, "filtru").is_some_and(|filter| !matches!(filter, "E" | "T" | "P" | "R")) {
        return Err("Valorile acceptate pentru parametrul filtru sunt E, T, P sau R".to_owned());
    }
    if settings.rights.is_empty() {
        return Err("Nu exista niciun CIF pentru care sa aveti drept in SPV".to_owned());
    }
    if !settings.may_act_for(cif) {
        return Err(format!("Nu aveti drept in SPV pentru CIF={cif}"));
    }
    let limit = if counted == Counted::List { settings.quotas.list } else { settings.quotas.paged_list };
    if !twin.meter.allows(counted, cif, &bucharest::day(twin.now()), limit) {
        return Err(format!("S-au facut deja {limit} interogari de lista mesaje de catre utilizator in cursul zilei"));
    }
    Ok(())
}

/// The messages of a window that are indexed by now, oldest first.
fn messages(twin: &Anaf, window: &Window<'_>) -> Vec<Message> {
    let (now, lag) = (twin.now(), twin.settings().lag_s);
    let state = twin.invoices.locked();
    let fits = |one: &&Message| {
        one.environment == window.environment
            && one.cif == window.cif
            && one.kind.fits(window.filter)
            && (window.from..=window.until).contains(&one.created)
            && one.created + lag <= now
    };
    let mut found: Vec<Message> = state.messages.iter().filter(fits).cloned().collect();
    found.sort_by_key(|one| (one.created, one.id));
    found
}

fn entries(messages: &[Message]) -> Vec<Value> {
    let entry = |one: &Message| {
        json!({
            "data_creare": bucharest::minute(one.created),
            "cif": one.cif,
            "id_solicitare": one.index.to_string(),
            "detalii": one.details,
            "tip": one.kind.words(),
            "id": one.id.to_string(),
        })
    };
    messages.iter().map(entry).collect()
}
