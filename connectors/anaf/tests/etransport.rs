//! RO e-Transport against its twin: declarations, doubts and questions.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

#[path = "support/filing.rs"]
mod filing;

use std::sync::Arc;

use connectors_contract::{Answer, Engine as _, Inquiry, Lookup, Outbound, Outcome};
use serde_json::json;

use filing::{Desk, SELLER, consignment, manifest, question};

fn declaration(reference: &str) -> String {
    format!(
        "<eTransport xmlns=\"mfp:anaf:dgti:eTransport:declaratie:v2\" codDeclarant=\"{SELLER}\"{reference}>\
         <notificare codTipOperatiune=\"30\"><bunuriTransportate/><partenerComercial codTara=\"RO\" cod=\"90000014\" \
         denumire=\"UAT COMUNA DEMO\"/><dateTransport nrVehicul=\"MM01TST\" codTaraOrgTransport=\"RO\" \
         codOrgTransport=\"{SELLER}\" denumireOrgTransport=\"DEMO SRL\" dataTransport=\"2026-01-16\"/></notificare>\
         </eTransport>"
    )
}

fn outbound(desk: &Desk) -> Arc<dyn Outbound> {
    desk.transports().outbound(&manifest("anaf-etransport", "500ms"), desk.channel()).unwrap()
}

fn lookup(desk: &Desk) -> Arc<dyn Lookup> {
    desk.transports().lookup(&manifest("anaf-etransport", "500ms"), desk.channel()).unwrap()
}

#[tokio::test]
async fn a_declaration_is_delivered_under_its_uit_and_can_be_asked_about() {
    let desk = Desk::open().await;
    let sent = consignment("k1", &declaration(" refDeclarant=\"R-1\""));
    let Outcome::Delivered { receipt: Some(receipt) } = outbound(&desk).deliver(&sent).await.outcome else {
        panic!("it is delivered")
    };
    let (uit, index) = receipt.strip_suffix(')').unwrap().split_once(" (").unwrap();
    assert_eq!((uit.len(), index), (16, "1"));
    let lookup = lookup(&desk);
    let state = lookup.ask(&question("stare", &[("id_incarcare", index)])).await.answer;
    assert!(matches!(state, Answer::Pending { .. }), "{state:?}");
    let Answer::Found { value, .. } = lookup.ask(&question("stare", &[("id_incarcare", index)])).await.answer else {
        panic!("it is processed")
    };
    assert_eq!(value["stare"], "ok");
    assert_eq!(lookup.ask(&question("lista", &[("zile", "1")])).await.answer, Answer::Absent, "the list lags");
    desk.pass(60);
    let Answer::Found { value, .. } = lookup.ask(&question("lista", &[("zile", "1")])).await.answer else {
        panic!("it is listed")
    };
    assert_eq!(value[0]["uit"], uit);
    let Answer::Found { value, .. } = lookup.ask(&question("info", &[("cui_op", SELLER), ("uit", uit)])).await.answer
    else {
        panic!("it is active")
    };
    assert_eq!(value[0]["ref_decl"], "R-1");
    assert_eq!(lookup.ask(&question("info", &[("cui_op", "90000014")])).await.answer, Answer::Absent);
}

#[tokio::test]
async fn every_doubt_about_a_declaration_with_a_reference_ends_in_one_declaration() {
    let desk = Desk::open().await;
    let outbound = outbound(&desk);
    let faults = [
        ("refusal", false),
        ("block-page", false),
        ("server-error", false),
        ("cut-connection", false),
        ("no-content", false),
        ("server-error-after-storing", true),
        ("block-page-after-storing", true),
        ("accept-after-client-timeout", true),
        ("cut-connection-after-storing", true),
        ("half-answer", true),
    ];
    for (position, (fault, taken)) in faults.into_iter().enumerate() {
        desk.plan(json!([{ "operation": "etransport-upload", "fault": fault, "delay_ms": 1_500 }])).await;
        let sent = consignment(&format!("k{position}"), &declaration(&format!(" refDeclarant=\"R-{position}\"")));
        let outcome = outbound.deliver(&sent).await.outcome;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{fault}: {outcome:?}");
        let mut inquiry = outbound.inquire(&sent).await;
        while let Inquiry::Unanswered { .. } = inquiry {
            desk.pass(300);
            inquiry = outbound.inquire(&sent).await;
        }
        match inquiry {
            Inquiry::Present { receipt: Some(receipt) } => assert!(taken && receipt.len() > 16, "{fault}: {receipt}"),
            Inquiry::Absent => {
                assert!(!taken, "{fault}: it is there, and was not found");
                assert!(matches!(outbound.deliver(&sent).await.outcome, Outcome::Delivered { .. }));
            }
            other => panic!("{fault}: {other:?}"),
        }
        assert_eq!(desk.held("transports").await.len(), position + 1, "{fault}: declared once");
    }
}

#[tokio::test]
async fn a_declaration_without_a_reference_is_left_to_a_person_when_its_answer_is_lost() {
    let desk = Desk::open().await;
    let outbound = outbound(&desk);
    desk.plan(json!([{ "operation": "etransport-upload", "fault": "cut-connection-after-storing" }])).await;
    let sent = consignment("k1", &declaration(""));
    assert!(matches!(outbound.deliver(&sent).await.outcome, Outcome::Unknown { .. }));
    desk.pass(86_400);
    let Inquiry::Unanswered { reason, .. } = outbound.inquire(&sent).await else { panic!("nothing proves it") };
    assert!(reason.contains("refDeclarant"), "{reason}");
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_anafs_words() {
    let desk = Desk::open().await;
    let outbound = outbound(&desk);
    let strange = outbound.deliver(&consignment("k1", "<a/>")).await.outcome;
    assert!(matches!(&strange, Outcome::Refused { code, .. } if code == "connector.unsendable"), "{strange:?}");
    let wrong = declaration("").replace("codTipOperatiune=\"30\"", "codTipOperatiune=\"99\"");
    let refused = outbound.deliver(&consignment("k2", &wrong)).await.outcome;
    let Outcome::Refused { code, reason } = refused else { panic!("{refused:?}") };
    assert_eq!(code, "etransport.respins");
    assert!(reason.contains("codTipOperatiune= 99"), "{reason}");
    desk.plan(json!([{ "operation": "etransport-stare", "fault": "quota" }])).await;
    let asked = lookup(&desk).ask(&question("stare", &[("id_incarcare", "1")])).await.answer;
    assert!(matches!(asked, Answer::Unavailable { retry_after: Some(_), .. }), "{asked:?}");
}
