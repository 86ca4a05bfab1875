//! The engines of the program, with each document put into the form its institution takes.
//!
//! In life a mapping of the institution does that; here the document is written out whole, since not the mapping is tried
//! but what becomes of the document on the line.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use connectors_anaf::spv::SpvEngine;
use connectors_anaf::{EfacturaEngine, EtransportEngine, FileStore, OAuth, TokenStore};
use connectors_contract::{
    Attempt, Body, Channel, Consignment, Engine, Inbound, Inquiry, Lookup, Manifest, ManifestError, Outbound,
    SideEffect,
};
use connectors_rest::RestEngine;
use connectors_soap::SoapEngine;
use serde_json::json;
use tests::hub::{Engines, unix_seconds};

/// The institution whose invoices and declarations these are, one of ANAF's invented codes.
const FIRM: &str = "90000006";

/// Makes the engines; what must survive lies in a folder.
pub fn engines(store: PathBuf) -> Engines {
    Box::new(move || {
        let clock: Arc<dyn Fn() -> i64 + Send + Sync> = Arc::new(unix_seconds);
        let kept = Arc::new(FileStore::at(&store));
        let oauth = OAuth::new(Arc::clone(&clock), Arc::clone(&kept) as Arc<dyn TokenStore>);
        let next = AtomicU64::new(1);
        let nonce = Arc::new(move || u128::from(next.fetch_add(1, Ordering::Relaxed)).to_be_bytes());
        let engines: Vec<Box<dyn Engine>> = vec![
            Box::new(RestEngine::new(Arc::clone(&clock)).unwrap()),
            Box::new(SoapEngine::new(Arc::clone(&clock), nonce).unwrap()),
            Box::new(SpvEngine::new(Arc::clone(&clock)).unwrap()),
            Box::new(EfacturaEngine::new(Arc::clone(&clock), Arc::clone(&oauth), kept).unwrap()),
            Box::new(EtransportEngine::new(clock, oauth).unwrap()),
        ];
        engines.into_iter().map(|engine| Box::new(Dressed(engine)) as Box<dyn Engine>).collect()
    })
}

struct Dressed(Box<dyn Engine>);

impl Engine for Dressed {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn outbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Outbound>, ManifestError> {
        let (system, inner) = (manifest.system.clone(), self.0.outbound(manifest, channel)?);
        Ok(Arc::new(DressedOutbound { system, inner }))
    }

    fn lookup(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Lookup>, ManifestError> {
        self.0.lookup(manifest, channel)
    }

    fn inbound(&self, manifest: &Manifest, channel: Channel) -> Result<Arc<dyn Inbound>, ManifestError> {
        self.0.inbound(manifest, channel)
    }
}

struct DressedOutbound {
    system: String,
    inner: Arc<dyn Outbound>,
}

#[async_trait]
impl Outbound for DressedOutbound {
    fn side_effect(&self) -> SideEffect {
        self.inner.side_effect()
    }

    async fn deliver(&self, consignment: &Consignment) -> Attempt {
        self.inner.deliver(&self.dressed(consignment)).await
    }

    async fn inquire(&self, consignment: &Consignment) -> Inquiry {
        self.inner.inquire(&self.dressed(consignment)).await
    }
}

impl DressedOutbound {
    fn dressed(&self, consignment: &Consignment) -> Consignment {
        let mut dressed = consignment.clone();
        if let Some((content_type, content)) = document(&self.system, &consignment.idempotency_key) {
            dressed.body = Body { content_type: content_type.to_owned(), content: Bytes::from(content) };
        }
        dressed
    }
}

/// A document of an invented firm or household in the form of an institution, told apart by its key. Others take letters.
fn document(system: &str, key: &str) -> Option<(&'static str, String)> {
    const XML: &str = "application/xml";
    match system {
        "ran" => Some((XML, chapter(key))),
        "reges" => Some(("application/json", message(key))),
        "recom" => {
            let order = json!({ "nr_reg": "J2025900001003", "tip": "DE_BAZA", "scop": "taxe", "limba": "ro" });
            Some(("application/json", order.to_string()))
        }
        "anaf-efactura" => Some((XML, invoice(key))),
        "anaf-etransport" => Some((XML, declaration(key))),
        _ => None,
    }
}

fn chapter(key: &str) -> String {
    let (household, cnp) = (&key[..30.min(key.len())], cnp(key));
    format!(
        "<DOCUMENT_RAN><HEADER><codXml value=\"{key}\"/><dataExport>2026-03-02T11:00:00</dataExport>\
         <indicativ>ADAUGA_SI_INLOCUIESTE</indicativ><sirutaUAT>110116</sirutaUAT></HEADER><BODY>\
         <gospodarie identificator=\"{household}\"><capitol_0_12 codCapitol=\"CAP0_12\"><date_identificare_gospodarie_PF>\
         <adresaGospodarie><sirutaJudet>252</sirutaJudet><sirutaUAT>110116</sirutaUAT>\
         <sirutaLocalitate>110125</sirutaLocalitate><strada>Teiului</strada><numar>1</numar></adresaGospodarie>\
         <tipDetinator>1</tipDetinator><gospodar><nume>Exemplescu</nume><prenume>Ion</prenume>\
         <initialaTata>M</initialaTata><cnp value=\"{cnp}\"/></gospodar></date_identificare_gospodarie_PF>\
         </capitol_0_12></gospodarie></BODY></DOCUMENT_RAN>"
    )
}

/// The personal number of nobody, another one for every key: no two households have one holder.
fn cnp(key: &str) -> String {
    let digest = openssl::sha::sha256(key.as_bytes());
    let serial = u32::from_be_bytes([0, digest[0], digest[1], digest[2]]) % 100_000;
    let digits = format!("1{:02}010140{:03}", serial / 1_000, serial % 1_000);
    let sum: u32 = digits
        .bytes()
        .zip("279146358279".bytes())
        .map(|(one, weight)| u32::from(one - b'0') * u32::from(weight - b'0'))
        .sum();
    format!("{digits}{}", if sum % 11 == 10 { 1 } else { sum % 11 })
}

fn message(key: &str) -> String {
    let header = json!({
        "messageId": key, "clientApplication": "PUNTE", "version": "5", "operation": "SuspendareContract",
        "sessionId": "00000000-0000-4000-8000-00000000000b", "user": "utilizator.demo",
        "timestamp": "2026-01-15T08:00:00.000Z",
    });
    let contract = json!({ "id": "00000000-0000-4000-8000-0000000000bb" });
    json!({ "$type": "contract", "header": header, "referintaContract": contract }).to_string()
}

fn invoice(key: &str) -> String {
    let party = |role: &str, code: &str| {
        format!(
            "<cac:{role}><cac:Party><cac:PostalAddress><cbc:CityName>Baia Mare</cbc:CityName>\
             <cbc:CountrySubentity>RO-MM</cbc:CountrySubentity><cac:Country><cbc:IdentificationCode>RO\
             </cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity><cbc:CompanyID>{code}\
             </cbc:CompanyID></cac:PartyLegalEntity></cac:Party></cac:{role}>"
        )
    };
    format!(
        "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\" \
         xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
         xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">\
         <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:efactura.mfinante.ro:CIUS-RO:1.0.1\
         </cbc:CustomizationID><cbc:ID>{key}</cbc:ID><cbc:IssueDate>2026-01-15</cbc:IssueDate>\
         <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>RON</cbc:DocumentCurrencyCode>{}{}\
         <cac:TaxTotal><cbc:TaxAmount currencyID=\"RON\">21.00</cbc:TaxAmount></cac:TaxTotal><cac:LegalMonetaryTotal>\
         <cbc:TaxExclusiveAmount currencyID=\"RON\">100.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount \
         currencyID=\"RON\">121.00</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal></Invoice>",
        party("AccountingSupplierParty", FIRM),
        party("AccountingCustomerParty", "90000014"),
    )
}

fn declaration(key: &str) -> String {
    format!(
        "<eTransport xmlns=\"mfp:anaf:dgti:eTransport:declaratie:v2\" codDeclarant=\"{FIRM}\" refDeclarant=\"{key}\">\
         <notificare codTipOperatiune=\"30\"><bunuriTransportate/><partenerComercial codTara=\"RO\" cod=\"90000014\" \
         denumire=\"UAT COMUNA DEMO\"/><dateTransport nrVehicul=\"MM01TST\" codTaraOrgTransport=\"RO\" \
         codOrgTransport=\"{FIRM}\" denumireOrgTransport=\"DEMO SRL\" dataTransport=\"2026-01-16\"/></notificare>\
         </eTransport>"
    )
}
