//! What the hub puts into the folder: one package for one key, whatever happens on the way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use connectors_contract::{Inquiry, Outcome};
use connectors_drop::{outgoing_name, pack};
use support::{CONFIRMED, Ground, MANIFEST, SCAN, consignment};

#[tokio::test]
async fn a_delivery_appears_whole_under_the_name_of_its_key_and_once() {
    for ground in Ground::both() {
        let outbound = ground.outbound(MANIFEST);
        let (sent, name) = (consignment("0198-livrare", SCAN), outgoing_name("0198-livrare"));
        let first = outbound.deliver(&sent).await;
        let receipt = Some(format!("out/{name}"));
        assert_eq!(first.outcome, Outcome::Delivered { receipt: receipt.clone() }, "{}", ground.name);
        let packed = pack(&sent, 1 << 20).unwrap();
        assert_eq!(first.exchange.sent_sha256, Some(packed.sha256));
        assert_eq!(ground.files("out"), [(name.clone(), packed.bytes.to_vec())].into());
        assert_eq!(outbound.deliver(&sent).await.outcome, Outcome::Delivered { receipt: receipt.clone() });
        assert_eq!(ground.names("out"), [name]);
        assert_eq!(outbound.inquire(&sent).await, Inquiry::Present { receipt });
        assert_eq!(outbound.inquire(&consignment("alta", SCAN)).await, Inquiry::Absent);
    }
}

#[tokio::test]
async fn a_package_the_recipient_took_away_does_not_come_again() {
    for ground in Ground::both() {
        let (outbound, sent) = (ground.outbound(MANIFEST), consignment("0198-livrare", SCAN));
        outbound.deliver(&sent).await;
        std::fs::remove_file(ground.root.join("out").join(outgoing_name("0198-livrare"))).unwrap();
        assert!(matches!(outbound.deliver(&sent).await.outcome, Outcome::Delivered { .. }));
        assert!(ground.names("out").is_empty(), "{}", ground.name);
        // The next month still knows it, and the one after that has forgotten: deliveries are given up after days.
        ground.later(32 * 24 * 3600);
        outbound.deliver(&sent).await;
        assert!(ground.names("out").is_empty());
        outbound.deliver(&consignment("alta", SCAN)).await;
        ground.later(32 * 24 * 3600);
        outbound.deliver(&consignment("inca una", SCAN)).await;
        let months = std::fs::read_dir(ground.root.join("out/.sent")).unwrap().count();
        assert_eq!(months, 2, "{}: markers do not grow without end", ground.name);
    }
}

#[tokio::test]
async fn a_hub_that_fell_anywhere_in_a_sending_makes_one_whole_package() {
    for ground in Ground::both() {
        let (outbound, sent, name) = (ground.outbound(MANIFEST), consignment("cheie", SCAN), outgoing_name("cheie"));
        let whole = pack(&sent, 1 << 20).unwrap().bytes;
        outbound.deliver(&consignment("alta", SCAN)).await;
        let month = std::fs::read_dir(ground.root.join("out/.sent")).unwrap().next().unwrap().unwrap().file_name();
        let marker = format!("out/.sent/{}/{name}", month.to_str().unwrap());
        // While it grew; when it was whole; when it was marked; when it had appeared.
        let growing = format!("out/.work/{name}");
        let states: [&[(&str, &[u8])]; 4] = [
            &[(&growing, &whole[..40])],
            &[(&growing, &whole)],
            &[(&growing, &whole), (&marker, b"")],
            &[(&marker, b""), ("out/x", b"")],
        ];
        for (step, files) in states.iter().enumerate() {
            for (path, content) in *files {
                ground.put(path, content);
            }
            let appeared = step == 3;
            assert!(matches!(outbound.deliver(&sent).await.outcome, Outcome::Delivered { .. }), "{step}");
            assert_eq!(
                ground.files("out").get(&name),
                (!appeared).then_some(&whole.to_vec()),
                "{} {step}",
                ground.name
            );
            assert!(ground.names("out/.work").is_empty());
            for path in [format!("out/{name}"), marker.clone()] {
                let _gone = std::fs::remove_file(ground.root.join(path));
            }
        }
    }
}

#[tokio::test]
async fn with_confirmations_a_delivery_is_settled_by_the_recipients_own_answer() {
    for ground in Ground::both() {
        let (outbound, sent) = (ground.outbound(CONFIRMED), consignment("cheie", SCAN));
        assert_eq!(outbound.inquire(&sent).await, Inquiry::Absent);
        assert!(matches!(outbound.deliver(&sent).await.outcome, Outcome::Unknown { .. }));
        let waits = |inquiry: Inquiry, word: &str| match inquiry {
            Inquiry::Unanswered { reason, .. } => assert!(reason.contains(word), "{reason}"),
            other => panic!("{other:?}"),
        };
        waits(outbound.inquire(&sent).await, "nu a fost încă ridicat");
        let name = outgoing_name("cheie");
        std::fs::remove_file(ground.root.join("out").join(&name)).unwrap();
        waits(outbound.inquire(&sent).await, "nu l-a confirmat încă");
        std::fs::create_dir(ground.root.join("confirmari")).unwrap();
        let confirmation = format!("confirmari/{}", name.replace(".zip", ".json"));
        ground.put(&confirmation, b"{\"numar\": \"8");
        waits(outbound.inquire(&sent).await, "nu este încă întreagă");
        ground.put(&confirmation, br#"{"numar": "812"}"#);
        assert_eq!(outbound.inquire(&sent).await, Inquiry::Present { receipt: Some("812".to_owned()) });
        ground.put(&confirmation, "{\"respins\": \"nu este la noi\", \"cod\": \"alt-uat\"}".as_bytes());
        let refused = Inquiry::Refused { code: "alt-uat".to_owned(), reason: "nu este la noi".to_owned() };
        assert_eq!(outbound.inquire(&sent).await, refused, "{}", ground.name);
    }
}

#[tokio::test]
async fn what_cannot_go_is_told_apart_from_what_cannot_go_now() {
    for ground in Ground::both() {
        let outbound = ground.outbound(MANIFEST);
        let large = outbound.deliver(&consignment("mare", &vec![7; 3 * 1024 * 1024])).await.outcome;
        assert!(matches!(&large, Outcome::Refused { code, .. } if code == "connector.unsendable"), "{large:?}");
        std::fs::remove_dir(ground.root.join("out")).unwrap();
        let gone = outbound.deliver(&consignment("x", SCAN)).await.outcome;
        assert!(matches!(&gone, Outcome::Unavailable { reason, .. } if reason.contains("dosarul out")), "{gone:?}");
        assert!(!support::exists(&ground.root, "out"));
    }
}

#[tokio::test]
async fn a_link_planted_where_packages_grow_is_not_written_through() {
    let ground = Ground::local();
    let outbound = ground.outbound(MANIFEST);
    outbound.deliver(&consignment("alta", SCAN)).await;
    ground.put("victima", b"neatinsa");
    let growing = ground.root.join("out/.work").join(outgoing_name("cheie"));
    std::os::unix::fs::symlink(ground.root.join("victima"), growing).unwrap();
    assert!(matches!(outbound.deliver(&consignment("cheie", SCAN)).await.outcome, Outcome::Delivered { .. }));
    assert_eq!(std::fs::read(ground.root.join("victima")).unwrap(), b"neatinsa");
}
