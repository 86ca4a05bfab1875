//! The audit of the hub's own log against its own evidence, and against heads that others hold.
//!
//! It reads and never writes, in constant memory, and believes nothing that is stored: documents are hashed again, leaves
//! and nodes computed again, heads and stamps verified again. What somebody with every right on the database rebuilt to
//! the last row is still caught by a time-stamp or by a head held elsewhere.

mod finding;
mod rows;
mod ledgers;

use std::collections::VecDeque;

use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::key::VerifierKey;
use hub_signatures::log::note::SignedNote;
use hub_signatures::log::tree::{Frontier, Hash, Node, evidence_leaf};
use hub_signatures::time_stamp::TimeStamp;
use hub_signatures::trust::Trust;
use openssl::sha::sha256;

use crate::db::{Db, DbError};

use super::model::{Head, signed_text};
use super::nodes::{Run, is_stored};
use super::{read_checkpoint, store};

pub use finding::Finding;

/// Findings that are told one by one; the rest is counted.
const TOLD: usize = 1000;

/// A head held by somebody else.
#[derive(Debug, Clone)]
pub struct HeldHead {
    /// Where it comes from, as findings name it.
    pub source: String,
    /// The checkpoint, as a note.
    pub note: String,
}

/// What is audited, and against what.
pub struct Audit<'a> {
    /// The database.
    pub db: &'a Db,
    /// Every key that signed heads of this log.
    pub keys: Vec<VerifierKey>,
    /// Heads that others hold.
    pub held: Vec<HeldHead>,
    /// Whom stamps must come from.
    pub trust: Trust,
}

/// What was read and what is wrong.
#[derive(Debug, Default)]
pub struct Report {
    /// Leaves read.
    pub leaves: u64,
    /// Leaves whose salt was erased, so that their evidence could not be checked against them.
    pub erased: u64,
    /// Heads read.
    pub heads: u64,
    /// Time-stamps read.
    pub stamps: u64,
    /// Leaves under the newest stamp.
    pub stamped: u64,
    /// Cosignatures read.
    pub cosignatures: u64,
    /// Heads of others that this log continues.
    pub held: u64,
    /// Ends of chains of audit and journal that heads name.
    pub ledgers: u64,
    /// New evidence that waits to be logged.
    pub pending: u64,
    /// What is wrong, so far as it is told one by one.
    pub findings: Vec<Finding>,
    /// How much more is wrong.
    pub untold: u64,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < TOLD {
            self.findings.push(finding);
        } else {
            self.untold += 1;
        }
    }
}

impl Audit<'_> {
    /// Reads everything; tells `progress` now and then how many leaves of how many were read.
    ///
    /// # Errors
    /// The database does not answer, or a column holds another kind of value than it may.
    pub async fn run(&self, mut progress: impl FnMut(u64, u64)) -> Result<Report, DbError> {
        let mut report = Report::default();
        let mut roots = self.held_roots(&mut report);
        for held in &self.held {
            if let Ok(head) = read_checkpoint(&self.keys, &held.note) {
                ledgers::named(self.db, &mut report, (&head, Some(&held.source))).await?;
            }
        }
        let edge = self.leaves(&mut report, &mut roots, &mut progress).await?;
        for held in roots {
            report.find(Finding::HeldBeyond { source: held.source, size: held.size, leaves: edge.size() });
        }
        self.extra_rows(&mut report, edge.size()).await?;
        self.stamps(&mut report).await?;
        self.cosignatures(&mut report).await?;
        self.unlogged(&mut report).await?;
        ledgers::whole(self.db, &mut report).await?;
        Ok(report)
    }

    /// The heads of others, smallest first.
    fn held_roots(&self, report: &mut Report) -> VecDeque<HeldRoot> {
        let mut roots = Vec::new();
        for held in &self.held {
            match read_checkpoint(&self.keys, &held.note) {
                Ok(head) => roots.push(HeldRoot { source: held.source.clone(), size: head.size, root: head.root }),
                Err(error) => {
                    report.find(Finding::HeldUnreadable { source: held.source.clone(), why: error.to_string() });
                }
            }
        }
        roots.sort_by_key(|root| root.size);
        roots.into()
    }

    /// Reads the leaves in their order beside their evidence, and compares every head where the tree has its size.
    async fn leaves(
        &self,
        report: &mut Report,
        held: &mut VecDeque<HeldRoot>,
        progress: &mut impl FnMut(u64, u64),
    ) -> Result<Frontier, DbError> {
        let total = rows::count_leaves(self.db).await?;
        let mut edge = Frontier::default();
        let mut heads = rows::Heads::default();
        let mut last = -1;
        self.compare(report, &edge, &mut heads, held).await?;
        loop {
            let page = rows::leaves(self.db, last).await?;
            let Some(end) = page.last() else { break };
            last = end.position;
            let mut computed = Vec::new();
            for leaf in page {
                if let Some(finding) = leaf.judge(edge.size(), &mut report.erased) {
                    report.find(finding);
                }
                computed.extend(edge.append(&[leaf.hash]).into_iter().filter(is_stored));
                self.compare(report, &edge, &mut heads, held).await?;
            }
            self.nodes(report, &computed).await?;
            report.leaves = edge.size();
            progress(edge.size(), total);
        }
        if edge.size() != total {
            report.find(Finding::LeavesDoubled { rows: total, leaves: edge.size() });
        }
        while let Some(head) = heads.next(self.db).await? {
            report.heads += 1;
            report.find(Finding::HeadBeyond { size: head.size, leaves: edge.size() });
        }
        Ok(edge)
    }

    /// Compares what was signed or is held for exactly this many leaves.
    async fn compare(
        &self,
        report: &mut Report,
        edge: &Frontier,
        heads: &mut rows::Heads,
        held: &mut VecDeque<HeldRoot>,
    ) -> Result<(), DbError> {
        while let Some(head) = heads.next_upto(self.db, edge.size()).await? {
            report.heads += 1;
            if let Some(finding) = self.judge(&head, edge) {
                report.find(finding);
            }
            if let Ok(signed) = read_checkpoint(&self.keys, &head.checkpoint) {
                ledgers::named(self.db, report, (&signed, None)).await?;
            }
        }
        while let Some(root) = held.pop_front_if(|root| root.size <= edge.size()) {
            if root.root == edge.root() {
                report.held += 1;
            } else {
                report.find(Finding::HeldOther { source: root.source, size: root.size });
            }
        }
        Ok(())
    }

    fn judge(&self, head: &Head, edge: &Frontier) -> Option<Finding> {
        let size = head.size;
        match read_checkpoint(&self.keys, &head.checkpoint) {
            Err(error) => Some(Finding::HeadUnreadable { size, why: error.to_string() }),
            Ok(signed) if (signed.size, signed.root) != (size, head.root) => {
                let why = format!("it was signed for {} leaves and another root than its row says", signed.size);
                Some(Finding::HeadUnreadable { size, why })
            }
            Ok(_) => (edge.root() != head.root).then_some(Finding::HeadOther { size }),
        }
    }

    async fn nodes(&self, report: &mut Report, computed: &[Node]) -> Result<(), DbError> {
        let mut runs: Vec<Run> = Vec::new();
        for node in computed {
            match runs.iter_mut().find(|run| run.level == node.level) {
                // Nodes of one level follow each other.
                Some(run) => run.last = node.index,
                None => runs.push(Run { level: node.level, first: node.index, last: node.index }),
            }
        }
        let stored = store::fetch(self.db, &runs).await?;
        for node in computed {
            if stored.0.get(&(node.level, node.index)) != Some(&node.hash) {
                report.find(Finding::NodeOther { level: node.level, index: node.index });
            }
        }
        Ok(())
    }

    async fn extra_rows(&self, report: &mut Report, size: u64) -> Result<(), DbError> {
        for (level, highest) in rows::highest_nodes(self.db).await? {
            if u32::try_from(level).map_or(true, |level| highest >= size.checked_shr(level).unwrap_or(0)) {
                report.find(Finding::NodeOther { level: u8::try_from(level).unwrap_or(u8::MAX), index: highest });
            }
        }
        for sequence in rows::doubled_evidence(self.db).await? {
            report.find(Finding::EvidenceDoubled { sequence });
        }
        for size in rows::doubled_heads(self.db).await? {
            report.find(Finding::HeadTwice { size });
        }
        Ok(())
    }

    async fn stamps(&self, report: &mut Report) -> Result<(), DbError> {
        let mut last = -1;
        loop {
            let page = rows::stamps(self.db, last).await?;
            let Some((end, _)) = page.last() else { return Ok(()) };
            last = store::number(end.size);
            for (stamp, checkpoint) in page {
                report.stamps += 1;
                report.stamped = report.stamped.max(stamp.size);
                let wrong = match checkpoint {
                    None => Some("its head is gone".to_owned()),
                    Some(note) => match TimeStamp::verify(&stamp.token, signed_text(&note).as_bytes(), &self.trust) {
                        Err(error) => Some(error.to_string()),
                        Ok(token) if token.time.saturating_mul(1_000_000) != stamp.at.0 => {
                            Some("its row tells another time than the token".to_owned())
                        }
                        Ok(_) => None,
                    },
                };
                if let Some(why) = wrong {
                    report.find(Finding::StampWrong { size: stamp.size, why });
                }
            }
        }
    }

    async fn cosignatures(&self, report: &mut Report) -> Result<(), DbError> {
        let mut last = (-1, String::new());
        loop {
            let page = rows::cosignatures(self.db, &last).await?;
            let Some(end) = page.last() else { return Ok(()) };
            last = (store::number(end.size), end.witness.clone());
            for one in page {
                report.cosignatures += 1;
                let holds = || -> Option<()> {
                    let key = [VerifierKey::parse(&one.witness).ok()?];
                    let note = SignedNote::parse(&(one.checkpoint? + &one.line)).ok()?;
                    let size = Checkpoint::from_text(note.text()).ok()?.size;
                    note.verify(&key).ok().filter(|_| size == one.size).map(drop)
                };
                if holds().is_none() {
                    report.find(Finding::CosignatureWrong { size: one.size, witness: one.witness });
                }
            }
        }
    }

    /// Evidence without a leaf: new, so that the keeper will find it, or pushed in below what was found whole.
    async fn unlogged(&self, report: &mut Report) -> Result<(), DbError> {
        let whole = rows::whole_upto(self.db).await?;
        let mut last = i64::MIN;
        loop {
            let page = store::unlogged(self.db, last, 1000).await?;
            let Some((end, _)) = page.last() else { return Ok(()) };
            last = *end;
            for (sequence, _) in page {
                if sequence <= whole {
                    report.find(Finding::Unlogged { sequence });
                } else {
                    report.pending += 1;
                }
            }
        }
    }
}

struct HeldRoot {
    source: String,
    size: u64,
    root: Hash,
}

impl rows::Leaf {
    /// Compares a leaf with its number and its evidence.
    fn judge(&self, expected: u64, erased: &mut u64) -> Option<Finding> {
        let (index, sequence) = (expected, self.sequence);
        if u64::try_from(self.position) != Ok(expected) {
            return Some(Finding::LeafGone { index });
        }
        let Some((document, stated)) = &self.evidence else { return Some(Finding::EvidenceGone { index, sequence }) };
        let actual = sha256(document);
        if *stated != actual {
            return Some(Finding::EvidenceChanged { index, sequence });
        }
        match &self.salt {
            None => {
                *erased += 1;
                None
            }
            Some(salt) => {
                (evidence_leaf(Some(salt), &actual) != self.hash).then_some(Finding::LeafOther { index, sequence })
            }
        }
    }
}
