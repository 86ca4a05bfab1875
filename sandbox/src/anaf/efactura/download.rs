//! `descarcare`: the document and its seal in one archive, or a refusal in JSON.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::super::meter::Counted;
use super::super::{Anaf, answers, bucharest, faults};
use super::register::{Filing, Kind};
use super::{Asked, archive, enter, is_number, parameter};

/// How long a message can be downloaded, in seconds.
const KEPT: i64 = 60 * 86_400;
const TITLE: &str = "Descarcare mesaj";

pub(super) async fn download(
    State(twin): State<Arc<Anaf>>,
    Path(environment): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = enter(&twin, &environment, &headers) {
        return refusal;
    }
    let Some(given) = parameter(&asked, "id") else {
        return answers::bad_request("Parametrul id este obligatoriu", twin.now());
    };
    match found(&twin, &environment, given) {
        Ok((name, zip)) => {
            let name = format!("attachment; filename=\"{name}.zip\"");
            ([(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, &name)], zip).into_response()
        }
        Err(text) => answers::error(&text, TITLE),
    }
}

fn found(twin: &Anaf, environment: &str, given: &str) -> Result<(String, Vec<u8>), String> {
    if !is_number(given) {
        return Err(format!("Id descarcare introdus= {given} nu este un numar intreg"));
    }
    let (now, settings) = (twin.now(), twin.settings().clone());
    let state = twin.invoices.locked();
    let message = state.message(given.parse().unwrap_or(0)).filter(|one| one.environment == environment);
    let message = message.ok_or_else(|| format!("Pentru id={given} nu exista inregistrata nici o factura"))?;
    if !settings.may_act_for(&message.cif) {
        return Err("Nu aveti dreptul sa descarcati acesta factura".to_owned());
    }
    if now - message.created > KEPT {
        return Err(faults::EXPIRED.to_owned());
    }
    let limit = settings.quotas.download;
    if !twin.meter.allows(Counted::Download, given, &bucharest::day(now), limit) {
        return Err(format!("S-au facut deja {limit} descarcari de mesaj in cursul zilei"));
    }
    let filing = state.filing(message.index).ok_or("A aparut o eroare tehnica. Cod: 001")?;
    let document = if message.kind == Kind::Errors { errors_of(filing) } else { filing.xml.clone() };
    let name = format!("{}.xml", filing.index);
    let signature = twin.invoices.seal.sign(&name, &document);
    let members = [(name, document.to_vec()), (format!("semnatura_{}.xml", filing.index), signature.into_bytes())];
    Ok((given.to_owned(), archive::zip(&members)))
}

/// The document that tells why a filing was not taken: the element is `Error` here, and the namespace is misspelt.
fn errors_of(filing: &Filing) -> Bytes {
    let errors: String =
        filing.errors.iter().map(|text| format!("  <Error errorMessage=\"{}\"/>\n", answers::escaped(text))).collect();
    let (index, cif) = (filing.index, filing.seller.as_deref().unwrap_or(&filing.cif));
    Bytes::from(format!(
        "{}<header xmlns=\"mfp:anaf:dgti:efactura:mesajEroriFactuta:v1\" Index_incarcare=\"{index}\" \
         Cif_emitent=\"{cif}\">\n{errors}</header>\n",
        answers::DECLARATION
    ))
}
