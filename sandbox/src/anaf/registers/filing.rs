//! `StareD112`: what became of filed declarations, as a page in ISO-8859-1, and their receipts.

use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde::Deserialize;

use crate::anaf::spv::page;

/// One invented declaration: its index, its taxpayer, its form, its state, how many days ago it was filed.
struct Filing {
    index: u64,
    cui: u64,
    form: &'static str,
    state: &'static str,
    days_ago: i64,
}

static FILINGS: [Filing; 4] = [
    Filing { index: 130_000_001, cui: 12_345_674, form: "D112", state: "VALID", days_ago: 10 },
    Filing { index: 130_000_002, cui: 12_345_674, form: "D100", state: "DOCUMENT CU ERORI", days_ago: 20 },
    Filing { index: 130_000_003, cui: 12_345_674, form: "D300", state: "VALID", days_ago: 75 },
    Filing { index: 130_000_004, cui: 90_000_006, form: "D394", state: "IN PRELUCRARE", days_ago: 1 },
];

/// How long a receipt can be fetched, in days.
const RECEIPT_DAYS: i64 = 60;

/// The form of the page.
#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    id: String,
    #[serde(default)]
    cui: String,
}

/// The file that is asked for.
#[derive(Deserialize)]
pub(super) struct File {
    #[serde(default)]
    numefisier: String,
}

/// The page: every answer is 200 and HTML.
pub(super) fn status(form: &Form, now: i64) -> Response {
    let (Ok(index), Ok(cui)) = (form.id.trim().parse::<u64>(), form.cui.trim().parse::<u64>()) else {
        return html("<p>Nu ati introdus un index valid</p>");
    };
    let known = FILINGS.iter().any(|filing| filing.index == index && filing.cui == cui);
    if !known {
        return html(
            "<p>In sistemul informatic al ANAF nu a fost identificata nicio declaratie cu acest index si acest cui.</p>",
        );
    }
    let (from, today) = (day(now, 91), day(now, 0));
    let rows: String = FILINGS.iter().filter(|filing| filing.cui == cui).map(|filing| row(filing, now)).collect();
    html(&format!(
        "<p>Stare documente depuse pentru cui: {cui} in perioada {} / {}</p>\n<table border=\"1\">\n\
         <tr><th>Index</th><th>Tip</th><th>Stare</th><th>Numar inregistrare</th><th>Perioada</th><th>Data</th></tr>\n\
         {rows}</table>",
        dotted(from),
        dotted(today)
    ))
}

/// The receipt; an unknown or old one is an empty PDF with 200.
pub(super) fn receipt(Query(file): &Query<File>, now: i64) -> Response {
    let index = file.numefisier.strip_suffix(".pdf").and_then(|digits| digits.parse::<u64>().ok());
    let filing = FILINGS.iter().find(|filing| Some(filing.index) == index && filing.days_ago < RECEIPT_DAYS);
    let bytes = filing.map_or_else(Vec::new, |filing| {
        page(&[
            "RECIPISA - DATE INVENTATE".to_owned(),
            format!("Index: {}  CUI: {}", filing.index, filing.cui),
            format!("Formular: {}  Data: {}", filing.form, day(now, filing.days_ago)),
            filing.state.to_owned(),
        ])
    });
    ([(header::CONTENT_TYPE, "application/pdf")], bytes).into_response()
}

fn row(filing: &Filing, now: i64) -> String {
    let filed = day(now, filing.days_ago);
    let (index, year) = (filing.index, filed.year());
    let shown = if filing.days_ago < RECEIPT_DAYS && filing.state != "IN PRELUCRARE" {
        format!("<a href=\"/StareD112/ObtineRecipisa?numefisier={index}.pdf\">{index}</a>")
    } else {
        index.to_string()
    };
    let registration = format!("INTERNT-{index}-{year}/{}", filed.strftime("%d-%m-%Y"));
    format!(
        "<tr><td>{shown}</td><td>{}</td><td>{}</td><td>{registration}</td><td>{}</td><td>{}</td></tr>\n",
        filing.form,
        filing.state,
        filed.strftime("%m.%Y"),
        dotted(filed),
    )
}

fn day(now: i64, days_ago: i64) -> Date {
    let today = Timestamp::from_second(now).unwrap_or_default().to_zoned(crate::date::bucharest()).date();
    today.checked_sub(Span::new().days(days_ago)).unwrap_or(today)
}

fn dotted(day: Date) -> String {
    day.strftime("%d.%m.%Y").to_string()
}

/// A page in ISO-8859-1; Romanian letters outside of it are printed plain, the others by their byte.
fn html(content: &str) -> Response {
    let text = format!(
        "<html><head><title>Vizualizare stare D112 \u{a9}</title></head><body>\n{content}\n\
         <p>Date inventate, pentru încercări</p></body></html>"
    );
    let bytes: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect();
    ([(header::CONTENT_TYPE, "text/html;charset=ISO-8859-1")], bytes).into_response()
}
