//! The pages, written by hand: a table, a form, a list.

use std::fmt::Write as _;

use serde_json::Value;

use super::Listed;
use crate::faults::FaultKind;
use crate::recorder::RecordedRequest;

const STYLE: &str = "body{font:16px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #bbb}\
pre{background:#f3f3f3;padding:.6rem;overflow:auto}label{margin-right:1rem}a{color:#00509e}";

/// The faults of every twin, with what people call them.
const FAULTS: [(FaultKind, &str); 11] = [
    (FaultKind::AcceptAfterClientTimeout, "preia, dar răspunde după ce clientul renunță"),
    (FaultKind::CutConnectionAfterStoring, "preia și taie conexiunea în mijlocul răspunsului"),
    (FaultKind::ServerErrorAfterStoring, "preia și răspunde 500"),
    (FaultKind::CutConnection, "taie conexiunea fără să preia"),
    (FaultKind::ServerError, "500 fără să preia"),
    (FaultKind::TooManyRequests, "429 cu Retry-After"),
    (FaultKind::OkWithErrorBody, "200 cu o eroare înăuntru"),
    (FaultKind::HtmlPage, "200 cu o pagină HTML (firewall)"),
    (FaultKind::SlowThenAccept, "răspunde încet"),
    (FaultKind::IgnoreKey, "uită cheia și dublează"),
    (FaultKind::Down, "port închis"),
];

/// All twins.
pub(super) fn overview(twins: &[Listed<'_>]) -> String {
    let mut rows = String::new();
    for twin in twins {
        let _infallible = write!(
            rows,
            "<tr><td><a href=\"/twins/{}\">{}</a></td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
            escaped(twin.name),
            escaped(twin.title),
            escaped(twin.url),
            twin.faults.len(),
            twin.requests
        );
    }
    framed(
        "Instituții jucate",
        &format!(
            "<p>Date inventate. Fiecare are contractul adevăratei instituții și greșelile ei, la alegere.</p>\
             <table><thead><tr><th>Instituția</th><th>Adresa</th><th>Greșeli plănuite</th><th>Cereri</th></tr></thead>\
             <tbody>{rows}</tbody></table>"
        ),
    )
}

/// One twin: what goes wrong next, and what it was asked.
pub(super) fn twin(twin: &Listed<'_>, requests: &[RecordedRequest]) -> String {
    let mut options = String::new();
    for (kind, words) in FAULTS {
        let name = serde_json::to_value(kind).unwrap_or(Value::Null);
        let name = name.as_str().unwrap_or_default();
        let _infallible = write!(options, "<option value=\"{name}\">{}</option>", escaped(words));
    }
    let planned: String =
        twin.faults.iter().map(|fault| format!("<li>{}× {:?}</li>", fault.times, fault.fault)).collect();
    let mut told = String::new();
    for request in requests.iter().rev().take(50) {
        let _infallible = write!(
            told,
            "<details><summary>{} {} → {}</summary><pre>{}</pre><pre>{}</pre></details>",
            escaped(&request.method),
            escaped(&request.path),
            request.status,
            escaped(request.body.as_deref().unwrap_or("(corp lung, nepăstrat)")),
            escaped(request.answer.as_deref().unwrap_or("(răspuns lung, nepăstrat)")),
        );
    }
    framed(
        twin.title,
        &format!(
            "<p><a href=\"/\">Toate instituțiile</a> · <code>{url}</code></p><h2>Ce merge prost la următoarea cerere</h2>\
             <ul>{planned}</ul><form method=\"post\" action=\"/twins/{name}/plan\">\
             <label>Greșeala <select name=\"fault\">{options}</select></label>\
             <label>la <select name=\"operation\"><option value=\"deliver\">trimitere (POST)</option>\
             <option value=\"inquire\">întrebare (GET)</option></select></label>\
             <label>de <input name=\"times\" type=\"number\" min=\"1\" max=\"1000\" value=\"1\"> ori</label>\
             <label>întârziere (ms) <input name=\"delay_ms\" type=\"number\" min=\"0\" value=\"500\"></label>\
             <label>Retry-After (s) <input name=\"retry_after_s\" type=\"number\" min=\"1\" value=\"30\"></label>\
             <button>Plănuiește</button></form><h2>Ultimele cereri</h2>{told}",
            url = escaped(twin.url),
            name = escaped(twin.name),
        ),
    )
}

fn framed(title: &str, content: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html><html lang=\"ro\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><h1>{title}</h1>{content}</body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
