//! Documents that registers give, whatever they call them.

use connectors_contract::Answer;
use connectors_contract::reading::answer;
use serde_json::{Value, json};

use crate::{NOW, manifest, recorded, response};

fn asked(document: &str, status: u16, body: impl Into<Vec<u8>>) -> Answer {
    let manifest = manifest(&format!(
        "[outcome]\nreads = [\"json\"]\nreason = [\"/eroare\"]\nrules = [{{ body_pointer = \"/eroare\", class = \
         \"refused\" }}]\n[lookup.act]\ntitle = {{ ro = \"Act\", en = \"Act\" }}\ndiscloses = [\"act\"]\n\
         document = \"{document}\"\nlongest_answer = \"32MiB\"\n"
    ));
    assert_eq!(manifest.lookups["act"].longest_answer, 32 * 1024 * 1024);
    answer(&manifest, &manifest.lookups["act"], &response(status, "text/html", body), NOW)
}

#[test]
fn a_document_is_known_by_its_first_bytes_and_kept_byte_for_byte() {
    for (body, expected) in [(&b"%PDF-1.7 x"[..], "application/pdf"), (b"PK\x03\x04 x", "application/zip")] {
        let Answer::Found { value: Value::Null, document: Some(document), .. } = asked("body", 200, body) else {
            panic!("{expected}")
        };
        assert_eq!((document.content_type.as_str(), &document.content[..]), (expected, body));
    }
    let Some(zip) = recorded("descarcare-ok.zip") else { return };
    assert!(matches!(asked("body", 200, zip), Answer::Found { document: Some(_), .. }));
}

#[test]
fn an_error_in_place_of_a_document_is_an_error() {
    let Some(quota) = recorded("descarcare-eroare-limita-acolada.json") else { return };
    let said = asked("body", 200, quota);
    assert!(matches!(&said, Answer::Refused { reason, .. } if reason.contains("in cursul zilei")), "{said:?}");
    for (status, body) in [(200, "<html>%PDF-"), (200, "{\"ok\":true}"), (200, ""), (500, "%PDF-1.7")] {
        assert!(matches!(asked("body", status, body), Answer::Unavailable { .. }), "{status} {body}");
    }
}

#[test]
fn a_document_inside_an_answer_is_taken_out_of_it() {
    let said = asked("/pdf", 200, r#"{"nr":7,"pdf":"JVBERi0x\nLjcgeA=="}"#);
    let Answer::Found { value, document: Some(document), .. } = said else { panic!("{said:?}") };
    assert_eq!((value, &document.content[..]), (json!({ "nr": 7, "pdf": null }), &b"%PDF-1.7 x"[..]));
    assert_eq!(document.content_type, "application/pdf");
    assert!(matches!(asked("/pdf", 200, r#"{"nr":7}"#), Answer::Unavailable { .. }));
    assert!(matches!(asked("/pdf", 200, r#"{"pdf":"nu e base64!"}"#), Answer::Unavailable { .. }));
}
