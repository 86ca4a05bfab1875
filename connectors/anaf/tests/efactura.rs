//! RO e-Factura against its twin: filing, doubts, arrivals, questions, and tokens that rotate.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "support/filing.rs"]
mod filing;

use connectors_contract::{Answer, Inquiry, Outcome, Part, PartContent, SideEffect, Verdict};
use serde_json::json;

use filing::{Desk, SELLER, consignment, invoice, question};

#[tokio::test]
async fn an_invoice_is_delivered_under_an_index_and_its_state_can_be_asked() {
    let desk = Desk::open().await;
    let outbound = desk.outbound();
    assert_eq!(outbound.side_effect(), SideEffect::Queryable);
    let attempt = outbound.deliver(&consignment("k1", &invoice("A-1"))).await;
    let Outcome::Delivered { receipt: Some(index) } = attempt.outcome else { panic!("{:?}", attempt.outcome) };
    assert_eq!(attempt.exchange.status, Some(200));
    let lookup = desk.lookup();
    let pending = lookup.ask(&question("stare", &[("id_incarcare", &index)])).await.answer;
    assert!(matches!(pending, Answer::Pending { .. }), "{pending:?}");
    let found = lookup.ask(&question("stare", &[("id_incarcare", &index)])).await.answer;
    let Answer::Found { value, .. } = found else { panic!("{found:?}") };
    assert_eq!(value["stare"], "ok");
}

#[tokio::test]
async fn an_invoice_that_comes_as_a_file_is_filed_and_two_or_none_are_refused() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let on_disk = folder.path().join("factura.xml");
    std::fs::write(&on_disk, invoice("F-2")).unwrap();
    let part = |content: PartContent, size: usize, media_type: &str| Part {
        name: "factura.xml".to_owned(),
        content_type: media_type.to_owned(),
        size: size as u64,
        sha256: [0; 32],
        content,
    };
    let with = |key: &str, parts: Vec<Part>| {
        let mut sent = consignment(key, "{\"numar\": \"F\"}");
        sent.body.content_type = "application/json".to_owned();
        sent.parts = parts;
        sent
    };
    let inline = || part(PartContent::Inline(invoice("F-1").into()), invoice("F-1").len(), "text/xml; charset=utf-8");
    let kept = || part(PartContent::File(on_disk.clone()), invoice("F-2").len(), "application/xml");
    let outbound = desk.outbound();
    for (key, parts) in [("k1", vec![inline()]), ("k2", vec![kept()])] {
        let attempt = outbound.deliver(&with(key, parts)).await;
        assert!(matches!(attempt.outcome, Outcome::Delivered { receipt: Some(_) }), "{:?}", attempt.outcome);
    }
    let annex = part(PartContent::Inline("x".into()), 1, "application/pdf");
    let huge = part(PartContent::Inline("x".into()), 11 * 1024 * 1024, "application/xml");
    for (key, parts, word) in [
        ("k3", vec![inline(), kept()], "exact o factură"),
        ("k4", vec![annex], "exact o factură"),
        ("k5", vec![huge], "10 MB"),
    ] {
        let outcome = outbound.deliver(&with(key, parts)).await.outcome;
        assert!(matches!(&outcome, Outcome::Refused { reason, .. } if reason.contains(word)), "{outcome:?}");
    }
    assert_eq!(desk.calls("upload").len(), 2);
}

#[tokio::test]
async fn flags_are_read_from_the_document() {
    let desk = Desk::open().await;
    let abroad =
        invoice("A-1").replace("<!--buyer--><cbc:IdentificationCode>RO", "<!--buyer--><cbc:IdentificationCode>DE");
    let person = invoice("A-2").replace(">90000014<", ">0000000000000<");
    desk.outbound().deliver(&consignment("k1", &abroad)).await;
    desk.outbound().deliver(&consignment("k2", &person)).await;
    let asked: Vec<(String, String)> =
        desk.calls("upload").into_iter().map(|call| (call.operation, call.query)).collect();
    assert_eq!(asked[0], ("upload".to_owned(), format!("standard=UBL&cif={SELLER}&extern=DA")));
    assert_eq!(asked[1], ("uploadb2c".to_owned(), format!("standard=UBL&cif={SELLER}")));
}

#[tokio::test]
async fn a_lost_upload_is_found_by_its_own_bytes_in_the_lists() {
    let desk = Desk::open().await;
    desk.set(json!({ "polls": 0 })).await;
    let outbound = desk.outbound();
    // Another invoice between the same two, so that the right one has to be told apart.
    outbound.deliver(&consignment("k0", &invoice("A-0"))).await;
    desk.plan(json!([{ "operation": "upload", "fault": "cut-connection-after-storing" }])).await;
    let sent = consignment("k1", &invoice("A-1"));
    let attempt = outbound.deliver(&sent).await;
    assert!(matches!(attempt.outcome, Outcome::Unknown { .. }), "{:?}", attempt.outcome);
    // The lists lag: too early to say anything.
    let early = outbound.inquire(&sent).await;
    assert!(matches!(early, Inquiry::Unanswered { retry_after: Some(_), .. }), "{early:?}");
    desk.pass(200);
    let index = desk.filed().await[1]["index"].to_string();
    assert_eq!(outbound.inquire(&sent).await, Inquiry::Present { receipt: Some(index) });
}

#[tokio::test]
async fn absence_is_believed_only_after_the_lists_had_time() {
    let desk = Desk::open().await;
    desk.plan(json!([{ "operation": "upload", "fault": "server-error" }])).await;
    let (outbound, sent) = (desk.outbound(), consignment("k1", &invoice("A-1")));
    assert!(matches!(outbound.deliver(&sent).await.outcome, Outcome::Unknown { .. }));
    let wait = outbound.inquire(&sent).await;
    let Inquiry::Unanswered { retry_after: Some(wait), .. } = wait else { panic!("{wait:?}") };
    assert_eq!(wait.as_secs(), 1_800);
    desk.pass(1_800);
    assert_eq!(outbound.inquire(&sent).await, Inquiry::Absent);
    assert!(matches!(outbound.deliver(&sent).await.outcome, Outcome::Delivered { .. }));
    assert_eq!(desk.filed().await.len(), 1);
}

#[tokio::test]
async fn an_invoice_filed_twice_reaches_its_buyer_once_and_the_state_names_the_first() {
    let desk = Desk::open().await;
    desk.set(json!({ "polls": 0, "lag_s": 0 })).await;
    let outbound = desk.outbound();
    let first = outbound.deliver(&consignment("k1", &invoice("A-1"))).await.outcome;
    let second = outbound.deliver(&consignment("k2", &invoice("A-1"))).await.outcome;
    let (Outcome::Delivered { receipt: Some(first) }, Outcome::Delivered { receipt: Some(second) }) = (first, second)
    else {
        panic!("both are taken");
    };
    let asked = desk.lookup().ask(&question("stare", &[("id_incarcare", &second)])).await.answer;
    let Answer::Found { value, .. } = asked else { panic!("{asked:?}") };
    assert_eq!((&value["stare"], &value["transmisa_anterior_cu_index"]), (&json!("nok"), &json!(first)));
}

#[tokio::test]
async fn what_others_sent_arrives_once_with_the_archive_byte_for_byte() {
    let desk = Desk::open().await;
    desk.seed(json!({ "seller": "90000014", "buyer": SELLER, "count": 3, "age_s": 7_200 })).await;
    let inbound = desk.inbound();
    let arrivals = inbound.poll(2).await.unwrap();
    assert_eq!(arrivals.len(), 2);
    let again = inbound.poll(2).await.unwrap();
    assert_eq!(again[0].id, arrivals[0].id, "the same come again until they are acknowledged");
    let first = &arrivals[0];
    assert_eq!(first.unreadable, None);
    assert_eq!((first.facts["from"].as_str(), first.facts["kind"].as_str()), ("90000014", "FACTURA PRIMITA"));
    let names: Vec<&str> = first.parts.iter().map(|part| part.name.as_str()).collect();
    let index = &first.facts["index"];
    assert_eq!(names, [format!("{index}.zip"), format!("{index}.xml")]);
    assert_eq!(desk.calls("descarcare").len(), 2, "an archive is downloaded once while it waits");

    for arrival in &arrivals {
        inbound.acknowledge(&arrival.id, &taken()).await.unwrap();
    }
    // Another process, the same store: what was taken stays taken.
    let rest = desk.inbound().poll(10).await.unwrap();
    assert_eq!(rest.len(), 1);
    desk.inbound().acknowledge(&rest[0].id, &taken()).await.unwrap();
    assert!(desk.inbound().poll(10).await.unwrap().is_empty());
}

fn taken() -> Verdict {
    Verdict::Accepted { message_id: "m".to_owned(), number: None, receipt: bytes::Bytes::new(), again: false }
}

#[tokio::test]
async fn a_list_of_many_pages_is_read_to_its_end_and_a_late_entry_is_not_missed() {
    let desk = Desk::open().await;
    desk.seed(json!({ "seller": "90000014", "buyer": SELLER, "count": 501, "age_s": 90_000 })).await;
    let inbound = desk.inbound();
    let mut seen = 0;
    loop {
        let arrivals = inbound.poll(200).await.unwrap();
        if arrivals.is_empty() {
            break;
        }
        for arrival in arrivals {
            inbound.acknowledge(&arrival.id, &taken()).await.unwrap();
            seen += 1;
        }
    }
    assert_eq!(seen, 501);
    desk.seed(json!({ "seller": "90000014", "buyer": SELLER, "age_s": 3_600 })).await;
    assert_eq!(inbound.poll(10).await.unwrap().len(), 1, "it is dated before the last look");
}

#[tokio::test]
async fn a_clock_that_differs_is_corrected_by_what_anaf_says() {
    let desk = Desk::open().await;
    desk.seed(json!({ "seller": "90000014", "buyer": SELLER, "age_s": 7_200 })).await;
    for skew in [-3_600, 3_600] {
        desk.set(json!({ "clock_skew_s": skew })).await;
        assert_eq!(desk.inbound().poll(10).await.unwrap().len(), 1, "{skew}");
    }
}

#[tokio::test]
async fn a_message_that_can_never_be_had_is_told_and_does_not_hold_the_others() {
    let desk = Desk::open().await;
    desk.seed(json!({ "seller": "90000014", "buyer": SELLER, "count": 2, "age_s": 7_200 })).await;
    desk.plan(json!([{ "operation": "descarcare", "fault": "expired-download" }])).await;
    let arrivals = desk.inbound().poll(10).await.unwrap();
    assert_eq!(arrivals.len(), 2);
    assert!(arrivals[0].unreadable.as_deref().unwrap().contains("60 de zile"));
    assert_eq!((arrivals[0].parts.len(), arrivals[1].parts.len()), (0, 2));

    desk.plan(json!([{ "operation": "descarcare", "fault": "unbalanced-brace" }])).await;
    assert_eq!(desk.inbound().poll(10).await.unwrap().len(), 1, "a quota of one message is not one of all");
}

#[tokio::test]
async fn a_message_is_downloaded_printed_and_validated_by_its_id() {
    let desk = Desk::open().await;
    // What is rendered is served under prod only; filing stays in test.
    desk.seed(json!({ "seller": "90000014", "buyer": SELLER, "age_s": 7_200 })).await;
    let id = desk.inbound().poll(1).await.unwrap()[0].id.clone();
    let lookup = desk.lookup();
    let ask = async |operation: &str| lookup.ask(&question(operation, &[("id", &id)])).await.answer;
    let Answer::Found { document: Some(archive), .. } = ask("descarcare").await else { panic!("no archive") };
    assert!(archive.content.starts_with(b"PK"));
    let Answer::Found { document: Some(page), .. } = ask("transformare").await else { panic!("no page") };
    assert!(page.content.starts_with(b"%PDF"));
    let Answer::Found { value, .. } = ask("validare").await else { panic!("no verdict") };
    assert_eq!(value["stare"], "ok");
    let Answer::Found { value, .. } = lookup.ask(&question("hello", &[])).await.answer else { panic!("no hello") };
    assert_eq!(value["raspuns"], "Hello, Punte!");
    assert_eq!(lookup.ask(&question("descarcare", &[("id", "21")])).await.answer, Answer::Absent);
}
