//! The nodes that run one hub: each says now and then that it lives, so that people see which have fallen.
//!
//! Nothing is decided by it: who keeps the log or tells of evidence is decided by leases.

mod store;

pub use store::{Node, SayAlive, all};

use crate::clock::Timestamp;

/// A node that was silent for so long has fallen, in microseconds.
pub const SILENT: i64 = 60_000_000;

/// How a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Running,
    /// It was stopped in order.
    Stopped,
    /// It is silent, and nobody stopped it.
    Fallen,
}

impl State {
    /// Its word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Fallen => "fallen",
        }
    }
}

impl Node {
    /// How it stands at a moment.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> State {
        match self.stopped_at {
            Some(_) => State::Stopped,
            None if now.0 - self.seen_at.0 > SILENT => State::Fallen,
            None => State::Running,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_node_runs_until_it_is_silent_or_stopped() {
        let node = |stopped_at| Node {
            id: Uuid::nil(),
            version: "0.1.0".to_owned(),
            started_at: Timestamp(0),
            seen_at: Timestamp(0),
            stopped_at,
        };
        assert_eq!(node(None).state(Timestamp(SILENT)), State::Running);
        assert_eq!(node(None).state(Timestamp(SILENT + 1)), State::Fallen);
        assert_eq!(node(Some(Timestamp(9))).state(Timestamp(SILENT + 1)), State::Stopped);
    }
}
