//! What every step may use. Handed in, never reached for.

use std::num::NonZeroU32;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use hub_deadlines::Rule;
use hub_vault::Vault;
use mappings::Library;
use schemas::{Catalogue, CodeLists};
use uuid::Uuid;

use crate::audit::{AuditEvent, RecordEvents};
use crate::blobs::BlobStore;
use crate::breaker::{BreakerPolicy, Breakers};
use crate::clock::{Clock, Timestamp};
use crate::credentials::Keeper;
use crate::db::{Db, DbError};
use crate::deadline::Deadlines;
use crate::delivery::Connectors;
use crate::delivery::retry::RetryPolicy;
use crate::directory::{Directory, Series};
use crate::evidence::{Deadline, PartFacts, PartyFacts, Seal, Subject, Terms};
use crate::flow::{Landed, Verbs};
use crate::log::Log;
use crate::lookup::{Flights, JournalKey, LookupPolicy};
use crate::message::{Authentication, BODY, Envelope, Ids, Message, MessageId, Payload, Relay, Submission};
use crate::persons::PersonKeys;
use crate::queue::{Onward, Wake};
use crate::standing::{Halt, Standing};

/// Bounds and terms of the service, which every receipt rests on.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// How patient deliveries are.
    pub retry: RetryPolicy,
    /// Days a document waits in an inbox before it counts as not handed over.
    pub inbox_days: i64,
    /// How long a claimed job belongs to its worker unless it renews the lease, in seconds. So long do the jobs of a
    /// fallen node wait for another one.
    pub lease_seconds: NonZeroU32,
    /// How long another service may stay silent about what was relayed to it.
    pub relay: RelayPolicy,
    /// Patience with a system that does not answer anybody.
    pub breaker: BreakerPolicy,
    /// Bounds of questions to registers.
    pub lookups: LookupPolicy,
}

/// Patience with another service.
#[derive(Debug, Clone, Copy)]
pub struct RelayPolicy {
    /// Seconds from its acceptance (B.1) within which it must tell that the document was made available or handed over,
    /// or why not; then the sender is told that it did not (D.2, reason RD03).
    pub first_seconds: i64,
    /// Seconds that every such word gives it for the next one: as long as recipients may take there.
    pub next_seconds: i64,
}

impl Default for RelayPolicy {
    fn default() -> Self {
        Self { first_seconds: 3 * 86_400, next_seconds: 65 * 86_400 }
    }
}

impl Default for Policy {
    fn default() -> Self {
        const LEASE: NonZeroU32 = NonZeroU32::new(120).expect("not zero");
        Self {
            retry: RetryPolicy::default(),
            inbox_days: 30,
            lease_seconds: LEASE,
            relay: RelayPolicy::default(),
            breaker: BreakerPolicy::default(),
            lookups: LookupPolicy::default(),
        }
    }
}

impl Policy {
    /// When a lease taken now ends.
    #[must_use]
    pub fn lease_end(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(self.lease_seconds.get().into())
    }

    /// When a document consigned now counts as not handed over.
    #[must_use]
    pub fn inbox_end(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(self.inbox_days * 86_400)
    }
}

/// The parts a hub is made of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// Large payloads.
    pub blobs: BlobStore,
    /// Archived documents.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// Who may send what to whom.
    pub directory: Directory,
    /// Document types.
    pub catalogue: Catalogue,
    /// Mappings.
    pub mappings: Library,
    /// Engines and systems.
    pub connectors: Connectors,
    /// The seal of evidence.
    pub seal: Seal,
    /// The log of evidence.
    pub log: Log,
    /// The key of the journal's digests.
    pub journal_key: JournalKey,
    /// The keys of persons' identifiers.
    pub person_keys: PersonKeys,
    /// Bounds and terms.
    pub policy: Policy,
    /// What terms of documents are counted with.
    pub deadlines: Arc<Deadlines>,
}

/// A hub: its parts, the verbs that write, and the bell that wakes its workers.
pub struct Hub {
    /// The database.
    pub db: Db,
    /// Large payloads.
    pub blobs: BlobStore,
    /// Archived documents.
    pub vault: Arc<Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// Document types.
    pub catalogue: Catalogue,
    /// Mappings.
    pub mappings: Library,
    /// Engines and systems.
    pub connectors: Connectors,
    /// The seal of evidence.
    pub seal: Seal,
    /// The log of evidence.
    pub log: Log,
    /// The key of the journal's digests.
    pub journal_key: JournalKey,
    /// The keys of persons' identifiers.
    pub person_keys: PersonKeys,
    /// Bounds and terms.
    pub policy: Policy,
    /// What terms of documents are counted with.
    pub deadlines: Arc<Deadlines>,
    /// Rings when a job is committed.
    pub wake: Wake,
    /// Whether evidence may be issued now.
    pub standing: Standing,
    /// What this node saw last of the systems' breakers.
    pub breakers: Breakers,
    /// The short way of fresh messages to the workers of this process.
    pub onward: Onward<Arc<Message>>,
    /// The chain this run of this node writes in the journal of access.
    pub(crate) journal_chain: Uuid,
    /// What this node knows of keys, tokens and certificates of systems.
    pub credentials: Keeper,
    pub(crate) verbs: Verbs,
    pub(crate) flights: Flights<Landed>,
    directory: ArcSwap<Directory>,
    code_lists: ArcSwap<CodeLists>,
}

impl Hub {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let journal_chain = parts.ids.uuid(parts.clock.now());
        let verbs = Verbs::new(&parts, journal_chain);
        let code_lists = Arc::clone(parts.catalogue.code_lists());
        Self {
            journal_chain,
            verbs,
            db: parts.db,
            blobs: parts.blobs,
            vault: parts.vault,
            clock: parts.clock,
            ids: parts.ids,
            catalogue: parts.catalogue,
            mappings: parts.mappings,
            connectors: parts.connectors,
            seal: parts.seal,
            log: parts.log,
            journal_key: parts.journal_key,
            person_keys: parts.person_keys,
            policy: parts.policy,
            deadlines: parts.deadlines,
            wake: Wake::default(),
            standing: Standing::default(),
            breakers: Breakers::default(),
            onward: Onward::default(),
            credentials: Keeper::default(),
            flights: Flights::default(),
            directory: ArcSwap::from_pointee(parts.directory),
            code_lists: ArcSwap::from(code_lists),
        }
    }

    /// Why no evidence may be issued at this moment, where that is so.
    #[must_use]
    pub fn halted(&self) -> Option<Halt> {
        self.standing.halted().or_else(|| self.seal.unfit_at(self.clock.now()))
    }

    /// Records acts that write nothing else in the database; others append their events in their own transaction.
    ///
    /// # Errors
    /// The database failed: then the act must not be done.
    pub async fn record(&self, events: Vec<AuditEvent>) -> Result<(), DbError> {
        self.db.write(&Arc::new(RecordEvents), events).await
    }

    /// The directory as it is now.
    #[must_use]
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    /// The code lists of documents and places: the program's, with the versions that were imported.
    #[must_use]
    pub fn code_lists(&self) -> Arc<CodeLists> {
        self.code_lists.load_full()
    }

    /// Replaces the code lists for everything that begins from now on.
    pub fn replace_code_lists(&self, code_lists: CodeLists) {
        self.code_lists.store(Arc::new(code_lists));
    }

    /// Replaces the directory for everything that begins from now on. One that was read before another writing than the
    /// present one does not take its place.
    pub fn replace_directory(&self, directory: Directory) {
        let directory = Arc::new(directory);
        self.directory.rcu(|present| {
            let newer = directory.ledger().number >= present.ledger().number;
            Arc::clone(if newer { &directory } else { present })
        });
    }

    /// An institution as evidence names it; with its id alone when the directory does not know it.
    #[must_use]
    pub fn party_facts(&self, id: &str) -> PartyFacts {
        self.directory().party(id).map_or_else(
            || PartyFacts { id: id.to_owned(), ..PartyFacts::default() },
            |party| PartyFacts {
                id: party.known_as.as_ref().map_or(&party.id, |known| &known.id).clone(),
                scheme: party.known_as.as_ref().and_then(|known| known.scheme.clone()),
                name: Some(party.name.clone()),
                cui: party.cui.clone(),
            },
        )
    }

    /// The bytes of a message's body, wherever they are kept.
    ///
    /// # Errors
    /// The blob store cannot be read, or the message has no body.
    pub async fn body(&self, message: &Message) -> std::io::Result<Bytes> {
        let body = message.payloads.iter().find(|payload| payload.role == BODY);
        let body = body.ok_or_else(|| std::io::Error::other("the message has no body"))?;
        match &body.content {
            Some(content) => Ok(content.clone()),
            None => Ok(tokio::fs::read(self.blobs.path(&body.sha256)).await?.into()),
        }
    }

    /// What the evidences of a message have in common.
    #[must_use]
    pub fn subject_of(&self, message: &Message) -> Arc<Subject> {
        let facts = SubjectFacts {
            sender: &message.sender,
            authentication: &message.authentication,
            envelope: &message.envelope,
            submitted_at: message.submitted_at,
            payloads: &message.payloads,
        };
        Arc::new(self.relayed(self.subject(message.id, facts), message.relay.as_ref()))
    }

    /// The same of a submission, whose moment is not known before it is written.
    #[must_use]
    pub fn subject_to_be(&self, message: MessageId, submission: &Submission) -> Subject {
        let facts = SubjectFacts {
            sender: &submission.sender,
            authentication: &submission.authentication,
            envelope: &submission.envelope,
            submitted_at: Timestamp::default(),
            payloads: &submission.payloads,
        };
        self.relayed(self.subject(message, facts), submission.relay.as_ref())
    }

    /// What another service told of a message stands in its place; the recipient's attributes are ours to tell.
    fn relayed(&self, subject: Subject, relay: Option<&Relay>) -> Subject {
        let Some(relay) = relay else { return subject };
        let ours = subject.recipients.into_iter().next().unwrap_or_default();
        let (id, scheme) = (relay.recipient.id.clone(), relay.recipient.scheme.clone());
        Subject {
            identifier: Some(relay.identifier.clone()),
            sender: relay.sender.clone(),
            sender_delegate: relay.sender_delegate.clone(),
            authentication: relay.authentication.clone(),
            authenticated_at: relay.authenticated_at.clone(),
            recipients: vec![PartyFacts { id, scheme, ..ours }],
            submitted_at: relay.submitted_at.unwrap_or_default(),
            ..subject
        }
    }

    fn subject(&self, message: MessageId, facts: SubjectFacts<'_>) -> Subject {
        let part = |payload: &Payload| PartFacts {
            name: payload.name.clone(),
            content_type: payload.content_type.clone(),
            sha256: payload.sha256,
        };
        Subject {
            message,
            identifier: None,
            sender: self.party_facts(facts.sender),
            authentication: Some(facts.authentication.clone()),
            authenticated_at: None,
            sender_delegate: facts.authentication.delegate.as_ref().map(|delegate| self.party_facts(delegate)),
            origin: facts.envelope.origin.clone(),
            recipients: facts.envelope.recipients.iter().map(|one| self.party_facts(&one.party)).collect(),
            submitted_at: facts.submitted_at,
            parts: facts.payloads.iter().map(part).collect(),
            terms: self.terms(facts.envelope),
        }
    }

    /// The rule for a document in a register of its recipient: the register's, else its type's, else the default.
    #[must_use]
    pub fn rule_for(&self, series: &Series, envelope: &Envelope) -> Option<Rule> {
        let document_type = self.catalogue.document_type(&envelope.document_type, &envelope.document_version);
        self.deadlines.rule(series.deadline_rule.as_deref(), document_type)
    }

    fn terms(&self, envelope: &Envelope) -> Terms {
        let document_type = self.catalogue.document_type(&envelope.document_type, &envelope.document_version);
        let deadline = document_type.map(|one| one.deadline()).filter(|deadline| deadline.days > 0);
        Terms {
            give_up_after_seconds: self.policy.retry.give_up_after.as_secs(),
            inbox_days: self.policy.inbox_days,
            deadline: deadline.map(|deadline| Deadline {
                counted: Arc::clone(&self.deadlines),
                class: deadline.class.clone(),
                days: deadline.days,
                basis: deadline.basis.clone(),
            }),
        }
    }
}

/// Where the subject of evidence is taken from: a submission or a message.
#[derive(Clone, Copy)]
struct SubjectFacts<'a> {
    /// The sending party.
    pub sender: &'a str,
    /// How it was known.
    pub authentication: &'a Authentication,
    /// What was written on it.
    pub envelope: &'a Envelope,
    /// When.
    pub submitted_at: Timestamp,
    /// What.
    pub payloads: &'a [Payload],
}
