//! The hub is killed, again and again, and keeps every promise it gave.
//!
//! The program runs as a process of its own and is killed with SIGKILL, at random moments or exactly as it syncs;
//! what sends to it, what it delivers to, and its disk live on. `docs/guides/recovery.md` tells what is proved.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod random;
mod findings;
mod world;
mod senders;
mod clerk;
mod ledger;
mod storage;
mod traffic;
mod kills;
mod sweep;
mod closing;
mod archive;
mod numbering;

use tests::Database;
use tests::shared::skip;

use sweep::{SYNCS, Start, Sweep, WORDS, points};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_killed_at_random_moments_loses_nothing_and_doubles_nothing() {
    kills::run(Database::Sqlite, kills::rounds(8)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_killed_at_random_moments_leaves_its_work_to_the_next_one() {
    if postgres_is_here() {
        kills::run(Database::Postgres, kills::rounds(3)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_number_one_register_without_a_gap_while_one_of_them_is_killed() {
    if postgres_is_here() {
        numbering::run(kills::rounds(6)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_killed_at_any_commit_goes_on_from_there() {
    let points = points(&[1, 2, 3, 4, 5, 6, 7, 9, 12, 16], 1..=40);
    sweep::run(Sweep { database: Database::Sqlite, start: Start::Prepared, calls: SYNCS, files: &[], points }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_killed_in_the_middle_of_a_commit_never_made_it() {
    let (calls, files) = ("pwrite64", &["punte.db-wal"][..]);
    let points = points(&[2, 31, 77], (2..=200).step_by(6));
    sweep::run(Sweep { database: Database::Sqlite, start: Start::Prepared, calls, files, points }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_killed_before_a_word_is_out_says_it_later() {
    let points = points(&[6, 13], 1..=40);
    sweep::run(Sweep { database: Database::Sqlite, start: Start::Prepared, calls: WORDS, files: &[], points }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_killed_before_any_statement_leaves_the_rest_to_the_next_one() {
    if !postgres_is_here() {
        return;
    }
    let points = points(&[30, 60], (1..=120).step_by(3));
    sweep::run(Sweep { database: Database::Postgres, start: Start::Prepared, calls: WORDS, files: &[], points }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_killed_while_it_starts_for_the_first_time_starts_the_next_time() {
    let (database, start) = (Database::Sqlite, Start::First);
    let syncs = points(&[3, 10], 1..=13);
    sweep::run(Sweep { database, start, calls: SYNCS, files: &[], points: syncs }).await;
    // It once could not start again when its development seal had a name and no content yet.
    let files = &["seal-development.key", "seal-development.unnamed"];
    sweep::run(Sweep { database, start, calls: "write", files, points: vec![1] }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_whose_closing_is_killed_is_open_drawn_up_or_closed_and_nothing_between() {
    let syncs = points(&[1, 2, 3, 4, 5, 6, 7, 8], 1..=16);
    closing::sweep(Database::Sqlite, (SYNCS, &[]), &syncs).await;
    let pages = points(&[6, 14, 22, 30], 1..=60);
    closing::sweep(Database::Sqlite, ("pwrite64", &["punte.db-wal"]), &pages).await;
    if postgres_is_here() {
        let words = points(&[40, 70, 90], (20..=160).step_by(4));
        closing::sweep(Database::Postgres, (WORDS, &[]), &words).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_killed_while_it_files_loses_no_document_and_doubles_none() {
    archive::filing().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_killed_while_it_destroys_ends_it_and_tells_so_once() {
    archive::destruction().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_that_was_killed_counts_for_nothing_and_the_next_is_whole() {
    archive::export().await;
}

fn postgres_is_here() -> bool {
    let here = std::env::var("PUNTE_TEST_POSTGRES").is_ok();
    if !here {
        skip("PUNTE_TEST_POSTGRES names no server; nodes on PostgreSQL are not killed");
    }
    here
}
