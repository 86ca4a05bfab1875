//! `/console/receipts/verify`: a file somebody holds, verified claim by claim.

use axum::http::StatusCode;

use crate::fault::Fault;
use crate::form::Filled;
use crate::list::Tab;
use crate::page::{Answer, page, page_with};
use crate::visit::Visit;

use super::claims::{self, Verdict};
use super::receipts::ways;

#[derive(askama::Template)]
#[template(path = "officer/verify.html")]
struct Page<'a> {
    v: &'a Visit,
    tabs: Vec<Tab>,
    fault: Option<Fault>,
    file: String,
    verdict: Option<Verdict>,
}

impl<'a> Page<'a> {
    fn of(v: &'a Visit) -> Self {
        Self { v, tabs: ways(v, "/console/receipts/verify"), fault: None, file: String::new(), verdict: None }
    }
}

/// The form.
///
/// # Errors
/// The page cannot be made.
pub async fn ask(visit: Visit) -> Answer {
    page(&Page::of(&visit))
}

/// The verdict on the file. A file that does not verify is an answer, not a refusal.
///
/// # Errors
/// The hub cannot answer.
pub async fn verify(visit: Visit, filled: Filled) -> Answer {
    let mut shown = Page::of(&visit);
    let Some(sent) = filled.files.into_iter().next() else {
        shown.fault = Some(Fault::own(
            StatusCode::UNPROCESSABLE_ENTITY,
            ("Alegeți un fișier", "O dovadă XML, un pachet ASiC-E sau o probă de registru."),
            ("Choose a file", "An XML evidence, an ASiC-E package or a proof of a register."),
        ));
        return Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown));
    };
    shown.file = sent.name;
    match claims::of(&visit, ("application/octet-stream", sent.bytes)).await? {
        Ok(verdict) => {
            shown.verdict = Some(verdict);
            page(&shown)
        }
        Err(fault) => {
            shown.fault = Some(fault);
            Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown))
        }
    }
}
