//! A delivery and its states.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::evidence::Course;
use crate::message::{DeliveryId, MessageId, Registration};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// The first attempt is due.
    Pending,
    /// The target was not available; another attempt is due.
    Waiting,
    /// The answer was lost; the target must be asked before anything is sent again.
    Unknown,
    /// The recipient was told that it waits, and is asked whether it accepts; the content is not shown before.
    Announced,
    /// In the recipient's inbox, waiting for the recipient.
    Consigned,
    /// The recipient's own service has it; evidence of what becomes of it there is awaited.
    Relayed,
    /// The recipient has it. Final.
    HandedOver,
    /// The recipient, or its system, does not want it. Final.
    Refused,
    /// It could not be delivered within the policy's bounds. Final.
    Failed,
    /// It could not be made ready for the recipient. Final.
    NotConsigned,
    /// The recipient did not come for it in time. Final.
    Expired,
    /// It left registered delivery for a party without an account. Final.
    Left,
    /// The recipient's own service did not tell in time what became of it. Nothing more is done for it here, and only that
    /// service's late evidence still changes it.
    Silent,
}

impl DeliveryState {
    /// Every state there is.
    pub const ALL: [Self; 13] = [
        Self::Pending,
        Self::Waiting,
        Self::Unknown,
        Self::Announced,
        Self::Consigned,
        Self::Relayed,
        Self::HandedOver,
        Self::Refused,
        Self::Failed,
        Self::NotConsigned,
        Self::Expired,
        Self::Left,
        Self::Silent,
    ];

    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
            Self::Announced => "announced",
            Self::Consigned => "consigned",
            Self::Relayed => "relayed",
            Self::HandedOver => "handed_over",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::NotConsigned => "not_consigned",
            Self::Expired => "expired",
            Self::Left => "left",
            Self::Silent => "silent",
        }
    }

    /// The state in words, for people.
    #[must_use]
    pub const fn in_romanian(self) -> &'static str {
        match self {
            Self::Pending => "urmează prima încercare",
            Self::Waiting => "așteaptă reîncercarea",
            Self::Unknown => "răspunsul s-a pierdut; destinatarul este întrebat",
            Self::Announced => "destinatarul este întrebat dacă acceptă documentul",
            Self::Consigned => "la dispoziția destinatarului",
            Self::Relayed => "preluat de serviciul destinatarului",
            Self::HandedOver => "predat destinatarului",
            Self::Refused => "refuzat de destinatar",
            Self::Failed => "nepredat în termen",
            Self::NotConsigned => "nu a putut fi pus la dispoziție",
            Self::Expired => "neridicat în termen",
            Self::Left => "transmis în afara serviciului",
            Self::Silent => "serviciul destinatarului nu a comunicat ce s-a întâmplat",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more is to be done.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::HandedOver
                | Self::Refused
                | Self::Failed
                | Self::NotConsigned
                | Self::Expired
                | Self::Left
                | Self::Silent
        )
    }

    /// Whether this state may follow.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Pending | Self::Waiting | Self::Unknown => {
                matches!(
                    next,
                    Self::Waiting
                        | Self::Unknown
                        | Self::Announced
                        | Self::Relayed
                        | Self::HandedOver
                        | Self::Refused
                        | Self::Failed
                        | Self::Left
                )
            }
            Self::Announced => {
                matches!(next, Self::Announced | Self::Consigned | Self::Refused | Self::Expired | Self::NotConsigned)
            }
            Self::Consigned => matches!(next, Self::Consigned | Self::HandedOver | Self::Refused | Self::Expired),
            Self::Relayed => matches!(
                next,
                Self::Relayed | Self::HandedOver | Self::Refused | Self::NotConsigned | Self::Expired | Self::Silent
            ),
            Self::Silent => {
                matches!(next, Self::Silent | Self::HandedOver | Self::Refused | Self::NotConsigned | Self::Expired)
            }
            _ => false,
        }
    }
}

/// One message's way to one recipient.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The message.
    pub message_id: MessageId,
    /// Place of the recipient in the envelope, from 1.
    pub position: i64,
    /// The recipient's party id.
    pub recipient: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// What evidence has been issued of it so far.
    #[serde(skip)]
    pub course: Course,
    /// Why it stands there, in words.
    pub reason: Option<String>,
    /// The route as it was decided, explained.
    pub route: serde_json::Value,
    /// Attempts that have ended.
    pub attempts: i64,
    /// When the next act is due; none when final.
    #[serde(serialize_with = "as_utc")]
    pub due_at: Option<Timestamp>,
    /// The target's own reference.
    pub receipt: Option<String>,
    /// The recipient's register number.
    pub recipient_registration: Option<Registration>,
    /// When the state last changed.
    #[serde(serialize_with = "as_utc")]
    pub changed_at: Option<Timestamp>,
}

fn as_utc<S: serde::Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    moment.map(Timestamp::to_utc).serialize(serializer)
}

/// What an attempt does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Sends the document.
    Deliver,
    /// Asks what became of an earlier sending.
    Inquire,
    /// Tells the recipient that a document waits in its inbox.
    Notify,
}

impl Act {
    /// The word used in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deliver => "deliver",
            Self::Inquire => "inquire",
            Self::Notify => "notify",
        }
    }
}

/// An attempt that has ended.
#[derive(Debug, Clone, Serialize)]
pub struct AttemptRecord {
    /// 1 for the first.
    pub number: i64,
    /// `deliver`, `inquire` or `notify`.
    pub act: String,
    /// When it began, in UTC.
    pub started_at: String,
    /// When it ended, in UTC; none when the hub fell during it.
    pub finished_at: Option<String>,
    /// `delivered`, `refused`, `unavailable`, `unknown`, `absent`.
    pub outcome: Option<String>,
    /// What happened, in words.
    pub reason: Option<String>,
    /// The protocol's status.
    pub status: Option<i64>,
    /// SHA-256 of what was sent, in hexadecimal.
    pub sent_sha256: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_state_is_followed_by_none_and_every_other_by_some() {
        for state in DeliveryState::ALL {
            let follows = DeliveryState::ALL.into_iter().filter(|next| state.may_become(*next)).count();
            // What is silent has ended for this service, and can still be told of by the other.
            assert_eq!(state.is_final(), follows == 0 || state == DeliveryState::Silent, "{state:?}");
            assert_eq!(DeliveryState::parse(state.as_str()), Some(state));
        }
    }
}
