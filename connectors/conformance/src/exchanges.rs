//! Every recorded exchange means what it says it means, told by the connector itself.

use std::collections::BTreeMap;
use std::time::Duration;

use connectors_contract::{Answer, Engine, Inquiry, Outcome, Question, RecordedExchange, SystemFolder};
use sandbox::Scripted;
use serde_json::{Value, json};

use crate::documents::document;
use crate::{Bench, LOCAL, Patience, Report};

pub(crate) async fn check(bench: &mut Bench<'_>) {
    let exchanges = &bench.folder.exchanges;
    if exchanges.is_empty() {
        bench.report.fail(
            "dosarul are schimburi înregistrate",
            "exchanges/ este gol: înregistrați câte un răspuns din fiecare fel (punte connector record)",
        );
    }
    for exchange in exchanges {
        let found = meaning(bench.engine, bench.folder, exchange).await.and_then(|found| {
            if found == exchange.expected {
                return Ok(());
            }
            Err(format!("este {found}, dar expected spune {}: corectați manifestul sau schimbul", exchange.expected))
        });
        bench.report.tell(format!("schimbul {} înseamnă ce spune", exchange.name), found);
    }
}

/// What a connector of this folder takes a recorded answer for, in the words of `expected`.
///
/// # Errors
/// The engine makes no such connector of the manifest, or the exchange names no operation.
pub async fn meaning(engine: &dyn Engine, folder: &SystemFolder, exchange: &RecordedExchange) -> Result<Value, String> {
    let bench = Bench { engine, folder, report: Report::new(&folder.manifest.system) };
    let twin = Scripted::start(LOCAL, exchange.clone()).await.map_err(|error| error.to_string())?;
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
    let found = match exchange.operation.split_once('.') {
        None if exchange.operation == "deliver" => {
            let connector = bench.outbound(twin.address, Patience::Long)?;
            match connector.deliver(&document("cheie-schimb-1", "Anchetă")).await.outcome {
                Outcome::Delivered { receipt } => json!({ "class": "delivered", "receipt": receipt }),
                Outcome::Attested { document } => json!({ "class": "attested", "bytes": document.len() }),
                Outcome::Refused { code, .. } => json!({ "class": "refused", "code": code }),
                Outcome::Unavailable { retry_after, .. } => {
                    json!({ "class": "unavailable", "retry_after_s": seconds(retry_after) })
                }
                Outcome::Unknown { .. } => json!({ "class": "unknown" }),
            }
        }
        None if exchange.operation == "inquire" => {
            let connector = bench.outbound(twin.address, Patience::Long)?;
            match connector.inquire(&document("cheie-schimb-1", "Anchetă")).await {
                Inquiry::Present { receipt } => json!({ "class": "present", "receipt": receipt }),
                Inquiry::Absent => json!({ "class": "absent" }),
                Inquiry::Refused { code, .. } => json!({ "class": "refused", "code": code }),
                Inquiry::Unanswered { retry_after, .. } => {
                    json!({ "class": "unanswered", "retry_after_s": seconds(retry_after) })
                }
            }
        }
        Some(("lookup", operation)) => {
            let connector = bench.lookup(twin.address, Patience::Long)?;
            told(connector.ask(&question(operation, &exchange.arguments)).await.answer, exchange)
        }
        _ => {
            return Err(format!(
                "operation este {:?}; scrieți deliver, inquire sau lookup.<operație>",
                exchange.operation
            ));
        }
    };
    let Value::Object(members) = found else { return Ok(found) };
    Ok(members.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

/// An answer in the words of `expected`; the value is compared only where the exchange says one.
fn told(answer: Answer, exchange: &RecordedExchange) -> Value {
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
    match answer {
        Answer::Found { value, as_of, document } => {
            let wanted = |name: &str| exchange.expected.get(name).is_some();
            let content_type = document.map(|document| document.content_type);
            json!({
                "class": "found",
                "value": wanted("value").then_some(value),
                "as_of": as_of.filter(|_| wanted("as_of")),
                "document": content_type.filter(|_| wanted("document")),
            })
        }
        Answer::Absent => json!({ "class": "absent" }),
        Answer::Pending { request, .. } => json!({ "class": "pending", "request": request }),
        Answer::Refused { code, .. } => json!({ "class": "refused", "code": code }),
        Answer::Unavailable { retry_after, .. } => {
            json!({ "class": "unavailable", "retry_after_s": seconds(retry_after) })
        }
    }
}

/// A question by an invented institution.
pub(crate) fn question(operation: &str, arguments: &BTreeMap<String, String>) -> Question {
    let facts = [
        ("caller", "uat-exemplu"),
        ("caller_cui", "90000006"),
        ("caller_name", "Primăria Exemplu"),
        ("user", "functionar-1"),
        ("purpose", "verificarea angajatorului"),
        ("legal_basis", "Legea 448/2006"),
        ("case_number", "1/2026"),
        ("correlation_id", "01980000-0000-7000-8000-000000000003"),
        ("today", "2026-03-02"),
    ];
    let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Question { operation: operation.to_owned(), arguments: arguments.clone(), facts }
}
