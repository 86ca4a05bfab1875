//! `upload` and `uploadb2c`: a filing is taken with an index, and judged afterwards.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use openssl::sha::sha256;

use super::super::meter::Counted;
use super::super::settings::AnafSettings;
use super::super::{Anaf, answers, bucharest};
use super::register::Filing;
use super::{Asked, document, enter, is_number, parameter, rules};

/// The longest file, in bytes: 10 MB.
const LONGEST: usize = 10 * 1024 * 1024;

pub(super) async fn upload(
    State(twin): State<Arc<Anaf>>,
    Path(environment): Path<String>,
    asked: Asked,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let now = twin.now();
    let (Some(standard), Some(cif)) = (parameter(&asked, "standard"), parameter(&asked, "cif")) else {
        return answers::bad_request("Parametrii standard si cif sunt obligatorii", now);
    };
    if body.is_empty() {
        return answers::bad_request("Trebuie sa aveti atasat in request un fisier de tip xml", now);
    }
    let settings = twin.settings().clone();
    let wrong = wrong_parameters(&asked, standard, cif, &settings, body.len());
    if !wrong.is_empty() {
        return answers::upload_refused(&wrong, now);
    }
    let filing = match judged(&twin, &environment, &asked, body, &settings) {
        Ok(filing) => filing,
        Err(text) => return answers::upload_refused(&[text], now),
    };
    let registered = twin.invoices.locked().register(filing);
    match registered {
        Some(index) => answers::xml(format!(
            "{}<header xmlns=\"{}\" dateResponse=\"{}\" ExecutionStatus=\"0\" index_incarcare=\"{index}\"/>\n",
            answers::DECLARATION,
            answers::UPLOAD_NAMESPACE,
            bucharest::minute(now)
        )),
        None => answers::upload_refused(&["A aparut o eroare tehnica. Cod: PLIN".to_owned()], now),
    }
}

fn wrong_parameters(asked: &Asked, standard: &str, cif: &str, settings: &AnafSettings, size: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    if !matches!(standard, "UBL" | "CN" | "CII" | "RASP") {
        wrong.push("Valorile acceptate pentru parametrul standard sunt UBL, CN, CII sau RASP".to_owned());
    }
    if size > LONGEST {
        wrong.push("Marime fisier transmis mai mare de 10 MB.".to_owned());
    }
    for (name, said) in [("extern", "extern"), ("autofactura", "autofacturare"), ("executare", "executare")] {
        if parameter(asked, name).is_some_and(|value| value != "DA") {
            wrong.push(format!("Daca parametrul {said} trebuie completat, valoarea acceptata este DA"));
        }
    }
    if !is_number(cif) {
        wrong.push(format!("CIF introdus= {cif} nu este un numar"));
    } else if settings.rights.is_empty() {
        wrong.push("Nu exista niciun CIF pentru care sa aveti drept in SPV".to_owned());
    } else if !settings.may_act_for(cif) {
        wrong.push(format!("Nu aveti drept in SPV pentru CIF={cif}"));
    } else if parameter(asked, "executare").is_some() && !settings.enforcement.iter().any(|one| one == cif) {
        wrong.push(format!("CIF introdus= {cif} nu este inregistrat in Registrul RO e-Factura executari silite"));
    }
    wrong
}

/// The filing as it will be registered, or what the schema and the quota say against it.
fn judged(
    twin: &Anaf,
    environment: &str,
    asked: &Asked,
    body: Bytes,
    settings: &AnafSettings,
) -> Result<Filing, String> {
    let (Some(standard), Some(cif)) = (parameter(asked, "standard"), parameter(asked, "cif")) else {
        return Err("A aparut o eroare tehnica. Cod: 001".to_owned());
    };
    let now = twin.now();
    let document = document::parse(&body, standard)?;
    let mut heading = document::heading(&document, standard);
    if standard == "RASP" {
        let (day, limit) = (bucharest::day(now), settings.quotas.rasp);
        if !twin.meter.allows(Counted::Rasp, cif, &day, limit) {
            return Err(format!("S-au incarcat deja {limit} de mesaje de tip RASP pentru cui={cif} in cursul zilei"));
        }
    }
    let mut errors = match standard {
        "UBL" | "CN" => rules::problems(document.root_element()),
        "RASP" => buyer_message_problems(twin, &mut heading, cif),
        _ => Vec::new(),
    };
    let mut filing = Filing {
        index: 0,
        environment: environment.to_owned(),
        standard: standard.to_owned(),
        cif: cif.to_owned(),
        seller: heading.seller,
        buyer: heading.buyer,
        number: heading.number,
        issued: heading.issued,
        self_billed: parameter(asked, "autofactura").is_some(),
        filed_at: now,
        sha256: hex::encode(sha256(&body)),
        polls_left: settings.polls,
        errors: Vec::new(),
        xml: body.clone(),
    };
    let party = if filing.self_billed { &filing.buyer } else { &filing.seller };
    if errors.is_empty() && matches!(standard, "UBL" | "CN") && party.as_deref() != Some(cif) {
        errors.push(format!("E: validari globale eroare: CIF={cif} nu este cel al emitentului facturii"));
    }
    filing.errors = errors;
    Ok(filing)
}

/// A buyer message is about an invoice its filer received; its seller is told.
fn buyer_message_problems(twin: &Anaf, heading: &mut document::Heading, cif: &str) -> Vec<String> {
    let index = heading.number.as_deref().and_then(|index| index.parse().ok()).unwrap_or(0);
    let state = twin.invoices.locked();
    match state.filing(index).filter(|filing| filing.buyer.as_deref() == Some(cif)) {
        Some(filing) => {
            heading.seller.clone_from(&filing.seller);
            Vec::new()
        }
        None => vec![format!("Nu exista factura cu id_incarcare= {index} pentru cif={cif}")],
    }
}
