//! An ERDS evidence as the schema of ETSI EN 319 522-3 V1.2.1 has it, with every component of EN 319 522-2.
//!
//! [`Evidence::read`] is strict about names, namespaces and order, keeps what it does not know, and refuses only a critical
//! extension that it does not understand. It judges neither signatures nor the presence rules: see [`crate::rules`].

mod children;
mod party;
mod content;
mod extension;
mod read;

pub use content::{Content, Part};
pub use extension::{Disclosed, Extension, Registration, Relay, Transformation};
pub use party::{
    Assurance, Attribute, Authentication, CertificateHint, Delegate, Entity, Identifier, Identity, Level, Party,
};

use hub_signatures::tree::TreeError;
use roxmltree::Node;

use crate::event::Event;

/// The version that V1.1.1 and V1.2.1 of the standard both write (component G02).
pub const VERSION: &str = "EN319522v1.1.1";

/// One evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// G01, unique.
    pub identifier: String,
    /// G02.
    pub version: String,
    /// G03.
    pub event: Event,
    /// G04.
    pub reasons: Vec<Reason>,
    /// G05.
    pub time: Instant,
    /// G06: logs of the transport, as they stand in the evidence.
    pub transaction_log: Vec<String>,
    /// R01.
    pub policies: Vec<String>,
    /// R02.
    pub issuer: Entity,
    /// I01, I02, I10.
    pub sender: Party,
    /// I03, I04, I11.
    pub sender_delegate: Option<Party>,
    /// I05, I06, I12; at least one.
    pub recipients: Vec<Party>,
    /// I07, I08, I13.
    pub recipient_delegates: Vec<Delegate>,
    /// I09: which recipient it is about, counted from one.
    pub concerns: Option<u32>,
    /// M01.
    pub message: Option<String>,
    /// M02.
    pub content: Option<Content>,
    /// M03.
    pub submission_time: Option<Instant>,
    /// M04.
    pub external_system: Option<String>,
    /// M05.
    pub external_service: Option<Entity>,
    /// E01.
    pub extensions: Vec<Extension>,
}

/// Why an event happened (component G04).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// A URI; unknown ones are kept.
    pub code: String,
    /// The short code and the text, by good practice in this order.
    pub details: Vec<String>,
}

/// A time as it is written, and as Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instant {
    /// `xs:dateTime` with a zone.
    pub text: String,
    /// Unix seconds.
    pub unix: i64,
}

/// Why a document is not an evidence that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The bytes are not acceptable XML.
    #[error(transparent)]
    Xml(#[from] TreeError),
    /// The root is something else.
    #[error("the document is not an ERDS evidence (EN 319 522-3): its root is {0}")]
    NotEvidence(String),
    /// The version is another one.
    #[error("the evidence says that it is of version {0:?}, and only {VERSION} is known")]
    Version(String),
    /// Something the schema demands is not there.
    #[error("{element} is missing in {parent}, or stands in the wrong place")]
    Missing {
        /// The element that was looked for.
        element: &'static str,
        /// Where.
        parent: String,
    },
    /// Something the schema does not have there.
    #[error("{element} cannot stand here in {parent}: it is unknown, repeated or out of order")]
    Unexpected {
        /// The element found.
        element: String,
        /// Where.
        parent: String,
    },
    /// A local element in a namespace.
    #[error("{element} must be in no namespace, because the schema declares it locally")]
    MustBeBare {
        /// The element.
        element: &'static str,
    },
    /// A global element without its namespace.
    #[error(
        "{element} must be in the namespace http://uri.etsi.org/19522/v1#, because the schema declares it globally"
    )]
    MustBeQualified {
        /// The element.
        element: &'static str,
    },
    /// An element of XML Signature or SAML in another namespace.
    #[error("{element} is in another namespace than the one of its own standard")]
    ForeignNamespace {
        /// The element.
        element: &'static str,
    },
    /// A value that is not one.
    #[error("{element} {problem}")]
    Value {
        /// The element.
        element: String,
        /// What is wrong, as the end of the sentence.
        problem: &'static str,
    },
    /// The event is none of the 22.
    #[error("the event {0:?} is none of those of EN 319 522-1")]
    UnknownEvent(String),
    /// An extension that must be understood and is not (component E01).
    #[error("the evidence has a critical extension that is not understood: {0}")]
    Critical(String),
}

impl EvidenceError {
    fn value(node: Node<'_, '_>, problem: &'static str) -> EvidenceError {
        EvidenceError::Value { element: node.tag_name().name().to_owned(), problem }
    }
}

impl Evidence {
    /// The recipient it is about, with its position counted from one.
    pub fn concerned(&self) -> Option<(u32, &Party)> {
        let position = self.concerns?;
        let index = usize::try_from(position).ok()?.checked_sub(1)?;
        Some((position, self.recipients.get(index)?))
    }

    /// The hub's own facts in the extensions of namespace `urn:punte:evidence:1`, all together.
    pub fn disclosed(&self) -> Disclosed {
        self.extensions.iter().fold(Disclosed::default(), |all, extension| all.joined_with(&extension.disclosed))
    }

    /// Whether the evidence follows the REM baseline (EN 319 532-4).
    pub fn is_rem(&self) -> bool {
        let baseline = "http://uri.etsi.org/19532/v1#/REMbaseline";
        self.policies.iter().any(|policy| policy == baseline) || self.extensions.iter().any(|one| one.relay.is_some())
    }

    /// Whether the evidence is written as hubs of this program write, so that their own strict rules hold for it.
    pub fn is_ours(&self) -> bool {
        let ours = |party: &Party| party.identifier.as_ref().is_some_and(|id| id.scheme == OWN_SCHEME);
        ours(&self.sender) || self.recipients.iter().any(ours)
    }
}

/// The scheme of party identifiers that hubs of this program write.
const OWN_SCHEME: &str = "urn:oasis:names:tc:ebcore:partyid-type:unregistered:punte";
