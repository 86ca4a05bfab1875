//! A proposal, and whether somebody may decide over it.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;

/// The id of a proposal.
pub type ApprovalId = Uuid;

/// The acts that need two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalKind {
    /// Keys are replaced.
    KeyRotation,
    /// Documents are destroyed.
    Destruction,
    /// A personal number is shown in full.
    Unmasking,
    /// A delivery that must not happen twice is sent again.
    Replay,
}

impl ApprovalKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::KeyRotation, Self::Destruction, Self::Unmasking, Self::Replay];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyRotation => "key_rotation",
            Self::Destruction => "destruction",
            Self::Unmasking => "unmasking",
            Self::Replay => "replay",
        }
    }

    /// The act in words, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::KeyRotation => "schimbarea cheilor",
            Self::Destruction => "distrugerea de documente",
            Self::Unmasking => "afișarea unui CNP",
            Self::Replay => "retrimiterea unei livrări care nu se poate repeta",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// It waits for another person.
    Proposed,
    /// It may be done, once.
    Approved,
    /// It will not be done.
    Refused,
    /// It was done.
    Done,
}

impl ApprovalState {
    const ALL: [Self; 4] = [Self::Proposed, Self::Approved, Self::Refused, Self::Done];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Done => "done",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A proposal as it stands.
#[derive(Debug, Clone)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// The institution whose act it is.
    pub party: String,
    /// What kind of act.
    pub kind: ApprovalKind,
    /// What it is about.
    pub subject: String,
    /// SHA-256 of exactly what will be done.
    pub content: [u8; 32],
    /// Why.
    pub reason: String,
    /// Who proposed it, as audit names it: `person:…` or `system:…`.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Neither approved nor done after it.
    pub ends_at: Timestamp,
    /// Where it stands.
    pub state: ApprovalState,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What was said about it.
    pub decision_reason: Option<String>,
    /// Who did it.
    pub done_by: Option<String>,
    /// When.
    pub done_at: Option<Timestamp>,
}

/// Why nobody decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDecided {
    /// Who proposed it cannot decide over it.
    OwnProposal,
    /// It was decided before.
    Decided,
    /// Its time is over.
    Over,
}

/// Whether a person may decide over a proposal now.
///
/// # Errors
/// [`NotDecided`] says why not.
pub fn decide(approval: &Approval, by: &str, now: Timestamp) -> Result<(), NotDecided> {
    if approval.state != ApprovalState::Proposed {
        return Err(NotDecided::Decided);
    }
    if now >= approval.ends_at {
        return Err(NotDecided::Over);
    }
    if approval.proposed_by == by { Err(NotDecided::OwnProposal) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_person_decides_once_and_in_time() {
        let proposed = Approval {
            id: Uuid::nil(),
            party: "uat-1".into(),
            kind: ApprovalKind::Replay,
            subject: "x".into(),
            content: [0; 32],
            reason: "r".into(),
            proposed_by: "person:ana".into(),
            proposed_at: Timestamp(0),
            ends_at: Timestamp(100),
            state: ApprovalState::Proposed,
            decided_by: None,
            decided_at: None,
            decision_reason: None,
            done_by: None,
            done_at: None,
        };
        assert_eq!(decide(&proposed, "person:ion", Timestamp(99)), Ok(()));
        assert_eq!(decide(&proposed, "person:ana", Timestamp(1)), Err(NotDecided::OwnProposal));
        assert_eq!(decide(&proposed, "person:ion", Timestamp(100)), Err(NotDecided::Over));
        for state in [ApprovalState::Approved, ApprovalState::Refused, ApprovalState::Done] {
            let decided = Approval { state, ..proposed.clone() };
            assert_eq!(decide(&decided, "person:ion", Timestamp(1)), Err(NotDecided::Decided));
        }
    }
}
