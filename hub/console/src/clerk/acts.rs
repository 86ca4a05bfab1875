//! What a recipient says of a document: wants to see it, takes it, or does not, with the reason.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, done};
use crate::visit::Visit;

use super::document;

/// Wants to receive what was announced.
///
/// # Errors
/// None of its own: a refusal shows the page again.
pub async fn consent(visit: Visit, Path(message): Path<String>, filled: Filled) -> Answer {
    settle(&visit, &message, &filled, ("consent", "consented"), None).await
}

/// Takes the document.
///
/// # Errors
/// None of its own: a refusal shows the page again.
pub async fn accept(visit: Visit, Path(message): Path<String>, filled: Filled) -> Answer {
    let own = filled.some("number").map(|number| {
        let register = filled.some("register").unwrap_or("general");
        json!({"registration": {"register": register, "number": number, "date": filled.get("date")}})
    });
    settle(&visit, &message, &filled, ("accept", "taken"), Some(own.unwrap_or_else(|| json!({})))).await
}

/// Does not take it, and says why.
///
/// # Errors
/// None of its own: a refusal shows the page again.
pub async fn reject(visit: Visit, Path(message): Path<String>, filled: Filled) -> Answer {
    let reason = json!({"reason": filled.get("reason")});
    settle(&visit, &message, &filled, ("reject", "rejected"), Some(reason)).await
}

async fn settle(
    visit: &Visit,
    message: &str,
    filled: &Filled,
    (act, told): (&str, &str),
    body: Option<Value>,
) -> Answer {
    let delivery = filled.get("delivery");
    let asked = visit.post(format!("/v1/inbox/{}/{act}", piece(delivery))).form(filled.token()).key(filled.key());
    let asked = match &body {
        Some(body) => asked.json(body),
        None => asked,
    };
    match asked.value().await {
        Ok(_) => Ok(done(&format!("/console/documents/{}", piece(message)), told)),
        Err(fault) if fault.status.is_client_error() && fault.status != 404 => {
            again(visit, message, filled, fault).await
        }
        Err(fault) => Err(fault),
    }
}

/// The page with what was refused, and what was filled in.
async fn again(visit: &Visit, message: &str, filled: &Filled, fault: Fault) -> Answer {
    document::shown(visit, message, true, Some((fault, filled))).await
}
