//! Every role at every route of the door, in two institutions: who may come in does, who may not is told why, and nobody sees
//! anything of the other institution. The routes are the door's own list: a new one is asked for as soon as it is there.

use std::collections::BTreeSet;

use hub_flow::authorization::{BuiltIn, Permission};
use hub_server::api;
use hub_server::api::door::{Access, Route};
use reqwest::Method;
use serde_json::{Value, json};
use tests::client::{Answer, ask};
use tests::tenancy::{self, OWNER, Objects, SECRET, STRANGER, may, system};
use tests::{Client, Database, TestHub};

/// Routes with a parameter for which the owner has no object in this story; each is asked for with a thing of another kind. The
/// directory is everybody's; notices, encryption keys and uploaded content have stories of their own.
const WITHOUT_OBJECT: [&str; 7] = [
    "/v1/credentials/{id}/rotate",
    "/v1/deadlines/notices/{id}/read",
    "/v1/directory/{kind}/{id}",
    "/v1/directory/{kind}/{id}/history",
    "/v1/directory/{kind}/{id}/withdraw",
    "/v1/parties/{party}/keys/{kid}",
    "/v1/registers/{register}/{year}/{number}/content/{position}",
];

/// What people alone may do, and no route asks for yet where the list is empty.
fn permission(route: &Route) -> Option<Permission> {
    match route.access {
        Access::With(permission) => Some(permission),
        Access::Everybody(_) => None,
    }
}

/// A request that is whole but for what it is about, so that what answers is the rule and not the form.
fn body(path: &str) -> Value {
    let reason = "motiv de probă";
    match path.rsplit('/').next().unwrap_or_default() {
        "correct" => json!({"changes": {"subject": "altul"}, "reason": reason}),
        "connect" => json!({"to": {"year": 2026, "number": 1}}),
        "fill" => json!({"subject": "altul"}),
        "fillings" => json!({"entries": []}),
        "annul" | "release" | "suspension" | "resumption" | "refuse-annulment" | "reject" => json!({"reason": reason}),
        "assignment" => json!({"units": ["urbanism"]}),
        "resolution" => json!({"outcome": "resolved", "resolution": "rezolvat"}),
        "approval" | "decision" => json!({"decision": "approved"}),
        "classify" => json!({"code": "I/A/3"}),
        "rights" => json!({"units": ["urbanism"]}),
        "handover" => json!({"number": "5", "date": "2028-02-01"}),
        "confirmation" => json!({"number": "88", "date": "2039-02-01", "service": "Serviciul Arhivelor"}),
        _ => json!({}),
    }
}

async fn asked(client: &Client, route: &Route, path: &str, key: &str) -> Answer {
    let request = client.request(route.method.parse::<Method>().unwrap(), path);
    let request = request.header("punte-clerk", "eva").header("punte-unit", "arhiva").header("idempotency-key", key);
    let request = request.header("punte-purpose", "control").header("punte-legal-basis", "OSGG 600/2018");
    ask(if route.method == "GET" { request } else { request.json(&body(route.path)) }).await
}

/// Whether an answer is the door's own refusal of a permission.
fn is_refusal(answer: &Answer) -> bool {
    answer.status == 403 && answer.body["code"] == "forbidden" && answer.body["permission"].is_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_comes_in_where_it_may_and_no_institution_sees_the_other() {
    Database::each(async |database| {
        let (hub, _register, objects) = tenancy::start(database).await;
        let door = api::door();
        let without: BTreeSet<_> = door
            .routes()
            .iter()
            .filter(|route| !objects.fill(route.path).1 && guarded(route))
            .map(|one| one.path)
            .collect();
        assert_eq!(
            without,
            WITHOUT_OBJECT.into(),
            "a new route with a parameter needs an object in tests/src/tenancy.rs"
        );

        nobody_without_a_key_comes_in(&hub, door.routes(), &objects).await;
        let before = seen(&hub, door.routes(), &objects).await;
        let whole = before.iter().filter(|one| one.1.contains(SECRET)).count();
        assert!(whole >= 4, "the owner sees its own in {whole} of {:#?}", paths(&before));
        let mut wrong = Vec::new();
        // Made once: a client reads the certificates of the whole system.
        let of = |party: &'static str| {
            BuiltIn::ALL.map(|role| (role, Client::of(&hub.running().url(), &system(party, role))))
        };
        let (strangers, owners) = (of(STRANGER), of(OWNER));
        for route in door.routes() {
            for (role, client) in &strangers {
                wrong.extend(a_stranger_gets_nothing(client, (route, *role), &objects).await);
            }
        }
        let after = seen(&hub, door.routes(), &objects).await;
        wrong.extend(
            before
                .iter()
                .zip(&after)
                .filter(|(one, other)| one != other)
                .map(|pair| format!("a stranger changed {pair:#?}")),
        );
        for route in door.routes() {
            for (role, client) in &owners {
                wrong.extend(the_owner_gets_what_the_matrix_says(client, (route, *role), &objects).await);
            }
        }
        assert!(wrong.is_empty(), "{} cells are not as the matrix says:\n{}", wrong.len(), wrong.join("\n"));
        hub.stop().await;
    })
    .await;
    tests::reference::settled();
}

fn paths(seen: &[(String, String)]) -> Vec<String> {
    seen.iter().map(|(path, answer)| format!("{path}: {}", &answer[..3])).collect()
}

fn guarded(route: &Route) -> bool {
    permission(route).is_some()
}

/// What the owner's own system sees of its objects; the journal and what tells the hour change by being
/// asked, and filing goes on by itself.
async fn seen(hub: &TestHub, routes: &[Route], objects: &Objects) -> Vec<(String, String)> {
    let client = hub.client(OWNER);
    let mut seen = Vec::new();
    let still =
        ["/v1/messages/{id}", "/v1/inbox", "/v1/registers", "/v1/correspondents", "/v1/dead-letters", "/v1/archive"];
    let moving = [
        "/package",
        ".pdf",
        "/paper",
        "/minutes",
        "/proof",
        "/content",
        "/receipt",
        "/log-proof",
        "/record",
        ".xlsx",
        ".csv",
        "/view",
        "/v1/archive/dossiers",
        "/v1/archive/filings",
    ];
    for route in routes.iter().filter(|route| route.method == "GET" && guarded(route)) {
        if still.iter().any(|one| route.path.starts_with(one)) && !moving.iter().any(|one| route.path.ends_with(one)) {
            let path = objects.fill(route.path).0;
            let path = if route.path == "/v1/correspondents" { format!("{path}?name=TAINA") } else { path };
            let answer = asked(&client, route, &path, "k").await;
            seen.push((path, format!("{} {}", answer.status, answer.body)));
        }
    }
    seen
}

async fn nobody_without_a_key_comes_in(hub: &TestHub, routes: &[Route], objects: &Objects) {
    let bare = reqwest::Client::new();
    for route in routes.iter().filter(|route| guarded(route)) {
        let path = format!("{}{}", hub.running().url(), objects.fill(route.path).0);
        let request = bare.request(route.method.parse().unwrap(), path).header("idempotency-key", "k");
        let answer = ask(request.json(&body(route.path))).await;
        assert_eq!((answer.status, &answer.body["code"]), (401, &json!("unauthenticated")), "{route:?}: {answer:#?}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
}

/// What is wrong with the answer to a role of the other institution.
async fn a_stranger_gets_nothing(
    client: &Client,
    (route, role): (&Route, BuiltIn),
    objects: &Objects,
) -> Option<String> {
    let path = objects.fill(route.path).0;
    let answer = asked(client, route, &path, &format!("stranger-{}", role.as_str())).await;
    let wrong = |why: &str| {
        Some(format!("{} at {} {path} {why}: {} {}", role.as_str(), route.method, answer.status, answer.body))
    };
    if answer.status >= 500 {
        return wrong("breaks");
    }
    let overseen = role == BuiltIn::Operator && tenancy::is_overseen(route.path);
    if !overseen && answer.body.to_string().contains(SECRET) {
        return wrong("shows the other institution's");
    }
    let permission = permission(route)?;
    if is_refusal(&answer) == may(role, permission) {
        return wrong("is not what the matrix says");
    }
    let named = !overseen && (objects.is_of_one_institution(route.path) || names_an_object(route.path));
    if named && route.method == "GET" && ![403, 404].contains(&answer.status) {
        return wrong("names what is another's");
    }
    if named && !(400..500).contains(&answer.status) {
        return wrong("does something with what is another's");
    }
    None
}

/// Whether the path names something that belongs to one institution alone. Registers and years are everybody's own, systems
/// are everybody's.
fn names_an_object(path: &str) -> bool {
    let shared = path.starts_with("/v1/nomenclatures/");
    !shared && ["{id}", "{delivery}", "{number}", "{evidence}", "{version}"].iter().any(|one| path.contains(one))
}

/// What is wrong with the answer to a role of the owner.
async fn the_owner_gets_what_the_matrix_says(
    client: &Client,
    (route, role): (&Route, BuiltIn),
    objects: &Objects,
) -> Option<String> {
    let path = objects.fill(route.path).0;
    let answer = asked(client, route, &path, &format!("owner-{}", role.as_str())).await;
    let wrong = |why: &str| {
        Some(format!("{} at {} {path} {why}: {} {}", role.as_str(), route.method, answer.status, answer.body))
    };
    if answer.status >= 500 || answer.status == 401 {
        return wrong("breaks");
    }
    let Some(permission) = permission(route) else {
        return if is_refusal(&answer) { wrong("is open to all") } else { None };
    };
    if is_refusal(&answer) == may(role, permission) {
        return wrong("is not what the matrix says");
    }
    if is_refusal(&answer) {
        let holders: Vec<&str> =
            BuiltIn::ALL.iter().filter(|one| one.holds(permission)).map(|one| one.as_str()).collect();
        let told = answer.body["permission"] == permission.as_str() && answer.body["roles"] == json!(holders);
        let way_out = answer.body["detail_en"].as_str().is_some_and(|text| text.contains("it is given by"));
        return if told && way_out { None } else { wrong("does not say what is missing and who gives it") };
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_and_bodies_give_nobody_more_than_was_granted() {
    let (hub, _register, _) = tenancy::start(Database::Sqlite).await;
    let clerk = Client::of(&hub.running().url(), &system(STRANGER, BuiltIn::Clerk));
    let list = "/v1/registers/general/entries";
    // Neither a header nor a parameter nor a field of the body says who somebody is.
    for (name, value) in [("x-forwarded-user", OWNER), ("punte-party", OWNER), ("x-original-url", "/health/live")] {
        let answer = ask(clerk.request(Method::GET, list).header(name, value)).await;
        assert_eq!(answer.status, 200, "{answer:#?}");
        assert!(!answer.body.to_string().contains(SECRET), "{name}: {answer:#?}");
    }
    let answer = ask(clerk.request(Method::GET, &format!("{list}?party={OWNER}&operator=true"))).await;
    assert!(!answer.body.to_string().contains(SECRET), "{answer:#?}");
    let taken = json!({"subject": "Cerere", "party": OWNER, "operator": true});
    let request = clerk.request(Method::POST, list).header("idempotency-key", "mass").header("punte-clerk", "eva");
    let answer = ask(request.json(&taken)).await;
    assert_eq!(answer.status, 422, "a field nobody knows is refused, and assigns nothing: {answer:#?}");
    // What travels up is no other route, and what is written twice or in another script is no other register.
    for path in
        ["/v1/registers/..%2f..%2fjournal/entries", "/v1/registers/general%00/entries", "/v1/registers/GENERAL/entries"]
    {
        let answer = ask(clerk.request(Method::GET, path)).await;
        assert_eq!(answer.status, 404, "{path}: {answer:#?}");
    }
    // A key is itself: not its beginning, not with more behind it, not under another scheme.
    let key = tests::county::key(&system(OWNER, BuiltIn::Clerk));
    let bare = reqwest::Client::new();
    let url = format!("{}{list}", hub.running().url());
    let wrong = [
        format!("Bearer {}", &key[..key.len() - 1]),
        format!("Bearer {key}x"),
        format!("Basic {key}"),
        format!("Bearer {key}, Bearer {key}"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
    ];
    for header in wrong {
        let answer = ask(bare.get(&url).header("authorization", &header)).await;
        assert_eq!(answer.status, 401, "{header}: {answer:#?}");
    }
    let answer = ask(bare.get(&url).header("authorization", format!("bearer {key}"))).await;
    assert_eq!(answer.status, 200, "the scheme is written in any case (RFC 9110, section 11.1): {answer:#?}");
    hub.stop().await;
}
