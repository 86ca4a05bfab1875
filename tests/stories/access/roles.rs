//! Roles of an institution's own: defined, given, changed and withdrawn, on both databases. All persons are invented.

use reqwest::Method;
use serde_json::{Value, json};
use tests::county::{HUB_TOWN, SENDER};
use tests::people::{Browser, PASSWORD, Page, enrol, invite, signed_in};
use tests::{Database, TestHub};

const ROLE: &str = "/v1/roles/urbanism-cititor";

/// Asks with a version to change.
async fn change(browser: &mut Browser, (method, path): (Method, &str), version: i64, body: &Value) -> Page {
    let session = browser.open("/v1/session").await.json();
    let request = browser
        .request(method, path)
        .header("Punte-Form", session["form_token"].as_str().unwrap())
        .header("if-match", format!("\"{version}\""));
    browser.send(request.json(body)).await
}

/// Searches, and says why.
async fn search(browser: &mut Browser) -> Page {
    let request = browser.request(Method::GET, "/v1/search?q=cerere");
    browser.send(request.header("punte-purpose", "control").header("punte-legal-basis", "OSGG 600/2018")).await
}

fn definition(permissions: &[&str]) -> Value {
    json!({"name": "cititor la urbanism", "name_en": "reader of urbanism", "permissions": permissions,
           "reason": "decizia 7 (inventată)"})
}

/// The id of an account, as an administrator sees it.
async fn account(admin: &mut Browser, login: &str) -> String {
    let accounts = admin.open("/v1/accounts").await.json();
    let found = accounts["items"].as_array().unwrap().iter().find(|one| one["login"] == login).unwrap();
    found["account"].as_str().unwrap().to_owned()
}

async fn give(admin: &mut Browser, account: &str, grants: Value) -> Page {
    let path = format!("/v1/accounts/{account}/grants");
    admin.api(Method::PUT, &path, &json!({"units": ["Urbanism"], "grants": grants})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_of_the_institution_lets_do_exactly_what_it_says_now() {
    Database::each(road).await;
}

async fn road(database: Database) {
    let hub = TestHub::start(database).await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let mut reader = signed_in(&hub, SENDER, "ana@comuna.example", &[]).await;
    let ana = account(&mut admin, "ana@comuna.example").await;
    assert_eq!(reader.open("/v1/registers").await.status, 403, "without a role nothing is open");

    let unknown = give(&mut admin, &ana, json!([{"role": "urbanism-cititor"}])).await;
    assert_eq!(unknown.json()["code"], "invalid-account", "a role that is not there is not given: {unknown:?}");
    let made = admin.api(Method::PUT, ROLE, &definition(&["registers.read", "self.account"])).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.headers["etag"], "\"1\"");
    let given = give(&mut admin, &ana, json!([{"role": "urbanism-cititor"}])).await;
    assert_eq!(given.status, 200, "{given:?}");
    assert_eq!(reader.sign_in("ana@comuna.example", PASSWORD).await.status, 303, "a grant ends the sessions");
    assert_eq!(reader.open("/v1/registers").await.status, 200);
    let refused = search(&mut reader).await;
    assert_eq!((refused.status, &refused.json()["permission"]), (403, &json!("search.read")));

    // A change holds in the session that is open, at once on the node that made it.
    let wanted = definition(&["search.read", "self.account"]);
    assert_eq!(admin.api(Method::PUT, ROLE, &wanted).await.json()["code"], "version-needed");
    assert_eq!(change(&mut admin, (Method::PUT, ROLE), 7, &wanted).await.json()["code"], "version-changed");
    let changed = change(&mut admin, (Method::PUT, ROLE), 1, &wanted).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(search(&mut reader).await.status, 200);
    assert_eq!(reader.open("/v1/registers").await.status, 403);

    // Another institution has no such role, and one of the same id is another one.
    let mut stranger = signed_in(&hub, HUB_TOWN, "admin@primarie.example", &["administrator"]).await;
    assert_eq!(stranger.open(ROLE).await.status, 404);
    let withdraw = format!("{ROLE}/withdraw");
    let foreign = change(&mut stranger, (Method::POST, &withdraw), 2, &json!({})).await;
    assert_eq!(foreign.status, 404, "{foreign:?}");
    assert!(!stranger.open("/v1/roles").await.text.contains("urbanism"));

    let gone = change(&mut admin, (Method::POST, &withdraw), 2, &json!({})).await;
    assert_eq!(gone.status, 200, "{gone:?}");
    assert_eq!(search(&mut reader).await.status, 403);
    let back = change(&mut admin, (Method::PUT, ROLE), 3, &wanted).await;
    assert_eq!(back.json()["code"], "state-conflict", "what was withdrawn does not come back: {back:?}");
    let told = admin.open(ROLE).await.json();
    let versions: Vec<_> = told["versions"].as_array().unwrap().iter().map(|one| one["withdrawn"].clone()).collect();
    assert_eq!(versions, [false, false, true], "{told:#}");
    let acts = hub.number("select count(*) as number from audit_event where kind like 'role.%'").await;
    assert_eq!(acts, 3, "defined, changed and withdrawn are on record");
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gives_by_a_role_what_it_may_not_give() {
    let hub = TestHub::start(Database::Sqlite).await;
    let mut admin = signed_in(&hub, SENDER, "admin@comuna.example", &["administrator"]).await;
    let hubs = admin.api(Method::PUT, ROLE, &definition(&["registers.read", "hub.keys"])).await;
    assert_eq!(hubs.json()["code"], "role-not-given", "{hubs:?}");
    assert!(hubs.json()["detail_en"].as_str().unwrap().contains("hub.keys"), "{hubs:?}");
    for (path, body, field) in [
        ("/v1/roles/operator", definition(&["registers.read"]), "role"),
        ("/v1/roles/Urbanism", definition(&["registers.read"]), "role"),
        (ROLE, definition(&[]), "permissions"),
        (ROLE, json!({"name": " ", "name_en": "x", "permissions": ["registers.read"]}), "name"),
    ] {
        let refused = admin.api(Method::PUT, path, &body).await;
        assert_eq!((&refused.json()["code"], &refused.json()["field"]), (&json!("invalid-role"), &json!(field)));
    }
    let nonsense = admin.api(Method::PUT, ROLE, &definition(&["registers.everything"])).await;
    assert_eq!(nonsense.json()["code"], "malformed-request", "{nonsense:?}");

    // Who keeps accounts and gives no roles cannot come by the rights of others through their links, nor widen its own role.
    let personnel = definition(&["accounts.read", "accounts.manage", "self.account"]);
    assert_eq!(admin.api(Method::PUT, "/v1/roles/personal", &personnel).await.status, 201);
    let mut helper = signed_in(&hub, SENDER, "dan@comuna.example", &[]).await;
    let dan = account(&mut admin, "dan@comuna.example").await;
    assert_eq!(give(&mut admin, &dan, json!([{"role": "personal"}])).await.status, 200);
    let asked = helper.sign_in("dan@comuna.example", PASSWORD).await;
    assert_eq!(
        asked.location, "/sign-in/enrolment",
        "a role that lets do something dangerous asks for a second factor"
    );
    assert_eq!(helper.open("/v1/accounts").await.status, 401, "before it there is no session");
    enrol(&hub, &mut helper).await;
    let (head, _) = invite(&hub, SENDER, "sef@comuna.example", &["head-of-unit"]).await;
    let reset = helper.api(Method::POST, &format!("/v1/accounts/{}/reset", head.id), &json!({})).await;
    assert_eq!(reset.json()["code"], "role-not-given", "{reset:?}");
    let locked = helper.api(Method::POST, &format!("/v1/accounts/{}/lock", head.id), &json!({})).await;
    assert_eq!(locked.status, 200, "what gives nobody a right stays open: {locked:?}");
    let new = json!({"login": "nou@comuna.example", "display_name": "Inventat", "pseudonym": "f-nou",
                     "grants": [{"role": "personal"}]});
    assert_eq!(helper.api(Method::POST, "/v1/accounts", &new).await.json()["code"], "role-not-given");
    assert_eq!(change(&mut helper, (Method::PUT, "/v1/roles/personal"), 1, &personnel).await.status, 403);
    hub.stop().await;
}
