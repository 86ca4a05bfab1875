//! What the journal of access costs an accepted document: the time its rows add to a transaction (whom the message is about,
//! one transfer, the chain), over the time a document takes from the door to its receipt. One run, one ratio.
//!
//! `cargo bench -p tests --bench journal`; `PUNTE_TEST_POSTGRES=postgres://…` adds PostgreSQL. The aim is under 10 %.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hub_flow::access_journal::{self, AccessEntry, AccessKind, AccessResult, Reasons};
use hub_flow::audit::Principal;
use hub_flow::clock::Timestamp;
use hub_flow::db::{Db, DbError, Tx, WriteVerb};
use hub_flow::directory::Series;
use hub_flow::message::MessageId;
use hub_flow::registration::{self, NewEntry, Particulars};
use tests::county::{HUB_TOWN, SENDER};
use tests::documents::{inquiry_envelope, inquiry_parts};
use tests::{Database, TestHub};
use uuid::Uuid;

const WAITERS: usize = 32;
const DOCUMENTS: usize = 640;
const ROWS: usize = 9_600;
const ROUNDS: usize = 3;
/// 2026-03-02T07:15:04Z.
const MOMENT: Timestamp = Timestamp(1_772_435_704_000_000);

/// A write like those of the road, with the journal's rows or without.
struct Write {
    journaled: bool,
}

/// The same verb under another type, so that neither is grouped with the other.
struct Plain(Write);

struct Journaled(Write);

macro_rules! verb {
    ($name:ident) => {
        impl WriteVerb for $name {
            type Item = MessageId;
            type Output = ();
            const ORDER: u16 = 1;

            async fn run(&self, tx: &mut Tx<'_>, items: &[MessageId]) -> Result<Vec<()>, DbError> {
                self.0.run(tx, items).await
            }
        }
    };
}

verb!(Plain);
verb!(Journaled);

impl Write {
    async fn run(&self, tx: &mut Tx<'_>, items: &[MessageId]) -> Result<Vec<()>, DbError> {
        let entries: Vec<NewEntry> = items
            .iter()
            .map(|id| NewEntry {
                particulars: Particulars::brief("Anchetă socială la domiciliu"),
                ..NewEntry::of_message(SENDER, Series::general(), (*id, [7; 16]), MOMENT)
            })
            .collect();
        registration::register(tx, &entries).await?;
        if self.journaled {
            let persons: Vec<_> = items.iter().map(|id| (*id, [9; 32])).collect();
            access_journal::keep_persons(tx, &persons).await?;
            let transfers: Vec<AccessEntry> = items.iter().map(|id| transfer(*id)).collect();
            access_journal::append(tx, Uuid::from_u128(1), &transfers).await?;
        }
        Ok(vec![(); items.len()])
    }
}

fn transfer(message: MessageId) -> AccessEntry {
    AccessEntry {
        id: message.0,
        kind: AccessKind::Transfer,
        at: MOMENT,
        party: SENDER.to_owned(),
        on_behalf: None,
        principal: Principal::hub("road"),
        user: None,
        operation: "delivery".to_owned(),
        object: Some(HUB_TOWN.to_owned()),
        message: Some(message),
        reasons: Reasons {
            purpose: "evaluare-handicap".to_owned(),
            legal_basis: "HG nr. 430/2008, anexa 6".to_owned(),
            case_number: None,
        },
        result: AccessResult::Given,
        correlation: Some(message.to_string()),
    }
}

#[tokio::main]
async fn main() {
    for database in Database::all() {
        let mut hub = TestHub::start(database).await;
        let accept = accepted(&hub).await;
        let db = hub.running().hub.db.clone();
        let (mut plain, mut journaled) = (Duration::MAX, Duration::MAX);
        for round in 0..ROUNDS {
            let base = (round as u128 + 1) << 96;
            plain = plain.min(written(&db, Arc::new(Plain(Write { journaled: false })), base).await);
            let base = (round as u128 + 101) << 96;
            journaled = journaled.min(written(&db, Arc::new(Journaled(Write { journaled: true })), base).await);
        }
        let cost = journaled.saturating_sub(plain);
        let ratio = cost.as_secs_f64() / accept.as_secs_f64() * 100.0;
        println!(
            "{database:?}: a document {accept:.1?}, a write {plain:.1?}, with the journal {journaled:.1?}: \
             the journal costs {cost:.1?} of a document, {ratio:.1} %"
        );
        hub.close().await;
    }
}

/// The time of a document among many, from the door to its receipt.
async fn accepted(hub: &TestHub) -> Duration {
    let client = hub.client(SENDER);
    let begun = Instant::now();
    let tasks: Vec<_> = (0..WAITERS)
        .map(|waiter| {
            let client = client.clone();
            tokio::spawn(async move {
                for number in 0..DOCUMENTS / WAITERS {
                    let (envelope, parts) = (inquiry_envelope(&[HUB_TOWN]), inquiry_parts());
                    let (status, answer) = client.send(&format!("{waiter}-{number}"), &envelope, &parts).await;
                    assert_eq!(status, 201, "{answer:#}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a sender ends");
    }
    begun.elapsed() / u32::try_from(DOCUMENTS).expect("a small number")
}

/// The time of a write among many.
async fn written<V: WriteVerb<Item = MessageId, Output = ()>>(db: &Db, verb: Arc<V>, base: u128) -> Duration {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..WAITERS)
        .map(|waiter| {
            let (db, verb) = (db.clone(), Arc::clone(&verb));
            tokio::spawn(async move {
                for number in 0..ROWS / WAITERS {
                    let id = MessageId(Uuid::from_u128(base + (waiter * ROWS + number) as u128));
                    db.write(&verb, id).await.expect("it is written");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a writer ends");
    }
    begun.elapsed() / u32::try_from(ROWS).expect("a small number")
}
