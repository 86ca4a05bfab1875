//! Kills in the middle of closing a year: it is not drawn up, drawn up or closed with its whole act, and nothing between.

use std::sync::Arc;
use std::time::Duration;

use hub_flow::clock::Timestamp;
use hub_flow::db::{Db, DbError, Tx, WriteVerb};
use hub_flow::directory::Series;
use hub_flow::message::MessageId;
use hub_flow::registration::{self, Kind, NewEntry, Particulars, Registered};
use hub_proofs::{Outcome, Trusted, register_proof};
use hub_signatures::certificate::Certificate;
use reqwest::Method;
use serde_json::{Value, json};
use tests::Database;
use tests::county::SENDER;
use tests::process::Program;
use tests::shared::program;

use crate::kills::seed;
use crate::random::Random;
use crate::sweep::prepare;
use crate::world::{World, unix_seconds};

/// 2 June 2025, 09:00 UTC.
const JUNE_2025: Timestamp = Timestamp(1_748_854_800_000_000);
const CLOSING: &str = "/v1/registers/general/2025/closing";
/// Numbers of the year, the fourth kept and never used.
const NUMBERS: i64 = 5;

/// One hub for each point, killed there while two clerks close a year.
pub async fn sweep(database: Database, (calls, files): (&'static str, &[&str]), points: &[u32]) {
    if program("strace").is_none() {
        return;
    }
    let mut random = Random::of(seed());
    let mut found = [0; 3];
    for &point in points {
        let world = World::build(database, &mut random).await;
        prepare(&world).await;
        numbers_of_last_year(&world).await;
        let mut killed = world.launch_to_die_at(calls, files, point);
        let told = close_until_death(&world, &mut killed).await;
        drop(killed);
        let running = world.start().await;
        let place = goes_on(&world, told).await.unwrap_or_else(|wrong| panic!("killed at {calls} {point}: {wrong}"));
        found[place] += 1;
        running.stop().await;
    }
    println!(
        "{database:?}, closing a year, {calls} {files:?}: {} kills; found {} times open, {} times drawn up, {} times closed",
        points.len(),
        found[0],
        found[1],
        found[2],
    );
}

struct RegisterAt;

impl WriteVerb for RegisterAt {
    type Item = NewEntry;
    type Output = Registered;
    const ORDER: u16 = 10;

    async fn run(&self, tx: &mut Tx<'_>, items: &[NewEntry]) -> Result<Vec<Registered>, DbError> {
        registration::register(tx, items).await
    }
}

/// Registers in a year that is over, past the hub, which is down.
async fn numbers_of_last_year(world: &World) {
    let db = Db::open(&world.database_url).await.expect("the database is there");
    for number in 1..=NUMBERS {
        let at = JUNE_2025.plus_seconds(number * 3_600);
        let message = MessageId(uuid::Uuid::from_u128(number.unsigned_abs().into()));
        let entry = NewEntry {
            message: None,
            kind: if number == 4 { Kind::Reserved } else { Kind::Document },
            particulars: Particulars::brief(if number == 4 { "" } else { "Cerere inventată" }),
            ..NewEntry::of_message(SENDER, Series::general(), (message, [7; 16]), at)
        };
        db.write(&Arc::new(RegisterAt), entry).await.expect("numbered");
    }
}

/// Two clerks close the year while the hub lives; answers the act they were told of.
async fn close_until_death(world: &World, running: &mut Program) -> Option<Value> {
    let begun = std::time::Instant::now();
    while running.ended().is_none() && begun.elapsed() < Duration::from_secs(30) {
        if ask(world, Method::POST, CLOSING, "functionar-07").await.is_ok()
            && let Ok(closed) = ask(world, Method::POST, &format!("{CLOSING}/approve"), "secretar-01").await
            && closed["state"] == "closed"
        {
            // Not dead yet: it dies with the answer out, and nothing that was answered may be lost.
            running.kill();
            return Some(closed);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    None
}

async fn ask(world: &World, method: Method, path: &str, clerk: &str) -> Result<Value, String> {
    let request = world.client(SENDER).request(method, path).header("Punte-Clerk", clerk);
    let answer = request.json(&json!({"strike_unused": true})).send().await.map_err(|error| error.to_string())?;
    answer.json().await.map_err(|error| error.to_string())
}

/// Looks at what the killed hub left, goes on with the closing, and verifies it; answers how it was found.
async fn goes_on(world: &World, told: Option<Value>) -> Result<usize, String> {
    let found = ask(world, Method::GET, CLOSING, "secretar-01").await?;
    let place = match found["state"].as_str() {
        Some("open") if told.is_none() => 0,
        Some("proposed") if told.is_none() && found["proposal"]["author"] == "functionar-07" => 1,
        Some("closed") => 2,
        _ => return Err(format!("told {told:#?}, found {found:#}")),
    };
    // Of what was struck out, all or nothing is there.
    let entries = ask(world, Method::GET, "/v1/registers/general/entries?year=2025", "secretar-01").await?;
    let entries = entries["entries"].as_array().cloned().unwrap_or_default();
    let numbers: Vec<i64> = entries.iter().filter_map(|one| one["number"].as_i64()).collect();
    if numbers != (1..=NUMBERS).collect::<Vec<_>>() {
        return Err(format!("the numbers are {numbers:?}"));
    }
    let struck = entries[3]["status"] == "annulled";
    if struck != (place == 2) {
        return Err(format!("the kept number is {} in state {place}", entries[3]["status"]));
    }
    if place < 2 {
        ask(world, Method::POST, CLOSING, "functionar-07").await?;
    }
    let closed = ask(world, Method::POST, &format!("{CLOSING}/approve"), "secretar-01").await?;
    if closed["state"] != "closed" {
        return Err(format!("it does not go on: {closed:#}"));
    }
    let before = told.as_ref().or((place == 2).then_some(&found));
    if before.is_some_and(|before| (&before["id"], &before["document"]) != (&closed["id"], &closed["document"])) {
        return Err(format!("two acts: {before:#?} and {closed:#}"));
    }
    let proof = world.client(SENDER).bytes("/v1/registers/general/2025/proof").await;
    let (_, seal) = world.client(SENDER).get("/v1/seals").await;
    let mut seals = Vec::new();
    for one in seal["seals"].as_array().into_iter().flatten() {
        let pem = one["pem"].as_str().unwrap_or_default();
        seals.extend(Certificate::all_from_pem(pem.as_bytes()).map_err(|error| error.to_string())?);
    }
    let trusted = Trusted { seals: Some(seals), ..Trusted::default() };
    let verdict = register_proof::verify(&proof, &trusted, unix_seconds()).map_err(|error| error.to_string())?;
    if verdict.outcome() == Outcome::Failed || verdict.of(hub_proofs::Kind::Closing).count() == 0 {
        return Err(verdict.in_words());
    }
    Ok(place)
}
