//! Admitting: a dispatch of another delivery service becomes a message of ours by B.1, or leaves nothing but B.2.
//!
//! Everything is judged before anything is taken: whose seals these are, whether the evidence is about this message,
//! whether the bytes are those it names, whether the recipient is registered here, and whether what is asked can be kept.

use bytes::Bytes;
use hub_proofs::evidence::{Authentication as Told, Evidence as Read, Party as Named};
use schemas::Violation;
use serde_json::Value;

use crate::blobs::Staged;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::directory::{Directory, Party, SERVICE};
use crate::evidence::{Event, Evidence, PartyFacts, Reason, Reasoned};
use crate::hub::Hub;
use crate::message::{
    Authentication, ConsignmentMode, Envelope, MessageId, Payload, Recipient, Registration, Relay, Submission,
    printable,
};
use crate::relay::{self, Disbelief, MessageType, Metadata, NewReceived};
use crate::standing::Halt;
use crate::submission;
use crate::validation::{self, Rules};

use super::{Refused, accept, accepted_before, reject, take};

/// Reasons an evidence names at most.
const NAMED: usize = 10;
const DAY: i64 = 86_400;

/// A dispatch as it arrived.
#[derive(Debug)]
pub struct Dispatched {
    /// Party id of the service it came from, from its credential.
    pub partner: String,
    /// How that service was known.
    pub authentication: Authentication,
    /// Its metadata, read.
    pub metadata: Metadata,
    /// The same, as the bytes that carry the seal.
    pub document: Bytes,
    /// The evidence it brings.
    pub evidence: Vec<Bytes>,
    /// The payloads, body first.
    pub payloads: Vec<Payload>,
    /// The files of payloads too large for the database.
    pub staged: Vec<Staged>,
    /// The body, parsed; null where it is not JSON.
    pub body: Value,
    /// What was found in its payloads on arrival.
    pub found: Vec<Violation>,
}

/// The evidence a dispatch is answered with.
#[derive(Debug)]
pub struct Admitted {
    /// `RelayAcceptance` or `RelayRejection`, sealed.
    pub evidence: Evidence,
    /// Whether it was taken, now or before.
    pub taken: bool,
    /// Whether this very dispatch was taken before.
    pub again: bool,
}

/// Why a dispatch is not answered with evidence.
#[derive(Debug)]
pub enum NotAdmitted {
    /// The caller is no delivery service of the directory.
    NotAService,
    /// Another dispatch came under this identifier for this recipient.
    Conflict {
        /// The message it became.
        first: MessageId,
    },
    /// No evidence may be issued now, so nothing is taken.
    Halted(Halt),
    /// The hub cannot make anything durable now; nothing was taken.
    Unavailable(DbError),
}

impl From<DbError> for NotAdmitted {
    fn from(error: DbError) -> Self {
        Self::Unavailable(error)
    }
}

/// Admits a dispatch, or refuses it; either way the answer is sealed.
///
/// # Errors
/// [`NotAdmitted`] says why there is no such answer.
pub async fn admit(hub: &Hub, dispatched: Dispatched) -> Result<Admitted, NotAdmitted> {
    if let Some(halt) = hub.halted() {
        return Err(NotAdmitted::Halted(halt));
    }
    let directory = hub.directory();
    let service = directory.service(&dispatched.partner).ok_or(NotAdmitted::NotAService)?;
    let now = hub.clock.now();
    let id = MessageId(hub.ids.uuid(now));
    let Judged { mut reasons, relay, brought } = judge(hub, service, &dispatched);
    let recipient = registered(hub, &directory, &dispatched.metadata.recipient);
    let honoured = recipient.map(|recipient| (recipient, unmet(hub, &directory, &dispatched.metadata, recipient, now)));
    match &honoured {
        None => reasons.push(because(
            Reason::RelayRefusedForUnregisteredRecipient,
            format!("{} ({})", dispatched.metadata.recipient.id, dispatched.metadata.recipient.scheme()),
        )),
        Some((_, unmet)) => reasons.extend(unmet.iter().cloned()),
    }
    let parts = dispatched.metadata.parts.clone();
    let submission = submission(dispatched, recipient, relay);
    if recipient.is_some() {
        let code_lists = hub.code_lists();
        let rules = Rules {
            directory: &directory,
            catalogue: &hub.catalogue,
            code_lists: &code_lists,
            day: now.romanian_date(),
        };
        let broken = validation::check(rules, &submission);
        reasons.extend(broken.iter().chain(&submission.found).filter(|one| one.is_error()).map(violated));
    }
    if !reasons.is_empty() {
        // What was taken once is answered as it was, even if the rules have changed since.
        if let Some(first) = submission::accepted(&hub.db, &submission).await? {
            return again(hub, first).await;
        }
        reasons.truncate(NAMED);
        let rejected = reject::Rejected::relayed(hub, id, (submission, parts), reasons);
        let evidence = hub.db.write(&hub.verbs.reject, rejected).await?;
        return Ok(Admitted { evidence, taken: false, again: false });
    }
    let partner = submission.sender.clone();
    let received = brought.iter().map(|(read, document)| NewReceived::new(&partner, read, (id, None), document));
    let received = received.collect();
    match take(hub, id, submission, received).await {
        Ok(accept::Accepted::New(_, evidence)) => Ok(Admitted { evidence: *evidence, taken: true, again: false }),
        Ok(accept::Accepted::Again(first)) => again(hub, first).await,
        Ok(accept::Accepted::Conflict(first)) => Err(NotAdmitted::Conflict { first }),
        Err(Refused::Halted(halt)) => Err(NotAdmitted::Halted(halt)),
        Err(Refused::Conflict { first }) => Err(NotAdmitted::Conflict { first }),
        Err(Refused::Unavailable(error)) => Err(NotAdmitted::Unavailable(error)),
        Err(Refused::Rejected { .. }) => unreachable!("what is taken was judged before"),
    }
}

async fn again(hub: &Hub, first: MessageId) -> Result<Admitted, NotAdmitted> {
    let acceptance = accepted_before(hub, first).await?;
    Ok(Admitted { evidence: acceptance.evidence, taken: true, again: true })
}

fn because(reason: Reason, detail: impl Into<String>) -> Reasoned {
    Reasoned { reason, detail: Some(printable(&detail.into()).into_owned()) }
}

fn disbelieved(disbelief: Disbelief) -> Reasoned {
    let reason = match disbelief {
        Disbelief::Certificate(_) => Reason::RelayRejectedForCertificate,
        Disbelief::Seal(_) | Disbelief::Form(_) | Disbelief::Matter(_) => Reason::RelayRejectedForSignature,
    };
    because(reason, disbelief.to_string())
}

/// Pointer and rule, never the words: evidence names no data.
fn violated(violation: &Violation) -> Reasoned {
    let reason = match violation.rule.split('.').next() {
        Some("agreement") => Reason::RecipientPolicyViolation,
        Some("malware") => Reason::RelayRejectedForMalware,
        Some("recipient") => Reason::RelayRefusedForUnregisteredRecipient,
        _ => Reason::RelayRejectedForFormat,
    };
    because(reason, format!("{} {}", violation.rule, violation.pointer))
}

/// What the seals and evidence of a dispatch come to.
struct Judged {
    /// Why it is not believed.
    reasons: Vec<Reasoned>,
    /// What the service told of the message.
    relay: Relay,
    /// The believed evidence with its bytes.
    brought: Vec<(Read, Bytes)>,
}

fn judge(hub: &Hub, service: &Party, dispatched: &Dispatched) -> Judged {
    let Dispatched { metadata, document, evidence, payloads, .. } = dispatched;
    let mut reasons = Vec::new();
    let certificates = relay::certificates(hub, service).unwrap_or_else(|disbelief| {
        reasons.push(disbelieved(disbelief));
        Vec::new()
    });
    if let Err(disbelief) = relay::sealed(document, &certificates) {
        reasons.push(disbelieved(disbelief));
    }
    let mut brought = Vec::new();
    for document in evidence {
        let read = relay::evidence(document, service, &certificates).and_then(|read| {
            relay::about(&read, &metadata.identifier, &metadata.parts, &metadata.recipient)?;
            Ok(read)
        });
        match read {
            Ok(read) => brought.push((read, document.clone())),
            Err(disbelief) => reasons.push(disbelieved(disbelief)),
        }
    }
    let submitted = brought.iter().map(|(read, _)| read).find(|read| is_submission(read));
    match submitted {
        Some(read) => reasons.extend(contradictions(metadata, read)),
        None if reasons.is_empty() => reasons.push(because(
            Reason::RelayRejectedForSignature,
            "lipsește dovada preluării de la expeditor (SubmissionAcceptance)",
        )),
        None => {}
    }
    if metadata.message_type != MessageType::Dispatch.as_str() {
        reasons
            .push(because(Reason::RelayRejectedForFormat, format!("nu este dispatch, ci {}", metadata.message_type)));
    }
    reasons.extend(changed_parts(metadata, payloads));
    // Where the evidence is not believed, what was presented is still what is refused.
    let presented = || {
        let mut read = evidence.iter().filter_map(|document| Read::read(document).ok());
        read.find(|read| is_submission(read) && read.message.as_ref() == Some(&metadata.identifier))
    };
    let relay = told(service, metadata, submitted.cloned().or_else(presented).as_ref());
    if reasons.is_empty() && relay.authentication.is_none() {
        // Every evidence of ours would have to say how the sender was known (I10), and could not.
        let detail = "dovada nu spune pe un nivel eIDAS cum a fost cunoscut expeditorul";
        reasons.push(because(Reason::RecipientPolicyViolation, detail));
    }
    Judged { reasons, relay, brought }
}

fn is_submission(read: &Read) -> bool {
    read.event.name() == Event::SubmissionAcceptance.as_str()
}

/// Where the metadata say something else than the evidence.
fn contradictions(metadata: &Metadata, read: &Read) -> Option<Reasoned> {
    let named = read.sender.identifier.as_ref().is_some_and(|one| metadata.sender.is(&one.scheme, &one.value));
    let sealed = read.disclosed().sender_registration;
    let written = metadata.envelope.as_ref().and_then(|envelope| envelope.sender_registration.as_ref());
    let same = |one: &hub_proofs::evidence::Registration, other: &Registration| {
        (&*one.register, &*one.number, &*one.date)
            == (&*printable(&other.register), &*printable(&other.number), &*printable(&other.date))
    };
    let registered = match (&sealed, written) {
        (Some(sealed), Some(written)) => same(sealed, written),
        (Some(_), None) => false,
        (None, _) => true,
    };
    let what = match (named, registered) {
        (false, _) => "expeditorul din metadate nu este cel din dovadă",
        (_, false) => "numărul expeditorului nu este cel din dovadă",
        _ => return None,
    };
    Some(because(Reason::RelayRejectedForSignature, what))
}

/// The parts must be those the sealed metadata name, byte for byte.
fn changed_parts(metadata: &Metadata, payloads: &[Payload]) -> Vec<Reasoned> {
    let is = |payload: &Payload, name: &str| printable(&payload.name) == name;
    let arrived = |name: &str| payloads.iter().find(|payload| is(payload, name));
    let named = metadata.parts.iter().filter_map(|part| match arrived(&part.name) {
        Some(payload) if payload.sha256 == part.sha256 => None,
        Some(_) => Some(format!("partea {} nu are rezumatul din metadate", part.name)),
        None => Some(format!("partea {} lipsește", part.name)),
    });
    let unnamed = payloads.iter().filter(|payload| !metadata.parts.iter().any(|part| is(payload, &part.name)));
    let unnamed = unnamed.map(|payload| format!("partea {} nu este în metadate", payload.name));
    named.chain(unnamed).map(|detail| because(Reason::RelayRejectedForFormat, detail)).collect()
}

/// What the service told, copied from its evidence of submission; what that does not tell is left out.
fn told(service: &Party, metadata: &Metadata, read: Option<&Read>) -> Relay {
    let sender = read.map_or_else(|| metadata.sender.clone(), |read| facts(&read.sender, &metadata.sender));
    let acting = read.map(|read| read.sender_delegate.as_ref().unwrap_or(&read.sender));
    let assurance = acting.and_then(|party| party.assurance.as_ref());
    let known = assurance.and_then(|assurance| {
        let level = assurance.level.uri.strip_prefix("http://eidas.europa.eu/LoA/")?;
        let Some(Told::Method { time, method }) = &assurance.authentication else { return None };
        Some((
            Authentication { method: method.clone(), assurance: level.to_owned(), delegate: None },
            time.text.clone(),
        ))
    });
    let (authentication, authenticated_at) = known.unzip();
    Relay {
        partner: service.id.clone(),
        identifier: metadata.identifier.clone(),
        sender,
        sender_delegate: read
            .and_then(|read| read.sender_delegate.as_ref())
            .map(|one| facts(one, &PartyFacts::default())),
        authentication,
        authenticated_at,
        submitted_at: read
            .and_then(|read| read.submission_time.as_ref())
            .and_then(|time| Timestamp::parse_utc(&time.text)),
        recipient: metadata.recipient.clone(),
    }
}

fn facts(party: &Named, otherwise: &PartyFacts) -> PartyFacts {
    let attribute = |name| party.identity.as_ref().and_then(|identity| identity.eidas(name)).map(str::to_owned);
    let identifier = party.identifier.as_ref();
    PartyFacts {
        id: identifier.map_or(&otherwise.id, |one| &one.value).clone(),
        scheme: identifier.map(|one| one.scheme.clone()).or_else(|| otherwise.scheme.clone()),
        name: attribute("LegalName"),
        cui: attribute("LegalPersonIdentifier").map(|id| id.trim_start_matches("RO/RO/").to_owned()),
    }
}

/// The party of this directory that an identifier names, where it has its place here and not at another service.
fn registered<'a>(hub: &Hub, directory: &'a Directory, recipient: &PartyFacts) -> Option<&'a Party> {
    let here =
        |party: &&Party| party.kind != SERVICE && !party.external && directory.reached_through(&party.id).is_none();
    directory.parties().filter(here).find(|party| hub.party_facts(&party.id).is(recipient.scheme(), &recipient.id))
}

/// What the other service asks for and this one cannot promise (EN 319 522-2, components MD03 to MD07).
fn unmet(hub: &Hub, directory: &Directory, metadata: &Metadata, recipient: &Party, now: Timestamp) -> Vec<Reasoned> {
    let refused = |detail: String| because(Reason::RecipientPolicyViolation, detail);
    let mut unmet = Vec::new();
    // Attempts, the wait for an acceptance, and the wait in the inbox: after that nothing is consigned or handed over.
    let tries = i64::try_from(hub.policy.retry.give_up_after.as_secs()).unwrap_or(i64::MAX);
    let last = now.plus_seconds(tries).plus_seconds(2 * hub.policy.inbox_days * DAY);
    if let Some(expires) = metadata.expires.filter(|expires| *expires < last) {
        unmet
            .push(refused(format!("termenul {} este mai scurt decât așteptarea din acest serviciu", expires.to_utc())));
    }
    if let Some(begins) = metadata.not_before.filter(|begins| *begins > now) {
        unmet.push(refused(format!("livrarea nu poate fi amânată până la {}", begins.to_utc())));
    }
    if let Some(wanted) = &metadata.assurance {
        let level = |name: &str| ["low", "substantial", "high"].iter().position(|one| *one == name);
        let known = directory.systems_of(&recipient.id).filter_map(|system| level(&system.assurance)).min();
        if level(wanted).is_none() || known < level(wanted) {
            unmet.push(refused(format!("destinatarul nu este cunoscut cu nivelul {wanted}")));
        }
    }
    let ours = |policy: &&String| **policy == hub.seal.issuer.policy || **policy == hub.seal.issuer.delivery_policy;
    if let Some(policy) = metadata.policies.iter().find(|policy| !ours(policy)) {
        unmet.push(refused(format!("politica {policy} nu este a acestui serviciu")));
    }
    if let Some(mode) = metadata.consignment.as_deref().filter(|mode| !["basic", "consent"].contains(mode)) {
        unmet.push(refused(format!("modul de punere la dispoziție {mode} nu este oferit")));
    }
    unmet
}

/// The dispatch as the road takes it; sent by the service, for the sender it names.
fn submission(dispatched: Dispatched, recipient: Option<&Party>, relay: Relay) -> Submission {
    let Dispatched { partner, authentication, metadata, payloads, staged, body, found, .. } = dispatched;
    let mode = match metadata.consignment.as_deref() {
        Some("consent") => ConsignmentMode::Consent,
        _ => ConsignmentMode::Basic,
    };
    let envelope = metadata.envelope.unwrap_or_else(nothing_written);
    let recipients = recipient.map(|party| Recipient { party: party.id.clone() });
    let (scheme, id) = (metadata.recipient.scheme(), &metadata.recipient.id);
    Submission {
        found,
        sender: partner,
        authentication,
        idempotency_key: format!("{} {scheme} {id}", metadata.identifier),
        envelope: Envelope {
            recipients: recipients.into_iter().collect(),
            consignment: mode,
            on_behalf_of: None,
            ..envelope
        },
        payloads,
        staged,
        body,
        relay: Some(relay),
    }
}

/// In place of an envelope that did not come: every rule finds it wanting.
fn nothing_written() -> Envelope {
    Envelope {
        recipients: Vec::new(),
        document_type: String::new(),
        document_version: String::new(),
        subject: String::new(),
        purpose: String::new(),
        legal_basis: String::new(),
        territory: None,
        sender_registration: None,
        references: Vec::new(),
        consignment: ConsignmentMode::Basic,
        on_behalf_of: None,
        origin: None,
        parts: Vec::new(),
    }
}
