//! The engine's own table, and what a manifest may change in it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use connectors_contract::{Manifest, Outcome};
use connectors_rest::{Response, outcome};

mod support;
use support::{NOW, told};

fn class(manifest: &Manifest, status: u16, content_type: &str, body: &str) -> &'static str {
    let body = if body == "cut" { Err("the answer was cut".to_owned()) } else { Ok(body.as_bytes().to_vec()) };
    let answer = Response { status, content_type: Some(content_type.to_owned()), retry_after: None, body };
    match outcome(manifest, manifest.deliver.as_ref().unwrap(), &answer, NOW) {
        Outcome::Attested { .. } => "attested",
        Outcome::Delivered { .. } => "delivered",
        Outcome::Refused { .. } => "refused",
        Outcome::Unavailable { .. } => "unavailable",
        Outcome::Unknown { .. } => "unknown",
    }
}

#[test]
fn every_answer_falls_into_one_of_four_classes() {
    let (json, html) = ("application/json; charset=utf-8", "text/html");
    let table = [
        (200, json, r#"{"id":"7"}"#, "delivered"),
        (202, json, r#"{"id":7}"#, "delivered"),
        (200, "application/problem+json", r#"{"id":7}"#, "delivered"),
        (200, json, r#"{"id":null}"#, "unknown"),
        (200, json, r#"{"id":""}"#, "unknown"),
        (200, json, r#"{"id":"7""#, "unknown"),
        (200, json, "[]", "unknown"),
        (204, json, "", "unknown"),
        (200, json, "cut", "unknown"),
        (200, html, "<p>", "unknown"),
        (200, "", "ok", "unknown"),
        (302, json, "", "unknown"),
        (301, json, "", "unavailable"),
        (308, html, "<p>", "unavailable"),
        (400, json, "{}", "refused"),
        (400, json, "", "refused"),
        (400, json, "cut", "unknown"),
        (404, json, "{}", "refused"),
        (404, html, "<p>", "unavailable"),
        (409, json, "{}", "refused"),
        (401, json, "{}", "unavailable"),
        (408, json, "{}", "unavailable"),
        (429, json, "{}", "unavailable"),
        (429, json, "cut", "unavailable"),
        (500, json, "{}", "unknown"),
        (500, html, "<p>", "unknown"),
        (502, html, "<p>", "unknown"),
        (503, json, "{}", "unavailable"),
        (503, html, "<p>", "unavailable"),
        (503, json, "cut", "unavailable"),
        (504, html, "<p>", "unknown"),
        (599, json, "{}", "unknown"),
        (999, json, "{}", "unknown"),
    ];
    let manifest = told("[outcome]\ncontent_type = \"application/json\"\n");
    for (status, content_type, body, expected) in table {
        assert_eq!(class(&manifest, status, content_type, body), expected, "{status} {content_type} {body}");
    }
}

#[test]
fn the_first_rule_that_fits_decides_and_a_page_is_never_looked_into() {
    let manifest = told(
        r#"
        [outcome]
        content_type = "application/json"
        page = { 2xx = "unavailable", 4xx = "refused", 5xx = "unavailable" }
        rules = [
            { status = "200-299", body_pointer = "/eroare", class = "refused" },
            { status = "409", body_pointer = "/cod", equals = "DUPLICAT", class = "delivered" },
            { status = "500,502", body_pointer = "/stocat", equals = false, class = "unavailable" },
            { status = "4xx", body_pointer = "/cod", exists = false, class = "unknown" },
        ]
        "#,
    );
    let json = "application/json";
    let table = [
        (200, json, r#"{"eroare":{"a":1},"id":"7"}"#, "refused"),
        (200, json, r#"{"eroare":null,"id":"7"}"#, "delivered"),
        (409, json, r#"{"cod":"DUPLICAT","id":"7"}"#, "delivered"),
        (409, json, r#"{"cod":"DUPLICAT"}"#, "unknown"),
        (409, json, r#"{"cod":"ALTUL"}"#, "refused"),
        (409, json, r#"{}"#, "unknown"),
        (409, json, "", "refused"),
        (500, json, r#"{"stocat":false}"#, "unavailable"),
        (500, json, r#"{"stocat":true}"#, "unknown"),
        (504, json, r#"{"stocat":false}"#, "unknown"),
        (200, "text/html", "<p>", "unavailable"),
        (409, "text/html", "<p>", "refused"),
        (504, "text/html", "<p>", "unavailable"),
    ];
    for (status, content_type, body, expected) in table {
        assert_eq!(class(&manifest, status, content_type, body), expected, "{status} {content_type} {body}");
    }
}
