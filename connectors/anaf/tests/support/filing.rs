//! A desk from which an institution files: a twin of ANAF, an engine with a store, and invoices about nobody.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use connectors_anaf::{CursorStore, EfacturaEngine, EtransportEngine, FileStore, OAuth, TokenStore};
use connectors_contract::{Body, Channel, Consignment, Engine, Inbound, Lookup, Manifest, Outbound, Question};
use sandbox::{Anaf, AnafCall, Running};
use serde_json::{Value, json};

/// The institution, one of ANAF's invented codes.
pub const SELLER: &str = "90000006";
/// 15 January 2026, 10:00 in Bucharest.
pub const MORNING: i64 = 1_768_464_000;

pub struct Desk {
    pub twin: Running<AnafCall>,
    pub store: tempfile::TempDir,
    pub oauth: Arc<OAuth>,
    clock: Arc<AtomicI64>,
    client: reqwest::Client,
    refresh_token: String,
}

impl Desk {
    pub async fn open() -> Self {
        let clock = Arc::new(AtomicI64::new(MORNING));
        let twin = Anaf::start(([127, 0, 0, 1], 0).into(), shown(&clock)).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let given = client.post(format!("{}/_sandbox/anaf/tokens", twin.url())).send().await.unwrap();
        let refresh_token = given.json::<Value>().await.unwrap()["refresh_token"].as_str().unwrap().to_owned();
        let store = tempfile::tempdir().unwrap();
        let tokens: Arc<dyn TokenStore> = Arc::new(FileStore::at(store.path()));
        let oauth = OAuth::new(shown(&clock), tokens);
        Self { twin, store, oauth, clock, client, refresh_token }
    }

    /// Another process over the same store.
    pub fn restarted(&self) -> Arc<OAuth> {
        OAuth::new(shown(&self.clock), Arc::new(FileStore::at(self.store.path())))
    }

    pub fn engine(&self, oauth: &Arc<OAuth>) -> EfacturaEngine {
        let cursors: Arc<dyn CursorStore> = Arc::new(FileStore::at(self.store.path()));
        EfacturaEngine::new(shown(&self.clock), Arc::clone(oauth), cursors).unwrap()
    }

    pub fn outbound(&self) -> Arc<dyn Outbound> {
        self.engine(&self.oauth).outbound(&manifest("anaf-efactura", "500ms"), self.channel()).unwrap()
    }

    pub fn lookup(&self) -> Arc<dyn Lookup> {
        self.engine(&self.oauth).lookup(&manifest("anaf-efactura", "500ms"), self.channel()).unwrap()
    }

    pub fn inbound(&self) -> Arc<dyn Inbound> {
        self.engine(&self.oauth).inbound(&manifest("anaf-efactura", "500ms"), self.channel()).unwrap()
    }

    pub fn transports(&self) -> EtransportEngine {
        EtransportEngine::new(shown(&self.clock), Arc::clone(&self.oauth)).unwrap()
    }

    pub fn channel(&self) -> Channel {
        let secret = json!({ "client_id": "demo-client", "client_secret": "demo-secret",
            "refresh_token": self.refresh_token, "cif": SELLER });
        Channel {
            address: Some(self.twin.url().parse().unwrap()),
            secret: Some(secret.to_string().into()),
            ..Channel::default()
        }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub async fn set(&self, settings: Value) {
        self.put("/_sandbox/anaf", settings).await;
    }

    pub async fn plan(&self, faults: Value) {
        self.put("/_sandbox/anaf/faults", faults).await;
    }

    async fn put(&self, path: &str, body: Value) {
        let put = self.client.put(format!("{}{path}", self.twin.url())).json(&body).send().await.unwrap();
        assert!(put.status().is_success(), "{}", put.text().await.unwrap());
    }

    pub async fn seed(&self, seed: Value) {
        let url = format!("{}/_sandbox/anaf/invoices", self.twin.url());
        let seeded = self.client.post(url).json(&seed).send().await.unwrap();
        assert!(seeded.status().is_success(), "{}", seeded.text().await.unwrap());
    }

    /// Kills the access tokens, the refresh tokens, or `all`.
    pub async fn expire(&self, which: &str) {
        let url = format!("{}/_sandbox/anaf/tokens?which={which}", self.twin.url());
        assert!(self.client.delete(url).send().await.unwrap().status().is_success());
    }

    /// What ANAF holds.
    pub async fn filed(&self) -> Vec<Value> {
        self.held("invoices").await
    }

    pub async fn held(&self, what: &str) -> Vec<Value> {
        let url = format!("{}/_sandbox/anaf/{what}", self.twin.url());
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// The calls of operations that begin so.
    pub fn calls(&self, operation: &str) -> Vec<AnafCall> {
        self.twin.received().into_iter().filter(|call| call.operation.starts_with(operation)).collect()
    }
}

fn shown(clock: &Arc<AtomicI64>) -> Arc<dyn Fn() -> i64 + Send + Sync> {
    let clock = Arc::clone(clock);
    Arc::new(move || clock.load(Ordering::Relaxed))
}

/// The manifest of the folder, with less patience.
pub fn manifest(system: &str, timeout: &str) -> Manifest {
    let path = format!("{}/../systems/{system}/manifest.toml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("timeout = \"60s\"", &format!("timeout = \"{timeout}\""));
    Manifest::parse(&text, &path).unwrap()
}

pub fn consignment(key: &str, xml: &str) -> Consignment {
    Consignment {
        idempotency_key: key.to_owned(),
        facts: [("submitted_at".to_owned(), "2026-01-15T08:00:00Z".to_owned())].into(),
        body: Body { content_type: "application/xml".to_owned(), content: Bytes::from(xml.to_owned()) },
        parts: Vec::new(),
        evidence: Vec::new(),
    }
}

pub fn question(operation: &str, arguments: &[(&str, &str)]) -> Question {
    let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Question { operation: operation.to_owned(), arguments, facts: std::collections::BTreeMap::new() }
}

/// An invoice between two invented firms, right in every rule.
pub fn invoice(number: &str) -> String {
    let party = |role: &str, mark: &str, code: &str| {
        format!(
            "<cac:{role}><cac:Party><cac:PostalAddress><cbc:CityName>Baia Mare</cbc:CityName>\
             <cbc:CountrySubentity>RO-MM</cbc:CountrySubentity><cac:Country>{mark}<cbc:IdentificationCode>RO\
             </cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity><cbc:CompanyID>{code}\
             </cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:{role}>"
        )
    };
    format!(
        "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\" \
         xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
         xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">\
         <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1\
         </cbc:CustomizationID><cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-01-15</cbc:IssueDate>\
         <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>RON</cbc:DocumentCurrencyCode>{}{}\
         <cac:TaxTotal><cbc:TaxAmount currencyID=\"RON\">21.00</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal>\
         <cbc:TaxExclusiveAmount currencyID=\"RON\">100.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount \
         currencyID=\"RON\">121.00</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal></Invoice>",
        party("AccountingSupplierParty", "", SELLER),
        party("AccountingCustomerParty", "<!--buyer-->", "90000014"),
    )
}
