//! `/console/reports/retention`: dossiers whose term of keeping is over.

use async_trait::async_trait;
use serde_json::Value;

use crate::fault::Fault;
use crate::list::{self, Asked, Cell, Column, Empty, List, Part, Row, Tab, column};
use crate::page::Answer;
use crate::visit::Visit;

use super::tabs;

struct Retention;

#[async_trait]
impl List for Retention {
    fn title(&self, visit: &Visit) -> String {
        visit.say("Termene de păstrare împlinite", "Retention due").to_owned()
    }

    fn lead(&self, visit: &Visit) -> String {
        visit
            .say(
                "Dosarele care pot intra în selecționare (Legea 16/1996), cele mai vechi întâi.",
                "Dossiers that may enter a selection (Law 16/1996), oldest first.",
            )
            .to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            column("Dosarul", "Dossier"),
            column("Titlul", "Title"),
            column("Anul", "Year"),
            column("Împlinit în", "Due in"),
        ]
    }

    fn file(&self) -> &'static str {
        "pastrare-implinita"
    }

    fn tabs(&self, visit: &Visit, _: &Asked) -> Vec<Tab> {
        tabs(visit, "/console/reports/retention")
    }

    fn empty(&self, visit: &Visit, _: bool) -> Empty {
        Empty {
            title: visit.say("Niciun dosar cu termenul împlinit", "No dossier whose term is over").to_owned(),
            how: visit
                .say(
                    "Dosarele apar aici în anul care urmează împlinirii termenului.",
                    "Dossiers appear here in the year after their term ends.",
                )
                .to_owned(),
            act: None,
        }
    }

    async fn part(&self, visit: &Visit, _: &Asked, after: Option<&str>, limit: usize) -> Result<Part, Fault> {
        let from = after.and_then(|after| after.split_once('.'));
        let from = from.map_or_else(String::new, |(year, id)| {
            format!("&after_year={}&after={}", crate::asking::piece(year), crate::asking::piece(id))
        });
        let came: Value = visit.get(format!("/v1/archive/due?limit={limit}{from}")).value().await?;
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
        };
        let row = |one: &Value| {
            Row::of(vec![
                Cell::Code(text(&one["code"])),
                Cell::text(text(&one["title"])),
                Cell::text(text(&one["year"])),
                Cell::text(text(&one["due_year"])),
            ])
        };
        let next =
            came["next"].as_object().map(|next| format!("{}.{}", text(&next["after_year"]), text(&next["after"])));
        Ok(Part { rows: came["items"].as_array().into_iter().flatten().map(row).collect(), next })
    }
}

/// The report.
///
/// # Errors
/// The visitor may not see it, or the hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    list::show(&visit, &asked, &Retention).await
}
