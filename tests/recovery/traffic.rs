//! Systems at work on one hub: senders, and the clerk of a town. They go on through every kill.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tests::county::{SENDER, WEBHOOK_TOWN};
use tests::process::Program;
use tokio::task::JoinHandle;

use crate::findings::Findings;
use crate::random::Random;
use crate::senders::{Sender, Sent, Tally};
use crate::world::World;
use crate::{clerk, ledger, storage};

/// Every so-manieth document is sent once more at the end.
const SENT_AGAIN: usize = 5;

/// What a run came to.
pub struct Outcome {
    pub documents: usize,
    pub deliveries: usize,
    pub cut_off: usize,
    pub looked_at: u64,
}

/// The systems at work.
pub struct Traffic {
    senders: Vec<JoinHandle<Sent>>,
    clerk: JoinHandle<HashMap<String, &'static str>>,
    senders_stop: Arc<AtomicBool>,
    clerk_stop: Arc<AtomicBool>,
    pub tally: Arc<Tally>,
}

impl Traffic {
    /// Starts `systems` senders, every third of a town's own, and the clerk.
    pub fn start(world: &World, systems: usize, random: &mut Random) -> Self {
        let (senders_stop, clerk_stop) = (Arc::default(), Arc::default());
        let tally: Arc<Tally> = Arc::default();
        let sender = |nth: usize| {
            let sender = Sender::new(world, party(nth), &format!("system-{nth}"), Arc::clone(&tally));
            tokio::spawn(sender.send_until(Arc::clone(&senders_stop), random.fork()))
        };
        let senders = (0..systems).map(sender).collect();
        let clerk = tokio::spawn(clerk::work(world.http.clone(), world.url.clone(), Arc::clone(&clerk_stop)));
        Self { senders, clerk, senders_stop, clerk_stop, tally }
    }

    /// Lets everything come to its end on a running hub, stops it, and looks whether every promise was kept.
    ///
    /// # Errors
    /// What does not hold.
    pub async fn come_to_rest(self, world: &World, program: Program) -> Result<Outcome, String> {
        self.senders_stop.store(true, Ordering::Relaxed);
        let mut findings = Findings::default();
        let mut systems = Vec::new();
        for sender in self.senders {
            systems.push(sender.await.expect("every document is answered"));
        }
        // Before any document is sent again, which would bring a lost payload back.
        storage::payloads(world, &mut findings).await;
        let mut receipts = Vec::new();
        for system in &mut systems {
            for nth in std::mem::take(&mut system.given_up) {
                system.receipts.push(system.sender.send(nth).await);
            }
            receipts.extend_from_slice(&system.receipts);
        }
        ledger::wait_until_settled(world, &receipts).await;
        self.clerk_stop.store(true, Ordering::Relaxed);
        let settled = self.clerk.await.expect("the clerk is answered");

        for Sent { sender, receipts, .. } in &systems {
            for receipt in receipts.iter().step_by(SENT_AGAIN) {
                let (status, again) = sender.send_again(receipt).await;
                findings.expect(status == 200 && again == *receipt, || format!("{} again is {status}", receipt.key));
            }
        }
        let deliveries = ledger::messages(world, &receipts, &mut findings).await;
        ledger::settlements(&settled, &deliveries, &mut findings);
        ledger::neighbours(world, &deliveries, &mut findings);
        ledger::registers(world, &receipts, &deliveries, &mut findings).await;
        let ended = program.stop().await;
        findings.expect(ended.success(), || format!("the program did not stop in order: {ended}"));
        storage::look(world, receipts.len(), &mut findings).await;
        storage::log(world, &mut findings).await;
        storage::payloads(world, &mut findings).await;
        match findings.summary() {
            Some(wrong) => Err(wrong),
            None => Ok(Outcome {
                documents: receipts.len(),
                deliveries: deliveries.len(),
                cut_off: deliveries.values().map(|delivery| delivery.cut_off).sum(),
                looked_at: findings.looked_at(),
            }),
        }
    }
}

fn party(nth: usize) -> &'static str {
    if nth % 3 == 2 { WEBHOOK_TOWN } else { SENDER }
}
