//! A dead letter and what may be done about it.

use connectors_contract::SideEffect;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::delivery::DeliveryState;
use crate::message::{DeliveryId, MessageId};

/// The owner of what those who run the hub must look at.
pub const OPERATOR: &str = "operator";

/// Why a delivery is a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The bounds of patience were reached.
    Exhausted,
    /// The system does not want it.
    Refused,
    /// The answer was lost, and the system can neither be asked nor sent to again.
    Uncertain,
}

impl Kind {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::Refused => "refused",
            Self::Uncertain => "uncertain",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Exhausted, Self::Refused, Self::Uncertain].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a person found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Statement {
    /// The system has the document.
    Arrived,
    /// It does not.
    NotArrived,
}

impl Statement {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::NotArrived => "not_arrived",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Arrived, Self::NotArrived].into_iter().find(|statement| statement.as_str() == word)
    }
}

/// The word for what a second sending does.
#[must_use]
pub const fn effect(side_effect: SideEffect) -> &'static str {
    match side_effect {
        SideEffect::Once => "once",
        SideEffect::Queryable => "queryable",
        SideEffect::Repeatable => "repeatable",
    }
}

pub(super) fn parse_effect(word: &str) -> Option<SideEffect> {
    [SideEffect::Once, SideEffect::Queryable, SideEffect::Repeatable].into_iter().find(|one| effect(*one) == word)
}

/// A dead letter as it stands.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The message.
    pub message: MessageId,
    /// The matter in brief.
    pub subject: String,
    /// Party that sent it.
    pub sender: String,
    /// Party it was for.
    pub recipient: String,
    /// Where the delivery stands.
    pub state: DeliveryState,
    /// Party that must act, or [`OPERATOR`].
    pub owner: String,
    /// Folder of the system.
    pub system: String,
    /// Why it is one.
    pub kind: Kind,
    /// What a second sending does there.
    pub side_effect: SideEffect,
    /// What happened, in words.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// What a person found out.
    pub statement: Option<Statement>,
    /// The message that was sent in its place, where that was asked for and taken.
    pub replaced_by: Option<MessageId>,
    /// When nothing was left to be done about it.
    pub closed_at: Option<Timestamp>,
}

/// What may be done next about a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextAct {
    /// Ask the institution, and say what it answered.
    Settle,
    /// Send again.
    Replay,
    /// Correct the document, or have the cause put right, and send again.
    Correct,
    /// Nothing.
    Nothing,
}

impl NextAct {
    /// The act as an order, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Settle => "întrebați instituția destinatară dacă are documentul și declarați ce a răspuns",
            Self::Replay => "trimiteți din nou",
            Self::Correct => {
                "corectați documentul, sau cereți destinatarului să înlăture cauza, apoi trimiteți din nou"
            }
            Self::Nothing => "nimic",
        }
    }
}

impl DeadLetter {
    /// What is to be done next.
    #[must_use]
    pub fn next_act(&self) -> NextAct {
        match (self.closed_at, self.kind, self.needs_statement()) {
            (Some(_), ..) => NextAct::Nothing,
            (None, _, true) => NextAct::Settle,
            (None, Kind::Refused, false) => NextAct::Correct,
            (None, Kind::Exhausted | Kind::Uncertain, false) => NextAct::Replay,
        }
    }

    /// Whether a person must say that it did not arrive before it may be sent again: a second sending would make a second
    /// document. What was refused was looked at, and made none.
    #[must_use]
    pub fn needs_statement(&self) -> bool {
        self.side_effect == SideEffect::Once
            && self.kind != Kind::Refused
            && self.statement != Some(Statement::NotArrived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_may_be_done_follows_the_side_effect() {
        use {Kind::*, NextAct::*, SideEffect::*};
        let table = [
            (Exhausted, Repeatable, None, Replay),
            (Exhausted, Queryable, None, Replay),
            (Exhausted, Once, None, Settle),
            (Exhausted, Once, Some(Statement::NotArrived), Replay),
            (Uncertain, Once, None, Settle),
            (Uncertain, Once, Some(Statement::NotArrived), Replay),
            (Refused, Once, None, Correct),
            (Refused, Queryable, None, Correct),
        ];
        for (kind, side_effect, statement, expected) in table {
            let letter = DeadLetter {
                delivery: DeliveryId(Uuid::nil()),
                message: MessageId(Uuid::nil()),
                subject: String::new(),
                sender: String::new(),
                recipient: String::new(),
                state: DeliveryState::Failed,
                owner: OPERATOR.into(),
                system: String::new(),
                kind,
                side_effect,
                reason: String::new(),
                since: Timestamp(0),
                statement,
                replaced_by: None,
                closed_at: None,
            };
            assert_eq!(letter.next_act(), expected, "{kind:?} {side_effect:?} {statement:?}");
            assert_eq!(DeadLetter { closed_at: Some(Timestamp(1)), ..letter }.next_act(), Nothing);
            assert_eq!(parse_effect(effect(side_effect)), Some(side_effect));
        }
    }
}
