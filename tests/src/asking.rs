//! Questions to a register of the tests' own: how they are put, and what the journal says of them.

use std::time::{Duration, Instant};

use hub_server::config::Config;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, ask};
use crate::register::Register;
use crate::{Client, Database, TestHub};

const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(25);
/// A person; invented: the check digit is right, nobody has it.
pub const CNP: &str = "1800101221144";
/// A firm; invented, too.
pub const FIRM: &str = "90000006";

/// A hub that knows a register of the tests' own.
///
/// # Panics
/// Something does not start.
pub async fn start(database: Database) -> (TestHub, Register) {
    start_with(database, |_| ()).await
}

/// The same, with a configuration the test changes.
///
/// # Panics
/// Something does not start.
pub async fn start_with(database: Database, change: impl FnOnce(&mut Config)) -> (TestHub, Register) {
    let register = Register::start().await;
    let hub = TestHub::start_with(database, |config| {
        let folder = config.directory.as_ref().expect("it is there").parent().expect("it is there").to_owned();
        register.introduce(config, &folder);
        config.lookups.first_pause = 0.1;
        change(config);
    })
    .await;
    (hub, register)
}

/// Puts a question of an operation of that register.
pub async fn put(client: &Client, operation: &str, body: &Value) -> Answer {
    ask(client.request(Method::POST, &format!("/v1/lookups/registru/{operation}")).json(body)).await
}

/// Gets whatever comes.
pub async fn get(client: &Client, path: &str) -> Answer {
    ask(client.request(Method::GET, path)).await
}

/// A question about a firm.
#[must_use]
pub fn firm(cui: &str) -> Value {
    json!({"arguments": {"cui": cui}, "user": "f-0172"})
}

/// A question about a person, with all it needs.
#[must_use]
pub fn person() -> Value {
    json!({
        "arguments": {"cnp": CNP, "an": 2025},
        "purpose": "ajutor-social",
        "legal_basis": "Legea nr. 416/2001, art. 8",
        "case_number": "VMG-12/2026",
        "user": "f-0172",
    })
}

/// The entries of the caller's journal.
///
/// # Panics
/// The hub does not show it.
pub async fn journal(client: &Client, query: &str) -> Vec<Value> {
    let answer = get(client, &format!("/v1/journal{query}")).await;
    assert_eq!(answer.status, 200, "{answer:#?}");
    answer.body["entries"].as_array().expect("it is there").clone()
}

/// The questions of an institution, newest first.
///
/// # Panics
/// The hub does not show its journal.
pub async fn questions(client: &Client) -> Vec<Value> {
    let mut entries = journal(client, "?act=access&limit=500").await;
    entries.retain(|entry| entry["again"] == false);
    entries
}

/// Waits until something is there.
///
/// # Panics
/// It does not come.
pub async fn until(what: &str, mut there: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !there().await {
        assert!(begun.elapsed() < PATIENCE, "it does not come: {what}");
        tokio::time::sleep(GLANCE).await;
    }
}
