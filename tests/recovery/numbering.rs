//! Two hubs on one PostgreSQL number one register; one of them is killed, again and again, while clerks register at both.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tests::Database;
use tests::county::{HUB_TOWN, key};

use crate::kills::seed;
use crate::random::Random;
use crate::world::World;

/// Clerks at each hub.
const CLERKS: usize = 3;
/// How long both live before one is killed, at most.
const LONGEST: Duration = Duration::from_millis(500);
const ENTRIES: &str = "/v1/registers/general/entries";

/// What a clerk was told, by the key of the request.
type Told = BTreeMap<String, i64>;

/// Kills one of two hubs so many times.
pub async fn run(rounds: u64) {
    let seed = seed();
    let mut random = Random::of(seed);
    let world = World::build(Database::Postgres, &mut random).await;
    let first = world.start().await;
    let beside = world.beside(&mut random);
    let mut second = beside.start(&world).await;
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clerks: Vec<_> = (0..2 * CLERKS)
        .map(|clerk| {
            // Each has an own hub, and asks the other one where its own does not answer.
            let mut doors = [world.url.clone(), beside.url.clone()];
            doors.rotate_left(clerk % 2);
            tokio::spawn(register(world.http.clone(), doors, clerk, Arc::clone(&stop), Arc::clone(&served)))
        })
        .collect();
    for _ in 0..rounds {
        tokio::time::sleep(random.time_below(LONGEST)).await;
        second.kill();
        // The one that is left goes on numbering.
        let before = served.load(Ordering::Relaxed);
        while served.load(Ordering::Relaxed) < before + 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        second = beside.start(&world).await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut told = Told::new();
    for clerk in clerks {
        told.extend(clerk.await.expect("a clerk ends the day"));
    }
    let held = entries(&world).await;
    let wrong = judged(&told, &held);
    assert!(wrong.is_empty(), "seed {seed}: {wrong:#?}");
    println!(
        "two hubs, {rounds} kills of one, PUNTE_RECOVERY_SEED={seed}: {} numbers, none missing, none twice",
        held.len()
    );
    second.stop().await;
    first.stop().await;
}

/// Registers one paper after the other; a paper without an answer is sent again under its key until it has one.
async fn register(
    http: reqwest::Client,
    doors: [String; 2],
    clerk: usize,
    stop: Arc<AtomicBool>,
    served: Arc<AtomicU64>,
) -> Told {
    let mut told = Told::new();
    while !stop.load(Ordering::Relaxed) {
        let paper = format!("{clerk}-{}", told.len());
        let body = json!({"subject": format!("Cerere inventată {paper}"), "correspondent": {"name": "Ion Inventatu"}});
        for door in doors.iter().cycle() {
            let request = http.post(format!("{door}{ENTRIES}")).bearer_auth(key(HUB_TOWN));
            let Ok(answer) = request.header("Idempotency-Key", &paper).json(&body).send().await else { continue };
            let status = answer.status().as_u16();
            let Ok(entry) = answer.json::<Value>().await else { continue };
            if status == 503 {
                continue;
            }
            assert!(matches!(status, 200 | 201), "{paper}: {status} {entry:#}");
            told.insert(paper, entry["number"].as_i64().expect("a number"));
            served.fetch_add(1, Ordering::Relaxed);
            break;
        }
    }
    told
}

/// Number, moment and subject of every entry.
async fn entries(world: &World) -> Vec<(i64, String, String)> {
    let mut held: Vec<(i64, String, String)> = Vec::new();
    loop {
        let from = held.last().map_or(1, |(number, ..)| number + 1);
        let (_, page) = world.client(HUB_TOWN).get(&format!("{ENTRIES}?limit=1000&from={from}")).await;
        let page = page["entries"].as_array().cloned().unwrap_or_default();
        if page.is_empty() {
            return held;
        }
        let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        held.extend(
            page.iter().map(|one| {
                (one["number"].as_i64().unwrap_or_default(), text(one, "recorded_at"), text(one, "subject"))
            }),
        );
    }
}

/// What is not as it must be.
fn judged(told: &Told, held: &[(i64, String, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let last = i64::try_from(held.len()).unwrap_or_default();
    if !held.iter().map(|(number, ..)| *number).eq(1..=last) {
        wrong.push("a number is missing or comes twice".to_owned());
    }
    if !held.iter().map(|(_, at, _)| at).is_sorted() {
        wrong.push("numbers are not in order of time".to_owned());
    }
    for (paper, number) in told {
        let subject = format!("Cerere inventată {paper}");
        let of_it: Vec<i64> = held.iter().filter(|(_, _, held)| *held == subject).map(|(held, ..)| *held).collect();
        if of_it != [*number] {
            wrong.push(format!("{paper} was told {number} and has {of_it:?}"));
        }
    }
    if held.len() != told.len() {
        wrong.push(format!("{} papers have {} numbers", told.len(), held.len()));
    }
    wrong
}
