//! The test of the tests: what is there without a page, a lock or a story fails here.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hub_flow::delivery::DeliveryState;
use hub_flow::evidence::{Event, Reason};
use hub_server::api::door::Access;
use hub_server::{api, problems};
use syn::LitStr;
use syn::visit::Visit;
use tests::client::ask;
use tests::{Client, Database, TestHub};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_problem_has_a_page_and_every_page_a_problem() {
    let pages: BTreeSet<String> = std::fs::read_dir(root().join("docs/problems"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "README")
        .collect();
    let codes: BTreeSet<String> = problems::ALL.iter().map(|kind| kind.code.to_owned()).collect();
    assert_eq!(codes, pages);
    assert_eq!(codes.len(), problems::ALL.len(), "a code is used twice");
}

#[test]
fn every_state_of_a_delivery_has_a_story() {
    let mut told = Words::default();
    for theme in std::fs::read_dir(root().join("tests/stories")).unwrap() {
        for entry in std::fs::read_dir(theme.unwrap().path()).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            told.visit_file(&syn::parse_file(&text).unwrap());
        }
    }
    let silent: Vec<_> = DeliveryState::ALL.iter().filter(|state| !told.0.contains(state.as_str())).collect();
    assert!(silent.is_empty(), "no story waits for {silent:?}");
}

#[test]
fn every_event_is_in_the_table_of_evidence_with_code_and_a_test_that_name_it() {
    let page = std::fs::read_to_string(root().join("docs/evidence-events.md")).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    for event in Event::ALL {
        let row = rows.iter().find(|row| row[0] == event.number()).unwrap_or_else(|| panic!("{event:?} has no row"));
        assert_eq!(row[1], event.as_str());
        let named = |place: &str| {
            let path = root().join(place);
            let text = if path.is_dir() { all_of(&path) } else { std::fs::read_to_string(&path).unwrap() };
            text.contains(event.as_str()) || text.contains("Event::ALL")
        };
        let code: Vec<&str> = row[3].split(", ").map(|place| place.trim_matches('`')).collect();
        assert!(
            code.iter().any(|place| named(&format!("hub/flow/src/{place}"))),
            "{event:?} is not issued in {code:?}"
        );
        assert!(named(row[4].trim_matches('`')), "{event:?} is not played in {}", row[4]);
    }
}

#[test]
fn every_reason_is_issued_or_said_to_have_no_occasion() {
    let page = std::fs::read_to_string(root().join("docs/evidence-events.md")).unwrap();
    let without = page.split("## Reasons not issued today").nth(1).unwrap();
    let flow = all_of(&root().join("hub/flow/src/flow")) + &all_of(&root().join("hub/flow/src/validation"));
    for reason in Reason::ALL {
        let issued = flow.contains(&format!("Reason::{reason:?}"));
        let said = without.contains(&format!("`{}`", reason.code()));
        assert!(issued || said || reason.code().ends_with("XX"), "{reason:?} is neither issued nor said to be unused");
        assert!(!(issued && said), "{reason:?} is issued; the page says it is not");
    }
}

/// The text of every file in a folder.
fn all_of(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| if path.is_dir() { all_of(&path) } else { std::fs::read_to_string(path).unwrap() }).collect()
}

/// The texts a file holds outside its macros: what stories wait for, not what they print.
#[derive(Default)]
struct Words(BTreeSet<String>);

impl<'ast> Visit<'ast> for Words {
    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.0.insert(text.value());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_door_but_those_open_to_all_is_closed_without_a_key() {
    let door = api::door();
    assert!(door.routes().len() >= 128, "the routes are not found: {:#?}", door.routes());

    let hub = TestHub::start(Database::Sqlite).await;
    let stranger = Client::of(&hub.running().url(), "nobody");
    let bare = reqwest::Client::new();
    for route in door.routes() {
        let open = matches!(route.access, Access::Everybody(_));
        let path = route.path.split('/').map(|segment| if segment.starts_with('{') { "any" } else { segment });
        let path = path.collect::<Vec<_>>().join("/");
        let method: reqwest::Method = route.method.parse().unwrap();
        let without = bare.request(method.clone(), format!("{}{path}", hub.running().url()));
        for request in [without, stranger.request(method.clone(), &path)] {
            let answer = ask(request.header("idempotency-key", "k").json(&())).await;
            assert_eq!(answer.status == 401, !open, "{route:?}: {answer:#?}");
            assert_eq!(answer.body["code"] == "unauthenticated", !open, "{route:?}");
        }
    }
    hub.stop().await;
}

#[test]
fn routes_come_in_by_the_door_alone() {
    let server = all_of(&root().join("hub/server/src/api")) + &all_of(&root().join("hub/server/src/pages"));
    assert_eq!(server.matches("Router::new()").count(), 0, "a router beside the door has no permissions");
    assert_eq!(server.matches(".route(").count(), 1, "the door adds the only routes");
    let handlers: BTreeSet<_> = api::door().routes().iter().map(|route| (route.method, route.path)).collect();
    assert_eq!(handlers.len(), api::door().routes().len(), "a route is there twice");
}
