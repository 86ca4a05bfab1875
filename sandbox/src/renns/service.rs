//! The two questions, over SOAP.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use roxmltree::Node;

use super::Renns;
use super::rows::{Filter, select};
use crate::soap::{self, Fault, child_text, element, signing, username};

/// Where both services are.
pub(super) const PATH: &str = "/renns-public/soapws/";

/// One of the two services: what is asked by, and what an answer row is made of.
struct Service {
    namespace: &'static str,
    request: &'static str,
    response: &'static str,
    row: &'static str,
    table: &'static str,
    /// Element of the question, column, whole field.
    asks: &'static [(&'static str, usize, bool)],
    /// Elements of the answer, in order, column by column.
    answers: &'static [&'static str],
}

const SERVICES: [Service; 2] = [
    Service {
        namespace: "http://ancpi.ro/renns/soap/address",
        request: "getAddressWSRequest",
        response: "getAddressWSResponse",
        row: "addressWS",
        table: include_str!("addresses.tsv"),
        asks: &[
            ("county", 2, true),
            ("localityName", 5, true),
            ("name", 0, false),
            ("administratifNo", 1, true),
            ("cua", 10, true),
            ("status", 11, true),
        ],
        answers: &[
            "name",
            "administratifNo",
            "county",
            "uat",
            "siruta",
            "localityName",
            "date",
            "history",
            "xCordinate",
            "yCordinate",
            "cua",
            "status",
        ],
    },
    Service {
        namespace: "http://ancpi.ro/renns/soap/road",
        request: "getRoadWSRequest",
        response: "getRoadWSResponse",
        row: "roadWS",
        table: include_str!("roads.tsv"),
        asks: &[
            ("county", 2, true),
            ("localityName", 5, true),
            ("type", 1, true),
            ("name", 0, false),
            ("status", 8, true),
        ],
        answers: &["name", "type", "county", "uat", "siruta", "localityName", "hcl", "date", "status", "hclDate"],
    },
];

/// The WSDL of the address service.
pub(super) async fn addresses(request: Request<Body>) -> Response {
    described(include_str!("addresses.wsdl"), &request)
}

/// The WSDL of the road service.
pub(super) async fn roads(request: Request<Body>) -> Response {
    described(include_str!("roads.wsdl"), &request)
}

fn described(wsdl: &str, request: &Request<Body>) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let wsdl = wsdl.replace("ADRESA", &soap::escape(&format!("http://{host}{PATH}")));
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], wsdl).into_response()
}

/// One call.
pub(super) async fn call(State(twin): State<Arc<Renns>>, request: Request<Body>) -> Response {
    let received = match soap::receive(request).await {
        Ok(received) => received,
        Err(answer) => return answer,
    };
    let envelope = match received.envelope() {
        Ok(envelope) => envelope,
        Err(fault) => return soap::fault(received.version, &fault),
    };
    // The account of the twin is the user `institutie` with the password `parola-<user>`.
    let password = |user: &str| (user == "institutie").then(|| format!("parola-{user}"));
    let user = match username::caller(&envelope, password, &twin.nonces, (twin.clock)()) {
        Ok(user) => user,
        Err(why) => return soap::fault(received.version, &Fault::stranger(why)),
    };
    let payload = match twin.look_up(envelope.payload(), &user) {
        Ok(payload) => payload,
        Err(why) => return soap::fault(received.version, &Fault::client("", &why)),
    };
    if !twin.signs.load(Ordering::Relaxed) {
        return soap::answer(received.version, &payload);
    }
    signing::signed(received.version, &payload, &twin.seal)
        .unwrap_or_else(|_| soap::fault(received.version, &Fault::server("", "Răspunsul nu a putut fi semnat.")))
}

impl Renns {
    fn look_up(&self, question: Node<'_, '_>, user: &str) -> Result<String, String> {
        let asked = |service: &&Service| question.has_tag_name((service.namespace, service.request));
        let service = SERVICES.iter().find(asked).ok_or("Operația nu există.")?;
        let wanted = |(name, column, whole): &(&str, usize, bool)| {
            child_text(question, name).map(|wanted| Filter { column: *column, wanted, whole: *whole })
        };
        let filters: Vec<_> = service.asks.iter().filter_map(wanted).collect();
        if filters.first().is_none_or(|filter| filter.column != 2) {
            return Err("Elementul county este obligatoriu.".to_owned());
        }
        let rows = select(service.table, &filters);
        let most = self.most_rows.load(Ordering::Relaxed);
        if rows.len() > most {
            return Err(format!("Sunt {} rezultate, se întorc cel mult {most}; restrângeți căutarea.", rows.len()));
        }
        self.note(user, service.request, rows.len());
        let mut answer = format!("<{} xmlns=\"{}\">", service.response, service.namespace);
        for row in rows {
            answer += &format!("<{}>", service.row);
            for (name, field) in service.answers.iter().zip(row) {
                // A history that is not there is no element; everything else is always there.
                if *name != "history" || !field.is_empty() {
                    answer += &element(name, field);
                }
            }
            answer += &format!("</{}>", service.row);
        }
        Ok(answer + &format!("</{}>", service.response))
    }
}
