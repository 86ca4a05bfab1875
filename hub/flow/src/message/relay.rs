//! Where a message came from when another delivery service relayed it here.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::evidence::PartyFacts;

use super::Authentication;

/// What the relaying service told of a message, copied from its evidence and never invented (EN 319 522-2, clause 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// Party id of the relaying service.
    pub partner: String,
    /// Its identifier of the message, which every evidence of it carries (M01).
    pub identifier: String,
    /// Who sent it (I01, I02).
    pub sender: PartyFacts,
    /// Who acted for the sender (I03, I04).
    pub sender_delegate: Option<PartyFacts>,
    /// How the sender, or its delegate, was known (I10, I11); none where the service does not tell.
    pub authentication: Option<Authentication>,
    /// When it was known so, as the service wrote it.
    pub authenticated_at: Option<String>,
    /// When it was submitted there (M03), where the service tells.
    pub submitted_at: Option<Timestamp>,
    /// The recipient by the identifier the service used (I06).
    pub recipient: PartyFacts,
}

impl Relay {
    /// The sender for a register: its name where known, and the service that vouches for it.
    #[must_use]
    pub fn counterpart(&self) -> String {
        format!("{}, prin {}", self.sender.name.as_ref().unwrap_or(&self.sender.id), self.partner)
    }
}
