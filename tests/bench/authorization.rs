//! What it costs to know who calls and whether it may: from the headers of a request to `May`, caches warm, no HTTP around it.
//!
//! `cargo bench -p tests --bench authorization`

use std::time::Instant;

use axum::extract::FromRequestParts as _;
use axum::http::Request;
use hub_flow::authorization::{Asked, Grant, Held, Permission, Principal, Scope, Who, allows, to};
use hub_server::api::may::May;
use jiff::civil::date;
use tests::county::{SENDER, key};
use tests::{Database, TestHub};

const CALLS: u32 = 20_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let hub = TestHub::start(Database::Sqlite).await;
    let app = &hub.running().app;
    let bearer = format!("Bearer {}", key(SENDER));
    let mut took = Vec::new();
    for _ in 0..CALLS {
        let request = Request::get("/v1/registers/general/entries").header("authorization", &bearer).body(());
        let (mut parts, ()) = request.expect("a request").into_parts();
        let begun = Instant::now();
        let may = May::<to::RegistersRead>::from_request_parts(&mut parts, app).await;
        took.push(begun.elapsed());
        assert!(may.is_ok_and(|may| may.party == SENDER));
    }
    took.sort_unstable();
    let at = |part: usize| took[took.len() * part / 1000];
    println!(
        "key to May: median {:.1?}, 99 of 100 within {:.1?}, 999 of 1000 within {:.1?}",
        at(500),
        at(990),
        at(999)
    );
    decided();
    hub.stop().await;
}

/// The decision alone, over a person with many narrowed grants: the last one holds.
fn decided() {
    let narrowed = |number: usize| Grant {
        registers: vec![format!("registru-{number}")],
        units: vec!["registratura".to_owned()],
        ..Grant::of("clerk", SENDER)
    };
    let who = Who::Person { account: "7".to_owned(), pseudonym: "F7".to_owned(), unit: None };
    let grants = (0..50).filter_map(|number| Held::built_in(narrowed(number))).collect();
    let principal = Principal { who, party: SENDER.to_owned(), grants, narrowed_to: None };
    let scope = Scope { register: Some("registru-49"), unit: Some("registratura"), ..Scope::default() };
    let asked = Asked { permission: Permission::RegistersEnter, scope, today: date(2026, 11, 22) };
    let begun = Instant::now();
    let held = (0..CALLS).filter(|_| allows(std::hint::black_box(&principal), &asked).is_allowed()).count();
    assert_eq!(held, CALLS as usize);
    println!("decision over 50 narrowed grants: {:.1?}", begun.elapsed() / CALLS);
}
