//! What a list, a search and a report show to who holds a role for some of the institution only. All persons are invented.

use reqwest::Method;
use serde_json::{Value, json};
use tests::clerks::{COUNCIL, council};
use tests::client::{GLANCE, ask};
use tests::county::{self, HUB_TOWN, SENDER};
use tests::documents::{inquiry_envelope, inquiry_parts, letter};
use tests::people::{Browser, PASSWORD, signed_in};
use tests::{Client, Database, TestHub};

/// How often a story looks before it fails.
const LOOKS: usize = 1200;

/// A person of the town with these grants.
async fn person(hub: &TestHub, admin: &mut Browser, (login, grants): (&str, Value)) -> Browser {
    let mut browser = signed_in(hub, HUB_TOWN, login, &[]).await;
    let accounts = admin.open("/v1/accounts").await.json();
    let found = accounts["items"].as_array().unwrap().iter().find(|one| one["login"] == login).unwrap();
    let path = format!("/v1/accounts/{}/grants", found["account"].as_str().unwrap());
    let given = admin.api(Method::PUT, &path, &json!({"units": ["Urbanism"], "grants": grants})).await;
    assert_eq!(given.status, 200, "{given:?}");
    let entered = browser.sign_in(login, PASSWORD).await;
    if entered.location == "/sign-in/enrolment" {
        tests::people::enrol(hub, &mut browser).await;
    }
    browser
}

/// Asks and says why.
async fn asked(browser: &mut Browser, path: &str) -> (u16, Value) {
    let request = browser.request(Method::GET, path);
    let page =
        browser.send(request.header("punte-purpose", "control").header("punte-legal-basis", "OUG 57/2019")).await;
    (page.status, page.json())
}

/// What is shown of each item of a list, in its order.
async fn shown(browser: &mut Browser, path: &str, member: &str) -> Vec<String> {
    let (status, body) = asked(browser, path).await;
    assert_eq!(status, 200, "{path}: {body:#}");
    let items = body["items"].as_array().unwrap_or_else(|| panic!("{path}: {body:#}"));
    items.iter().map(|one| one[member].as_str().unwrap_or_default().to_owned()).collect()
}

async fn entered(client: &Client, register: &str, (subject, dossier): (&str, Option<&str>)) {
    let mut draft = json!({"direction": "in", "subject": subject});
    if let Some(code) = dossier {
        draft["dossier_code"] = code.into();
    }
    let request = client.request(Method::POST, &format!("/v1/registers/{register}/entries"));
    let request = request
        .header("idempotency-key", subject.replace(' ', "-"))
        .header("punte-clerk", "ana")
        .header("punte-unit", "Urbanism");
    let answer = ask(request.json(&draft)).await;
    assert_eq!(answer.status, 201, "{answer:#?}");
}

/// Looks until the institution's own system finds so many.
async fn until(client: &Client, query: &str, hits: usize) {
    for _ in 0..LOOKS {
        let (_, body) = client.get(&format!("/v1/search?{query}")).await;
        if body["items"].as_array().is_some_and(|items| items.len() == hits) {
            return;
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("{query} never has {hits} hits: {:#}", client.get(&format!("/v1/search?{query}")).await.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_finds_what_the_narrowed_role_reaches_and_pages_through_nothing_else() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| county::change(config, council)).await;
        let town = hub.client(HUB_TOWN);
        for number in 1..=6 {
            entered(&town, "general", (&format!("Vizibil general {number}"), Some("II/B/3"))).await;
            entered(&town, "petitii", (&format!("Vizibil petitie {number}"), None)).await;
        }
        entered(&town, "general", ("Vizibil general 7", Some("III/A/1"))).await;
        entered(&town, "general", ("Vizibil general 8", Some("II/B/30"))).await;
        until(&town, "q=vizibil&limit=50", 14).await;

        let mut admin = signed_in(&hub, HUB_TOWN, "admin@comuna.example", &["administrator"]).await;
        let narrowed = [
            ("petitii@comuna.example", json!([{"role": "clerk", "registers": ["petitii"]}]), 6),
            ("grupa@comuna.example", json!([{"role": "clerk", "dossier_groups": ["II/B/3"]}]), 6),
            ("directia@comuna.example", json!([{"role": "clerk", "dossier_groups": ["II"]}]), 7),
            // Two dimensions of one grant narrow each other; two grants are one beside the other.
            (
                "ambele@comuna.example",
                json!([{"role": "clerk", "registers": ["petitii"], "dossier_groups": ["II"]}]),
                0,
            ),
            (
                "doua@comuna.example",
                json!([{"role": "clerk", "registers": ["petitii"]}, {"role": "clerk", "dossier_groups": ["III"]}]),
                7,
            ),
            ("tip@comuna.example", json!([{"role": "clerk", "document_types": ["document-generic"]}]), 0),
            ("tot@comuna.example", json!([{"role": "clerk"}]), 14),
        ];
        for (login, grants, hits) in narrowed {
            let mut clerk = person(&hub, &mut admin, (login, grants)).await;
            let found = shown(&mut clerk, "/v1/search?q=vizibil&limit=50", "subject").await;
            assert_eq!(found.len(), hits, "{login}: {found:?}");
            // A page is cut of what is reached: it is full while there is more, and pages together are the whole.
            let (mut paged, mut before) = (Vec::new(), String::new());
            loop {
                let (_, page) = asked(&mut clerk, &format!("/v1/search?q=vizibil&limit=2{before}")).await;
                let items = page["items"].as_array().unwrap();
                paged.extend(items.iter().map(|one| one["subject"].as_str().unwrap().to_owned()));
                let Some(next) = page["next"].as_i64() else { break };
                assert_eq!(items.len(), 2, "{login}");
                before = format!("&before={next}");
            }
            assert_eq!(paged, found, "{login}");
        }
        hub.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_reports_hold_the_document_types_of_the_narrowed_role() {
    Database::each(async |database| {
        let hub = TestHub::start_with(database, |config| county::change(config, council)).await;
        let (sender, town) = (hub.client(SENDER), hub.client(HUB_TOWN));
        let (status, receipt) = sender.post("/v1/messages", "letter", &letter(&[HUB_TOWN], "scrisoare")).await;
        assert_eq!(status, 201, "{receipt:#}");
        let (status, other) = sender.send("inquiry", &inquiry_envelope(&[HUB_TOWN]), &inquiry_parts()).await;
        assert_eq!(status, 201, "{other:#}");
        for message in [&receipt, &other] {
            sender.wait_for_delivery(message["message_id"].as_str().unwrap(), HUB_TOWN, "consigned").await;
        }
        let (status, own) = town.post("/v1/messages", "own", &letter(&[COUNCIL], "către consiliu")).await;
        assert_eq!(status, 201, "{own:#}");
        town.wait_for_delivery(own["message_id"].as_str().unwrap(), COUNCIL, "consigned").await;

        let mut admin = signed_in(&hub, HUB_TOWN, "admin@comuna.example", &["administrator"]).await;
        let letters = json!([{"role": "head-of-unit", "document_types": ["document-generic"]},
                             {"role": "integrator", "document_types": ["document-generic"]}]);
        let none = json!([{"role": "head-of-unit", "document_types": ["nu-este"]},
                          {"role": "integrator", "document_types": ["nu-este"]}]);
        let all = json!([{"role": "head-of-unit"}, {"role": "integrator"}]);
        let day = hub.running().hub.clock.now().romanian_date();
        let reconciled = format!("/v1/reports/reconciliation?institution={SENDER}&direction=received&day={day}");
        for (login, grants, counts) in [
            ("scrisori@comuna.example", letters, [1, 1, 2, 2, 1]),
            ("nimic@comuna.example", none, [0, 0, 0, 0, 0]),
            ("tot@comuna.example", all, [2, 1, 3, 3, 2]),
        ] {
            let mut head = person(&hub, &mut admin, (login, grants)).await;
            let lists = ["/v1/inbox", "/v1/messages", "/v1/evidence/search", "/v1/exchanges"];
            for (list, count) in lists.into_iter().zip(counts) {
                let types = shown(&mut head, list, "document_type").await;
                assert_eq!(types.len(), count, "{login} at {list}: {types:?}");
            }
            let (status, report) = asked(&mut head, &reconciled).await;
            assert_eq!((status, report["rows"].as_array().unwrap().len()), (200, counts[4]), "{login}: {report:#}");
            let number = other["message_id"].as_str().unwrap();
            let found = shown(&mut head, &format!("/v1/evidence/search?number={number}"), "document_type").await;
            assert_eq!(found.len(), counts[4] / 2, "{login}: a number leads to nothing that is not reached");
            let (status, work) = asked(&mut head, "/v1/work").await;
            assert_eq!((status, &work["to_take"]["count"]), (200, &json!(counts[0])), "{login}: {work:#}");
            let (_, undelivered) = asked(&mut head, "/v1/reports/undelivered").await;
            let states: i64 =
                undelivered["states"].as_array().unwrap().iter().map(|one| one["count"].as_i64().unwrap()).sum();
            assert_eq!(states, i64::try_from(counts[1]).unwrap(), "{login}: {undelivered:#}");
        }
        // A register is another dimension: who holds the role there alone is told where, and shown no message.
        let register = json!([{"role": "head-of-unit", "registers": ["petitii"]}]);
        let mut head = person(&hub, &mut admin, ("registru@comuna.example", register)).await;
        assert_eq!(asked(&mut head, "/v1/reports/deadlines").await.0, 200);
        let (status, refused) = asked(&mut head, "/v1/reports/undelivered").await;
        assert_eq!((status, &refused["scope"]["kind"]), (403, &json!("register")), "{refused:#}");
        hub.stop().await;
    })
    .await;
}
