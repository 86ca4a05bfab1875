//! The three operations of the service, over SOAP.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;

use super::Ran;
use super::accounts;
use super::codes::Problem;
use super::document::{Document, structure};
use super::nomenclature::place_at;
use super::register::Taken;
use super::unpack::unpack;
use crate::date;
use crate::faulty::IgnoreKey;
use crate::soap::envelope::parse;
use crate::soap::{self, Envelope, child_text, element};

/// Where the service is.
pub(super) const PATH: &str = "/ran-core/TransmitereDateExternService";
/// The namespace of the operations.
const NAMESPACE: &str = "http://transmitere.external.ws.core.ran.ancpi.ro";

/// The WSDL, its address filled in from the request.
pub(super) async fn description(request: Request<Body>) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let address = soap::escape(&format!("http://{host}{PATH}"));
    let wsdl = include_str!("service.wsdl").replace("ADRESA", &address);
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], wsdl).into_response()
}

/// One call.
pub(super) async fn call(State(twin): State<Arc<Ran>>, request: Request<Body>) -> Response {
    let forget_key = request.extensions().get::<IgnoreKey>().is_some();
    let received = match soap::receive(request).await {
        Ok(received) => received,
        Err(answer) => return answer,
    };
    let envelope = match received.envelope() {
        Ok(envelope) => envelope,
        Err(fault) => return soap::fault(received.version, &fault),
    };
    let done = accounts::caller(&envelope, received.authorization.as_deref())
        .and_then(|uat| twin.operate(&envelope, uat, forget_key));
    match done {
        Ok(payload) => soap::answer(received.version, &payload),
        Err(problem) => soap::fault(received.version, &problem.fault()),
    }
}

impl Ran {
    fn operate(&self, envelope: &Envelope<'_>, uat: u32, forget_key: bool) -> Result<String, Problem> {
        let payload = envelope.payload();
        match payload.tag_name().name() {
            "transmitere" => {
                let packed = child_text(payload, "xmlCompresat");
                self.transmit(
                    &packed.ok_or_else(|| Problem::new("REQ-VAL-ERROR-0", &["xmlCompresat"]))?,
                    uat,
                    forget_key,
                )?;
                Ok(answered("transmitereResponse", ""))
            }
            "getTransmitereXsdSchema" => {
                Ok(answered("getTransmitereXsdSchemaResponse", &element("return", include_str!("document.xsd"))))
            }
            "getStatusTransmisie" => {
                let code = child_text(payload, "uuidTransmisie").ok_or_else(|| Problem::new("REQ-VAL-ERROR-5", &[]))?;
                self.status(&code.to_ascii_lowercase(), uat)
            }
            other => Err(Problem::new("REQ-VAL-ERROR-1", &[other])),
        }
    }

    fn transmit(&self, packed: &str, uat: u32, forget_key: bool) -> Result<(), Problem> {
        let compact: String = packed.split_ascii_whitespace().collect();
        let packed = STANDARD.decode(compact).map_err(|_| Problem::new("REQ-VAL-ERROR-1", &["xmlCompresat"]))?;
        let bytes = unpack(&packed).map_err(|why| Problem::new("SIM-1", &[why]))?;
        let text = String::from_utf8(bytes).map_err(|_| structure("documentul nu este UTF-8"))?;
        let parsed = parse(&text).map_err(|why| structure(&why))?;
        let now = (self.clock)();
        let today: Date = date::today(now).parse().unwrap_or_default();
        let document = Document::read(&parsed, today)?;
        if document.uat != uat {
            return Err(Problem::new("SAVE-CAP-6", &[&uat.to_string(), &document.uat.to_string()]));
        }
        if place_at(uat, document.reported).is_none() {
            let day = document.reported.to_string();
            return Err(Problem::new("SAVE-CAP-9", &["NomUat", "COD_SIRUTA", &uat.to_string(), &day]));
        }
        if let Some(year) = document.year.filter(|year| *year > today.year()) {
            return Err(Problem::new("SAVE-CAP-55", &[&year.to_string()]));
        }
        if let Some(household) = document.household.as_ref().filter(|_| !document.founds())
            && !self.register.announced(uat, household)
        {
            return Err(Problem::new("SAVE-CAP-1", &[&uat.to_string(), household]));
        }
        match self.register.take(&document, &text, (now, today), forget_key) {
            Taken::New => Ok(()),
            Taken::Known => Err(Problem::new("SAVE-CAP-0", &[])),
            Taken::Full => Err(Problem::new("SIM-2", &[])),
        }
    }

    fn status(&self, code: &str, uat: u32) -> Result<String, Problem> {
        self.register.advance((self.clock)(), &self.seal);
        let found = self.register.find(code).filter(|(record, _)| record.uat == uat);
        let (record, receipt) = found.ok_or_else(|| Problem::new("REG-NOT-FOUND-0", &[code]))?;
        let receipt = receipt.map(|receipt| element("recipisa", &STANDARD.encode(receipt))).unwrap_or_default();
        let state = element("stareTransmisie", &format!("{:?}", record.state).to_uppercase());
        let signed = element("isRecipisaSemnata", &record.receipt_signed.to_string());
        // In the order of the names, as the published server writes them.
        Ok(answered("getStatusTransmisieResponse", &format!("<return>{signed}{receipt}{state}</return>")))
    }
}

fn answered(name: &str, content: &str) -> String {
    format!("<ran:{name} xmlns:ran=\"{NAMESPACE}\">{content}</ran:{name}>")
}
