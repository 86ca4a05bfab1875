//! What a manifest may say about answers, and what it may not.

use connectors_contract::manifest::{Class, Reads};
use connectors_contract::reading::body::{Body, read};
use connectors_contract::{Manifest, reading};
use serde_json::json;

use crate::{NOW, manifest, response};

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<s:header xmlns:s="urn:a" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ExecutionStatus="1">
  <s:Errors errorMessage="a"/><s:Errors errorMessage="b"/>
  <nr> 12 </nr><gol/><alb>   </alb><nimic xsi:nil="true"/><tip xsi:type="xs:string">t</tip>
  <cu><![CDATA[<nu]]>&amp;<b/></cu> și <pret moneda="RON">1.5</pret>
</s:header>"#;

#[test]
fn xml_is_read_by_one_convention() {
    let expected = json!({ "header": {
        "@ExecutionStatus": "1",
        "Errors": [{ "@errorMessage": "a" }, { "@errorMessage": "b" }],
        "nr": "12", "gol": "", "alb": "", "nimic": null, "tip": "t",
        "cu": { "b": "", "#text": "<nu&" },
        "pret": { "@moneda": "RON", "#text": "1.5" },
        "#text": "și",
    } });
    assert_eq!(reading::xml::value(XML.as_bytes()).unwrap(), expected);
    assert_eq!(reading::xml::value(b"\xEF\xBB\xBF<a>x</a>").unwrap(), json!({ "a": "x" }));
}

#[test]
fn the_media_type_tells_what_a_body_is_where_the_manifest_names_types() {
    let both = manifest("[outcome]\ncontent_type = [\"application/json\", \"text/xml\"]\n").outcome;
    let any = manifest("").outcome;
    let table = [
        (&both, "application/problem+json", "{\"a\":1}", Body::Value(json!({ "a": 1 }))),
        (&both, "application/xml; charset=utf-8", "<a b=\"1\"/>", Body::Plain),
        (&both, "text/html", "<html/>", Body::Page),
        (&both, "text/plain", "{}", Body::Page),
        (&any, "text/plain", "{}", Body::Plain),
        (&any, "application/xml", "<a>", Body::Plain),
        (&any, "text/html", "<p>", Body::Page),
        (&any, "application/json", "{} ", Body::Value(json!({}))),
    ];
    for (answers, content_type, body, expected) in table {
        assert_eq!(read(answers, &response(200, content_type, body)), expected, "{content_type} {body}");
    }
    assert!(matches!(read(&both, &response(200, "application/json", "{}}")), Body::Broken(_)));
}

#[test]
fn the_first_bytes_tell_what_a_body_is_where_the_manifest_says_what_it_reads() {
    let read_all = manifest("[outcome]\nreads = [\"json\", \"xml\", \"text\"]\n").outcome;
    let read_json = manifest("[outcome]\nreads = [\"json\"]\n").outcome;
    assert_eq!(read_all.reads, [Reads::Json, Reads::Xml, Reads::Text]);
    let table = [
        (&read_all, " {\"a\":1}", Body::Value(json!({ "a": 1 }))),
        (&read_all, "{\"a\":1}} \n", Body::Value(json!({ "a": 1 }))),
        (&read_all, "\u{FEFF}<a/>", Body::Value(json!({ "a": "" }))),
        (&read_all, "Eroare interna", Body::Value(json!("Eroare interna"))),
        (&read_all, "<!DOCTYPE html><p>", Body::Page),
        (&read_all, "<HTML><p>", Body::Page),
        (&read_all, "  ", Body::Plain),
        (&read_json, "<a/>", Body::Page),
        (&read_json, "Eroare interna", Body::Page),
    ];
    for (answers, body, expected) in table {
        assert_eq!(read(answers, &response(200, "text/html", body)), expected, "{body}");
    }
    assert!(matches!(read(&read_all, &response(200, "", "{} {}")), Body::Broken(_)));
}

#[test]
fn a_text_is_looked_for_at_its_beginning_or_anywhere() {
    let rules = manifest(
        r#"[outcome]
        reads = ["text", "json"]
        rules = [
            { body_pointer = "/e", starts_with = "Limita", class = "unavailable", retry = "10min" },
            { body_pointer = "/e", contains = "zilei", class = "unknown" },
            { body_pointer = "", contains = "nu exista", class = "refused" },
        ]"#,
    );
    let class = |body: serde_json::Value| {
        rules.outcome.rules.iter().find(|rule| rule.fits(200, Some(&body))).map(|rule| rule.class)
    };
    assert_eq!(class(json!({ "e": "Limita zilei" })), Some(Class::Unavailable));
    assert_eq!(class(json!({ "e": "in cursul zilei" })), Some(Class::Unknown));
    assert_eq!(class(json!({ "e": 7 })), None);
    assert_eq!(class(json!("cif nu exista")), Some(Class::Refused));
    assert_eq!(NOW % 60, 0);
}

#[test]
fn a_line_that_cannot_hold_is_refused_with_the_way_out() {
    let table = [
        (
            "rules = [{ body_pointer = \"/a\", equals = 1, contains = \"x\", class = \"unknown\" }]",
            "exclude each other",
        ),
        ("rules = [{ contains = \"x\", class = \"unknown\" }]", "add body_pointer"),
        ("rules = [{ status = \"200\", class = \"refused\", retry = \"tomorrow\" }]", "unavailable"),
        ("rules = [{ status = \"200\", class = \"unavailable\", retry = \"soon\" }]", "write tomorrow, 30s"),
        ("rules = [{ status = \"200\", class = \"unknown\", starts = \"x\" }]", "unknown field `starts`"),
        ("reads = [\"pdf\"]", "unknown variant `pdf`"),
    ];
    let head = "system = \"proba\"\nengine = \"rest\"\ntitle = { ro = \"a\", en = \"a\" }\n[endpoint]\n[outcome]\n";
    for (line, way_out) in table {
        let error = Manifest::parse(&format!("{head}{line}\n"), "proba").unwrap_err().to_string();
        assert!(error.starts_with("proba:6:") && error.contains(way_out), "{error}");
    }
}
