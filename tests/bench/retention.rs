//! Whether the end of retention terms is felt at the door: how long an acceptance takes while nothing else happens, and
//! while a selection of many documents is destroyed in the same hub.
//!
//! `cargo bench -p tests --bench retention`; `PUNTE_BENCH_DOCUMENTS` says how many documents (20,000 where it says nothing),
//! `PUNTE_BENCH_POSTGRES=postgres://…` adds PostgreSQL. The documents are invented, and lie in the vault as filed ones do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use hub_flow::db::{DbError, Tx, Value, WriteVerb};
use hub_flow::params;
use hub_vault::Source;
use serde_json::json;
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::letter;
use tests::{Database, TestHub};
use uuid::Uuid;

/// Documents of one dossier.
const DOSSIER: usize = 1_000;
/// Bytes of one document.
const SIZE: usize = 2_048;
/// Senders at once.
const SENDERS: usize = 8;
/// How long the quiet hub is watched, and how long the busy one at most.
const QUIET: Duration = Duration::from_secs(20);
const BUSY: Duration = Duration::from_secs(120);
const AT: i64 = 1_772_435_704_000_000;
const SELECTION: Uuid = Uuid::from_u128(1);

/// Statements with the rows they insert.
type Rows = (&'static str, usize, Vec<Vec<Value>>);

struct Insert;

impl WriteVerb for Insert {
    type Item = Rows;
    type Output = ();
    const ORDER: u16 = 1;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Rows]) -> Result<Vec<()>, DbError> {
        for (head, columns, rows) in items {
            tx.insert(head, *columns, rows.clone()).await?;
        }
        Ok(vec![(); items.len()])
    }
}

struct Execute;

impl WriteVerb for Execute {
    type Item = &'static str;
    type Output = ();
    const ORDER: u16 = 2;

    async fn run(&self, tx: &mut Tx<'_>, items: &[&'static str]) -> Result<Vec<()>, DbError> {
        for sql in items {
            tx.execute_each(sql, vec![vec![]]).await?;
        }
        Ok(vec![(); items.len()])
    }
}

#[tokio::main]
async fn main() {
    let documents = std::env::var("PUNTE_BENCH_DOCUMENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
    measure("sqlite", Database::Sqlite, documents).await;
    if std::env::var("PUNTE_BENCH_POSTGRES").is_ok() {
        measure("postgres", Database::Postgres, documents).await;
    }
}

async fn measure(name: &str, database: Database, documents: usize) {
    let hub = TestHub::start(database).await;
    let begun = Instant::now();
    fill(&hub, documents).await;
    println!("{name}: {documents} documents filed in {:.0?}", begun.elapsed());
    accepted(&hub, Duration::from_secs(3), || false).await;
    let before = accepted(&hub, QUIET, || false).await;
    write(&hub, "update archive_selection set state = 'destroying'").await;
    let ended = Arc::new(AtomicBool::new(false));
    let (begun, over) = (Instant::now(), Arc::clone(&ended));
    let (during, ()) = tokio::join!(accepted(&hub, BUSY, || over.load(Ordering::Relaxed)), async {
        while hub.number(STATE).await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if begun.elapsed() > BUSY && !ended.load(Ordering::Relaxed) {
                ended.store(true, Ordering::Relaxed);
                return;
            }
        }
        ended.store(true, Ordering::Relaxed);
    });
    let erased =
        hub.number("select cast(count(*) as bigint) as number from archive_document where erased_at is not null");
    let erased = erased.await;
    let rate = erased as f64 / begun.elapsed().as_secs_f64();
    println!("{name}: quiet      {before}");
    println!("{name}: destroying {during}, {erased} documents gone, {rate:.0} a second");
    println!(
        "{name}: 99 of 100 acceptances take {:.2} times as long",
        during.p99.as_secs_f64() / before.p99.as_secs_f64()
    );
    let begun = Instant::now();
    while hub.number(STATE).await == 0 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("{name}: the rest gone, and the proof sealed, {:.0?} later", begun.elapsed());
    hub.stop().await;
}

const STATE: &str = "select cast(count(*) as bigint) as number from archive_selection where state = 'ended'";

/// Dossiers of an institution, due and confirmed, with their documents in the vault.
async fn fill(hub: &TestHub, documents: usize) {
    let dossiers: Vec<Uuid> =
        (0..documents.div_ceil(DOSSIER)).map(|number| Uuid::from_u128(1_000 + number as u128)).collect();
    let decisions: Vec<_> = dossiers.iter().map(|id| json!({"dossier": id, "decision": "destroy"})).collect();
    let selection = params![
        SELECTION.into_bytes(),
        HUB_TOWN,
        "1",
        "2026-01-15",
        "[]",
        json!(decisions).to_string(),
        "confirmed",
        "eva",
        AT,
        json!({"number": "88", "date": "2026-02-01", "service": "SJAN Mehedinți"}).to_string(),
        "ana",
        AT,
        "dan",
        AT
    ];
    let head = "insert into archive_selection (id, party, number, date, members, decisions, state, author, made_at,
                confirmation, asked_by, asked_at, approved_by, approved_at) values";
    insert(hub, (head, 14, vec![selection])).await;
    let head = "insert into archive_office (party, next_document) values";
    insert(hub, (head, 2, vec![params![HUB_TOWN, documents as i64 + 1]])).await;
    for (number, dossier) in dossiers.iter().enumerate() {
        let here = DOSSIER.min(documents - number * DOSSIER);
        let row = params![
            dossier.into_bytes(),
            HUB_TOWN,
            2020_i64,
            "I/A/1",
            number as i64 + 1,
            1_i64,
            "Corespondență inventată",
            5_i64,
            0_i64,
            "[]",
            "selected",
            here as i64,
            here as i64,
            (here * SIZE) as i64,
            2026_i64,
            SELECTION.into_bytes(),
            AT,
            AT
        ];
        let head = "insert into archive_dossier (id, party, year, code, volume, version, title, years, commission, units, state,
                    pages, documents, size, due_year, selection, opened_at, changed_at) values";
        insert(hub, (head, 18, vec![row])).await;
        let vault = &hub.running().hub.vault;
        let kept = stream::iter(0..here).map(|place| async move {
            let mut content = vec![0; SIZE];
            content[..16].copy_from_slice(&((number * DOSSIER + place) as u128).to_be_bytes());
            let kept = vault.put(Source::Bytes(Bytes::from(content))).await.expect("the vault keeps it");
            (place, kept.address)
        });
        let kept: Vec<_> = kept.buffer_unordered(32).collect().await;
        let rows = kept.into_iter().map(|(place, sha256)| {
            let document = (number * DOSSIER + place) as u128;
            params![
                Uuid::from_u128((1 << 64) | document).into_bytes(),
                HUB_TOWN,
                format!("RO-{document}"),
                dossier.into_bytes(),
                place as i64 + 1,
                Uuid::from_u128((2 << 64) | document).into_bytes(),
                "document",
                "cerere.pdf",
                "application/pdf",
                SIZE as i64,
                1_i64,
                sha256,
                "{}",
                AT
            ]
        });
        let head =
            "insert into archive_document (id, party, identifier, dossier, position, filing, role, name, content_type,
                    size, pages, sha256, sheet, archived_at) values";
        insert(hub, (head, 14, rows.collect())).await;
        // They were found by their words long ago.
        write(hub, "delete from search_filed").await;
    }
}

async fn insert(hub: &TestHub, rows: Rows) {
    hub.running().hub.db.write(&Arc::new(Insert), rows).await.expect("rows are written");
}

async fn write(hub: &TestHub, sql: &'static str) {
    hub.running().hub.db.write(&Arc::new(Execute), sql).await.expect("the database is changed");
}

/// How long acceptances took.
struct Took {
    count: usize,
    median: Duration,
    p99: Duration,
    longest: Duration,
}

impl std::fmt::Display for Took {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { count, median, p99, longest } = self;
        write!(
            to,
            "{count:>6} accepted, half within {median:.1?}, 99 of 100 within {p99:.1?}, all within {longest:.1?}"
        )
    }
}

/// Sends letters until the time is up, or what else goes on is over.
async fn accepted(hub: &TestHub, watched: Duration, over: impl Fn() -> bool) -> Took {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (begun, over) = (Instant::now(), &over);
    let senders = (0..SENDERS).map(|_| async move {
        let (client, mut took) = (hub.client(SENDER), Vec::new());
        while begun.elapsed() < watched && !over() {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let body = letter(&[HUB_TOWN], &format!("Scrisoare inventată {number}")).to_string();
            let started = Instant::now();
            let answer = client.submit(&format!("letter-{number}"), "application/json", body).await;
            took.push(started.elapsed());
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        took
    });
    let mut took = futures_util::future::join_all(senders).await.concat();
    took.sort_unstable();
    let at = |hundredths: usize| took[(took.len() * hundredths / 100).min(took.len() - 1)];
    Took { count: took.len(), median: at(50), p99: at(99), longest: at(100) }
}
