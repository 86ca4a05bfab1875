//! `/console/reference`: the API as its own description tells it.

use std::collections::BTreeMap;

use axum::extract::Path;
use serde_json::Value;

use crate::asking::piece;
use crate::fault::Fault;
use crate::list::Asked;
use crate::page::{Answer, page};
use crate::visit::Visit;

/// An operation.
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    permission: String,
    tag: String,
    told: Value,
}

#[derive(askama::Template)]
#[template(path = "integrator/reference.html")]
struct Page<'a> {
    v: &'a Visit,
    q: &'a str,
    tags: BTreeMap<String, Vec<Operation>>,
}

/// The operations by tag, those that hold all the words.
///
/// # Errors
/// The hub cannot answer.
pub async fn list(visit: Visit, asked: Asked) -> Answer {
    let words: Vec<String> = asked.get("q").split_whitespace().map(str::to_lowercase).collect();
    let mut tags: BTreeMap<String, Vec<Operation>> = BTreeMap::new();
    for operation in operations(&visit).await? {
        let Operation { method, path, summary, permission, tag, .. } = &operation;
        let text = format!("{method} {path} {summary} {permission} {tag}").to_lowercase();
        if words.iter().all(|word| text.contains(word)) {
            tags.entry(tag.clone()).or_default().push(operation);
        }
    }
    page(&Page { v: &visit, q: asked.get("q"), tags })
}

async fn operations(visit: &Visit) -> Result<Vec<Operation>, Fault> {
    let document = visit.get("/openapi.json").value().await?;
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, told) in methods.as_object().into_iter().flatten() {
            let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
            let summary = text(visit.language.of("summary", "x-summary-en"));
            all.push(Operation {
                id: text("operationId"),
                method: method.to_uppercase(),
                path: path.clone(),
                summary: if summary.is_empty() { text("x-public") } else { summary },
                permission: text("x-permission"),
                tag: told["tags"][0].as_str().unwrap_or_default().to_owned(),
                told: told.clone(),
            });
        }
    }
    Ok(all)
}

impl Operation {
    fn href(&self) -> String {
        format!("/console/reference/{}", piece(&self.id))
    }

    fn of_tag(&self) -> String {
        format!("/console/reference?q={}", piece(&self.tag))
    }
}

#[derive(askama::Template)]
#[template(path = "integrator/operation.html")]
struct Shown<'a> {
    v: &'a Visit,
    of: &'a Operation,
}

impl Shown<'_> {
    fn parameters(&self) -> &[Value] {
        self.of.told["parameters"].as_array().map_or(&[], Vec::as_slice)
    }

    fn text<'b>(&self, value: &'b Value) -> &'b str {
        value.as_str().unwrap_or_default()
    }

    fn place(&self, parameter: &Value) -> &str {
        match self.text(&parameter["in"]) {
            "path" => self.v.say("cale", "path"),
            "query" => self.v.say("interogare", "query"),
            _ => self.v.say("antet", "header"),
        }
    }

    fn needed(&self, parameter: &Value) -> &str {
        if parameter["required"] == true { self.v.say("da", "yes") } else { self.v.say("nu", "no") }
    }

    fn schema(&self, parameter: &Value) -> String {
        parameter["schema"].to_string()
    }

    /// The schema of the body, where one is sent; nothing known of it is `{}`.
    fn body(&self) -> Option<String> {
        let content = self.of.told["requestBody"]["content"].as_object()?;
        content.iter().next().map(|(kind, body)| format!("{kind}\n{:#}", body["schema"]))
    }

    fn responses(&self) -> Vec<(&str, &str)> {
        let problem = self.v.say("o problemă (application/problem+json)", "a problem (application/problem+json)");
        let told = self.of.told["responses"].as_object().into_iter().flatten();
        told.map(|(status, one)| {
            let here = one["description"].as_str().unwrap_or(problem);
            let done = self.v.say("ce s-a cerut, sau s-a făcut", here);
            (status.as_str(), if status == "2XX" { done } else { here })
        })
        .collect()
    }

    fn command(&self) -> String {
        let mut lines = vec![format!("curl -sS -X {} \"$PUNTE{}\"", self.of.method, self.of.path)];
        if !self.of.permission.is_empty() {
            lines.push("-H \"Authorization: Bearer $CHEIE\"".to_owned());
        }
        let headers = self.parameters().iter().filter(|one| one["in"] == "header" && one["required"] == true);
        lines.extend(headers.map(|one| format!("-H \"{}: …\"", self.text(&one["name"]))));
        if self.of.told["requestBody"].is_object() {
            lines.push("-H \"Content-Type: application/json\"".to_owned());
            lines.push("--data @cerere.json".to_owned());
        }
        lines.join(" \\\n  ")
    }
}

/// One operation.
///
/// # Errors
/// There is none of this id.
pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let operation = operations(&visit).await?.into_iter().find(|one| one.id == id).ok_or_else(Fault::missing)?;
    page(&Shown { v: &visit, of: &operation })
}
