//! Invoices that were not filed through the twin's own door: what an institution received from its suppliers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use openssl::sha::sha256;
use serde::Deserialize;
use serde_json::json;

use super::super::{Anaf, bucharest};
use super::document;
use super::register::Filing;

/// The most invoices of one seeding.
const MOST: u32 = 2_000;

/// Invoices to be there. All of it is invented.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seed {
    #[serde(default = "environment")]
    environment: String,
    seller: String,
    buyer: String,
    /// The document; without it one is written for each invoice.
    #[serde(default)]
    xml: Option<String>,
    #[serde(default = "one")]
    count: u32,
    /// How many seconds ago the first was filed; the others follow second by second, none in the future.
    #[serde(default)]
    age_s: i64,
    #[serde(default)]
    errors: Vec<String>,
}

fn environment() -> String {
    "test".to_owned()
}

fn one() -> u32 {
    1
}

pub(super) async fn list(State(twin): State<Arc<Anaf>>) -> Json<Vec<Filing>> {
    Json(twin.invoices.locked().filings.clone())
}

pub(super) async fn seed(State(twin): State<Arc<Anaf>>, Json(seed): Json<Seed>) -> Response {
    if seed.count > MOST || !matches!(seed.environment.as_str(), "test" | "prod") {
        return (StatusCode::UNPROCESSABLE_ENTITY, "cel mult 2000 de facturi, în test sau prod").into_response();
    }
    let now = twin.now();
    let mut state = twin.invoices.locked();
    let mut indexes = Vec::new();
    for position in 0..seed.count {
        let filed_at = (now - seed.age_s + i64::from(position)).min(now);
        let number = format!("SEED-{}-{position}", state.filings.len() + 1);
        let xml = seed.xml.clone().unwrap_or_else(|| invoice(&seed, &number, &bucharest::day(filed_at)));
        let heading = document::parse(xml.as_bytes(), "UBL").map(|parsed| document::heading(&parsed, "UBL"));
        let heading = heading.unwrap_or_default();
        let filing = Filing {
            index: 0,
            environment: seed.environment.clone(),
            standard: "UBL".to_owned(),
            cif: seed.seller.clone(),
            seller: Some(seed.seller.clone()),
            buyer: Some(seed.buyer.clone()),
            number: heading.number,
            issued: heading.issued,
            self_billed: false,
            filed_at,
            sha256: hex::encode(sha256(xml.as_bytes())),
            polls_left: 0,
            errors: seed.errors.clone(),
            xml: Bytes::from(xml),
        };
        match state.register(filing) {
            Some(index) => indexes.push(index.to_string()),
            None => return (StatusCode::INSUFFICIENT_STORAGE, "simulatorul este plin").into_response(),
        }
    }
    (StatusCode::CREATED, Json(json!({ "indexes": indexes }))).into_response()
}

/// A small invoice between two invented firms, good enough for the twin's own rules.
fn invoice(seed: &Seed, number: &str, day: &str) -> String {
    let party = |role: &str, code: &str, name: &str| {
        format!(
            "<cac:{role}><cac:Party><cac:PostalAddress><cbc:CityName>Baia Mare</cbc:CityName><cbc:CountrySubentity>RO-MM\
             </cbc:CountrySubentity><cac:Country><cbc:IdentificationCode>RO</cbc:IdentificationCode></cac:Country>\
             </cac:PostalAddress><cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName>\
             <cbc:CompanyID>{code}</cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:{role}>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\" \
         xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
         xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">\n\
         <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1\
         </cbc:CustomizationID><cbc:ID>{number}</cbc:ID><cbc:IssueDate>{day}</cbc:IssueDate>\
         <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:Note>Factura de proba, date inventate</cbc:Note>\
         <cbc:DocumentCurrencyCode>RON</cbc:DocumentCurrencyCode>\n{}{}\
         <cac:TaxTotal><cbc:TaxAmount currencyID=\"RON\">21.00</cbc:TaxAmount></cac:TaxTotal>\n\
         <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID=\"RON\">100.00</cbc:TaxExclusiveAmount>\
         <cbc:TaxInclusiveAmount currencyID=\"RON\">121.00</cbc:TaxInclusiveAmount>\
         <cbc:PayableAmount currencyID=\"RON\">121.00</cbc:PayableAmount></cac:LegalMonetaryTotal>\n</Invoice>\n",
        party("AccountingSupplierParty", &seed.seller, "DEMO FURNIZOR SRL"),
        party("AccountingCustomerParty", &seed.buyer, "UAT COMUNA DEMO"),
    )
}
