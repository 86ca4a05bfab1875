//! `/console/new/check`: what would be said of a document while it is being filled in.

use crate::fault::Fault;
use crate::form::Filled;
use crate::page::{Answer, page};
use crate::visit::Visit;

use super::filled::Values;
use super::new::Kindred;
use super::recipients::named;
use super::schema::id;
use super::sending::envelope;

/// A rule that is broken.
struct Wrong {
    id: String,
    words: String,
}

#[derive(askama::Template)]
#[template(path = "clerk/check.html")]
struct Fragment<'a> {
    v: &'a Visit,
    wrong: Vec<Wrong>,
}

/// The fragment of a page that says it.
///
/// # Errors
/// The hub cannot answer.
pub async fn check(visit: Visit, filled: Filled) -> Answer {
    let mut values = Values(filled.fields().to_vec());
    let kind = Kindred::find(&visit, values.get("type")).await?;
    named(&visit, &kind, &mut values).await?;
    let body = serde_json::json!({
        "envelope": envelope(&values, &kind, &[]),
        "body": values.document(&kind.schema),
    });
    let told = visit.post("/v1/messages/check").form(filled.token()).json(&body).value().await;
    let wrong = match told {
        Ok(told) => {
            let all = told["violations"].as_array().cloned().unwrap_or_default();
            let text = |one: &serde_json::Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
            // Files are not sent along while the form is being filled in.
            let all = all.iter().filter(|one| one["severity"] == "error" && !text(one, "rule").starts_with("part."));
            all.map(|one| Wrong {
                id: id(&text(one, "pointer")),
                words: visit.say(&text(one, "ro"), &text(one, "en")).to_owned(),
            })
            .collect()
        }
        Err(fault) => said(&visit, &fault),
    };
    page(&Fragment { v: &visit, wrong })
}

fn said(visit: &Visit, fault: &Fault) -> Vec<Wrong> {
    vec![Wrong { id: String::new(), words: fault.sentence(visit.language) }]
}
