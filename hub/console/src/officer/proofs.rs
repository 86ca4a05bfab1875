//! `/console/proofs`: that no number is missing, what the public log says, and which proofs weaken.

use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::list::Asked;
use crate::moment::{day, moment, today};
use crate::page::{Answer, page};
use crate::visit::Visit;

use super::claims::{self, Verdict};

#[derive(askama::Template)]
#[template(path = "officer/proofs.html")]
struct Page<'a> {
    v: &'a Visit,
    registers: Vec<(String, String)>,
    register: String,
    year: String,
    verdict: Option<Verdict>,
    fault: Option<Fault>,
    origin: String,
    witnesses: Vec<String>,
    heads: Vec<Head>,
    weakening: Vec<Line>,
}

struct Head {
    size: String,
    root: String,
    made: String,
    stamped: Option<String>,
}

struct Line {
    what: String,
    at: String,
    evidences: String,
    advice: String,
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

/// The page; with a register and a year its proof is fetched and verified.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    let board: Value = visit.get("/v1/proofs/expiring").value().await?;
    let log: Value = visit.get("/v1/log").value().await?;
    let size = log["head"]["size"].as_u64().unwrap_or(0);
    let heads: Value = visit.get(format!("/v1/log/heads?after={}", size.saturating_sub(64))).value().await?;
    let listed: Value = visit.get("/v1/registers").maybe().await?.unwrap_or_default();
    let registers = listed["registers"].as_array().or_else(|| listed["items"].as_array());
    let registers = registers.into_iter().flatten().map(|one| (text(&one["id"]), text(&one["name"]))).collect();
    let year = asked.some("year").map_or_else(|| today(visit.desk.hub.now()).year().to_string(), str::to_owned);
    let (mut verdict, mut fault) = (None, None);
    if let Some(register) = asked.some("register") {
        match gapless(&visit, register, &year).await? {
            Ok(found) => verdict = Some(found),
            Err(refused) => fault = Some(refused),
        }
    }
    let head = |one: &Value| Head {
        size: text(&one["size"]),
        root: text(&one["root"]),
        made: moment(&text(&one["made_at"])),
        stamped: one["stamp"]["stamped_at"].as_str().map(moment),
    };
    let line = |one: &Value| Line {
        what: format!("{} {}", text(&one["group"]), text(&one["id"])),
        at: day(&text(&one["weakens_at"])),
        evidences: text(&one["evidences"]),
        advice: text(&one[visit.say("advice_ro", "advice")]),
    };
    page(&Page {
        registers,
        register: asked.get("register").to_owned(),
        year,
        verdict,
        fault,
        origin: text(&log["origin"]),
        witnesses: log["witnesses"].as_array().into_iter().flatten().map(text).collect(),
        heads: heads["heads"].as_array().into_iter().flatten().rev().take(20).map(head).collect(),
        weakening: board["lines"].as_array().into_iter().flatten().take(100).map(line).collect(),
        v: &visit,
    })
}

async fn gapless(visit: &Visit, register: &str, year: &str) -> Result<Result<Verdict, Fault>, Fault> {
    match visit.get(format!("/v1/registers/{}/{}/proof", piece(register), piece(year))).raw().await {
        Ok((_, proof)) => claims::of(visit, ("application/octet-stream", proof)).await,
        Err(fault) => Ok(Err(fault)),
    }
}
