//! Kills exactly at the N-th system call of a kind: no moment between two of them is left to chance.

use std::time::{Duration, Instant};

use tests::Database;
use tests::shared::program;

use crate::kills::seed;
use crate::random::Random;
use crate::traffic::Traffic;
use crate::world::World;

/// Every commit on SQLite, and every large payload, ends in one of these.
pub const SYNCS: &str = "fdatasync,fsync";
/// Everything said to anybody: answers, deliveries, questions, and every statement to PostgreSQL.
pub const WORDS: &str = "sendto,sendmsg,writev";

/// A call that is not made within this is never made.
const PATIENCE: Duration = Duration::from_secs(15);
const GLANCE: Duration = Duration::from_millis(5);

/// What the killed program starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// An empty folder.
    First,
    /// A folder in order, so that the first calls are those of the first document.
    Prepared,
}

/// Where to kill.
pub struct Sweep {
    pub database: Database,
    pub start: Start,
    pub calls: &'static str,
    /// Only calls about these files of the data folder, where any are named.
    pub files: &'static [&'static str],
    /// The N-th call, for each of these.
    pub points: Vec<u32>,
}

/// All these points where `PUNTE_RECOVERY_ROUNDS` is set; a few of them otherwise.
pub fn points(few: &[u32], all: impl Iterator<Item = u32>) -> Vec<u32> {
    if std::env::var("PUNTE_RECOVERY_ROUNDS").is_ok() { all.collect() } else { few.to_vec() }
}

/// One hub for each point: killed there, started again, looked at.
pub async fn run(sweep: Sweep) {
    if program("strace").is_none() {
        return;
    }
    let Sweep { database, start, calls, files, points } = sweep;
    let mut random = Random::of(seed());
    let (mut documents, mut cut_off, mut missed) = (0, 0, Vec::new());
    for &point in &points {
        let world = World::build(database, &mut random).await;
        if start == Start::Prepared {
            prepare(&world).await;
        }
        let mut program = world.launch_to_die_at(calls, files, point);
        let traffic = Traffic::start(&world, 1, &mut random);
        if !dies(&mut program).await {
            missed.push(point);
        }
        drop(program);
        let program = world.start().await;
        match traffic.come_to_rest(&world, program).await {
            Ok(outcome) => (documents, cut_off) = (documents + outcome.documents, cut_off + outcome.cut_off),
            Err(wrong) => panic!("killed at {calls} {point}, everything is in {}\n{wrong}", world.keep().display()),
        }
    }
    println!(
        "{database:?}, {start:?} start, {calls} {files:?}: killed at {} points, {documents} documents, {cut_off} \
         attempts cut off, all as they must be; never came to {missed:?}",
        points.len() - missed.len(),
    );
    assert!(missed.len() * 2 < points.len(), "most points were not reached: the sweep proves nothing");
}

/// Starts and stops a hub, and leaves its database as one file with nothing to recover.
pub async fn prepare(world: &World) {
    let ended = world.start().await.stop().await;
    assert!(ended.success(), "the hub did not stop in order: {ended}");
    if world.database != Database::Sqlite {
        return;
    }
    // The last connection to close moves the log into the database and removes it.
    let connection = world.sqlite();
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).expect("the log is moved");
}

/// Whether the program is killed at its point before it should have been there long ago.
async fn dies(program: &mut tests::process::Program) -> bool {
    let begun = Instant::now();
    while program.ended().is_none() {
        if begun.elapsed() > PATIENCE {
            return false;
        }
        tokio::time::sleep(GLANCE).await;
    }
    true
}
