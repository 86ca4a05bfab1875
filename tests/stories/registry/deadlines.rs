//! Terms of petitions at a town hall: assigned, suspended, lengthened, overdue, and never forgotten.

use std::num::NonZeroU32;

use hub_deadlines::{Calendar, Length, Rule, Term};
use hub_flow::flow;
use hub_server::config::Config;
use jiff::ToSpan as _;
use jiff::civil::Date;
use reqwest::Method;
use serde_json::{Value, json};
use tests::clerks::{Clerk, council};
use tests::county::{self, HUB_TOWN, INBOX_TOWN, SENDER};
use tests::documents::letter;
use tests::people::{PASSWORD, signed_in};
use tests::{Database, TestHub};

fn quick(config: &mut Config) {
    config.deadlines.interval_ms = NonZeroU32::new(50).unwrap();
    county::change(config, council);
}

/// Nobody looks by itself: the story says when.
fn unwatched(config: &mut Config) {
    config.deadlines.interval_ms = NonZeroU32::new(600_000).unwrap();
    county::change(config, council);
}

/// Sends a petition to the town hall and answers its place in the register of petitions.
async fn petition(hub: &TestHub, key: &str) -> String {
    let commune = hub.client(SENDER);
    let (status, receipt) = commune.post("/v1/messages", key, &letter(&[HUB_TOWN], &format!("Petiție: {key}"))).await;
    assert_eq!(status, 201, "{receipt:#}");
    assert_eq!(receipt["next"]["deadline"]["from"], "registration", "{:#}", receipt["next"]);
    let message = receipt["message_id"].as_str().unwrap();
    let delivery = commune.wait_for_delivery(message, HUB_TOWN, "consigned").await;
    let shown = delivery["recipient_registration"]["number"].as_str().unwrap();
    let (number, year) = shown.trim_start_matches("P-").split_once('/').unwrap();
    format!("petitii/{year}/{}", number.trim_start_matches('0'))
}

fn today(hub: &TestHub) -> Date {
    hub.running().hub.clock.now().romanian_date()
}

fn ends(start: Date, days: u16) -> String {
    Term::of(&Rule::plain("x", Length::days(days), "x"), start).due(&Calendar::romanian()).unwrap().to_string()
}

/// Makes every running term begin so many days earlier, as if they had passed.
async fn passes(hub: &TestHub, days: i64) {
    let (now, then) = (today(hub), today(hub).saturating_sub(days.days()));
    let sql = format!(
        "update deadline set document = replace(document, '\"start\":\"{now}\"', '\"start\":\"{then}\"'), look_at = 0"
    );
    hub.execute(&sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terms_are_read_page_after_page_each_once_and_in_order() {
    Database::each(paged).await;
}

async fn paged(database: Database) {
    let hub = TestHub::start_with(database, unwatched).await;
    let clerk = Clerk::of(&hub, HUB_TOWN, ("r-1", "registratura"));
    let came = |days: i64| hub.running().hub.clock.now().plus_seconds(-days * 86_400).to_utc();
    // Requests about personal data have their term from the day they came: one is late, petitions of a day have the same moment.
    let late = json!({"subject": "Cerere veche", "direction": "in", "received_at": came(60)});
    assert_eq!(clerk.post("/v1/registers/date-personale/entries", "late", late).await.status, 201);
    for number in 0..6 {
        let body = json!({"subject": format!("Petiția {number}"), "direction": "in"});
        let entered = clerk.post("/v1/registers/petitii/entries", &format!("p-{number}"), body).await;
        assert_eq!(entered.status, 201, "{:#}", entered.body);
    }
    let year = today(&hub).year();
    let stands = clerk.act(&format!("petitii/{year}/3"), "suspension", json!({"reason": "se așteaptă un plan"})).await;
    assert_eq!(stands.status, 200, "{:#}", stands.body);

    let named = |told: &Value| -> Vec<String> {
        let all = told["deadlines"].as_array().unwrap().iter();
        all.map(|one| format!("{} {}", one["register"].as_str().unwrap(), one["number"])).collect()
    };
    let whole = clerk.get("/v1/deadlines").await;
    assert_eq!(whole["next"], Value::Null, "{whole:#}");
    let all = named(&whole);
    assert_eq!((all.len(), &*all[0], &*all[6]), (7, "date-personale 1", "petitii 3"), "{all:?}");
    for (query, expected) in
        [("limit=2", &all[..]), ("limit=2&overdue=false", &all[1..]), ("limit=2&overdue=true", &all[..1])]
    {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let part = clerk.get(&format!("/v1/deadlines?{query}{after}")).await;
            seen.extend(named(&part));
            let Some(next) = part["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, expected, "{query}");
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_petition_goes_through_the_units_with_its_term_beside_it() {
    Database::each(goes_through).await;
}

async fn goes_through(database: Database) {
    let hub = TestHub::start_with(database, quick).await;
    let entry = petition(&hub, "drum").await;
    let registrar = Clerk::of(&hub, HUB_TOWN, ("r-1", "registratura"));
    let roads = Clerk::of(&hub, HUB_TOWN, ("d-7", "drumuri"));
    let lawyer = Clerk::of(&hub, HUB_TOWN, ("j-2", "juridic"));
    let head = Clerk::of(&hub, HUB_TOWN, ("s-1", "secretariat"));

    // Its term began with its registration here.
    let term = registrar.get(&format!("/v1/registers/{entry}/deadline")).await;
    assert_eq!(
        (&term["rule"]["code"], &term["due_on"]),
        (&json!("petition"), &json!(ends(today(&hub), 30))),
        "{term:#}"
    );

    // Two units at once; the first leads.
    let units = json!({"units": [{"unit": "drumuri", "person": "d-7"}, {"unit": "juridic"}], "note": "răspuns comun"});
    let assigned = registrar.act(&entry, "assignment", units).await;
    assert_eq!((assigned.status, &assigned.body["status"]), (200, &json!("assigned")), "{:#}", assigned.body);
    for (clerk, of, count) in [(&roads, "me", 1), (&lawyer, "unit", 1), (&lawyer, "me", 0), (&head, "unit", 0)] {
        let mine = clerk.get(&format!("/v1/deadlines?of={of}")).await;
        assert_eq!(mine["deadlines"].as_array().unwrap().len(), count, "{of}: {mine:#}");
    }
    let wrong = head.act(&entry, "work", json!({})).await;
    assert_eq!((wrong.status, &wrong.body["code"]), (403, &json!("wrong-unit")));
    assert_eq!(wrong.body["units"], json!(["drumuri", "juridic"]));

    let taken = roads.act(&entry, "work", json!({})).await;
    assert_eq!(
        (&taken.body["status"], &taken.body["person"]),
        (&json!("in_progress"), &json!("d-7")),
        "{:#}",
        taken.body
    );
    let part = lawyer.act(&entry, "part", json!({"note": "aviz favorabil"})).await;
    assert_eq!(part.status, 200, "{:#}", part.body);
    let leading = roads.act(&entry, "part", json!({"note": "gata"})).await;
    assert_eq!(leading.body["code"], "wrong-unit", "the leading unit ends with a resolution");

    // It waits for the petitioner, and runs again.
    let suspended = roads.act(&entry, "suspension", json!({"reason": "se așteaptă planul cadastral"})).await;
    assert_eq!((suspended.status, &suspended.body["due_on"]), (200, &Value::Null), "{:#}", suspended.body);
    let twice = roads.act(&entry, "suspension", json!({"reason": "încă o dată"})).await;
    assert_eq!((twice.status, &twice.body["code"]), (409, &json!("term-conflict")));
    let resumed = roads.act(&entry, "resumption", json!({"reason": "planul a sosit"})).await;
    assert_eq!(resumed.body["due_on"], ends(today(&hub), 30), "suspended and resumed on one day takes no day");

    // Nobody approves an extension for oneself, nor beyond the law.
    let days = |count: u16| json!({"length": {"count": count, "unit": "calendar-days"}, "reason": "măsurători"});
    let beyond = roads.act(&entry, "extension", days(16)).await;
    if beyond.status == 200 {
        // The sixteenth day falls on the same working day as the fifteenth.
        assert_eq!(ends(today(&hub), 46), ends(today(&hub), 45));
        let back = head.act(&entry, "extension/decision", json!({"approved": false, "reason": "prea mult"})).await;
        assert_eq!(back.status, 200, "{:#}", back.body);
    } else {
        assert_eq!((beyond.status, &beyond.body["code"]), (422, &json!("extension-refused")), "{:#}", beyond.body);
    }
    let far = roads.act(&entry, "extension", days(40)).await;
    assert_eq!((far.status, &far.body["code"]), (422, &json!("extension-refused")), "{:#}", far.body);
    let proposed = roads.act(&entry, "extension", days(15)).await;
    assert_eq!(&proposed.body["pending"], "extension", "{:#}", proposed.body);
    assert_eq!(proposed.body["due_on"], ends(today(&hub), 30), "a proposal moves nothing");
    let own = roads.act(&entry, "extension/decision", json!({"approved": true})).await;
    assert_eq!((own.status, &own.body["code"]), (403, &json!("forbidden")));
    let approved = head.act(&entry, "extension/decision", json!({"approved": true})).await;
    assert_eq!(approved.body["due_on"], ends(today(&hub), 45), "{:#}", approved.body);
    let again = head.act(&entry, "extension/decision", json!({"approved": true})).await;
    assert_eq!((again.status, &again.body["code"]), (409, &json!("state-conflict")));

    // The resolution waits for the head, is dispatched, and the entry is closed.
    let early = roads.act(&entry, "dispatch", json!({"on": today(&hub)})).await;
    assert_eq!((early.status, &early.body["state"]), (409, &json!("in_progress")));
    let words = json!({"outcome": "resolved", "resolution": "răspuns favorabil", "for_approval": true});
    let waiting = roads.act(&entry, "resolution", words).await;
    assert_eq!(waiting.body["status"], "waiting_approval", "{:#}", waiting.body);
    let own = roads.act(&entry, "approval", json!({"approved": true})).await;
    assert_eq!(own.status, 403);
    let resolved = head.act(&entry, "approval", json!({"approved": true})).await;
    assert_eq!(resolved.body["status"], "resolved", "{:#}", resolved.body);
    let due = roads.get("/v1/deadlines").await;
    assert_eq!(due["deadlines"], json!([]), "what is resolved is due no more");
    let future = roads.act(&entry, "dispatch", json!({"on": "2199-01-01"})).await;
    assert_eq!((future.status, &future.body["field"]), (400, &json!("on")));
    let sent = roads.act(&entry, "dispatch", json!({"on": today(&hub), "way": "poștă"})).await;
    assert_eq!(sent.status, 200, "{:#}", sent.body);
    let filed = registrar.act(&entry, "filing", json!({"dossier_code": "I/A/1"})).await;
    assert_eq!(filed.body["status"], "filed", "{:#}", filed.body);

    let shown = registrar.get(&format!("/v1/registers/{entry}/deadline")).await;
    let path: Vec<_> = shown["path"].as_array().unwrap().iter().map(|leg| (&leg["unit"], &leg["state"])).collect();
    assert_eq!(path, [(&json!("drumuri"), &json!("done")), (&json!("juridic"), &json!("done"))]);
    assert_eq!(registrar.get("/v1/orphans").await["orphans"], json!([]));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_wrongly_changes_nothing_and_says_what_is_wrong() {
    let hub = TestHub::start_with(Database::Sqlite, quick).await;
    let entry = petition(&hub, "gresit").await;
    let clerk = Clerk::of(&hub, HUB_TOWN, ("r-1", "registratura"));
    let cases = [
        ("assignment", json!({"units": []}), "malformed-request"),
        ("assignment", json!({"units": [{"unit": "a b"}]}), "malformed-request"),
        ("assignment", json!({"units": [{"unit": "a", "person": "2580412259906"}]}), "malformed-request"),
        ("assignment", json!({"units": [{"unit": "a"}, {"unit": "a"}]}), "malformed-request"),
        ("assignment", json!({"unit": "a"}), "malformed-request"),
        ("suspension", json!({}), "malformed-request"),
        ("suspension", json!({"reason": " "}), "malformed-request"),
        ("suspension", json!({"reason": "x".repeat(1001)}), "malformed-request"),
        ("resumption", json!({"reason": "nu e suspendat"}), "term-conflict"),
        ("extension", json!({"length": {"count": 0, "unit": "calendar-days"}, "reason": "x"}), "extension-refused"),
        ("extension", json!({"length": {"count": 1, "unit": "weeks"}, "reason": "x"}), "malformed-request"),
        ("extension", json!({"length": {"count": 65535, "unit": "months"}, "reason": "x"}), "extension-refused"),
        ("extension/decision", json!({"approved": true}), "state-conflict"),
        ("resolution", json!({"outcome": "resolved", "resolution": "x"}), "state-conflict"),
        ("approval", json!({"approved": false}), "malformed-request"),
        ("filing", json!({}), "state-conflict"),
    ];
    for (act, body, code) in cases {
        let answer = clerk.act(&entry, act, body.clone()).await;
        assert_eq!(answer.body["code"], code, "{act} {body}: {:#}", answer.body);
    }
    for place in ["petitii/2026/999999", "petitii/1999/1", "nimic/2026/1"] {
        let answer = clerk.act(place, "work", json!({})).await;
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!("not-found")), "{place}");
    }
    let stranger = Clerk::of(&hub, INBOX_TOWN, ("x-1", "registratura"));
    assert_eq!(stranger.act(&entry, "work", json!({})).await.status, 404, "registers of others do not exist");
    let nobody = hub.client(HUB_TOWN).post(&format!("/v1/registers/{entry}/work"), "k", &json!({})).await;
    assert_eq!(nobody.1["code"], "clerk-needed");
    for query in ["of=us", "due_by=mâine", "after=17"] {
        assert_eq!(clerk.get(&format!("/v1/deadlines?{query}")).await["code"], "malformed-request", "{query}");
    }
    assert_eq!(hub.number("select cast(count(*) as bigint) as number from register_act").await, 0);

    // An entry that counts for nothing any more takes no act.
    assert_eq!(clerk.act(&entry, "assignment", json!({"units": [{"unit": "drumuri"}]})).await.status, 200);
    hub.execute("update register_state set status = 'annulled'").await.unwrap();
    for (act, body) in [
        ("assignment", json!({"units": [{"unit": "juridic"}]})),
        ("suspension", json!({"reason": "x"})),
        ("extension", json!({"length": {"count": 1, "unit": "calendar-days"}, "reason": "x"})),
        ("filing", json!({"reason": "x"})),
    ] {
        let answer = clerk.act(&entry, act, body).await;
        assert_eq!((answer.status, &answer.body["state"]), (409, &json!("annulled")), "{act}");
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn warnings_and_delays_are_recorded_once_whoever_looks() {
    Database::each(recorded_once).await;
}

async fn recorded_once(database: Database) {
    let hub = TestHub::start_with(database, unwatched).await;
    let entry = petition(&hub, "uitata").await;
    let registrar = Clerk::of(&hub, HUB_TOWN, ("r-1", "registratura"));
    let roads = Clerk::of(&hub, HUB_TOWN, ("d-7", "drumuri"));
    let assigned = registrar.act(&entry, "assignment", json!({"units": [{"unit": "drumuri", "person": "d-7"}]})).await;
    assert_eq!(assigned.status, 200, "{:#}", assigned.body);
    let acts = "select cast(count(*) as bigint) as number from register_act where act like 'deadline_%'";

    // Half of it has passed: two look at once, one warning.
    passes(&hub, 16).await;
    let node = &hub.running().hub;
    let (one, other) = tokio::join!(flow::watch(node), flow::watch(node));
    assert_eq!(one.unwrap() + other.unwrap(), 1);
    let notices = roads.get("/v1/deadlines/notices?of=me").await;
    assert_eq!((&notices["notices"][0]["kind"], &notices["notices"][0]["share"]), (&json!("warning"), &json!(50)));
    let id = notices["notices"][0]["id"].as_str().unwrap().to_owned();
    let read = format!("/v1/deadlines/notices/{id}/read");
    assert_eq!(roads.request(Method::POST, &read).await.status, 204);
    assert_eq!(roads.get("/v1/deadlines/notices?of=me").await["notices"], json!([]));
    let stranger = Clerk::of(&hub, INBOX_TOWN, ("x-1", "registratura"));
    assert_eq!(stranger.request(Method::POST, &read).await.status, 404);

    // It is over, and a working day later who assigned it hears: also from two nodes, and after a restart.
    let (half, over) = (today(&hub).saturating_sub(16.days()), today(&hub).saturating_sub(60.days()));
    let sql = format!("update deadline set document = replace(document, '{half}', '{over}'), look_at = 0");
    hub.execute(&sql).await.unwrap();
    let (database_url, log_key) = (hub.config.database_url(), hub.config.data.join("log.key"));
    let second = match database {
        // One process owns the embedded database.
        Database::Sqlite => None,
        Database::Postgres => Some(
            TestHub::start_with(database, |config| {
                unwatched(config);
                config.database = Some(database_url);
                config.log.key = Some(log_key);
            })
            .await,
        ),
    };
    let other = second.as_ref().map_or(node, |second| &second.running().hub);
    let _ = tokio::join!(flow::watch(node), flow::watch(other), flow::watch(node), flow::watch(other));
    assert_eq!(hub.number(acts).await, 3, "a warning, the delay, the escalation");
    if let Some(second) = second {
        second.stop().await;
    }
    let mut hub = hub;
    hub.restart().await;
    assert_eq!(flow::watch(&hub.running().hub).await.unwrap(), 0);
    assert_eq!(hub.number(acts).await, 3);
    let registrar = Clerk::of(&hub, HUB_TOWN, ("r-1", "registratura"));
    let escalated = registrar.get("/v1/deadlines/notices?of=me").await;
    assert_eq!(escalated["notices"][0]["kind"], "escalation", "who assigned it hears: {escalated:#}");
    let late = registrar.get("/v1/deadlines?overdue=true").await;
    assert_eq!(late["deadlines"][0]["overdue"], true, "{late:#}");

    // What has ended is neither suspended nor lengthened; it is resolved, late.
    let roads = Clerk::of(&hub, HUB_TOWN, ("d-7", "drumuri"));
    let suspended = roads.act(&entry, "suspension", json!({"reason": "prea târziu"})).await;
    assert_eq!((suspended.status, &suspended.body["code"]), (409, &json!("term-conflict")));
    let longer = json!({"length": {"count": 5, "unit": "calendar-days"}, "reason": "prea târziu"});
    assert_eq!(roads.act(&entry, "extension", longer).await.body["code"], "extension-refused");
    let resolved = json!({"outcome": "rejected", "resolution": "nu este de competența noastră"});
    assert_eq!(roads.act(&entry, "resolution", resolved).await.body["status"], "rejected");
    assert_eq!(registrar.get("/v1/deadlines?overdue=true").await["deadlines"], json!([]));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_took_is_an_orphan_once_a_warning_reached_nobody() {
    let hub = TestHub::start_with(Database::Sqlite, unwatched).await;
    let entry = petition(&hub, "orfana").await;
    let clerk = Clerk::of(&hub, HUB_TOWN, ("r-1", "registratura"));
    assert_eq!(clerk.get("/v1/orphans").await["orphans"], json!([]));
    passes(&hub, 16).await;
    assert_eq!(flow::watch(&hub.running().hub).await.unwrap(), 1);
    let orphans = clerk.get("/v1/orphans").await;
    assert_eq!((&orphans["orphans"][0]["missing"], &orphans["orphans"][0]["number"]), (&json!("owner"), &json!(1)));
    let metrics = hub.client(HUB_TOWN).get("/metrics").await.1;
    assert!(metrics.as_str().unwrap().contains("punte_orphans 1"), "{metrics}");
    assert_eq!(clerk.act(&entry, "work", json!({})).await.body["unit"], "registratura");
    assert_eq!(clerk.get("/v1/orphans").await["orphans"], json!([]));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_brought_to_the_counter_has_a_term_from_the_day_the_rule_says() {
    Database::each(brought).await;
}

async fn brought(database: Database) {
    let hub = TestHub::start_with(database, quick).await;
    let clerk = Clerk::of(&hub, HUB_TOWN, ("r-1", "registratura"));
    let year = today(&hub).year();

    // The general register counts from the registration, whenever it came.
    let letter = json!({"direction": "in", "subject": "Cerere inventată", "received_at": "2020-03-02T08:00:00Z"});
    let entered = clerk.post("/v1/registers/general/entries", "a", letter).await;
    assert_eq!(entered.status, 201, "{:#}", entered.body);
    let term = clerk.get(&format!("/v1/registers/general/{year}/1/deadline")).await;
    assert_eq!(
        (&term["rule"]["code"], &term["due_on"]),
        (&json!("default"), &json!(ends(today(&hub), 30))),
        "{term:#}"
    );

    // A data subject's month begins with the receipt: this one is over before it was registered.
    let request = json!({"direction": "in", "subject": "Acces la date", "received_at": "2020-01-31T08:00:00Z", "unit": "juridic"});
    let entered = clerk.post("/v1/registers/date-personale/entries", "b", request).await;
    assert_eq!(entered.status, 201, "{:#}", entered.body);
    let term = clerk.get(&format!("/v1/registers/date-personale/{year}/1/deadline")).await;
    assert_eq!((&term["term"]["start"], &term["due_on"]), (&json!("2020-01-31"), &json!("2020-03-02")), "{term:#}");
    let late = "select cast(count(*) as bigint) as number from register_act where act = 'deadline_overdue'";
    hub.wait_for_number(late, 1).await;
    let unit = Clerk::of(&hub, HUB_TOWN, ("j-2", "juridic"));
    let entry = format!("date-personale/{year}/1");
    assert_eq!(clerk.act(&entry, "work", json!({})).await.body["code"], "wrong-unit", "it was given to another unit");
    assert_eq!(unit.act(&entry, "work", json!({})).await.body["status"], "in_progress");

    // What goes out has none; a kept number has one once a document gets it.
    let out = json!({"direction": "out", "subject": "Adresă inventată"});
    assert_eq!(clerk.post("/v1/registers/general/entries", "c", out).await.status, 201);
    assert_eq!(clerk.get(&format!("/v1/registers/general/{year}/2/deadline")).await["code"], "not-found");
    let kept = clerk.post("/v1/registers/general/reservations", "d", json!({"count": 1, "unit": "registratura"})).await;
    assert_eq!(kept.status, 201, "{:#}", kept.body);
    assert_eq!(clerk.get(&format!("/v1/registers/general/{year}/3/deadline")).await["code"], "not-found");
    let filled = clerk.act(&format!("general/{year}/3"), "fill", json!({"direction": "in", "subject": "Sosită"})).await;
    assert_eq!(filled.status, 200, "{:#}", filled.body);
    let term = clerk.get(&format!("/v1/registers/general/{year}/3/deadline")).await;
    assert_eq!(term["due_on"], ends(today(&hub), 30), "{term:#}");
    assert_eq!(clerk.get("/v1/orphans").await["orphans"], json!([]));
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_narrowed_role_sees_the_terms_of_its_registers_and_no_others() {
    Database::each(narrowed).await;
}

async fn narrowed(database: Database) {
    let hub = TestHub::start_with(database, quick).await;
    petition(&hub, "drum").await;
    let mut admin = signed_in(&hub, HUB_TOWN, "admin@primarie.example", &["administrator"]).await;
    let mut ana = signed_in(&hub, HUB_TOWN, "ana@primarie.example", &["clerk"]).await;
    let account = ana.open("/v1/session").await.json()["account"].as_str().unwrap().to_owned();
    let in_registers = |registers: &[&str]| json!({"role": "clerk", "registers": registers});
    let elsewhere = json!({"role": "clerk", "registers": ["petitii"], "units": ["arhiva"]});
    for (grants, count) in [
        (vec![in_registers(&["petitii"])], 1),
        (vec![in_registers(&["general"])], 0),
        (vec![in_registers(&["general"]), in_registers(&["petitii"])], 1),
        // For another unit, and in another register: together they are not a right for this unit in this register.
        (vec![elsewhere, in_registers(&["general"])], 0),
    ] {
        let path = format!("/v1/accounts/{account}/grants");
        let given = json!({"units": ["registratura"], "grants": &grants});
        let given = admin.api(Method::PUT, &path, &given).await;
        assert_eq!(given.status, 200, "{given:?}");
        ana.sign_in("ana@primarie.example", PASSWORD).await;
        for (path, list) in [("/v1/deadlines", "deadlines")] {
            let request = ana.request(Method::GET, path).header("punte-purpose", "control");
            let page = ana.send(request.header("punte-legal-basis", "OSGG 600/2018")).await;
            assert_eq!(page.status, 200, "{page:?}");
            assert_eq!(page.json()[list].as_array().unwrap().len(), count, "{path} by {grants:?}: {page:?}");
        }
    }
    hub.stop().await;
}
