//! What goes back: answers, faults of both versions, and the WSDL.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::{SOAP_11, SOAP_12, Version, WSSE, element};

/// Who is to blame (SOAP 1.1, 4.4.1; SOAP 1.2 Part 1, 5.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// `Client`, `Sender`: the message was at fault, sending it again does not help.
    Client,
    /// `Server`, `Receiver`: processing failed, the message may be good.
    Server,
    /// `wsse:FailedAuthentication` (OASIS SOAP Message Security 1.1.1, section 12): whoever calls is not believed.
    Stranger,
}

/// A fault.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) party: Party,
    pub(crate) reason: String,
    /// Elements inside `detail`, already written.
    pub(crate) detail: String,
}

impl Fault {
    /// The sender's fault; `detail` is written XML or nothing.
    pub(crate) fn client(detail: &str, reason: &str) -> Self {
        Self { party: Party::Client, reason: reason.to_owned(), detail: detail.to_owned() }
    }

    /// The caller is not believed.
    pub(crate) fn stranger(reason: &str) -> Self {
        Self { party: Party::Stranger, ..Self::client("", reason) }
    }

    /// The institution's own fault.
    pub(crate) fn server(detail: &str, reason: &str) -> Self {
        Self { party: Party::Server, ..Self::client(detail, reason) }
    }
}

/// An answer around written XML.
pub(crate) fn answer(version: Version, payload: &str) -> Response {
    enveloped(version, StatusCode::OK, payload)
}

/// A fault with the status of its binding: 500, and 400 for a `Sender` of 1.2 (SOAP 1.2 Part 2, table 20).
pub(crate) fn fault(version: Version, fault: &Fault) -> Response {
    let status = match (version, fault.party) {
        (Version::V12, Party::Client | Party::Stranger) => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    enveloped(version, status, &described(version, fault))
}

/// The `Fault` element itself.
fn described(version: Version, fault: &Fault) -> String {
    let detail = |name: &str| match fault.detail.as_str() {
        "" => String::new(),
        written => format!("<{name}>{written}</{name}>"),
    };
    match version {
        Version::V11 => {
            let code = match fault.party {
                Party::Client => "soap:Client",
                Party::Server => "soap:Server",
                Party::Stranger => "wsse:FailedAuthentication",
            };
            let (code, text) = (element("faultcode", code), element("faultstring", &fault.reason));
            let namespaces = format!("xmlns:soap=\"{SOAP_11}\" xmlns:wsse=\"{WSSE}\"");
            format!("<soap:Fault {namespaces}>{code}{text}{}</soap:Fault>", detail("detail"))
        }
        Version::V12 => {
            let code = if fault.party == Party::Server { "Receiver" } else { "Sender" };
            let subcode = match fault.party {
                Party::Stranger => format!(
                    "<soap:Subcode><soap:Value xmlns:wsse=\"{WSSE}\">wsse:FailedAuthentication</soap:Value></soap:Subcode>"
                ),
                _ => String::new(),
            };
            let reason = super::escape(&fault.reason);
            let detail = detail("soap:Detail");
            format!(
                "<soap:Fault xmlns:soap=\"{SOAP_12}\"><soap:Code><soap:Value>soap:{code}</soap:Value>{subcode}</soap:Code>\
                 <soap:Reason><soap:Text xml:lang=\"ro\">{reason}</soap:Text></soap:Reason>{detail}</soap:Fault>"
            )
        }
    }
}

fn enveloped(version: Version, status: StatusCode, payload: &str) -> Response {
    let namespace = namespace(version);
    written(
        version,
        status,
        format!("<soap:Envelope xmlns:soap=\"{namespace}\"><soap:Body>{payload}</soap:Body></soap:Envelope>"),
    )
}

/// A whole envelope as an HTTP answer.
pub(super) fn written(version: Version, status: StatusCode, envelope: String) -> Response {
    let content_type = match version {
        Version::V11 => "text/xml; charset=utf-8",
        Version::V12 => "application/soap+xml; charset=utf-8",
    };
    (status, [(header::CONTENT_TYPE, content_type)], envelope).into_response()
}

/// The namespace of a version's envelope.
pub(super) fn namespace(version: Version) -> &'static str {
    match version {
        Version::V11 => SOAP_11,
        Version::V12 => SOAP_12,
    }
}
