//! How ANAF words answers: success and refusal are both 200, each operation in its own format.

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::bucharest;

pub(super) const UPLOAD_NAMESPACE: &str = "mfp:anaf:dgti:spv:respUploadFisier:v1";
pub(super) const STATUS_NAMESPACE: &str = "mfp:anaf:dgti:efactura:stareMesajFactura:v1";

/// The host a request was sent to, without its port.
pub(super) fn host(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase()
}

/// XML as e-Factura answers it.
pub(super) fn xml(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/xml")], body).into_response()
}

/// A refusal in the format of the operation, with status 200.
pub(super) fn refusal(operation: &str, text: &str, now: i64) -> Response {
    match operation {
        "upload" | "uploadb2c" => upload_refused(&[text.to_owned()], now),
        "stareMesaj" => status_refused(text),
        "listaMesajeFactura" | "listaMesajePaginatieFactura" => error(text, "Lista Mesaje"),
        "descarcare" => error(text, "Descarcare mesaj"),
        "validare" | "transformare" => invalid(&[text.to_owned()], "00000000-0000-4000-8000-000000000000"),
        "signature" => Json(json!({ "msg": text })).into_response(),
        "etransport-info" => Json(json!({ "error": text })).into_response(),
        name if name.starts_with("etransport-") => transport_refused(&[text.to_owned()], now),
        "token" => oauth_error(text),
        _ => error(text, "Eroare"),
    }
}

pub(super) fn upload_refused(texts: &[String], now: i64) -> Response {
    let errors: String = texts.iter().map(|text| format!("  <Errors errorMessage=\"{}\"/>\n", escaped(text))).collect();
    xml(format!(
        "{DECLARATION}<header xmlns=\"{UPLOAD_NAMESPACE}\" dateResponse=\"{}\" ExecutionStatus=\"1\">\n{errors}</header>\n",
        bucharest::minute(now)
    ))
}

pub(super) fn status_refused(text: &str) -> Response {
    let text = escaped(text);
    xml(format!("{DECLARATION}<header xmlns=\"{STATUS_NAMESPACE}\">\n  <Errors errorMessage=\"{text}\"/>\n</header>\n"))
}

pub(super) fn invalid(texts: &[String], trace_id: &str) -> Response {
    let messages: Vec<Value> = texts.iter().map(|text| json!({ "message": text })).collect();
    Json(json!({ "stare": "nok", "Messages": messages, "trace_id": trace_id })).into_response()
}

pub(super) fn error(text: &str, title: &str) -> Response {
    Json(json!({ "eroare": text, "titlu": title })).into_response()
}

pub(super) fn transport_refused(texts: &[String], now: i64) -> Response {
    let errors: Vec<Value> = texts.iter().map(|text| json!({ "errorMessage": text })).collect();
    let trace_id = "00000000-0000-4000-8000-000000000000";
    let date = bucharest::minute(now);
    Json(json!({ "Errors": errors, "dateResponse": date, "ExecutionStatus": 1, "trace_id": trace_id })).into_response()
}

pub(super) fn oauth_error(code: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": code }))).into_response()
}

/// The envelope of missing parameters: JSON, although the answers of 200 may be XML.
pub(super) fn bad_request(text: &str, now: i64) -> Response {
    envelope(StatusCode::BAD_REQUEST, "Bad Request", text, now)
}

pub(super) fn unauthorized(now: i64) -> Response {
    envelope(StatusCode::UNAUTHORIZED, "Unauthorized", "Token invalid sau expirat", now)
}

fn envelope(status: StatusCode, error: &str, text: &str, now: i64) -> Response {
    let timestamp = bucharest::written(now);
    let body = json!({ "timestamp": timestamp, "status": status.as_u16(), "error": error, "message": text });
    (status, Json(body)).into_response()
}

pub(super) fn not_found(path: &str, now: i64) -> Response {
    let timestamp = bucharest::universal(now);
    let body = json!({ "timestamp": timestamp, "status": 404, "error": "Not Found", "path": path });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

pub(super) fn forbidden() -> Response {
    let page = "<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1><p>You don't have permission \
                to access this resource.</p></body></html>";
    (StatusCode::FORBIDDEN, Html(page)).into_response()
}

pub(super) fn too_many(retry_after_s: u64) -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, retry_after_s.to_string())], "Too Many Requests")
        .into_response()
}

/// The page of the firewall, with status 200.
pub(super) fn block_page() -> Response {
    Html(
        "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with \
         your administrator.<br><br>Your support ID is: 12345678901234567890</body></html>",
    )
    .into_response()
}

/// The page of an ended session, with status 200.
pub(super) fn logout_page() -> Response {
    Html("<html><head><title>Pagina logout</title></head><body>Sesiunea dumneavoastra s-a incheiat.</body></html>")
        .into_response()
}

/// What the log-in wall answers to everything it does not know.
pub(super) fn log_in_wall() -> Response {
    (StatusCode::FOUND, [(header::LOCATION, "/my.policy")]).into_response()
}

pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            one if one.is_control() => {}
            one => escaped.push(one),
        }
    }
    escaped
}

pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
