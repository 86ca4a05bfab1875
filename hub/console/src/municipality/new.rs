//! `/console/batches/new`: a file is dropped, with what holds for all its rows.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::asking::piece;
use crate::fault::Fault;
use crate::form::{Filled, Sent};
use crate::list::Asked;
use crate::page::{Answer, done, page_with};
use crate::visit::Visit;

/// Marks the parts of the form to the API; no file of ours holds it, and one that does is refused whole.
const BOUNDARY: &str = "punte-7d1c4e0a5b9f4b7f8c6e2d3a1f0b9c8d";

#[derive(Deserialize)]
struct Catalogue {
    document_types: Vec<DocumentType>,
}

#[derive(Deserialize)]
struct DocumentType {
    document_type: String,
    title: String,
    title_en: String,
    end_to_end: bool,
}

#[derive(Deserialize)]
struct Directory {
    parties: Vec<Party>,
}

#[derive(Deserialize)]
struct Party {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Table {
    columns: Vec<Column>,
}

#[derive(Deserialize)]
struct Column {
    heading: String,
    hint: String,
    hint_en: String,
    required: bool,
}

#[derive(askama::Template)]
#[template(path = "municipality/new.html")]
struct Page<'a> {
    v: &'a Visit,
    filled: &'a Filled,
    fault: Option<&'a Fault>,
    types: Vec<(String, String)>,
    parties: Vec<Party>,
    chosen: &'a str,
    columns: Vec<Column>,
}

impl Page<'_> {
    fn wrong(&self, field: &str) -> bool {
        self.fault.is_some_and(|fault| fault.violations.iter().any(|one| one.field == field))
    }
}

/// The form; with `type`, what the columns of that type mean.
///
/// # Errors
/// The hub cannot answer.
pub async fn show(visit: Visit, asked: Asked) -> Answer {
    form(&visit, &Filled::default(), None, asked.get("type")).await
}

async fn form(visit: &Visit, filled: &Filled, fault: Option<&Fault>, chosen: &str) -> Answer {
    let catalogue: Catalogue = visit.get("/v1/document-types").read().await?;
    let directory: Directory = visit.get("/v1/directory").read().await?;
    let columns = match chosen {
        "" => Vec::new(),
        name => visit.get(format!("/v1/batches/templates/{}.json", piece(name))).read::<Table>().await?.columns,
    };
    let types = catalogue.document_types.into_iter().filter(|one| !one.end_to_end);
    let title = |one: DocumentType| (one.document_type, visit.language.of(&one.title, &one.title_en).to_owned());
    let page = Page {
        v: visit,
        filled,
        fault,
        types: types.map(title).collect(),
        parties: directory.parties,
        chosen,
        columns,
    };
    Ok(page_with(if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page))
}

/// Pushes the file.
///
/// # Errors
/// The visitor may not, or the hub cannot answer.
pub async fn send(visit: Visit, filled: Filled) -> Answer {
    let Some(file) = filled.files.iter().find(|file| file.field == "file") else {
        let fault = Fault::own(
            StatusCode::UNPROCESSABLE_ENTITY,
            ("Lipsește fișierul", "Alegeți fișierul CSV, XLSX, ZIP sau PDF și trimiteți din nou."),
            ("The file is missing", "Choose the CSV, XLSX, ZIP or PDF file and send again."),
        );
        return form(&visit, &filled, Some(&fault), "").await;
    };
    let asked = visit.post("/v1/batches").form(filled.token()).key(filled.key());
    let body = multipart(&described(&filled, file), file);
    let asked = asked.body(&format!("multipart/form-data; boundary={BOUNDARY}"), body);
    match asked.value().await {
        Ok(told) => {
            let id = told["batch_id"].as_str().unwrap_or_default();
            let same = told["same_file_as"].as_array().is_some_and(|earlier| !earlier.is_empty());
            Ok(done(&format!("/console/batches/{id}"), if same { "batch-again" } else { "batch" }))
        }
        Err(fault) if fault.status.is_server_error() => Err(fault),
        Err(fault) if fault.status == StatusCode::FORBIDDEN => Err(fault),
        Err(fault) => form(&visit, &filled, Some(&fault), "").await,
    }
}

fn described(filled: &Filled, file: &Sent) -> Value {
    let recipients: Vec<&str> =
        filled.get("recipients").split([',', ';', '|', ' ']).map(str::trim).filter(|one| !one.is_empty()).collect();
    json!({
        "name": file.name,
        "document_type": filled.get("document_type"),
        "recipients": recipients,
        "subject": filled.some("subject"),
        "purpose": filled.some("purpose"),
        "legal_basis": filled.some("legal_basis"),
    })
}

fn multipart(form: &Value, file: &Sent) -> Vec<u8> {
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"batch\"\r\nContent-Type: application/json\r\n\r\n{form}\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(&file.bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_on_byte_for_byte_after_its_form() {
        let file =
            Sent { field: "file".into(), name: "a.csv".into(), media_type: String::new(), bytes: "x\r\n".into() };
        let body = String::from_utf8(multipart(&json!({"name": "a.csv"}), &file)).unwrap();
        assert!(body.contains("\r\n\r\n{\"name\":\"a.csv\"}\r\n--"), "{body}");
        assert!(body.ends_with(&format!("octet-stream\r\n\r\nx\r\n\r\n--{BOUNDARY}--\r\n")), "{body}");
    }
}
