//! How fast the lists of the console are over many documents: the API behind each list, and the pages themselves, in a hub
//! with few rows and in the same hub with many.
//!
//! `cargo bench -p tests --bench lists`; `PUNTE_BENCH_DOCUMENTS` says how many documents (20,000 where it says nothing),
//! `PUNTE_BENCH_POSTGRES=postgres://…` adds PostgreSQL. A few invented letters go the whole road; then their rows are
//! multiplied in the stopped hub's database, each copy with ids, numbers and moments of its own, three years back. The town
//! hall they come to and go from has all of them; the council beside it has only the first few. Evidence, feed and accesses
//! are multiplied for every fourth letter, without the sealed documents.

#[path = "lists/asked.rs"]
mod asked;
#[path = "lists/fill.rs"]
mod fill;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use asked::Person;
use tests::clerks::{COUNCIL, Clerk, council};
use tests::county::{HUB_TOWN, SENDER, change};
use tests::documents::letter;
use tests::{Database, TestHub};

/// Letters that go the road, half of them each way.
pub const LETTERS: usize = 100;
/// How often each list is asked for.
const TIMES: usize = 7;
/// What is promised.
const PROMISED: Duration = Duration::from_millis(200);

/// The slowest and the median of a list.
type Took = BTreeMap<String, (Duration, Duration)>;

#[tokio::main]
async fn main() {
    let documents = std::env::var("PUNTE_BENCH_DOCUMENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    measure("sqlite", Database::Sqlite, documents).await;
    if let Ok(url) = std::env::var("PUNTE_BENCH_POSTGRES") {
        assert_eq!(std::env::var("PUNTE_TEST_POSTGRES").ok(), Some(url), "PUNTE_TEST_POSTGRES names the same server");
        measure("postgres", Database::Postgres, documents).await;
    }
}

async fn measure(name: &str, database: Database, documents: usize) {
    let mut hub = TestHub::start_with(database, |config| {
        change(config, council);
        config.sign_in.second_factor_roles = Vec::new();
    })
    .await;
    seed(&hub).await;
    let mut people = asked::people(&hub).await;
    let small = asked_all(&mut people, LETTERS).await;
    let begun = Instant::now();
    let copies = documents.div_ceil(LETTERS);
    hub.close().await;
    for statement in fill::statements(database, copies) {
        let at = Instant::now();
        hub.execute(&statement).await.unwrap_or_else(|error| panic!("{error} in {statement}"));
        if at.elapsed() > Duration::from_secs(10) {
            println!("{name}: {:.0?} for {}", at.elapsed(), statement.chars().take(60).collect::<String>());
        }
    }
    println!("{name}: {} documents filled in {:.0?}", copies * LETTERS, begun.elapsed());
    hub.up().await;
    people.values_mut().for_each(|one| one.at(&hub));
    // What the hub does once after a start is over when it has answered for a while.
    asked_all(&mut people, documents).await;
    let many = asked_all(&mut people, documents).await;
    told(name, &small, &many);
    if let Ok(seconds) = std::env::var("PUNTE_BENCH_STAY") {
        println!("{name}: stays at {} in {}", hub.running().url(), hub.folder().display());
        tokio::time::sleep(Duration::from_secs(seconds.parse().unwrap_or_default())).await;
    }
    hub.close().await;
}

/// Letters between the town and its neighbours; a clerk gives each that came to a unit, and most are resolved.
async fn seed(hub: &TestHub) {
    let (town, far) = (hub.client(HUB_TOWN), hub.client(SENDER));
    for number in 0..LETTERS {
        let (client, to) = if number % 2 == 0 { (&far, HUB_TOWN) } else { (&town, SENDER) };
        let mut body = letter(&[to], &format!("Scrisoare inventată {number}"));
        body["envelope"]["subject"] =
            format!("Solicitare inventată {}", fill::WORDS[number % fill::WORDS.len()]).into();
        let answer = client.submit(&format!("letter-{number}"), "application/json", body.to_string()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    let council = hub.client(COUNCIL);
    let few = letter(&[HUB_TOWN], "Scrisoare inventată a consiliului").to_string();
    assert_eq!(council.submit("council", "application/json", few).await.status, 201);
    let registered = "select cast(count(*) as bigint) as number from delivery where state = 'consigned'";
    hub.wait_for_number(registered, i64::try_from(LETTERS).expect("few") + 1).await;
    let clerk = Clerk::of(hub, HUB_TOWN, ("r-1", "registratura"));
    let book = clerk.get("/v1/registers/petitii/entries?limit=1000").await;
    let (mut given, mut came) = (0, 0);
    for entry in book["entries"].as_array().expect("a book").iter().filter(|entry| entry["direction"] == "in") {
        came += 1;
        let at = format!("petitii/{}/{}", entry["year"], entry["number"]);
        let unit = fill::UNITS[came % fill::UNITS.len()];
        let units = serde_json::json!({"units": [{"unit": unit, "person": "d-7"}]});
        given += usize::from(clerk.act(&at, "assignment", units).await.status == 200);
    }
    assert_eq!((given > 0, given), (true, came), "every letter is given to a unit");
}

/// Asks for everything there is to be asked for.
async fn asked_all(people: &mut BTreeMap<&'static str, Person>, documents: usize) -> Took {
    let (mut all, mut wrong) = (Took::new(), Vec::new());
    for (name, person) in people.iter_mut() {
        for (list, middle) in asked::lists(name, documents) {
            let sign = if list.contains('?') { '&' } else { '?' };
            let deep = (!middle.is_empty()).then(|| ("middle", format!("{list}{sign}{middle}")));
            for (page, path) in std::iter::once(("first", list.to_owned())).chain(deep) {
                let mut took = Vec::new();
                for _ in 0..TIMES {
                    let at = Instant::now();
                    let status = person.open(&path).await;
                    took.push(at.elapsed());
                    if status != 200 && wrong.last() != Some(&format!("{name} {path}: {status}")) {
                        wrong.push(format!("{name} {path}: {status}"));
                    }
                }
                took.sort_unstable();
                all.insert(format!("{name:<10.10} {page:<6} {list}"), (took[TIMES - 1], took[TIMES / 2]));
            }
        }
    }
    assert!(wrong.is_empty(), "not answered: {wrong:#?}");
    all
}

fn told(name: &str, small: &Took, many: &Took) {
    println!("{name}: {:<78} {:>9} {:>9} {:>7}", "list", "slowest", "median", "ratio");
    let mut late = 0;
    for (list, (slowest, median)) in many {
        let ratio = small.get(list).map(|(_, before)| median.as_secs_f64() / before.as_secs_f64());
        let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.1}"));
        let mark = if *slowest > PROMISED { " <- late" } else { "" };
        late += usize::from(*slowest > PROMISED);
        println!("{name}: {list:<78} {slowest:>9.1?} {median:>9.1?} {ratio:>7}{mark}");
    }
    println!("{name}: {} lists, {late} beyond {PROMISED:?}", many.len());
}
