//! Searching: a clerk finds what is in the registers by words as they are typed, and only what is the institution's own.

use std::sync::Arc;

use hub_flow::db::{DbError, Tx, WriteVerb};
use hub_flow::directory::Series;
use hub_flow::registration::{
    self, Author, Direction, Effect, EntryKey, Kind, NewAct, NewEntry, Particulars, Registered,
};
use serde_json::{Value, json};
use tests::client::GLANCE;
use tests::county::{HUB_TOWN, SENDER};
use tests::{Client, Database, TestHub};

/// How often a story looks before it fails.
const LOOKS: usize = 1200;

struct Register;

impl WriteVerb for Register {
    type Item = NewEntry;
    type Output = Registered;
    const ORDER: u16 = 20;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewEntry]) -> Result<Vec<Registered>, DbError> {
        registration::register(tx, items).await
    }
}

struct Act;

impl WriteVerb for Act {
    type Item = NewAct;
    type Output = i64;
    const ORDER: u16 = 21;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewAct]) -> Result<Vec<i64>, DbError> {
        let acted = registration::act(tx, items).await?;
        Ok(acted.into_iter().map(|one| one.unwrap().act_number).collect())
    }
}

/// A document at the counter.
async fn register(hub: &TestHub, party: &str, subject: &str) -> i64 {
    let hub = &hub.running().hub;
    let entry = NewEntry {
        party: party.to_owned(),
        series: Series::general(),
        kind: Kind::Document,
        direction: Direction::In,
        message: None,
        delivery: None,
        counterpart: String::new(),
        counterpart_registration: None,
        particulars: Particulars { external_number: Some("A-77/9".to_owned()), ..Particulars::brief(subject) },
        ties: Vec::new(),
        references: Vec::new(),
        duplicate_key: None,
        content_sha256: None,
        author: None,
        salt: [1; 16],
        at: hub.clock.now(),
    };
    hub.db.write(&Arc::new(Register), entry).await.unwrap().key.number
}

async fn search(client: &Client, query: &str) -> Value {
    let (status, body) = client.get(&format!("/v1/search?{query}")).await;
    assert_eq!(status, 200, "{query}: {body}");
    body
}

fn numbers(body: &Value) -> Vec<i64> {
    body["items"].as_array().unwrap().iter().map(|item| item["number"].as_i64().unwrap()).collect()
}

/// Looks until there are so many hits.
async fn until(client: &Client, query: &str, hits: usize) -> Value {
    for _ in 0..LOOKS {
        let body = search(client, query).await;
        if numbers(&body).len() == hits {
            return body;
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("{query} never has {hits} hits: {}", search(client, query).await);
}

#[tokio::test]
async fn a_clerk_finds_an_entry_however_its_words_are_typed() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let clerk = hub.client(HUB_TOWN);
        let wanted = register(&hub, HUB_TOWN, "Anchetă socială Șișești").await;
        let other = register(&hub, HUB_TOWN, "Anchetă socială Ponoarele").await;
        register(&hub, SENDER, "Anchetă socială Șișești").await;
        for query in ["q=ancheta+sisesti", "q=SISESTI", "q=%C5%9Fi%C5%9Fe", "q=si+anch", "q=a-77+sisesti"] {
            let body = until(&clerk, query, 1).await;
            assert_eq!(numbers(&body), [wanted], "{query}");
            assert_eq!(body["items"][0]["subject"], "Anchetă socială Șișești");
        }
        assert_eq!(numbers(&until(&clerk, "q=ancheta", 2).await), [other, wanted], "the newest first");
        assert_eq!(numbers(&search(&clerk, "q=sisesti+ponoarele").await), Vec::<i64>::new(), "all words must be there");
        let first = search(&clerk, "q=ancheta&limit=1").await;
        let next = search(&clerk, &format!("q=ancheta&limit=1&before={}", first["next"])).await;
        assert_eq!((numbers(&first), numbers(&next), &next["next"]), (vec![other], vec![wanted], &Value::Null));
    })
    .await;
}

#[tokio::test]
async fn a_page_is_narrowed_by_what_is_known_of_the_entries() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let clerk = hub.client(HUB_TOWN);
        let number = register(&hub, HUB_TOWN, "Cerere de ajutor").await;
        until(&clerk, "q=cerere", 1).await;
        let now = hub.running().hub.clock.now().romanian_date();
        let (year, tomorrow) = (now.year(), now.tomorrow().unwrap());
        for hit in [
            format!("year={year}&register=general&direction=in&kind=entry"),
            format!("q=ajutor&from={now}&to={now}"),
            format!("from={now}"),
        ] {
            assert_eq!(numbers(&search(&clerk, &hit).await), [number], "{hit}");
        }
        for miss in [
            format!("year={}", year - 1),
            "direction=out".to_owned(),
            "register=petitii".to_owned(),
            format!("from={tomorrow}"),
            "kind=document".to_owned(),
            "dossier=I/A/1".to_owned(),
        ] {
            assert_eq!(numbers(&search(&clerk, &miss).await), Vec::<i64>::new(), "{miss}");
        }
        let (status, body) = clerk.get("/v1/search?cuvinte=x").await;
        assert_eq!(
            (status.as_u16(), body["type"].as_str().unwrap().ends_with("malformed-request")),
            (400, true),
            "{body}"
        );
        assert_eq!(clerk.get(&format!("/v1/search?q={}", "a".repeat(501))).await.0, 400);
    })
    .await;
}

#[tokio::test]
async fn an_entry_that_was_corrected_is_found_as_it_stands_also_after_a_restart() {
    Database::each(async |database| {
        let mut hub = TestHub::start(database).await;
        let number = register(&hub, HUB_TOWN, "Adeverință greșită").await;
        until(&hub.client(HUB_TOWN), "q=gresita", 1).await;
        let running = &hub.running().hub;
        let now = running.clock.now();
        let act = NewAct {
            key: EntryKey {
                party: HUB_TOWN.to_owned(),
                register: "general".to_owned(),
                year: i64::from(now.romanian_date().year()),
                number,
            },
            act: "corrected".to_owned(),
            content: json!({}),
            author: Author { clerk: Some("f-1".to_owned()), unit: None },
            expected: None,
            effect: Effect { particulars: Some(Particulars::brief("Adeverință îndreptată")), ..Effect::default() },
            salt: [2; 16],
            at: now,
        };
        running.db.write(&Arc::new(Act), act).await.unwrap();
        hub.restart().await;
        let clerk = hub.client(HUB_TOWN);
        until(&clerk, "q=indreptata", 1).await;
        assert_eq!(numbers(&search(&clerk, "q=gresita").await), Vec::<i64>::new());
        assert_eq!(numbers(&search(&clerk, "q=adeverinta").await), [number], "it is found once");
        register(&hub, HUB_TOWN, "Adeverință nouă").await;
        until(&clerk, "q=adeverinta", 2).await;
    })
    .await;
}

#[tokio::test]
async fn many_entries_are_paged_through_without_gaps() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let clerk = hub.client(HUB_TOWN);
        for number in 0..300 {
            register(&hub, HUB_TOWN, &format!("Cerere nr{} {}", number, ["par", "impar"][number % 2])).await;
        }
        until(&clerk, "q=cerere+nr299", 1).await;
        let (mut seen, mut before) = (Vec::new(), String::new());
        loop {
            let page = search(&clerk, &format!("q=cere+impar&limit=50{before}")).await;
            seen.extend(numbers(&page));
            let Some(next) = page["next"].as_i64() else { break };
            before = format!("&before={next}");
        }
        let expected: Vec<i64> = (1..=300).rev().filter(|number| number % 2 == 0).collect();
        assert_eq!(seen, expected);
    })
    .await;
}
