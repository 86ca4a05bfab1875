//! `/console/receipts/person`: documents about a person. Who it is never stands in an address; why it is asked is journaled.

use axum::http::StatusCode;
use serde_json::json;

use crate::fault::Fault;
use crate::form::Filled;
use crate::list::{Cell, Row, Tab};
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

use super::receipts::{Came, row, ways};

#[derive(askama::Template)]
#[template(path = "officer/person.html")]
struct Page<'a> {
    v: &'a Visit,
    tabs: Vec<Tab>,
    columns: Vec<&'a str>,
    fault: Option<Fault>,
    purpose: &'a str,
    legal_basis: &'a str,
    case: &'a str,
    found: Option<Vec<Row>>,
}

impl<'a> Page<'a> {
    fn of(v: &'a Visit, filled: &'a Filled) -> Self {
        Self {
            v,
            tabs: ways(v, "/console/receipts/person"),
            columns: super::receipts::columns().iter().map(|one| v.say(one.ro, one.en)).collect(),
            fault: None,
            purpose: filled.get("purpose"),
            legal_basis: filled.get("legal_basis"),
            case: filled.get("case"),
            found: None,
        }
    }
}

/// The form.
///
/// # Errors
/// The page cannot be made.
pub async fn ask(visit: Visit) -> Answer {
    page(&Page::of(&visit, &Filled::default()))
}

/// What is known of the person.
///
/// # Errors
/// The hub cannot answer.
pub async fn search(visit: Visit, filled: Filled) -> Answer {
    let wanted = json!({
        "subject": filled.get("subject"),
        "purpose": filled.some("purpose"),
        "legal_basis": filled.some("legal_basis"),
        "case_number": filled.some("case"),
    });
    let ask = visit.post("/v1/evidence/search").form(filled.token()).json(&wanted);
    let mut shown = Page::of(&visit, &filled);
    match ask.read::<Came>().await {
        Ok(came) => {
            shown.found = Some(came.items.into_iter().map(|one| row(&visit, one)).collect());
            page(&shown)
        }
        Err(fault) if fault.status.is_client_error() => {
            shown.fault = Some(fault);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
        Err(fault) => Err(fault),
    }
}
