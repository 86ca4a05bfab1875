//! The keeper's pass: find evidence that is not logged, append it, sign a head over all.
//!
//! It may assume that passes of one keeper follow each other. Several keepers at once lose and double nothing: each
//! addition says for which size it was made, and the database takes it at that size or not at all. It never builds on
//! a tree that does not lead to the newest signed head.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hub_signatures::log::checkpoint::{Checkpoint, CheckpointError};
use hub_signatures::log::tree::{Frontier, Hash, TreeError, evidence_leaf};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Db, DbError};
use crate::hub::Hub;
use crate::ledger::{self, Commitment};

use super::horizon::Horizon;
use super::model::{Head, NewLeaf};
use super::nodes::{EdgeOf, Missing, Question as _, is_stored};
use super::store::{self, Addition, Append, Appended, TakeKeeping};

/// Leaves appended in one transaction; the writer is held for well under a millisecond.
const CHUNK: usize = 128;
/// Evidence looked for at once.
const LOOK: usize = 1024;
/// Looks in one pass; then there is a head, and another pass.
const LOOKS: usize = 16;
/// So long a node keeps the log without renewing; so long a fallen node holds it up.
const LEASE_SECONDS: i64 = 5;

/// Why the log cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The database failed: the next pass tries again.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The heads in the database are of another log or another key. Nothing is appended until somebody decides.
    #[error("the newest head of the log is not signed by this hub's log key: {0}")]
    OtherKey(CheckpointError),
    /// The stored tree is not the one that was signed. Nothing is appended, so that nothing covers it up.
    #[error("the log was tampered with: {0}")]
    Tampered(String),
    /// The head could not be signed.
    #[error("the head of the log could not be signed: {0}")]
    Signing(CheckpointError),
}

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// There was nothing to do.
    Idle,
    /// Another node keeps the log.
    Elsewhere,
    /// So many leaves were appended and a head was signed; there may be more to do at once.
    Kept {
        /// Leaves appended.
        leaves: u64,
        /// Leaves under the new head.
        size: u64,
        /// Whether the next pass will find more.
        more: bool,
    },
}

/// A node's turn at keeping: one of all nodes at a time appends and asks for stamps.
pub struct Lease {
    node: Uuid,
    held_until: AtomicI64,
}

impl Lease {
    /// The turn of a node, which has an id of its own.
    #[must_use]
    pub fn of(node: Uuid) -> Self {
        Self { node, held_until: AtomicI64::new(0) }
    }

    /// Whether it is this node's turn now; takes the turn where nobody else has it. On SQLite it always is.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn hold(&self, db: &Db, now: Timestamp) -> Result<bool, DbError> {
        if db.is_embedded() || self.held_until.load(Ordering::Acquire) > now.plus_seconds(LEASE_SECONDS / 2).0 {
            return Ok(true);
        }
        let until = now.plus_seconds(LEASE_SECONDS);
        let mine = db.write(&Arc::new(TakeKeeping), (self.node, now, until)).await?;
        self.held_until.store(if mine { until.0 } else { 0 }, Ordering::Release);
        Ok(mine)
    }
}

/// Keeps the log of a hub.
pub struct Keeper {
    hub: Arc<Hub>,
    lease: Arc<Lease>,
    horizon: Option<Horizon>,
    tree: Option<Tree>,
}

/// The tree as it is stored.
struct Tree {
    edge: Frontier,
    headed: u64,
}

impl Keeper {
    /// A keeper for a node of the hub.
    #[must_use]
    pub fn new(hub: Arc<Hub>, lease: Arc<Lease>) -> Self {
        Self { hub, lease, horizon: None, tree: None }
    }

    /// Logs what is there to be logged, and signs a head over it.
    ///
    /// # Errors
    /// A [`KeepError`]; what was appended before it stays and gets its head in a later pass.
    pub async fn pass(&mut self) -> Result<Pass, KeepError> {
        if !self.lease.hold(&self.hub.db, self.hub.clock.now()).await? {
            self.tree = None;
            return Ok(Pass::Elsewhere);
        }
        self.pass_out_of_turn().await
    }

    /// The same whoever's turn it is, for a node that stops and would otherwise leave what it did to others. Turns only
    /// save work: the database takes an addition at its size or not at all.
    ///
    /// # Errors
    /// As [`Keeper::pass`].
    pub async fn pass_out_of_turn(&mut self) -> Result<Pass, KeepError> {
        let outcome = self.try_pass().await;
        if !matches!(outcome, Ok(Pass::Idle | Pass::Kept { .. })) {
            // What another keeper did, or what failed halfway, is read afresh.
            self.tree = None;
        }
        outcome
    }

    async fn try_pass(&mut self) -> Result<Pass, KeepError> {
        let hub = Arc::clone(&self.hub);
        if self.tree.is_none() {
            self.tree = Some(load(&hub).await?);
        }
        if self.horizon.is_none() {
            self.horizon = Some(Horizon::at(store::watermark(&hub.db).await?));
        }
        let (Some(tree), Some(horizon)) = (&mut self.tree, &mut self.horizon) else { unreachable!("filled above") };
        let newest = store::newest_evidence(&hub.db).await?;
        if horizon.is_reached(newest) && tree.headed == tree.edge.size() {
            return Ok(Pass::Idle);
        }
        horizon.observe(newest, store::writing(&hub.db).await?);
        let (before, mut cursor) = (tree.edge.size(), horizon.watermark());
        for look in 1..=LOOKS {
            let found = store::unlogged(&hub.db, cursor, LOOK as i64).await?;
            let complete = found.len() < LOOK;
            let last = complete || look == LOOKS;
            cursor = found.last().map_or(cursor, |(sequence, _)| *sequence);
            let mut chunks = found.chunks(CHUNK).peekable();
            while let Some(chunk) = chunks.next() {
                let head_too = last && chunks.peek().is_none();
                if tree.add(&hub, horizon.watermark(), chunk, head_too).await? == Appended::Elsewhere {
                    return Ok(Pass::Elsewhere);
                }
            }
            horizon.logged(if complete { i64::MAX } else { cursor });
            if last {
                // Leaves that an earlier pass left without a head.
                if tree.headed < tree.edge.size()
                    && tree.add(&hub, horizon.watermark(), &[], true).await? == Appended::Elsewhere
                {
                    return Ok(Pass::Elsewhere);
                }
                let leaves = tree.edge.size() - before;
                return Ok(match leaves {
                    0 if tree.headed == before => Pass::Idle,
                    _ => Pass::Kept { leaves, size: tree.headed, more: !complete },
                });
            }
        }
        unreachable!("the last look returns")
    }
}

impl KeepError {
    /// Whether somebody changed what was signed, or the key is not the one that signed it.
    #[must_use]
    pub const fn is_inconsistent(&self) -> bool {
        matches!(self, Self::OtherKey(_) | Self::Tampered(_))
    }
}

impl Tree {
    /// Appends a chunk, and signs a head over all where asked.
    async fn add(
        &mut self,
        hub: &Hub,
        watermark: i64,
        chunk: &[(i64, Hash)],
        head_too: bool,
    ) -> Result<Appended, KeepError> {
        let size = self.edge.size();
        let leaf = |(sequence, sha256): &(i64, Hash)| {
            let salt = hub.log.salts.salt();
            NewLeaf { sequence: *sequence, salt, hash: evidence_leaf(Some(&salt), sha256) }
        };
        let leaves: Vec<NewLeaf> = chunk.iter().map(leaf).collect();
        let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf.hash).collect();
        let mut edge = self.edge.clone();
        let nodes = edge.append(&hashes).into_iter().filter(is_stored).collect();
        let named = if head_too { ledger::uncommitted(&hub.db).await? } else { Vec::new() };
        let head = if head_too { Some(sign(hub, &edge, &named)?) } else { None };
        let addition = Addition { size, leaves, nodes, head, named, watermark };
        let appended = match hub.db.write(&Arc::new(Append), addition).await {
            // Another keeper was faster by a hair.
            Err(DbError::Constraint { rule }) => {
                tracing::info!(rule, "the log was kept by another keeper meanwhile");
                Appended::Elsewhere
            }
            answer => answer?,
        };
        if appended == Appended::Done {
            self.edge = edge;
            if head_too {
                self.headed = self.edge.size();
            }
        }
        Ok(appended)
    }
}

/// Signs a head, which names the ends of the chains of audit and journal that grew since the head before.
fn sign(hub: &Hub, edge: &Frontier, named: &[Commitment]) -> Result<Head, KeepError> {
    let extensions = named.iter().map(Commitment::line).collect();
    let checkpoint = Checkpoint { extensions, ..Checkpoint::new(hub.log.origin(), edge.size(), edge.root()) };
    let note = checkpoint.sign(&hub.log.key).map_err(KeepError::Signing)?;
    let (size, root) = (checkpoint.size, checkpoint.root);
    Ok(Head { size, root, made_at: hub.clock.now(), checkpoint: note.to_string() })
}

/// Reads the edge of the stored tree, and checks that the tree leads to the newest head.
async fn load(hub: &Hub) -> Result<Tree, KeepError> {
    let size = store::size(&hub.db).await?;
    let edge = edge_of(&hub.db, size).await?;
    let Some(head) = store::newest_head(&hub.db).await? else { return Ok(Tree { edge, headed: 0 }) };
    let checkpoint = hub.log.read_checkpoint(&head.checkpoint).map_err(KeepError::OtherKey)?;
    if (checkpoint.size, checkpoint.root) != (head.size, head.root) {
        return Err(KeepError::Tampered(format!("the row of the head of {} leaves is not what was signed", head.size)));
    }
    if head.size > size {
        return Err(KeepError::Tampered(format!("a head was signed over {} leaves, but {size} are left", head.size)));
    }
    if edge_of(&hub.db, head.size).await?.root() != head.root {
        return Err(KeepError::Tampered(format!("the first {} leaves are not those that were signed", head.size)));
    }
    Ok(Tree { edge, headed: head.size })
}

/// Whether the stored tree leads to the newest signed head; asked now and then, beside the keeper's own passes.
///
/// # Errors
/// It does not, or the database does not answer.
pub async fn verify(hub: &Hub) -> Result<(), KeepError> {
    // The head first: the leaves under it are there for good, while the keeper goes on appending.
    let Some(head) = store::newest_head(&hub.db).await? else { return Ok(()) };
    let checkpoint = hub.log.read_checkpoint(&head.checkpoint).map_err(KeepError::OtherKey)?;
    if (checkpoint.size, checkpoint.root) != (head.size, head.root) {
        return Err(KeepError::Tampered(format!("the row of the head of {} leaves is not what was signed", head.size)));
    }
    if edge_of(&hub.db, head.size).await?.root() != head.root {
        return Err(KeepError::Tampered(format!("the first {} leaves are not those that were signed", head.size)));
    }
    Ok(())
}

async fn edge_of(db: &Db, size: u64) -> Result<Frontier, KeepError> {
    let question = EdgeOf(size);
    let nodes = store::fetch(db, &question.runs()).await?;
    question.ask(&nodes).map_err(|error: TreeError<Missing>| KeepError::Tampered(error.to_string()))
}
