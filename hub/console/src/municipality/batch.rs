//! `/console/batches/{id}`: how far a push is, and the verdict on each row.

use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::list::Asked;
use crate::page::{Answer, done, page_with};
use crate::visit::{Language, Visit};

use super::batches::Batch;

/// State of rows, Romanian, English, class of the style.
const STATES: [(&str, &str, &str, &str); 4] = [
    ("refused", "respinse", "refused", "bad"),
    ("sent", "trimise", "sent", "good"),
    ("already_sent", "trimise deja", "sent before", "plain"),
    ("waiting", "așteaptă", "waiting", "warn"),
];
/// Rows of a page.
const ROWS: &str = "100";

#[derive(Deserialize)]
struct Rows {
    rows: Vec<Row>,
    next: Option<i64>,
}

#[derive(Deserialize)]
struct Row {
    row: i64,
    state: String,
    state_ro: String,
    state_en: String,
    message_id: Option<String>,
    registration: Option<Number>,
    verdicts: Vec<Verdict>,
    file: Option<String>,
    tracking: Option<String>,
}

impl Row {
    fn tone(&self) -> &'static str {
        STATES.iter().find(|(state, ..)| *state == self.state).map_or("plain", |(.., tone)| tone)
    }

    fn state(&self, language: Language) -> &str {
        language.of(&self.state_ro, &self.state_en)
    }
}

#[derive(Deserialize)]
struct Number {
    number: String,
    date: String,
}

#[derive(Deserialize)]
struct Verdict {
    heading: String,
    rule: String,
    ro: String,
    en: String,
    example: Option<String>,
    refuses: bool,
}

impl Verdict {
    fn words(&self, language: Language) -> &str {
        language.of(&self.ro, &self.en)
    }
}

#[derive(askama::Template)]
#[template(path = "municipality/batch.html")]
struct Page<'a> {
    v: &'a Visit,
    asked: &'a Asked,
    batch: Batch,
    rows: Rows,
    fault: Option<&'a Fault>,
}

impl Page<'_> {
    fn at(&self) -> String {
        format!("/console/batches/{}", self.batch.batch_id)
    }

    fn tabs(&self) -> Vec<(String, &'static str, i64, bool)> {
        let counts = self.batch.counts;
        let chosen = self.asked.get("state");
        let mut tabs = vec![(self.asked.without("state"), self.v.say("toate", "all"), counts.all(), chosen.is_empty())];
        tabs.extend(STATES.iter().map(|(state, ro, en, _)| {
            let count = match *state {
                "refused" => counts.refused,
                "sent" => counts.sent,
                "already_sent" => counts.already_sent,
                _ => counts.waiting,
            };
            (self.asked.with("state", state), self.v.language.of(ro, en), count, chosen == *state)
        }));
        tabs
    }

    fn further(&self) -> Option<String> {
        self.rows.next.map(|next| self.asked.with("after", &next.to_string()))
    }

    fn first(&self) -> Option<String> {
        self.asked.some("after").map(|_| self.asked.without("after"))
    }

    fn corrects(&self) -> bool {
        self.batch.correctable && self.batch.counts.refused > 0 && self.v.may("messages.send")
    }
}

/// The push.
///
/// # Errors
/// It is not the institution's, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked, Path(id): Path<String>) -> Answer {
    shown(&visit, &asked, &id, None).await
}

async fn shown(visit: &Visit, asked: &Asked, id: &str, fault: Option<&Fault>) -> Answer {
    let at = format!("/v1/batches/{}", piece(id));
    let batch: Batch = visit.get(at.as_str()).read().await?;
    let query = asked.query(&["state", "after"], &[("limit", ROWS)]);
    let rows: Rows = visit.get(format!("{at}/rows?{query}")).read().await?;
    let page = Page { v: visit, asked, batch, rows, fault };
    Ok(page_with(if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page))
}

/// Takes the corrected file.
///
/// # Errors
/// The visitor may not, or the hub cannot answer.
pub async fn again(visit: Visit, Path(id): Path<String>, filled: Filled) -> Answer {
    let asked = Asked::of(&format!("/console/batches/{}", piece(&id)), "state=refused");
    let Some(file) = filled.files.iter().find(|file| file.field == "file") else {
        let fault = Fault::own(
            StatusCode::UNPROCESSABLE_ENTITY,
            ("Lipsește fișierul corectat", "Descărcați rândurile respinse, corectați-le și alegeți fișierul aici."),
            ("The corrected file is missing", "Download the refused rows, correct them, and choose the file here."),
        );
        return shown(&visit, &asked, &id, Some(&fault)).await;
    };
    let again = visit.post(format!("/v1/batches/{}/again", piece(&id))).form(filled.token()).key(filled.key());
    match again.body("application/octet-stream", file.bytes.clone()).value().await {
        Ok(_) => Ok(done(&format!("/console/batches/{}", piece(&id)), "corrected")),
        Err(fault) if matches!(fault.status.as_u16(), 409 | 413 | 422) => {
            shown(&visit, &asked, &id, Some(&fault)).await
        }
        Err(fault) => Err(fault),
    }
}
