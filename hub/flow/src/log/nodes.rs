//! Which nodes of the tree are stored, and how the others come from them.
//!
//! Every fourth level is stored: a thirtieth of the rows that all levels above the leaves would take, and a node between
//! comes from at most eight rows that lie side by side. The heads of C2SP tiles (every eighth level) are among them.

use std::collections::HashMap;

use hub_signatures::log::consistency;
use hub_signatures::log::inclusion;
use hub_signatures::log::tree::{self, Frontier, Hash, Node, Nodes, TreeError, Wanted};

/// Every which level is stored.
const STRIDE: u8 = 4;

/// A node that should be stored is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("node {index} of level {level} is not stored")]
pub struct Missing {
    /// Height over the leaves.
    pub level: u8,
    /// Number on its level.
    pub index: u64,
}

/// Stored nodes that lie side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    pub level: u8,
    pub first: u64,
    pub last: u64,
}

/// Whether nodes of this level are rows of their own; level 0 are the leaves.
pub(super) fn is_stored(node: &Node) -> bool {
    node.level > 0 && node.level.is_multiple_of(STRIDE)
}

/// The nodes that were read.
#[derive(Debug, Default)]
pub(super) struct Fetched(pub HashMap<(u8, u64), Hash>);

impl Nodes for Fetched {
    type Error = Missing;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Missing> {
        if level.is_multiple_of(STRIDE) {
            return self.0.get(&(level, index)).copied().ok_or(Missing { level, index });
        }
        Ok(tree::parent(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}

/// A question to the tree.
pub(super) trait Question {
    type Answer;
    fn ask<N: Nodes>(&self, nodes: &N) -> Result<Self::Answer, TreeError<N::Error>>;

    /// The stored rows that answer it.
    fn runs(&self) -> Vec<Run> {
        let wanted = Wanted::default();
        // What cannot be asked needs no rows; asking again says why.
        let _ = self.ask(&wanted);
        let run = |(level, index): (u8, u64)| {
            let below = level % STRIDE;
            Run { level: level - below, first: index << below, last: ((index + 1) << below) - 1 }
        };
        let mut runs: Vec<Run> = wanted.into_nodes().into_iter().map(run).collect();
        runs.sort();
        runs.dedup();
        runs
    }
}

/// The right edge of the tree of a size.
pub(super) struct EdgeOf(pub u64);

impl Question for EdgeOf {
    type Answer = Frontier;
    fn ask<N: Nodes>(&self, nodes: &N) -> Result<Frontier, TreeError<N::Error>> {
        Ok(Frontier::load(nodes, self.0)?)
    }
}

/// The path from a leaf to the root of the tree of a size.
pub(super) struct PathOf {
    pub index: u64,
    pub size: u64,
}

impl Question for PathOf {
    type Answer = Vec<Hash>;
    fn ask<N: Nodes>(&self, nodes: &N) -> Result<Vec<Hash>, TreeError<N::Error>> {
        inclusion::prove(nodes, self.index, self.size)
    }
}

/// The proof that the tree of one size begins the tree of another.
pub(super) struct Between {
    pub old: u64,
    pub new: u64,
}

impl Question for Between {
    type Answer = Vec<Hash>;
    fn ask<N: Nodes>(&self, nodes: &N) -> Result<Vec<Hash>, TreeError<N::Error>> {
        consistency::prove(nodes, self.old, self.new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_answers_every_question() {
        let leaves: Vec<Hash> = (0_u32..700).map(|number| tree::leaf(&number.to_be_bytes())).collect();
        let (mut edge, mut all) = (Frontier::default(), HashMap::new());
        let mut roots = vec![edge.root()];
        for leaf in &leaves {
            let new = edge.append(std::slice::from_ref(leaf));
            let kept = new.into_iter().filter(|node| node.level == 0 || is_stored(node));
            all.extend(kept.map(|node| ((node.level, node.index), node.hash)));
            roots.push(edge.root());
        }
        let read = |runs: Vec<Run>| {
            assert!(runs.len() <= 64, "more than one statement reads: {}", runs.len());
            let rows = runs.iter().flat_map(|run| (run.first..=run.last).map(|index| (run.level, index)));
            Fetched(rows.filter_map(|key| Some((key, *all.get(&key)?))).collect())
        };
        for size in (1..=700_u64).step_by(13) {
            let question = EdgeOf(size);
            assert_eq!(question.ask(&read(question.runs())).unwrap().root(), roots[size as usize]);
            for index in (0..size).step_by(7) {
                let question = PathOf { index, size };
                let path = question.ask(&read(question.runs())).unwrap();
                inclusion::verify(index, size, &leaves[index as usize], &path, &roots[size as usize]).unwrap();
                let question = Between { old: index, new: size };
                let path = question.ask(&read(question.runs())).unwrap();
                let head = |size: u64| consistency::Head { size, root: roots[size as usize] };
                consistency::verify(&head(index), &head(size), &path).unwrap();
            }
        }
    }
}
