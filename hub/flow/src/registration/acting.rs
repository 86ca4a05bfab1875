//! What happens to an entry after it was recorded, and what an entry's state does not allow.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::clock::Timestamp;

use super::entry::{Direction, EntryKey, State, Status};
use super::particulars::Particulars;

/// Longest pseudonym or id of a unit, in bytes.
pub const LONGEST_PSEUDONYM: usize = 64;

/// Whether a text may stand for a person or a unit: ASCII without blanks, and not thirteen digits, which are a CNP.
#[must_use]
pub fn is_pseudonym(text: &str) -> bool {
    let plain = !text.is_empty() && text.len() <= LONGEST_PSEUDONYM && text.bytes().all(|byte| byte.is_ascii_graphic());
    let personal = text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
    plain && !personal
}

/// Who acts: the institution's own pseudonyms, never a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The clerk; none where the hub or the institution's system acts by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clerk: Option<String>,
    /// The clerk's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// Something that happens to an entry.
#[derive(Debug, Clone)]
pub struct NewAct {
    /// The entry.
    pub key: EntryKey,
    /// The word of the stage that records it: `corrected`, `assigned`, `extended` …
    pub act: String,
    /// What is worth keeping of it; of a correction the old and the new values.
    pub content: Json,
    /// Who.
    pub author: Author,
    /// How many acts the author knew of; an entry with another count refuses the act. None: whatever there is.
    pub expected: Option<i64>,
    /// What it changes.
    pub effect: Effect,
    /// Random.
    pub salt: [u8; 16],
    /// When.
    pub at: Timestamp,
}

/// What an act needs and changes.
#[derive(Debug, Clone, Default)]
pub struct Effect {
    /// Where the entry must stand; empty: anywhere but annulled.
    pub from: Vec<Status>,
    /// Where it stands then; none: where it stood.
    pub to: Option<Status>,
    /// The particulars then; none: as they were. The unit is one of them.
    pub particulars: Option<Particulars>,
    /// The clerk that has it then: none leaves it, `Some(None)` takes it from everybody.
    pub person: Option<Option<String>>,
    /// What it makes of a number that was kept.
    pub filled: Option<Filling>,
    /// What it has to do with an act of two people.
    pub pending: Pending,
}

/// What becomes known of a kept number when a document gets it, beside the particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filling {
    /// Which way the document goes.
    pub direction: Direction,
    /// As in [`super::NewEntry`].
    pub duplicate_key: Option<[u8; 32]>,
    /// As in [`super::NewEntry`].
    pub content_sha256: Option<[u8; 32]>,
}

/// Acts that need two people: one proposes, another approves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pending {
    /// Nothing.
    #[default]
    Apart,
    /// It proposes this act. Nothing else may be proposed meanwhile.
    Propose(&'static str),
    /// It approves this act; the author must be another clerk than the one who proposed it.
    Approve(&'static str),
    /// It takes the proposal of this act back, or refuses it; anybody may.
    Withdraw(&'static str),
}

/// An act that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// Its number, from 1.
    pub act_number: i64,
    /// Its link.
    pub link: [u8; 32],
    /// How the entry stands now.
    pub state: State,
}

/// Why an act was not recorded. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotActed {
    /// There is no such entry.
    #[error("there is no such entry")]
    NotFound,
    /// The entry stands where this cannot happen.
    #[error("the entry is {}, where this cannot happen", .status.as_str())]
    Standing {
        /// Where it stands.
        status: Status,
    },
    /// Something happened to it that the author did not know of.
    #[error("the entry has {acts} acts, not as many as its author knew of")]
    Outdated {
        /// How many acts there are.
        acts: i64,
    },
    /// Another act waits for a second person.
    #[error("the act {act} waits for a second person")]
    Waiting {
        /// Which.
        act: String,
    },
    /// Nobody proposed what was to be approved.
    #[error("nobody proposed this")]
    NotProposed,
    /// The one who proposed it cannot approve it, and who approves must be named.
    #[error("another clerk must approve it")]
    SameClerk,
}

impl NewAct {
    /// Why the entry, as it stands, refuses this act.
    pub(super) fn refused(&self, state: &State) -> Option<NotActed> {
        if self.expected.is_some_and(|expected| expected != state.acts) {
            return Some(NotActed::Outdated { acts: state.acts });
        }
        let stands = match self.effect.from.as_slice() {
            [] => state.status != Status::Annulled,
            from => from.contains(&state.status),
        };
        if !stands {
            return Some(NotActed::Standing { status: state.status });
        }
        let proposed = |act: &str| state.pending.as_deref() == Some(act);
        match self.effect.pending {
            Pending::Apart => None,
            Pending::Propose(_) if self.author.clerk.is_none() => Some(NotActed::SameClerk),
            Pending::Propose(_) => state.pending.clone().map(|act| NotActed::Waiting { act }),
            Pending::Approve(act) | Pending::Withdraw(act) if !proposed(act) => Some(NotActed::NotProposed),
            Pending::Approve(_) => {
                let same = self.author.clerk.is_none() || self.author.clerk == state.pending_by;
                same.then_some(NotActed::SameClerk)
            }
            Pending::Withdraw(_) => None,
        }
    }

    /// How the entry stands after it.
    pub(super) fn applied(&self, state: &State) -> State {
        let Effect { to, particulars, person, pending, filled, .. } = &self.effect;
        let (pending, pending_by) = match pending {
            Pending::Apart => (state.pending.clone(), state.pending_by.clone()),
            Pending::Propose(act) => (Some((*act).to_owned()), self.author.clerk.clone()),
            Pending::Approve(_) | Pending::Withdraw(_) => (None, None),
        };
        State {
            acts: state.acts + 1,
            status: to.unwrap_or(state.status),
            particulars: particulars.clone().unwrap_or_else(|| state.particulars.clone()),
            person: person.clone().unwrap_or_else(|| state.person.clone()),
            direction: filled.map_or(state.direction, |filled| Some(filled.direction)),
            pending,
            pending_by,
        }
    }

    /// The act as its link covers it.
    pub(super) fn document(&self, act_number: i64) -> Json {
        json!({
            "party": self.key.party,
            "register": self.key.register,
            "year": self.key.year,
            "number": self.key.number,
            "act_number": act_number,
            "act": self.act,
            "at": self.at.to_utc(),
            "author": self.author,
            "content": self.content,
        })
    }
}
