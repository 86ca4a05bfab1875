//! The audit: what operators do is on record in the words an auditor reads, and whoever changes the record is found out.

use std::sync::Arc;

use hub_flow::audit::{self, AuditEvent, Kind, RecordEvents};
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::ask;
use tests::county::SENDER;
use tests::operator::{OPERATOR, with_operator};
use tests::{Database, TestHub};

async fn resume(hub: &TestHub) {
    let request = hub.client(OPERATOR).request(Method::POST, "/v1/systems/esocial/resume");
    let request = request.header("punte-clerk", "f-12").header("x-request-id", "r-77");
    let answer = ask(request.header("punte-purpose", "eSocial a confirmat la telefon că răspunde")).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
}

async fn events(hub: &TestHub, party: &str, query: &str) -> Value {
    let (status, page) = hub.client(party).get(&format!("/v1/audit?{query}")).await;
    assert_eq!(status, 200, "{page:#}");
    page["events"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_operator_does_is_told_with_who_when_and_why() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| with_operator(config)).await;
        resume(&hub).await;
        let events = events(&hub, OPERATOR, "kind=system.resumed").await;
        let event = &events[0];
        assert_eq!(event["what"], "Un sistem lăsat în pace a fost repus în funcțiune", "{events:#}");
        assert_eq!(event["principal"], json!({"kind": "person", "id": "f-12"}));
        assert_eq!((&event["party"], &event["subject"]), (&json!(OPERATOR), &json!("esocial")));
        assert_eq!(event["reason"], "eSocial a confirmat la telefon că răspunde");
        assert_eq!((&event["correlation"], &event["outcome"]), (&json!("r-77"), &json!("done")));
        // An institution sees what is its own, whatever it asks for.
        assert_eq!(self::events(&hub, SENDER, &format!("party={OPERATOR}")).await, json!([]));
        let (status, wrong) = hub.client(OPERATOR).get("/v1/audit?kind=system.exploded").await;
        assert_eq!((status.as_u16(), &wrong["code"]), (400, &json!("malformed-request")));
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_leaves_as_a_file_and_that_is_in_it() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| with_operator(config)).await;
        for _ in 0..3 {
            resume(&hub).await;
        }
        let (_, page) = hub.client(OPERATOR).get("/v1/audit?limit=2").await;
        assert_eq!(page["events"].as_array().unwrap().len(), 2);
        let older = events(&hub, OPERATOR, &format!("before={}", page["next"])).await;
        assert_eq!(older.as_array().unwrap().iter().filter(|one| one["kind"] == "system.resumed").count(), 1);
        let file = hub.client(OPERATOR).bytes("/v1/audit/events.csv?kind=system.resumed").await;
        let file = String::from_utf8(file).unwrap();
        assert_eq!(file.lines().count(), 4, "{file}");
        assert!(file.contains("\"eSocial a confirmat la telefon că răspunde\""), "{file}");
        let exported = events(&hub, OPERATOR, "kind=audit.exported").await;
        assert_eq!(exported[0]["details"]["events"], 3, "{exported:#}");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_is_appended_and_a_change_past_its_guards_is_found() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| with_operator(config)).await;
        for _ in 0..4 {
            resume(&hub).await;
        }
        let db = &hub.running().hub.db;
        assert_eq!(audit::broken(db).await.unwrap(), None);
        for refused in ["update audit_event set reason = 'altul'", "delete from audit_event", "delete from ledger_head"]
        {
            hub.execute(refused).await.unwrap_err();
        }
        let last = hub.number("select max(number) as number from audit_event").await;
        let (off, on) = match database {
            Database::Sqlite => ("drop trigger audit_event_no_update; drop trigger audit_event_no_delete;", ""),
            Database::Postgres => {
                ("alter table audit_event disable trigger user;", "alter table audit_event enable trigger user;")
            }
        };
        hub.execute(&format!("{off} update audit_event set principal = 'f-13' where number = {}; {on}", last - 1))
            .await
            .unwrap();
        assert_eq!(audit::broken(db).await.unwrap(), Some(last - 1));
        hub.execute(&format!("update audit_event set principal = 'f-12' where number = {};", last - 1)).await.ok();
        if database == Database::Postgres {
            hub.execute(&format!("{off} update audit_event set principal = 'f-12' where number = {}; {on}", last - 1))
                .await
                .unwrap();
        }
        assert_eq!(audit::broken(db).await.unwrap(), None);
        hub.execute(&format!(
            "{} delete from audit_event where number = {last}; {on}",
            if on.is_empty() { "" } else { off }
        ))
        .await
        .unwrap();
        assert_eq!(audit::broken(db).await.unwrap(), Some(last), "the end was cut off");
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_acts_at_once_are_one_chain_without_gaps() {
    Database::each(async |database| {
        let hub = TestHub::start(database).await;
        let (first, now) = (Arc::clone(&hub.running().hub), hub.running().hub.clock.now());
        let other = hub_flow::db::Db::open(&hub.config.database_url()).await.unwrap();
        let acts = (0..200).map(|number| {
            let db = if number % 2 == 0 { &first.db } else { &other };
            let event = AuditEvent::of_hub(Kind::SystemResumed, now, "story").on(number.to_string());
            db.write(&WRITER, vec![event])
        });
        futures_util::future::try_join_all(acts).await.unwrap();
        assert_eq!(
            hub.number("select cast(count(*) as bigint) as number from audit_event where principal = 'story'").await,
            200
        );
        assert_eq!(audit::broken(&first.db).await.unwrap(), None);
        hub.stop().await;
    })
    .await;
}

static WRITER: std::sync::LazyLock<Arc<RecordEvents>> = std::sync::LazyLock::new(|| Arc::new(RecordEvents));
