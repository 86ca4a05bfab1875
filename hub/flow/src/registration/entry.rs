//! An entry: one number in one register and year of one institution.

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::clock::Timestamp;
use crate::directory::Series;
use crate::message::{DeliveryId, MessageId, Registration};

use super::acting::Author;
use super::particulars::Particulars;

/// The rule by which a closed year refuses numbers, as [`crate::db::DbError::Constraint`] names it. The same request may
/// succeed in the new year.
pub const CLOSED: &str = "register_series_closed";

/// Where an entry stands. For ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EntryKey {
    /// The institution.
    pub party: String,
    /// Its register.
    pub register: String,
    /// The year of registration, in Romania.
    pub year: i64,
    /// The number, from 1.
    pub number: i64,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// The word used in the API and the database.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// What a word means.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// Which way a document went through a register.
    Direction {
        /// It came in.
        In "in",
        /// It went out.
        Out "out",
        /// It stays inside (own initiative, Instructions 217/1996 art. 9).
        Internal "internal",
    }
}

words! {
    /// What a number was taken for.
    Kind {
        /// A document.
        Document "document",
        /// A number kept for a unit, to be filled later.
        Reserved "reserved",
        /// One of a block of numbers given to a sub-registry that works without the hub.
        Allocated "allocated",
    }
}

words! {
    /// How an entry stands.
    Status {
        /// The number is kept, no document has it yet.
        Reserved "reserved",
        /// A document has it.
        Registered "registered",
        /// A unit or a person has the document.
        Assigned "assigned",
        /// Somebody works on it.
        InProgress "in_progress",
        /// What was worked out waits for approval.
        WaitingApproval "waiting_approval",
        /// It was resolved.
        Resolved "resolved",
        /// It was sent on to the institution that is competent (OG 27/2002 art. 6^1); nothing is answered here.
        Redirected "redirected",
        /// It was answered that it cannot be resolved.
        Rejected "rejected",
        /// It was filed (clasat) without an answer, or is in its dossier.
        Filed "filed",
        /// The number counts for nothing any more; it stays.
        Annulled "annulled",
    }
}

words! {
    /// How one number belongs to another.
    Relation {
        /// It answers that one.
        Answers "answers",
        /// It is about the same matter, and connected to the first registered (conexare).
        ConnectedTo "connected_to",
        /// It repeats that one, and was registered again on purpose.
        DuplicateOf "duplicate_of",
        /// It was annulled; that one is right.
        ReplacedBy "replaced_by",
    }
}

/// A tie of an entry to another entry of the same institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// How.
    pub relation: Relation,
    /// The register of the other.
    pub register: String,
    /// Its year.
    pub year: i64,
    /// Its number.
    pub number: i64,
}

/// What is to be registered.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The institution whose register it is.
    pub party: String,
    /// The register, and how it numbers.
    pub series: Series,
    /// What the number is for.
    pub kind: Kind,
    /// Which way the document goes.
    pub direction: Direction,
    /// The message; none for what came or leaves outside the hub.
    pub message: Option<MessageId>,
    /// The delivery, for the recipient's register.
    pub delivery: Option<DeliveryId>,
    /// Party id of the other side; empty where it has none.
    pub counterpart: String,
    /// The other side's number, where known.
    pub counterpart_registration: Option<Registration>,
    /// What is recorded of it.
    pub particulars: Particulars,
    /// What it answers, is connected to or repeats.
    pub ties: Vec<Tie>,
    /// Registrations its message answers, of either side; those that lead to an entry become ties.
    pub references: Vec<Registration>,
    /// What makes two entries the same document: SHA-256 of external number, date and issuer.
    pub duplicate_key: Option<[u8; 32]>,
    /// SHA-256 of the document.
    pub content_sha256: Option<[u8; 32]>,
    /// Who registers; none where the hub does by itself.
    pub author: Option<Author>,
    /// Random.
    pub salt: [u8; 16],
    /// When. The entry gets this moment or, where the newest number has a later one, that.
    pub at: Timestamp,
}

impl NewEntry {
    /// A message in the register of its sender or recipient.
    #[must_use]
    pub fn of_message(party: &str, series: Series, (message, salt): (MessageId, [u8; 16]), at: Timestamp) -> Self {
        Self {
            party: party.to_owned(),
            series,
            kind: Kind::Document,
            direction: Direction::Out,
            message: Some(message),
            delivery: None,
            counterpart: String::new(),
            counterpart_registration: None,
            particulars: Particulars::default(),
            ties: Vec::new(),
            references: Vec::new(),
            duplicate_key: None,
            content_sha256: None,
            author: None,
            salt,
            at,
        }
    }

    /// The entry as its digest covers it.
    pub(super) fn document(&self, key: &EntryKey, shown: &str, at: Timestamp) -> Json {
        let mut document = json!({
            "party": key.party,
            "register": key.register,
            "year": key.year,
            "number": key.number,
            "shown": shown,
            "kind": self.kind,
            "direction": self.direction,
            "recorded_at": at.to_utc(),
            "definition_version": self.series.version,
            "particulars": self.particulars,
        });
        let mut put = |name: &str, value: Json| document[name] = value;
        if let Some(message) = self.message {
            put("message_id", json!(message));
        }
        if let Some(delivery) = self.delivery {
            put("delivery_id", json!(delivery));
        }
        if !self.counterpart.is_empty() {
            put("counterpart", json!(self.counterpart));
        }
        if let Some(registration) = &self.counterpart_registration {
            put("counterpart_registration", json!(registration));
        }
        if !self.ties.is_empty() {
            put("ties", json!(self.ties));
        }
        if let Some(content) = self.content_sha256 {
            put("content_sha256", json!(hex::encode(content)));
        }
        if let Some(author) = &self.author {
            put("author", json!(author));
        }
        document
    }

    /// How the entry stands before anything happened to it.
    pub(super) const fn status(&self) -> Status {
        match (self.kind, &self.particulars.unit) {
            (Kind::Reserved | Kind::Allocated, _) => Status::Reserved,
            (Kind::Document, Some(_)) => Status::Assigned,
            (Kind::Document, None) => Status::Registered,
        }
    }
}

/// A number that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Where the entry stands.
    pub key: EntryKey,
    /// The number as people and evidence say it.
    pub registration: Registration,
    /// The moment it has.
    pub at: Timestamp,
    /// Its digest.
    pub digest: [u8; 32],
    /// Its link.
    pub link: [u8; 32],
}

/// How an entry stands after all its acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// How many acts there are.
    pub acts: i64,
    /// Where it stands.
    pub status: Status,
    /// The particulars as they stand.
    pub particulars: Particulars,
    /// Pseudonym of the clerk that has it.
    pub person: Option<String>,
    /// Which way the document went, of a kept number that was filled; none: as its entry says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The act that waits for a second person.
    pub pending: Option<String>,
    /// Who proposed it.
    pub pending_by: Option<String>,
}
