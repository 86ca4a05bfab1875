//! `/console/credentials`: keys and certificates of systems, the next to expire first.

use async_trait::async_trait;
use serde_json::Value;

use crate::fault::Fault;
use crate::list::{self, Asked, Cell, Column, Empty, List, Part, Row, Tone, column};
use crate::moment::{days_between, today};
use crate::page::Answer;
use crate::visit::Visit;

use super::{items, text, tone, worded};

/// Days before its end from which a key is to be replaced.
const SOON: i32 = 30;

struct Credentials;

#[async_trait]
impl List for Credentials {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Chei ale sistemelor", "Keys of systems").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit.say("Cu ce se dovedesc programele instituției, și până când. O cheie nouă se emite înainte ca cea veche să expire.", "What the institution's programs prove themselves with, and until when. A new key is issued before the old one expires.").to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Sistem", "System"),
            column("Fel", "Kind"),
            column("Nume", "Label"),
            column("Expiră", "Expires"),
            column("Folosită ultima dată", "Last used"),
            column("Stare", "State"),
        ]
    }

    fn file(&self) -> &'static str {
        "chei-sisteme"
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Nicio cheie emisă", "No key issued").to_owned(),
            how: visit
                .say(
                    "Cheile se emit prin POST /v1/credentials sau cu punte credential.",
                    "Keys are issued by POST /v1/credentials or by punte credential.",
                )
                .to_owned(),
            act: None,
        }
    }

    async fn part(&self, visit: &Visit, _: &Asked, _: Option<&str>, _: usize) -> Result<Part, Fault> {
        let found = visit.get("/v1/credentials").value().await?;
        let now = today(visit.desk.hub.now());
        let mut all: Vec<&Value> = items(&found).collect();
        all.sort_by_key(|one| text(one, "expires_at"));
        let row = |one: &Value| {
            let code = text(one, "state");
            let left = text(one, "expires_at").parse().map(|at| days_between(now, today(at))).unwrap_or(i32::MAX);
            let soon = code == "active" && left <= SOON;
            let words = worded(visit, one, "state");
            let badge = if soon {
                Cell::Badge(format!("{words}, {left} {}", visit.say("zile", "days")), Tone::Warn)
            } else {
                Cell::Badge(words, tone(&code))
            };
            Row::of(vec![
                Cell::Code(text(one, "system")),
                Cell::text(worded(visit, one, "kind")),
                Cell::text(text(one, "label")),
                Cell::Moment(text(one, "expires_at")),
                Cell::Moment(text(one, "last_used_at")),
                badge,
            ])
        };
        Ok(Part { rows: all.into_iter().map(row).collect(), next: None })
    }
}

/// The list.
///
/// # Errors
/// The visitor may not see it.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Credentials).await
}
