//! The feeder's pass: follow the log, and put each evidence into the feeds of those who may see it.
//!
//! Who may see it is what the chain of a message shows: its sender everything, a recipient what is about no delivery and
//! what is about its own. It reads outside the writer and hands it small sets. Several feeders at once lose and double
//! nothing: each addition is made for a turn, and the database takes it at that turn or not at all.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::db::DbError;
use crate::hub::Hub;
use crate::log::{self, Lease};

use super::model::{Entry, Which};
use super::store::{self, Add, Addition, Belated, Seen};

/// Leaves fed in one transaction; the writer is held for about a millisecond.
const CHUNK: i64 = 64;

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fed {
    /// There was nothing to do.
    Idle,
    /// Another node feeds.
    Elsewhere,
    /// Something was fed; there may be more at once.
    More,
}

/// Keeps the feeds of a hub.
pub struct Feeder {
    hub: Arc<Hub>,
    lease: Arc<Lease>,
    /// Newest numbers of parties, good as long as nobody else feeds.
    newest: HashMap<String, i64>,
    turn: i64,
}

impl Feeder {
    /// A feeder for a node of the hub; whoever keeps the log feeds.
    #[must_use]
    pub fn new(hub: Arc<Hub>, lease: Arc<Lease>) -> Self {
        Self { hub, lease, newest: HashMap::new(), turn: -1 }
    }

    /// Feeds the next set: received evidence that waits, then leaves under the newest head.
    ///
    /// # Errors
    /// The database does not answer; nothing of the set was fed.
    pub async fn pass(&mut self) -> Result<Fed, DbError> {
        let hub = Arc::clone(&self.hub);
        let db = &hub.db;
        if !self.lease.hold(db, hub.clock.now()).await? {
            return Ok(Fed::Elsewhere);
        }
        let reached = store::reached(db).await?;
        if reached.turn != self.turn {
            self.newest.clear();
        }
        let waiting = store::unfed(db, CHUNK).await?;
        let (next_leaf, entries, fed) = if waiting.is_empty() {
            let headed = log::newest_head(db).await?.map_or(0, |head| i64::try_from(head.size).unwrap_or(i64::MAX));
            let (from, to) = (reached.next_leaf, headed.min(reached.next_leaf.saturating_add(CHUNK)));
            if from >= to {
                return Ok(Fed::Idle);
            }
            let leaves = store::leaves(db, from, to).await?;
            let belated = store::belated_at_leaves(db, from, to).await?;
            (to, planned(&leaves, &belated, Which::Own), Vec::new())
        } else {
            let belated = store::belated_at_received(db, CHUNK, reached.next_leaf).await?;
            // One that came between the two looks has its turn next time.
            let mut fed: Vec<i64> = waiting.iter().map(|one| one.evidence).collect();
            fed.dedup();
            (reached.next_leaf, planned(&waiting, &belated, Which::Received), fed)
        };
        let entries = self.numbered(entries).await?;
        let added = db.write(&Arc::new(Add), Addition { turn: reached.turn, next_leaf, entries, fed }).await;
        // After a failure nobody knows whether it was written: the numbers are read afresh.
        self.turn = if matches!(added, Ok(true)) { reached.turn + 1 } else { -1 };
        Ok(if added? { Fed::More } else { Fed::Elsewhere })
    }

    async fn numbered(&mut self, entries: Vec<Entry>) -> Result<Vec<(Entry, i64)>, DbError> {
        let mut numbered = Vec::with_capacity(entries.len());
        for entry in entries {
            if !self.newest.contains_key(&entry.party) {
                let newest = store::newest(&self.hub.db, &entry.party).await?;
                self.newest.insert(entry.party.clone(), newest);
            }
            let newest = self.newest.get_mut(&entry.party).expect("read above");
            *newest += 1;
            numbered.push((entry, *newest));
        }
        Ok(numbered)
    }
}

/// The entries of a set, in order; of one party that is both sides, the sender's.
fn planned(seen: &[Seen], belated: &[Belated], which: fn(i64) -> Which) -> Vec<Entry> {
    let mut planned = Plan::default();
    let mut belated = belated.iter().peekable();
    for one in seen {
        while let Some(late) = belated.next_if(|late| late.occasion <= one.at) {
            planned.add(&late.recipient, late.evidence, false);
        }
        if let Some(sender) = &one.sender {
            planned.add(sender, which(one.evidence), true);
        }
        if let Some(recipient) = &one.recipient {
            planned.add(recipient, which(one.evidence), false);
        }
    }
    planned.entries
}

#[derive(Default)]
struct Plan {
    entries: Vec<Entry>,
    held: HashSet<(String, Which)>,
}

impl Plan {
    fn add(&mut self, party: &str, evidence: Which, sent: bool) {
        if self.held.insert((party.to_owned(), evidence)) {
            self.entries.push(Entry { party: party.to_owned(), evidence, sent });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(at: i64, recipient: Option<&str>) -> Seen {
        Seen { at, evidence: at + 100, sender: Some("s".into()), recipient: recipient.map(str::to_owned) }
    }

    fn told(entries: &[Entry]) -> Vec<(&str, Which, bool)> {
        entries.iter().map(|one| (one.party.as_str(), one.evidence, one.sent)).collect()
    }

    #[test]
    fn a_recipient_sees_the_submission_just_before_the_first_evidence_of_its_delivery() {
        let leaves = [seen(0, None), seen(1, Some("r"))];
        let belated = [Belated { occasion: 1, recipient: "r".into(), evidence: Which::Own(100) }];
        let (first, second) = (Which::Own(100), Which::Own(101));
        let expected = [("s", first, true), ("r", first, false), ("s", second, true), ("r", second, false)];
        assert_eq!(told(&planned(&leaves, &belated, Which::Own)), expected);
    }

    #[test]
    fn who_writes_to_itself_and_several_recipients_have_one_entry_each() {
        let leaves = [seen(0, Some("s")), seen(0, Some("r"))];
        let evidence = Which::Own(100);
        assert_eq!(told(&planned(&leaves, &[], Which::Own)), [("s", evidence, true), ("r", evidence, false)]);
    }
}
