//! Certificates: ordered, paid for, waited for, fetched (contract sheet sections 10.2, 10.4 and 10.7).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{self, Flaw};
use super::purpose::{Caller, problem};
use super::recom::only_one;
use super::{Onrc, record};
use crate::date;

/// The kinds there are; the names are the profile's, not the register's.
pub(super) const KINDS: [&str; 6] =
    ["DE_BAZA", "INSOLVENTA", "FONDURI_IMM", "ISTORIC", "COPIE_CERTIFICATA", "LISTA_GRUPATA"];
/// Kinds that take days.
const SLOW: [&str; 2] = ["ISTORIC", "LISTA_GRUPATA"];
/// The register's own ceiling for the others, in seconds.
const CEILING: i64 = 1_200;
/// Most certificates the twin keeps.
const MOST: usize = 100_000;

/// The orders so far.
#[derive(Default)]
pub(super) struct Certificates(Vec<Ordered>);

struct Ordered {
    key: String,
    order: Order,
    /// The lines of the document, as the register was when it was ordered.
    lines: Vec<String>,
    ordered_at: i64,
    /// When its time begins to run; none while it is unpaid.
    started_at: Option<i64>,
    takes: i64,
    rejected: bool,
    flaw: Flaw,
    expires_at: i64,
}

/// What is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    nr_reg: String,
    tip: String,
    scop: String,
    #[serde(default = "romanian")]
    limba: String,
}

fn romanian() -> String {
    "ro".to_owned()
}

impl Certificates {
    fn get(&self, id: &str) -> Option<&Ordered> {
        let number: usize = id.strip_prefix("CC-")?.parse().ok()?;
        self.0.get(number.checked_sub(1)?)
    }

    /// Pays a note that has not expired; false where there is none.
    pub(super) fn pay(&mut self, id: &str, now: i64) -> bool {
        let position = id.strip_prefix("CC-").and_then(|number| number.parse::<usize>().ok()).unwrap_or(0);
        let Some(ordered) = position.checked_sub(1).and_then(|at| self.0.get_mut(at)) else { return false };
        let open = ordered.started_at.is_none() && now < ordered.expires_at;
        if open {
            ordered.started_at = Some(now);
        }
        open
    }
}

impl Ordered {
    fn state(&self, now: i64) -> &'static str {
        match self.started_at {
            None if now >= self.expires_at => "EXPIRATA",
            None => "ASTEAPTA_PLATA",
            Some(started) if now < started + self.takes / 2 => "INREGISTRAT",
            Some(started) if now < started + self.takes => "IN_LUCRU",
            Some(_) if self.rejected => "RESPINS",
            Some(_) => "EMIS",
        }
    }

    fn to_json(&self, id: &str, now: i64) -> Value {
        let until = self.started_at.map(|started| date::moment(started + self.takes));
        let state = self.state(now);
        let reason = (state == "RESPINS").then_some("Cererea nu poate fi soluționată (simulat).");
        json!({
            "id_cerere": id, "stare": state, "nr_reg": self.order.nr_reg, "tip": self.order.tip,
            "inregistrat_la": date::moment(self.ordered_at), "estimat_la": until, "motiv": reason,
        })
    }
}

pub(super) async fn order(
    State(twin): State<Arc<Onrc>>,
    Extension(_caller): Extension<Caller>,
    headers: HeaderMap,
    order: Result<Json<Order>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let now = twin.now();
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
    let Ok(Json(order)) = order else {
        return problem("RECOM-400", "Cererea are nr_reg, tip, scop și limba.", Value::Null);
    };
    if key.is_empty() || order.scop.trim().is_empty() {
        return problem("RECOM-400", "Lipsesc Idempotency-Key sau scopul.", Value::Null);
    }
    if order.tip == "PERSOANA" {
        return problem("RECOM-403", "Certificatele despre persoane nu se eliberează pe această cale.", Value::Null);
    }
    if !KINDS.contains(&order.tip.as_str()) {
        return problem("RECOM-400", "Tipul de certificat nu există.", json!({ "tipuri": KINDS }));
    }
    let mut inner = twin.locked();
    if let Some(position) = inner.certificates.0.iter().position(|one| one.key == key) {
        let known = &inner.certificates.0[position];
        if known.order != order {
            return problem("RECOM-409", "Aceeași cheie a venit cu altă cerere.", Value::Null);
        }
        let id = format!("CC-{}", position + 1);
        return (StatusCode::ACCEPTED, Json(known.to_json(&id, now))).into_response();
    }
    if inner.certificates.0.len() >= MOST {
        return problem("RECOM-503", "Simulatorul este plin, reporniți-l.", Value::Null);
    }
    let lines = match only_one(&inner, &order.nr_reg) {
        Ok(firm) => document::lines(&record::full(firm, &date::moment(now)), &order.tip),
        Err(answer) => return *answer,
    };
    let behaviour = &inner.behaviour;
    let slow = SLOW.contains(&order.tip.as_str());
    let takes = if slow { behaviour.slow_certificate_s } else { behaviour.certificate_s.min(CEILING) };
    let ordered = Ordered {
        key,
        order,
        lines,
        ordered_at: now,
        started_at: (!behaviour.payment).then_some(now),
        takes,
        rejected: behaviour.reject,
        flaw: behaviour.flaw,
        expires_at: now + behaviour.payment_expires_s,
    };
    let id = format!("CC-{}", inner.certificates.0.len() + 1);
    let answer = ordered.to_json(&id, now);
    inner.certificates.0.push(ordered);
    (StatusCode::ACCEPTED, Json(answer)).into_response()
}

pub(super) async fn show(State(twin): State<Arc<Onrc>>, Path(id): Path<String>) -> Response {
    let now = twin.now();
    let inner = twin.locked();
    match inner.certificates.get(&id) {
        None => problem("RECOM-404", "Nu există cererea.", Value::Null),
        Some(ordered) if ordered.state(now) == "EXPIRATA" => {
            problem("RECOM-410", "Nota de calcul a expirat.", Value::Null)
        }
        Some(ordered) => Json(ordered.to_json(&id, now)).into_response(),
    }
}

pub(super) async fn document(State(twin): State<Arc<Onrc>>, Path(id): Path<String>) -> Response {
    let now = twin.now();
    let (lines, flaw) = {
        let inner = twin.locked();
        let Some(ordered) = inner.certificates.get(&id) else {
            return problem("RECOM-404", "Nu există cererea.", Value::Null);
        };
        match ordered.state(now) {
            "EMIS" => (ordered.lines.clone(), ordered.flaw),
            "ASTEAPTA_PLATA" => return problem("RECOM-402", "Nota de calcul nu este plătită.", Value::Null),
            "EXPIRATA" => return problem("RECOM-410", "Nota de calcul a expirat.", Value::Null),
            state => return problem("RECOM-404", "Documentul nu este emis.", json!({ "stare": state })),
        }
    };
    match twin.seal.signed(&lines, now, flaw) {
        Ok(pdf) => ([(header::CONTENT_TYPE, "application/pdf")], pdf).into_response(),
        Err(_) => problem("RECOM-504", "Documentul nu poate fi semnat acum.", Value::Null),
    }
}
