//! What the answers to questions mean, alone and many in one request.

use std::collections::BTreeMap;
use std::time::Duration;

use connectors_contract::reading::{answer, answers};
use connectors_contract::{Answer, Manifest, Question};
use serde_json::json;

use crate::{NOW, manifest, recorded, response};

const TAXPAYER: &str = r#"
[outcome]
reads = ["json"]
code = ["/cod"]
reason = ["/message"]
rules = [
    { body_pointer = "/cod", equals = 200, class = "delivered" },
    { body_pointer = "/cod", class = "unavailable" },
]

[lookup.tva]
title = { ro = "Plătitor", en = "Taxpayer" }
arguments = { cui = { format = "cui" } }
subject = "cui"
discloses = ["identificare firmă"]
method = "POST"
request = [{ cui = "{#cui}" }]
answer = "/found/0"
as_of = "/found/0/date_generale/data"
absent = [{ body_pointer = "/found/0/date_generale/denumire", equals = "" }]
batch = { most = 100, items = "/found", key = "/date_generale/cui", absent = "/notFound" }
"#;

fn question(cui: &str) -> Question {
    let arguments = BTreeMap::from([("cui".to_owned(), cui.to_owned())]);
    Question { operation: "tva".to_owned(), arguments, facts: BTreeMap::new() }
}

fn asked(manifest: &Manifest, status: u16, body: Vec<u8>, subjects: &[&str]) -> Vec<Answer> {
    let questions: Vec<_> = subjects.iter().map(|cui| question(cui)).collect();
    let questions: Vec<_> = questions.iter().collect();
    let response = response(status, "application/json", body);
    answers(manifest, &manifest.lookups["tva"], &response, &questions, NOW)
}

#[test]
fn many_questions_in_one_request_get_their_own_answers() {
    let Some(body) = recorded("tva-v9-gasit-si-negasit.json") else { return };
    let manifest = manifest(TAXPAYER);
    let found = asked(&manifest, 200, body, &["90000014", "99999999", "90000006", "90000022"]);
    let Answer::Found { value, as_of, .. } = &found[0] else { panic!("{:?}", found[0]) };
    assert_eq!((&value["date_generale"]["cui"], as_of.as_deref()), (&json!(90_000_014), Some("2026-01-15")));
    assert_eq!(found[1], Answer::Absent);
    assert!(matches!(&found[2], Answer::Found { value, .. } if value["date_generale"]["cui"] == 90_000_006));
    assert!(matches!(&found[3], Answer::Unavailable { .. }), "the answer says nothing about it: {:?}", found[3]);
}

#[test]
fn an_answer_about_somebody_else_is_no_answer() {
    let manifest = manifest(TAXPAYER);
    let other = br#"{"found":[{"date_generale":{"cui":1,"denumire":"x"}}],"notFound":[]}"#.to_vec();
    assert!(matches!(&asked(&manifest, 200, other, &["90000006"])[..], [Answer::Unavailable { .. }]));
}

#[test]
fn nobody_found_is_an_answer_also_with_404_and_in_the_older_shape() {
    let manifest = manifest(TAXPAYER);
    let Some(body) = recorded("tva-v9-404.json") else { return };
    assert_eq!(asked(&manifest, 404, body, &["99999999"]), [Answer::Absent]);
    let Some(body) = recorded("tva-v8-denumire-goala.json") else { return };
    assert_eq!(asked(&manifest, 200, body, &["99999999"]), [Answer::Absent]);
}

#[test]
fn an_error_about_the_whole_request_is_the_answer_to_every_question() {
    let manifest = manifest(TAXPAYER);
    let Some(body) = recorded("tva-eroare-cod.json") else { return };
    for (status, body) in [(200, body), (200, b"<html>".to_vec()), (500, b"{}".to_vec()), (200, b"{\"x\":1}".to_vec())]
    {
        let said = asked(&manifest, status, body.clone(), &["90000006", "90000014"]);
        let all = said.len() == 2 && said.iter().all(|one| matches!(one, Answer::Unavailable { .. }));
        assert!(all, "{status} {}: {said:?}", String::from_utf8_lossy(&body));
    }
    let refused = asked(&manifest, 400, b"{\"message\":\"prea multe\"}".to_vec(), &["90000006"]);
    assert_eq!(refused, [Answer::Refused { code: "HTTP 400".to_owned(), reason: "prea multe".to_owned() }]);
}

#[test]
fn a_register_that_answers_only_what_it_has_leaves_out_what_is_absent() {
    let manifest = manifest(&TAXPAYER.replace(", absent = \"/notFound\"", ""));
    let body = br#"{"found":[{"date_generale":{"cui":"90000006","denumire":"x"}}]}"#.to_vec();
    let said = asked(&manifest, 200, body, &["90000006", "90000014"]);
    assert!(matches!(&said[..], [Answer::Found { .. }, Answer::Absent]), "{said:?}");
}

#[test]
fn the_tables_of_an_operation_decide_in_their_order_and_then_rules_and_status() {
    let manifest = manifest(
        r#"
        [outcome]
        reads = ["json"]
        code = ["/cod"]
        reason = ["/mesaj"]
        rules = [{ body_pointer = "/mesaj", contains = "in cursul zilei", class = "unavailable", retry = "tomorrow" }]

        [lookup.act]
        title = { ro = "Act", en = "Act" }
        discloses = ["act"]
        found = [{ body_pointer = "/act" }]
        absent = [{ status = "404", body_pointer = "/cod", equals = "LIPSA" }]
        refused = [{ body_pointer = "/cod", equals = "FARA-DREPT" }]
        pending = [{ status = "202" }]
        pending_request = "/id"
        answer = "/act"
        as_of = "/la"
        "#,
    );
    let said = |status, body: &str| answer(&manifest, &manifest.lookups["act"], &response(status, "x/y", body), NOW);
    let found = Answer::Found { value: json!({ "nr": 7 }), as_of: Some("2026-03-01".to_owned()), document: None };
    assert_eq!(said(200, r#"{"act":{"nr":7},"la":"2026-03-01"}"#), found);
    assert_eq!(said(404, r#"{"cod":"LIPSA"}"#), Answer::Absent);
    let refused = Answer::Refused { code: "FARA-DREPT".to_owned(), reason: "fără explicație".to_owned() };
    assert_eq!(said(200, r#"{"cod":"FARA-DREPT"}"#), refused);
    assert_eq!(said(202, r#"{"id":17}"#), Answer::Pending { request: Some("17".to_owned()), retry_after: None });
    let quota = said(200, r#"{"mesaj":"limita in cursul zilei"}"#);
    let Answer::Unavailable { retry_after: Some(wait), .. } = quota else { panic!("{quota:?}") };
    assert_eq!(wait, Duration::from_secs(12 * 3_600));
    // A proxy's "not found" is not the register's, and a success without the data is not an answer.
    assert!(matches!(said(404, "<html>"), Answer::Unavailable { .. }));
    assert!(matches!(said(404, "{}"), Answer::Refused { .. }));
    assert!(matches!(said(200, "{}"), Answer::Unavailable { .. }));
    assert!(matches!(said(204, ""), Answer::Unavailable { .. }));
    assert!(matches!(said(500, "{}"), Answer::Unavailable { .. }));
    assert!(matches!(said(401, "{}"), Answer::Unavailable { .. }));
}
