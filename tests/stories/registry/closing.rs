//! The end of a register's year: closed by two clerks or not at all, proven offline, printed, and gapless over midnight.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clap::Parser as _;
use hub_flow::clock::Timestamp;
use hub_flow::db::{Db, DbError, Tx, WriteVerb};
use hub_flow::directory::Series;
use hub_flow::registration::{self, CLOSED, Direction, Kind, NewEntry, Particulars, Registered};
use hub_proofs::register_proof::{Document, Nature, ProofFile, persons_digest, verify};
use hub_proofs::{Kind as Claimed, Outcome, Trusted};
use hub_server::commands::{self, Arguments};
use hub_signatures::certificate::Certificate;
use hub_signatures::xades;
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, ask};
use tests::county::{SENDER, key};
use tests::hub::unix_seconds;
use tests::{Client, Database, TestHub};

/// 2 June 2025, 09:00 UTC.
const JUNE_2025: Timestamp = Timestamp(1_748_854_800_000_000);
const YEAR: &str = "/v1/registers/general/2025";

/// The road's own verb of registration, at a moment the story chooses.
struct RegisterAt;

impl WriteVerb for RegisterAt {
    type Item = NewEntry;
    type Output = Registered;
    const ORDER: u16 = 10;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewEntry]) -> Result<Vec<Registered>, DbError> {
        registration::register(tx, items).await
    }
}

fn entry(at: Timestamp, kind: Kind, subject: &str) -> NewEntry {
    NewEntry {
        party: SENDER.to_owned(),
        series: Series::general(),
        kind,
        direction: Direction::In,
        message: None,
        delivery: None,
        counterpart: String::new(),
        counterpart_registration: None,
        particulars: Particulars { subject: subject.to_owned(), ..Particulars::default() },
        ties: Vec::new(),
        references: Vec::new(),
        duplicate_key: None,
        content_sha256: None,
        author: None,
        salt: [at.0.to_le_bytes()[0]; 16],
        at,
    }
}

/// Five numbers in 2025, the fourth kept and never used.
async fn five(hub: &TestHub) {
    for number in 1..=5 {
        let kind = if number == 4 { Kind::Reserved } else { Kind::Document };
        let subject =
            if number == 4 { String::new() } else { format!("Cerere inventată nr. {number}, țărm și șes") };
        let at = JUNE_2025.plus_seconds(number * 3_600);
        hub.running().hub.db.write(&Arc::new(RegisterAt), entry(at, kind, &subject)).await.unwrap();
    }
}

async fn post(client: &Client, path: &str, clerk: Option<&str>, body: &Value) -> Answer {
    let request = client.request(Method::POST, &format!("{YEAR}{path}")).json(body);
    ask(clerk.into_iter().fold(request, |request, clerk| request.header("Punte-Clerk", clerk))).await
}

fn refused(answer: &Answer, cause: &str) {
    assert_eq!((answer.status, &answer.body["code"]), (409, &json!("closing-refused")), "{:#}", answer.body);
    assert_eq!(answer.body["cause"], cause);
}

fn trusted(hub: &TestHub) -> Trusted {
    let seals = Certificate::all_from_pem(&hub.running().seal_certificate).unwrap();
    Trusted { seals: Some(seals), ..Trusted::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_closed_by_two_clerks_and_answers_the_same_act_ever_after() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let client = hub.client(SENDER);
        five(&hub).await;
        let present = i64::from(Timestamp(unix_seconds() * 1_000_000).romanian_date().year());
        let early = client.request(Method::POST, &format!("/v1/registers/general/{present}/closing"));
        refused(&ask(early.header("Punte-Clerk", "functionar-07")).await, "not-ended");
        let nobody = post(&client, "/closing", None, &json!({})).await;
        assert_eq!(nobody.body["code"], "clerk-needed");
        let unused = post(&client, "/closing", Some("functionar-07"), &json!({})).await;
        refused(&unused, "unused-numbers");
        assert_eq!(unused.body["unused"], json!([{"number": 4, "unit": null, "kind": "reserved"}]));
        refused(&post(&client, "/closing/approve", Some("secretar-01"), &json!({})).await, "not-proposed");
        annulments_are_decided_first(&client).await;
        let proposed = post(&client, "/closing", Some("functionar-07"), &json!({"strike_unused": true})).await;
        assert_eq!((proposed.status, &proposed.body["state"]), (202, &json!("proposed")), "{:#}", proposed.body);
        refused(&post(&client, "/closing/approve", Some("functionar-07"), &json!({})).await, "same-clerk");
        let closed = post(&client, "/closing/approve", Some("secretar-01"), &json!({})).await;
        assert_eq!(closed.status, 200, "{:#}", closed.body);
        let numbers = &closed.body["numbers"];
        let facts = ["first", "last", "count", "struck", "annulled_count"].map(|name| numbers[name].clone());
        assert_eq!(facts, [json!(1), json!(5), json!(5), json!("4"), json!(0)]);

        // Again, by anybody, it is the same act; and the year gives no number.
        for path in ["/closing/approve", "/closing"] {
            let again = post(&client, path, Some("altcineva-02"), &json!({})).await;
            assert_eq!((&again.body["id"], &again.body["document"]), (&closed.body["id"], &closed.body["document"]));
        }
        let late = entry(JUNE_2025.plus_seconds(9_000_000), Kind::Document, "prea târziu");
        let late = hub.running().hub.db.write(&Arc::new(RegisterAt), late).await;
        assert!(matches!(&late, Err(DbError::Constraint { rule }) if rule == CLOSED), "{late:?}");

        act_is_whole(&hub, &client, &closed.body).await;
        proof_is_whole(&hub, &client).await;
        papers_show_the_struck_row(&client).await;
        hub.stop().await;
    })
    .await;
}

/// A year is not closed over an annulment that waits for its second clerk, neither as it is drawn up nor as it is approved.
async fn annulments_are_decided_first(client: &Client) {
    let strike = json!({"strike_unused": true});
    let annul = json!({"reason": "scris de două ori"});
    let proposed = post(client, "/2/annul", Some("functionar-07"), &annul).await;
    assert_eq!(proposed.status, 200, "{:#}", proposed.body);
    let waits = post(client, "/closing", Some("functionar-07"), &strike).await;
    refused(&waits, "pending-annulments");
    assert_eq!(waits.body["annulments"], json!([2]));
    let taken_back = post(client, "/2/refuse-annulment", Some("secretar-01"), &json!({"reason": "nu este"})).await;
    assert_eq!(taken_back.status, 200, "{:#}", taken_back.body);
    assert_eq!(post(client, "/closing", Some("functionar-07"), &strike).await.status, 202);
    post(client, "/2/annul", Some("functionar-07"), &annul).await;
    refused(&post(client, "/closing/approve", Some("secretar-01"), &json!({})).await, "pending-annulments");
    post(client, "/2/refuse-annulment", Some("secretar-01"), &json!({"reason": "nu este"})).await;
}

/// The sealed act names nobody, binds both clerks, and is there as XML and as PDF.
async fn act_is_whole(hub: &TestHub, client: &Client, closed: &Value) {
    let xml = client.bytes(&format!("{YEAR}/closing?format=xml")).await;
    assert_eq!(xml, closed["document"].as_str().unwrap().as_bytes());
    let text = String::from_utf8(xml.clone()).unwrap();
    assert!(!text.contains("functionar-07") && !text.contains("secretar-01"), "the act names nobody");
    let examined = xades::examine(&xml).unwrap();
    assert_eq!(examined.certificate, trusted(hub).seals.unwrap()[0]);
    let salt: [u8; 16] = hex::decode(closed["persons_salt"].as_str().unwrap()).unwrap().try_into().unwrap();
    let persons = persons_digest(&salt, "functionar-07", "secretar-01");
    assert_eq!(Document::read(&examined.covered).unwrap().nature, Nature::Closing { persons });
    assert!(client.bytes(&format!("{YEAR}/closing?format=pdf")).await.starts_with(b"%PDF-"));
}

async fn proof_is_whole(hub: &TestHub, client: &Client) {
    let proof = client.bytes(&format!("{YEAR}/proof")).await;
    let verdict = verify(&proof, &trusted(hub), unix_seconds()).unwrap();
    assert_ne!(verdict.outcome(), Outcome::Failed, "{}", verdict.in_words());
    for kind in [Claimed::Gapless, Claimed::Links, Claimed::Statement, Claimed::Closing, Claimed::Seal] {
        assert!(verdict.of(kind).count() > 0, "{kind:?} is not told: {}", verdict.in_words());
    }
    let text = String::from_utf8(proof).unwrap();
    assert!(!text.contains("Cerere"), "a proof tells nothing of what was registered");
    let without: String =
        text.lines().filter(|line| !line.starts_with("{\"number\":3,")).map(|line| format!("{line}\n")).collect();
    let verdict = verify(without.as_bytes(), &trusted(hub), unix_seconds()).unwrap();
    assert!(verdict.in_words().contains("numărul 3 lipsește"), "{}", verdict.in_words());
}

async fn papers_show_the_struck_row(client: &Client) {
    let csv = String::from_utf8(client.exported(&format!("{YEAR}/entries.csv")).await).unwrap();
    let struck = csv.lines().find(|line| line.starts_with("4;")).unwrap();
    assert!(struck.ends_with(";neutilizat;neutilizat"), "{struck}");
    assert_eq!(csv.lines().count(), 6);
    let part = String::from_utf8(client.exported(&format!("{YEAR}/entries.csv?from=2&to=3")).await).unwrap();
    assert_eq!(part.lines().count(), 3);
    let days = client.exported(&format!("{YEAR}/entries.csv?since=2025-06-03")).await;
    assert_eq!(String::from_utf8(days).unwrap().lines().count(), 1, "all were registered on the day before");
    assert!(client.exported(&format!("{YEAR}/entries.xlsx")).await.starts_with(b"PK\x03\x04"));
    assert!(client.exported(&format!("{YEAR}/print.pdf")).await.starts_with(b"%PDF-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_that_breaks_in_the_middle_leaves_the_year_open_and_whole() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let client = hub.client(SENDER);
        five(&hub).await;
        post(&client, "/closing", Some("functionar-07"), &json!({"strike_unused": true})).await;
        // The last statements of the transaction fail: what was struck out before them is undone with them.
        hub.execute("alter table register_closing rename to hidden").await.unwrap();
        let broken = post(&client, "/closing/approve", Some("secretar-01"), &json!({})).await;
        assert_eq!(broken.status, 503, "{:#}", broken.body);
        assert_eq!(hub.number("select count(*) as number from register_act").await, 0);
        assert_eq!(hub.number("select count(*) as number from register_series where closed_at is not null").await, 0);
        hub.execute("alter table hidden rename to register_closing").await.unwrap();
        let closed = post(&client, "/closing/approve", Some("secretar-01"), &json!({})).await;
        assert_eq!(closed.body["state"], "closed", "{:#}", closed.body);
        assert_eq!(hub.number("select count(*) as number from register_act").await, 1);
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_closed_from_the_command_line_by_two_clerks() {
    let hub = TestHub::start(Database::Sqlite).await;
    five(&hub).await;
    let (url, key) = (hub.running().url(), key(SENDER));
    let punte = async |clerk: &str, more: &[&str]| {
        let asked = ["punte", "register", "close", "--url", &url, "--key", &key, "--year", "2025", "--clerk", clerk];
        commands::run(Arguments::try_parse_from(asked.iter().chain(more)).unwrap()).await.unwrap()
    };
    assert_eq!(punte("functionar-07", &[]).await, commands::NO, "a number was kept and never used");
    assert_eq!(punte("functionar-07", &["--strike-unused"]).await, 0);
    assert_eq!(punte("functionar-07", &["--approve"]).await, commands::NO);
    assert_eq!(punte("secretar-01", &["--approve"]).await, 0);
    let (_, state) = hub.client(SENDER).get(&format!("{YEAR}/closing")).await;
    assert_eq!(state["state"], "closed");
    hub.stop().await;
}

/// A clock that steps over a border while many register at once: every entry is in the year of its moment, both years whole.
async fn step_over(db: &Db, border: i64) {
    const STEPS: i64 = 160;
    let clock = Arc::new(AtomicI64::new(border - STEPS / 2 * 250_000));
    let writers = (0..8).map(|_| {
        let (db, clock) = (db.clone(), Arc::clone(&clock));
        tokio::spawn(async move {
            for _ in 0..STEPS / 8 {
                let at = Timestamp(clock.fetch_add(250_000, Ordering::SeqCst));
                db.write(&Arc::new(RegisterAt), entry(at, Kind::Document, "la miezul nopții")).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_given_over_midnight_and_over_clock_changes_are_in_the_year_of_their_moment_without_gaps() {
    Database::each(|database| async move {
        let hub = TestHub::start(database).await;
        let db = hub.running().hub.db.clone();
        // Summer time begins and ends in Romania; 2025 turns to 2026 at midnight in Bucharest.
        let borders = ["2025-03-30T01:00:00Z", "2025-10-26T01:00:00Z", "2025-12-31T22:00:00Z"];
        for border in borders {
            step_over(&db, Timestamp::parse_utc(border).unwrap().0).await;
        }
        let sql =
            "select year, number, recorded_at from register_entry where register = 'general' order by year, number";
        let mut expected = (0, 0);
        let mut counts = std::collections::BTreeMap::new();
        for mut row in db.query(sql, vec![]).await.unwrap() {
            let (year, number): (i64, i64) = (row.take("year").unwrap(), row.take("number").unwrap());
            expected = if expected.0 == year { (year, expected.1 + 1) } else { (year, 1) };
            assert_eq!((year, number), expected, "a gap");
            let at = Timestamp(row.take("recorded_at").unwrap());
            assert_eq!(i64::from(at.romanian_date().year()), year, "{}", at.to_utc());
            *counts.entry(year).or_insert(0) += 1;
        }
        assert_eq!(counts.values().sum::<i64>(), 480);
        assert!(counts[&2025] >= 400 && counts[&2026] >= 72, "{counts:?}");
        let proof = hub.client(SENDER).bytes(&format!("{YEAR}/proof")).await;
        let file = ProofFile::read(&proof).unwrap();
        assert_eq!(i64::try_from(file.series[0].lines.len()).unwrap(), counts[&2025]);
        assert_ne!(verify(&proof, &trusted(&hub), unix_seconds()).unwrap().outcome(), Outcome::Failed);
        hub.stop().await;
    })
    .await;
}
