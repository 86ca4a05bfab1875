//! What town halls put into the folder, on this machine and behind OpenSSH's server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use connectors_contract::{Arrival, Inbound, PartContent};
use support::{Ground, SCAN, accepted, package, refused};

/// Looks twice, with enough time between for a file to have stood still.
async fn look(ground: &Ground, inbound: &Arc<dyn Inbound>) -> Vec<Arrival> {
    let first = inbound.poll(100).await.unwrap();
    assert!(first.is_empty() || !ground.names("in/.work").is_empty());
    ground.later(6);
    inbound.poll(100).await.unwrap()
}

#[tokio::test]
async fn a_package_is_handed_over_until_its_verdict_is_given_and_then_it_is_done() {
    for ground in Ground::both() {
        let inbound = ground.inbound("hub1");
        ground.put("in/ancheta.zip", &package("anchetă"));
        assert!(inbound.poll(10).await.unwrap().is_empty(), "{}: not before it stood still", ground.name);
        let arrivals = look(&ground, &inbound).await;
        let [arrival] = &arrivals[..] else { panic!("{}: {arrivals:?}", ground.name) };
        assert_eq!(arrival.id, hex::encode(connectors_drop::sha256(&package("anchetă"))));
        assert_eq!(arrival.facts["file"], "ancheta.zip");
        assert_eq!(arrival.unreadable, None);
        assert!(arrival.envelope.as_ref().unwrap().starts_with(b"{\"recipients\""));
        assert_eq!(arrival.parts.len(), 2);
        assert!(matches!(&arrival.parts[1].content, PartContent::Inline(bytes) if bytes == SCAN));
        let again = inbound.poll(10).await.unwrap();
        assert_eq!(again[0].id, arrival.id, "{}: the same until it is acknowledged", ground.name);

        inbound.acknowledge(&arrival.id, &accepted()).await.unwrap();
        let short = &arrival.id[..12];
        assert_eq!(ground.names("done"), [format!("{short}-ancheta.zip")]);
        let verdicts = ground.files("verdicts");
        assert_eq!(verdicts[&format!("ancheta.zip.{short}.recipisa.xml")], b"<recipisa sigilata=\"inventata\"/>");
        let text = String::from_utf8(verdicts[&format!("ancheta.zip.{short}.txt")].clone()).unwrap();
        assert!(text.contains("417/2026"), "{text}");
        assert_eq!(verdicts.len(), 3);
        assert!(ground.names("in").is_empty() && ground.names("in/.work").is_empty());
        inbound.acknowledge(&arrival.id, &accepted()).await.unwrap();
        assert_eq!(ground.files("verdicts"), verdicts, "heard twice is told once");
        assert!(look(&ground, &inbound).await.is_empty());
    }
}

#[tokio::test]
async fn a_refused_package_lies_in_rejected_with_its_reasons_row_by_row() {
    for ground in Ground::both() {
        let inbound = ground.inbound("hub1");
        ground.put("in/a.zip", &package("a"));
        look(&ground, &inbound).await;
        let id = inbound.poll(10).await.unwrap()[0].id.clone();
        inbound.acknowledge(&id, &refused()).await.unwrap();
        let short = &id[..12];
        assert_eq!(ground.names("rejected"), [format!("{short}-a.zip"), format!("{short}-a.zip.motive.txt")]);
        let text = String::from_utf8(ground.files("rejected")[&format!("{short}-a.zip.motive.txt")].clone()).unwrap();
        assert!(text.contains("1. /body/persoana/cnp: CNP greșit (exemplu: 1900101400081)"), "{text}");
        assert_eq!(ground.names("verdicts"), [format!("a.zip.{short}.json"), format!("a.zip.{short}.txt")]);
    }
}

#[tokio::test]
async fn a_package_with_its_marker_is_taken_at_once_and_the_marker_with_it() {
    for ground in Ground::both() {
        let inbound = ground.inbound("hub1");
        ground.put("in/a.zip", &package("a"));
        ground.put("in/a.zip.ok", b"");
        assert_eq!(inbound.poll(10).await.unwrap().len(), 1);
        assert!(ground.names("in").is_empty(), "{}", ground.name);
    }
}

#[tokio::test]
async fn a_half_written_package_waits_however_long_its_copy_stands_still() {
    for ground in Ground::both() {
        let inbound = ground.inbound("hub1");
        let whole = package("a");
        ground.put("in/a.zip", &whole[..whole.len() / 2]);
        for _ in 0..5 {
            assert!(look(&ground, &inbound).await.is_empty(), "{}", ground.name);
        }
        assert_eq!(ground.names("in"), ["a.zip"]);
        ground.put("in/a.zip", &whole);
        let arrivals = look(&ground, &inbound).await;
        assert_eq!((arrivals.len(), &arrivals[0].unreadable), (1, &None), "{}", ground.name);
    }
}

#[tokio::test]
async fn a_copy_nobody_finishes_is_answered_in_the_end() {
    let ground = Ground::local();
    let inbound = ground.inbound("hub1");
    let whole = package("a");
    ground.put("in/a.zip", &whole[..whole.len() / 2]);
    look(&ground, &inbound).await;
    ground.later(901);
    let arrivals = inbound.poll(10).await.unwrap();
    assert!(arrivals[0].unreadable.as_ref().unwrap().contains("numai în parte"), "{arrivals:?}");
}

#[tokio::test]
async fn two_hubs_that_look_at_once_take_each_file_once() {
    for ground in Ground::both() {
        let hubs = [ground.inbound("hub1"), ground.inbound("hub2")];
        let expected: BTreeSet<String> = (0..30)
            .map(|number| {
                let bytes = package(&format!("document {number}"));
                ground.put(&format!("in/d{number}.zip"), &bytes);
                hex::encode(connectors_drop::sha256(&bytes))
            })
            .collect();
        for hub in &hubs {
            assert!(hub.poll(100).await.unwrap().is_empty());
        }
        ground.later(6);
        let (one, other) = tokio::join!(hubs[0].poll(100), hubs[1].poll(100));
        let mut ids: Vec<String> = one.unwrap().into_iter().chain(other.unwrap()).map(|arrival| arrival.id).collect();
        assert_eq!(ids.len(), 30, "{}", ground.name);
        ids.sort();
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected, "{}", ground.name);
        assert_eq!(ground.names("in/.work").len(), 30);
    }
}

#[tokio::test]
async fn a_hub_that_fell_finds_what_it_had_in_hand_and_another_takes_over_later() {
    for ground in Ground::both() {
        let inbound = ground.inbound("hub1");
        ground.put("in/a.zip", &package("a"));
        assert_eq!(look(&ground, &inbound).await.len(), 1);
        drop(inbound);
        assert_eq!(ground.inbound("hub1").poll(10).await.unwrap().len(), 1, "it starts again");
        let other = ground.inbound("hub2");
        assert!(other.poll(10).await.unwrap().is_empty(), "it is in hand");
        ground.later(901);
        let taken_over = other.poll(10).await.unwrap();
        assert_eq!(taken_over.len(), 1, "{}", ground.name);
        assert!(ground.inbound("hub1").poll(10).await.unwrap().is_empty());
        other.acknowledge(&taken_over[0].id, &accepted()).await.unwrap();
        assert_eq!(ground.names("done").len(), 1);
    }
}

#[tokio::test]
async fn a_hub_that_fell_anywhere_in_the_answer_gives_the_same_answer_again() {
    let whole = Ground::local();
    let reference = whole.inbound("hub1");
    whole.put("in/a.zip", &package("a"));
    let id = look(&whole, &reference).await[0].id.clone();
    reference.acknowledge(&id, &accepted()).await.unwrap();
    let expected = whole.files("verdicts");
    let names: Vec<&String> = expected.keys().collect();
    for fell_after in 0..=names.len() {
        let ground = Ground::local();
        let inbound = ground.inbound("hub1");
        ground.put("in/a.zip", &package("a"));
        look(&ground, &inbound).await;
        for name in &names[..fell_after] {
            ground.put(&format!("verdicts/{name}"), &expected[*name]);
            ground.put(&format!("verdicts/.{name}.part"), b"jumat");
        }
        let again = ground.inbound("hub1");
        assert_eq!(again.poll(10).await.unwrap()[0].id, id);
        again.acknowledge(&id, &accepted()).await.unwrap();
        assert_eq!(ground.files("verdicts"), expected, "fell after {fell_after}");
        assert_eq!(ground.names("done").len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_package_is_handed_over_as_unreadable_with_the_reason() {
    for ground in Ground::both() {
        let inbound = ground.inbound("hub1");
        ground.put("in/scrisoare.docx", b"nu este o arhiva");
        let traversal = [("manifest.json", &b"{}"[..]), ("../../etc/cron.d/x", b"x")];
        ground.put("in/atac.zip", &hub_signatures::asice::zip::write(&traversal).unwrap());
        ground.put("in/mare.zip", &vec![0; 3 * 1024 * 1024]);
        ground.put("in/mare.zip.ok", b"");
        look(&ground, &inbound).await;
        ground.later(901);
        let arrivals = inbound.poll(10).await.unwrap();
        let why = |name: &str| {
            let arrival = arrivals.iter().find(|arrival| arrival.facts["file"] == name).unwrap();
            (arrival.id.clone(), arrival.unreadable.clone().unwrap())
        };
        assert_eq!(arrivals.len(), 3, "{}: {arrivals:?}", ground.name);
        assert!(why("scrisoare.docx").1.starts_with("pachet.zip:"), "{}", why("scrisoare.docx").1);
        assert!(why("atac.zip").1.starts_with("pachet.nume [../../etc/cron.d/x]:"), "{}", why("atac.zip").1);
        assert!(why("mare.zip").1.starts_with("pachet.marime:"), "{}", why("mare.zip").1);
        for name in ["scrisoare.docx", "atac.zip", "mare.zip"] {
            inbound.acknowledge(&why(name).0, &refused()).await.unwrap();
        }
        assert!(ground.names("in/.work").is_empty(), "{}", ground.name);
        assert_eq!(ground.names("rejected").len(), 6);
    }
}

#[tokio::test]
async fn a_name_that_is_too_long_to_be_renamed_holds_nothing_up() {
    for ground in Ground::both() {
        let inbound = ground.inbound("hub1");
        let long = format!("{}.zip", "ț".repeat(120));
        ground.put(&format!("in/{long}"), &package("a"));
        ground.put("in/b.zip", &package("b"));
        let arrivals = look(&ground, &inbound).await;
        assert_eq!(arrivals.len(), 2, "{}", ground.name);
        for arrival in arrivals {
            inbound.acknowledge(&arrival.id, &refused()).await.unwrap();
        }
        assert_eq!(ground.names("rejected").len(), 4);
    }
}

#[tokio::test]
async fn two_files_of_the_same_bytes_get_an_answer_each() {
    let ground = Ground::local();
    let inbound = ground.inbound("hub1");
    ground.put("in/a.zip", &package("a"));
    ground.put("in/copie.zip", &package("a"));
    let arrivals = look(&ground, &inbound).await;
    assert_eq!(arrivals[0].id, arrivals[1].id);
    inbound.acknowledge(&arrivals[0].id, &accepted()).await.unwrap();
    assert_eq!(ground.names("done").len(), 2);
    assert_eq!(ground.names("verdicts").len(), 6);
}

#[tokio::test]
async fn a_link_is_never_followed() {
    let ground = Ground::local();
    let inbound = ground.inbound("hub1");
    ground.put("secret.zip", &package("secret"));
    std::os::unix::fs::symlink(ground.root.join("secret.zip"), ground.root.join("in/a.zip")).unwrap();
    look(&ground, &inbound).await;
    assert!(inbound.poll(10).await.unwrap().is_empty());

    let ground = Ground::local();
    std::fs::create_dir(ground.root.join("altundeva")).unwrap();
    std::os::unix::fs::symlink(ground.root.join("altundeva"), ground.root.join("verdicts")).unwrap();
    let trouble = ground.inbound("hub1").poll(10).await.unwrap_err();
    assert!(trouble.reason.contains("nu este un dosar"), "{trouble}");
}

#[tokio::test]
async fn a_place_that_is_not_mounted_is_told_and_nothing_is_made_there() {
    for ground in Ground::both() {
        std::fs::remove_dir(ground.root.join("in")).unwrap();
        let trouble = ground.inbound("hub1").poll(10).await.unwrap_err();
        assert!(trouble.reason.contains("dosarul in"), "{trouble}");
        assert!(!support::exists(&ground.root, "verdicts") && !support::exists(&ground.root, "in"));
    }
}
