//! ANAF as it is met: a twin, a client with a token, and what is filed there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode};
use sandbox::{Anaf, AnafCall, Running};
use serde_json::Value;

/// 15 January 2026, 10:00 in Bucharest.
pub(crate) const NOON: i64 = 1_768_464_000;

pub(crate) struct Met {
    pub(crate) twin: Running<AnafCall>,
    pub(crate) client: Client,
    clock: Arc<AtomicI64>,
    pub(crate) token: String,
}

impl Met {
    pub(crate) async fn anaf() -> Self {
        let clock = Arc::new(AtomicI64::new(NOON));
        let shown = Arc::clone(&clock);
        let twin = Anaf::start(([127, 0, 0, 1], 0).into(), Arc::new(move || shown.load(Ordering::Relaxed))).await;
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let mut met = Self { twin: twin.unwrap(), client, clock, token: String::new() };
        let tokens = met.client.post(met.url("/_sandbox/anaf/tokens")).send().await.unwrap();
        met.token = tokens.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
        met
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.twin.url())
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) async fn set(&self, settings: Value) {
        let set = self.client.put(self.url("/_sandbox/anaf")).json(&settings).send().await.unwrap();
        assert_eq!(set.status(), StatusCode::OK, "{}", set.text().await.unwrap());
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        let answer = self.client.get(self.url(path)).bearer_auth(&self.token).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> (StatusCode, String) {
        let answer = self.client.post(self.url(path)).bearer_auth(&self.token).body(body).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    pub(crate) async fn upload(&self, xml: &str) -> String {
        let (status, answer) = self.post("/test/FCTEL/rest/upload?standard=UBL&cif=90000006", xml.to_owned()).await;
        assert!(status.is_success() && answer.contains("ExecutionStatus=\"0\""), "{answer}");
        attribute(&answer, "index_incarcare")
    }

    pub(crate) async fn status(&self, index: &str) -> String {
        self.get(&format!("/test/FCTEL/rest/stareMesaj?id_incarcare={index}")).await.1
    }
}

/// A form with values that need no encoding but that of an address.
pub(crate) fn encoded(request: RequestBuilder, form: &[(&str, &str)]) -> RequestBuilder {
    let pairs: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", value.replace('/', "%2F"))).collect();
    request.header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"))
}

pub(crate) fn attribute(xml: &str, name: &str) -> String {
    let rest = xml.split_once(&format!("{name}=\"")).unwrap_or_else(|| panic!("{name} in {xml}")).1;
    rest.split_once('"').unwrap().0.to_owned()
}

/// An invoice between two invented firms, right in every rule.
pub(crate) fn invoice(number: &str) -> String {
    let party = |role: &str, code: &str| {
        format!(
            "<cac:{role}><cac:Party><cac:PostalAddress><cbc:CityName>Baia Mare</cbc:CityName>\
             <cbc:CountrySubentity>RO-MM</cbc:CountrySubentity><cac:Country><cbc:IdentificationCode>RO\
             </cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyTaxScheme><cbc:CompanyID>{code}\
             </cbc:CompanyID></cac:PartyTaxScheme></cac:Party></cac:{role}>"
        )
    };
    format!(
        "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\" \
         xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
         xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">\
         <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1\
         </cbc:CustomizationID><cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-01-15</cbc:IssueDate>\
         <cbc:DocumentCurrencyCode>RON</cbc:DocumentCurrencyCode>{}{}<cac:TaxTotal><cbc:TaxAmount currencyID=\"RON\">\
         21.00</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID=\"RON\">100.00\
         </cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID=\"RON\">121.00</cbc:TaxInclusiveAmount>\
         </cac:LegalMonetaryTotal></Invoice>",
        party("AccountingSupplierParty", "RO90000006"),
        party("AccountingCustomerParty", "90000014"),
    )
}

/// The members of an archive whose members are stored, as this twin's are.
pub(crate) fn members(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (mut members, mut at) = (Vec::new(), 0);
    while zip[at..].starts_with(b"PK\x03\x04") {
        let number = |from: usize| u32::from_le_bytes(zip[at + from..at + from + 4].try_into().unwrap()) as usize;
        let (size, name) = (number(18), usize::from(u16::from_le_bytes([zip[at + 26], zip[at + 27]])));
        let start = at + 30 + name;
        let text = String::from_utf8(zip[at + 30..start].to_vec()).unwrap();
        members.push((text, zip[start..start + size].to_vec()));
        at = start + size;
    }
    members
}
