//! Kills at random moments: while it works, while it starts, twice in a row.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sandbox::{Fault, FaultKind};
use tests::Database;

use crate::random::Random;
use crate::traffic::Traffic;
use crate::world::World;

const SYSTEMS: usize = 4;
/// How long the hub works at most before it is killed.
const LONGEST: Duration = Duration::from_millis(600);
/// It opens within this where nothing else runs.
const START: Duration = Duration::from_millis(150);

/// How often to kill: as many times as `PUNTE_RECOVERY_ROUNDS` says, or else this often.
pub fn rounds(otherwise: u64) -> u64 {
    let wanted = std::env::var("PUNTE_RECOVERY_ROUNDS").ok();
    wanted.map_or(otherwise, |wanted| wanted.parse().expect("PUNTE_RECOVERY_ROUNDS is a number"))
}

/// The seed of a run: `PUNTE_RECOVERY_SEED`, or another each time.
pub fn seed() -> u64 {
    let wanted = std::env::var("PUNTE_RECOVERY_SEED").ok();
    wanted.map_or_else(
        || u64::from_str_radix(&tests::database::unique()[..12], 16).expect("twelve digits"),
        |wanted| wanted.parse().expect("PUNTE_RECOVERY_SEED is a number"),
    )
}

/// Kills the hub so many times, then looks whether it kept its promises.
pub async fn run(database: Database, rounds: u64) {
    let seed = seed();
    println!("{database:?}: {rounds} kills at random moments, PUNTE_RECOVERY_SEED={seed}");
    let mut random = Random::of(seed);
    let world = World::build(database, &mut random).await;
    let mut program = world.start().await;
    let traffic = Traffic::start(&world, SYSTEMS, &mut random);
    let mut starting = 0;
    for round in 1..=rounds {
        misfortune(&world, &mut random);
        tokio::time::sleep(random.time_below(LONGEST)).await;
        program.kill();
        program = world.launch();
        while random.once_in(4) {
            // Not yet open, and killed already.
            tokio::time::sleep(random.time_below(START)).await;
            program.kill();
            program = world.launch();
            starting += 1;
        }
        assert!(world.opens(&mut program).await, "round {round}: it does not start:\n{}", program.last_words());
    }
    world.esocial.faults.clear();
    world.town_hall.faults.clear();
    let tally = std::sync::Arc::clone(&traffic.tally);
    match traffic.come_to_rest(&world, program).await {
        Ok(outcome) => println!(
            "{database:?}: {} kills, {starting} of them during a start: {} documents, {} deliveries, {} attempts cut off; \
             {} connections cut, {} receipts given again, {} times unavailable; {} things looked at, all as they must be",
            rounds + starting,
            outcome.documents,
            outcome.deliveries,
            outcome.cut_off,
            tally.cut.load(Ordering::Relaxed),
            tally.again.load(Ordering::Relaxed),
            tally.unavailable.load(Ordering::Relaxed),
            outcome.looked_at,
        ),
        Err(wrong) => panic!("seed {seed}, everything is in {}\n{wrong}", world.keep().display()),
    }
}

/// Something goes wrong at the neighbours too, so that a kill meets lost answers, questions and pauses.
fn misfortune(world: &World, random: &mut Random) {
    let delay = random.time_below(Duration::from_millis(200));
    let kinds = [
        FaultKind::AcceptAfterClientTimeout,
        FaultKind::AcceptAfterClientTimeout,
        FaultKind::ServerErrorAfterStoring,
        FaultKind::CutConnectionAfterStoring,
        FaultKind::ServerError,
        FaultKind::CutConnection,
        FaultKind::HtmlPage,
    ];
    for _ in 0..3 {
        world.esocial.faults.plan(Fault::once(random.one_of(&kinds)).after(delay));
        world.esocial.faults.plan(Fault::once(random.one_of(&kinds)).after(delay).at_inquiry());
        // A receiver of webhooks may take them late too: it knows them by their id.
        let kinds = [&kinds[..], &[FaultKind::SlowThenAccept; 3]].concat();
        world.town_hall.faults.plan(Fault::once(random.one_of(&kinds)).after(delay));
    }
}
