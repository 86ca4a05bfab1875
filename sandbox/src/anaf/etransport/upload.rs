//! Taking a declaration: the UIT is told at once, and counts only when the status is `ok`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use openssl::sha::sha256;
use serde_json::json;

use super::super::{Anaf, answers, bucharest};
use super::declaration;
use super::register::Taken;
use super::{enter, is_number};

/// The longest declaration, in bytes: 5 MB.
const LONGEST: usize = 5 * 1024 * 1024;

pub(super) async fn upload(
    State(twin): State<Arc<Anaf>>,
    Path((environment, standard, cif, version)): Path<(String, String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let now = twin.now();
    let wrong = wrong_parameters(&twin, [&standard, &cif, &version], body.len());
    if !wrong.is_empty() {
        return answers::transport_refused(&wrong, now);
    }
    let declaration = match declaration::read(&body) {
        Ok(declaration) => declaration,
        Err(wrong) => return answers::transport_refused(&wrong, now),
    };
    let reference = declaration.reference.clone();
    let hash = hex::encode(sha256(&body));
    let mut errors = Vec::new();
    if declaration.declarant != cif {
        errors.push(format!("codDeclarant= {} difera de CIF= {cif}", declaration.declarant));
    }
    let taken = Taken {
        index: 0,
        uit: String::new(),
        environment,
        cif,
        declaration,
        sha256: hash.clone(),
        taken_at: now,
        polls_left: twin.settings().polls,
        errors,
        deleted: false,
    };
    let Some(taken) = twin.transports.take(taken) else {
        return answers::transport_refused(&["A aparut o eroare tehnica. Cod: PLIN".to_owned()], now);
    };
    Json(json!({
        "dateResponse": bucharest::minute(now),
        "ExecutionStatus": 0,
        "index_incarcare": taken.index,
        "UIT": taken.uit,
        "trace_id": format!("{}-{}-4{}-8{}-{}", &hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32]),
        "ref_declarant": reference,
        "atentie": "Codul UIT este valabil doar dupa ce starea mesajului este ok",
    }))
    .into_response()
}

fn wrong_parameters(twin: &Anaf, [standard, cif, version]: [&str; 3], size: usize) -> Vec<String> {
    let settings = twin.settings().clone();
    let mut wrong = Vec::new();
    if standard != "ETRANSP" {
        wrong.push("Valorile acceptate pentru parametrul standard sunt ETRANSP".to_owned());
    }
    if version != "2" {
        wrong.push(format!("Versiunea {version} nu este acceptata"));
    }
    if size > LONGEST {
        wrong.push("Marime fisier transmis mai mare de 5 MB.".to_owned());
    }
    if !is_number(cif) {
        wrong.push(format!("CIF introdus= {cif} nu este un numar"));
    } else if settings.rights.is_empty() {
        wrong.push("Nu exista niciun CIF pentru care sa aveti drept in SPV".to_owned());
    } else if !settings.may_act_for(cif) {
        wrong.push(format!("Nu aveti drept in SPV pentru CIF={cif}"));
    }
    wrong
}
