//! The same matrix as people call it: with the cookie of a session and the token of its pages, in every built-in role and in
//! one of the institution's own. All persons are invented.

use std::collections::BTreeSet;

use hub_flow::authorization::{BuiltIn, Permission, PermissionSet};
use hub_server::api;
use hub_server::api::door::{Access, Route};
use reqwest::Method;
use serde_json::{Value, json};
use tests::people::{Browser, Page, signed_in};
use tests::tenancy::{self, OWNER, Objects, SECRET, STRANGER};
use tests::{Database, TestHub};

/// What the institution's own role lets do: some of several built-in roles, and of none all.
const OWN: [&str; 5] = ["registers.read", "archive.dossiers.read", "accounts.read", "reports.read", "self.account"];
/// Routes that end the very session that asks.
const ENDS: [&str; 1] = ["/v1/session/end"];

/// A person with a role, signed in, and the token of its pages.
struct Seat {
    name: String,
    browser: Browser,
    token: String,
    permissions: PermissionSet,
}

async fn seat(hub: &TestHub, party: &str, (role, permissions): (&str, PermissionSet)) -> Seat {
    let mut browser = signed_in(hub, party, &format!("{role}@{party}.example"), &[role]).await;
    let session = browser.open("/v1/session").await.json();
    let token = session["form_token"].as_str().unwrap_or_else(|| panic!("{role}: {session:#}")).to_owned();
    Seat { name: format!("{role} of {party}"), browser, token, permissions }
}

/// A person in every role for people, and one in a role the institution made.
async fn seats(hub: &TestHub, party: &str) -> Vec<Seat> {
    let mut seats = Vec::new();
    for role in BuiltIn::ALL.into_iter().filter(|role| *role != BuiltIn::PartnerSystem) {
        seats.push(seat(hub, party, (role.as_str(), role.permissions())).await);
    }
    let administrator = seats.iter_mut().find(|one| one.name.starts_with("administrator")).unwrap();
    let definition = json!({"name": "cititor", "name_en": "reader", "permissions": OWN, "reason": "probă"});
    let made = administrator.browser.api(Method::PUT, "/v1/roles/cititor", &definition).await;
    assert_eq!(made.status, 201, "{made:?}");
    let permissions = OWN.iter().map(|one| Permission::parse(one).unwrap()).collect();
    seats.push(seat(hub, party, ("cititor", permissions)).await);
    seats
}

impl Seat {
    async fn asked(&mut self, (route, path): (&Route, &str), token: bool) -> Page {
        let request = self.browser.request(route.method.parse().unwrap(), path);
        let request = request.header("idempotency-key", self.name.replace(' ', "-"));
        let request = request.header("punte-purpose", "control").header("punte-legal-basis", "OSGG 600/2018");
        let request = if token { request.header("punte-form", &self.token) } else { request };
        let request = if route.method == "GET" { request } else { request.json(&json!({})) };
        self.browser.send(request).await
    }
}

fn permission(route: &Route) -> Option<Permission> {
    match route.access {
        Access::With(permission) => Some(permission),
        Access::Everybody(_) => None,
    }
}

/// Whether an answer is the door's own refusal of a permission.
fn is_refusal(page: &Page) -> bool {
    let body = page.json();
    page.status == 403 && body["code"] == "forbidden" && body["permission"].is_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_come_in_where_their_role_lets_them_and_see_nothing_of_another_institution() {
    Database::each(async |database| {
        let (hub, _register, objects) = tenancy::start(database).await;
        let (mut owners, mut strangers) = (seats(&hub, OWNER).await, seats(&hub, STRANGER).await);
        let door = api::door();
        let routes: Vec<&Route> =
            door.routes().iter().filter(|route| permission(route).is_some() && !ENDS.contains(&route.path)).collect();
        let mut wrong = Vec::new();
        for route in &routes {
            for seat in &mut strangers {
                wrong.extend(a_stranger_gets_nothing(seat, route, &objects).await);
            }
        }
        for route in &routes {
            for seat in &mut owners {
                wrong.extend(as_the_role_says(seat, route, &objects).await);
            }
        }
        assert!(wrong.is_empty(), "{} cells are not as the matrix says:\n{}", wrong.len(), wrong.join("\n"));
        hub.stop().await;
    })
    .await;
}

/// What is wrong with the answer to a person of the other institution.
async fn a_stranger_gets_nothing(seat: &mut Seat, route: &Route, objects: &Objects) -> Option<String> {
    let (path, real) = objects.fill(route.path);
    let page = seat.asked((route, &path), true).await;
    let named = real && objects.is_of_one_institution(route.path);
    if seat.name.starts_with("operator") && tenancy::is_overseen(route.path) {
        return cell(seat, (route, &path), &page);
    }
    if page.text.contains(SECRET) {
        return Some(said(seat, (route, &path), &page, "shows the other institution's"));
    }
    if named && !(if route.method == "GET" { 403..405 } else { 400..500 }).contains(&page.status) {
        return Some(said(seat, (route, &path), &page, "is not told that it does not exist"));
    }
    cell(seat, (route, &path), &page)
}

/// What is wrong with the answer to a person of the owner, with and without the token of the page.
async fn as_the_role_says(seat: &mut Seat, route: &Route, objects: &Objects) -> Option<String> {
    let path = objects.fill(route.path).0;
    if route.method != "GET" {
        let forged = seat.asked((route, &path), false).await;
        if !(400..500).contains(&forged.status) {
            return Some(said(seat, (route, &path), &forged, "is done without the token of the page"));
        }
    }
    let page = seat.asked((route, &path), true).await;
    cell(seat, (route, &path), &page)
}

fn cell(seat: &Seat, at: (&Route, &str), page: &Page) -> Option<String> {
    let holds = seat.permissions.contains(permission(at.0)?);
    if page.status >= 500 || page.status == 401 {
        return Some(said(seat, at, page, "breaks"));
    }
    (is_refusal(page) == holds).then(|| said(seat, at, page, "is not what the role says"))
}

fn said(seat: &Seat, (route, path): (&Route, &str), page: &Page, why: &str) -> String {
    let text: String = page.text.chars().take(300).collect();
    format!("{} at {} {path} {why}: {} {text}", seat.name, route.method, page.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_to_one_institution_is_there_for_it_and_for_nobody_else() {
    let (hub, _register, objects) = tenancy::start(Database::Sqlite).await;
    let door = api::door();
    let routes = door.routes().iter().filter(|route| route.method == "GET");
    let mut shown = BTreeSet::new();
    let (owner, stranger) = (hub.client(OWNER), hub.client(STRANGER));
    let mut administrator =
        signed_in(&hub, OWNER, "admin@comuna.example", &["administrator", "compliance-officer"]).await;
    let mut foreign =
        signed_in(&hub, STRANGER, "admin@straina.example", &["administrator", "compliance-officer"]).await;
    for route in routes.filter(|route| objects.is_of_one_institution(route.path)) {
        let (path, real) = objects.fill(route.path);
        if !real || !objects.is_belonging(route.path) {
            continue;
        }
        let seen = administrator.open(&path).await.status;
        let (by_system, _): (_, Value) = owner.get(&path).await;
        assert!(seen == 200 || by_system == 200, "its own institution sees {path}: {seen} {by_system}");
        let (denied, answer) = stranger.get(&path).await;
        assert!([403, 404].contains(&denied.as_u16()), "{path}: {answer:#}");
        let denied = foreign.open(&path).await;
        assert!([403, 404].contains(&denied.status), "{path}: {denied:?}");
        assert!(
            seen != 200 || denied.status == 404,
            "who may see its own is told that this does not exist: {path}: {denied:?}"
        );
        shown.insert(route.path);
    }
    assert!(shown.len() >= 8, "{shown:?}");
    hub.stop().await;
}
