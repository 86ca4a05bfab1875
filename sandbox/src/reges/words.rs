//! What goes back, in the notation the request came in.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::message::Notation;
use crate::soap::escape;

/// An answer whose XML root is `root`.
pub(super) fn answered(notation: Notation, status: StatusCode, root: &str, value: &Value) -> Response {
    match notation {
        Notation::Json => (status, Json(value)).into_response(),
        Notation::Xml => {
            let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
            write(&mut text, root, value, " xmlns=\"http://www.inspectiamuncii.ro/reges2025\"");
            (status, [(header::CONTENT_TYPE, "application/xml; charset=utf-8")], text).into_response()
        }
    }
}

/// A refusal of form, with everything that is wrong.
pub(super) fn refused(notation: Notation, status: StatusCode, wrong: &[String]) -> Response {
    answered(notation, status, "Errors", &json!({ "errors": wrong }))
}

fn write(text: &mut String, name: &str, value: &Value, declaration: &str) {
    match value {
        Value::Null => {}
        Value::Array(items) if name.starts_with("ArrayOf") => {
            *text += &format!("<{name}{declaration}>");
            items.iter().for_each(|item| write(text, &name["ArrayOf".len()..], item, ""));
            *text += &format!("</{name}>");
        }
        Value::Array(items) => items.iter().for_each(|item| write(text, name, item, declaration)),
        Value::Object(fields) => {
            *text += &format!("<{name}{declaration}>");
            let fields = fields.iter().filter(|(name, _)| !name.starts_with('$'));
            fields.for_each(|(name, value)| write(text, &capital_first(name), value, ""));
            *text += &format!("</{name}>");
        }
        Value::String(content) => *text += &format!("<{name}{declaration}>{}</{name}>", escape(content)),
        scalar => *text += &format!("<{name}{declaration}>{scalar}</{name}>"),
    }
}

fn capital_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
