//! Everything known about one message, gathered once for its papers.

use std::sync::Arc;

use hub_flow::clock::Timestamp;
use hub_flow::deadline::Deadlines;
use hub_flow::evidence::Evidence;
use hub_flow::hub::Hub;
use hub_flow::log::{self, Place, Stamp};
use hub_flow::message::{Message, MessageId};
use hub_flow::relay::Received;
use hub_flow::seal::{self, SealRecord};
use hub_flow::submission;
use hub_proofs::evidence::Evidence as Read;
use hub_receipts::{Days, Deadline, Document, LogPlace, Moment, Part, Party, Reason, Registration, Seal, Service};
use hub_signatures::certificate::Certificate;
use hub_signatures::xades;

use jiff::civil::Date;

use super::PaperError;

/// One sealed evidence, of this service or of a partner's.
pub(super) struct Sealed {
    /// Id (G01) as the service that issued it wrote it.
    pub(super) id: String,
    /// Name of the event.
    pub(super) event: String,
    /// When the event happened.
    pub(super) at: Timestamp,
    /// SHA-256 of the document.
    pub(super) sha256: [u8; 32],
    /// The sealed XML.
    pub(super) document: String,
    /// The record of it, where this hub issued it.
    pub(super) own: Option<Evidence>,
    /// Whose seal it bears.
    certificate: Certificate,
    /// What it says.
    pub(super) read: Read,
}

/// A message with its evidences, read from what was sealed.
pub struct Scene {
    /// The message; none when it was refused.
    pub(super) message: Option<Message>,
    /// Its evidences in the order of their events.
    pub(super) evidences: Vec<Sealed>,
    pub(super) places: Vec<Place>,
    pub(super) stamps: Vec<Stamp>,
    seals: Vec<SealRecord>,
    origin: String,
    address: String,
    issuer: String,
    policy: String,
    document: Option<Document>,
    deadline: Option<Deadline>,
    counted: Arc<Deadlines>,
}

impl Scene {
    /// Gathers what is known of a message: the hub's own evidences of it, and those of partners.
    ///
    /// # Errors
    /// The database does not answer, or a stored evidence was changed beyond reading.
    pub async fn gather(
        hub: &Hub,
        message: MessageId,
        (chain, received): (Vec<Evidence>, Vec<Received>),
    ) -> Result<Self, PaperError> {
        let places = log::places_of(&hub.db, message).await?;
        let mut stamps = Vec::new();
        for place in &places {
            if stamps.iter().all(|stamp: &Stamp| stamp.size != place.size) {
                stamps.extend(log::stamp(&hub.db, place.size).await?);
            }
        }
        let message = submission::load(&hub.db, message).await?;
        let mut evidences = chain.into_iter().map(Sealed::own).collect::<Result<Vec<_>, _>>()?;
        // Another service's words on the same message are part of the story, unless they contradict it.
        for one in received.into_iter().filter(|one| one.standing != "contradiction") {
            evidences.push(Sealed::foreign(one)?);
        }
        evidences.sort_by_key(|one| one.at);
        let (document, deadline) = message.as_ref().map_or((None, None), |message| kind(hub, message));
        Ok(Self {
            message,
            evidences,
            places,
            stamps,
            seals: seal::all(&hub.db).await?,
            origin: hub.log.origin().to_owned(),
            address: hub.connectors.hub_address().trim_end_matches('/').to_owned(),
            issuer: hub.seal.issuer.name.clone(),
            policy: hub.seal.issuer.policy.clone(),
            document,
            deadline,
            counted: Arc::clone(&hub.deadlines),
        })
    }

    pub(super) fn service(&self) -> Service {
        Service { name: self.issuer.clone(), policy: Some(self.policy.clone()), ..Service::default() }
    }

    pub(super) fn document(&self) -> Option<Document> {
        self.document.clone()
    }

    /// The receiver's term; its last day where the receiver registered the document on `registered`.
    pub(super) fn deadline(&self, registered: Option<&str>) -> Option<Deadline> {
        let term = self.deadline.clone()?;
        let class = if term.class == Days::Working { "working-days" } else { "calendar-days" };
        let last = |from: Date| self.counted.last_day(class, u16::try_from(term.days?).ok()?, from);
        let date = registered.and_then(|day| day.parse().ok()).and_then(last).map(|day| day.to_string());
        Some(Deadline { date, ..term })
    }

    pub(super) fn subject(&self) -> Option<String> {
        self.message.as_ref().map(|message| message.envelope.subject.clone())
    }

    /// The public page about an evidence.
    pub(super) fn address(&self, sealed: &Sealed) -> Option<String> {
        let evidence = sealed.own.as_ref()?;
        let code = hub_flow::evidence::code::of(evidence.id);
        Some(format!("{}/verify?c={code}&h={}", self.address, &hex::encode(evidence.sha256)[..16]))
    }

    /// Where the evidence stands in the log.
    pub(super) fn log_place(&self, sealed: &Sealed) -> Option<LogPlace> {
        let evidence = sealed.own.as_ref()?;
        let place = self.places.iter().find(|place| place.evidence == evidence.id)?;
        let stamp = self.stamps.iter().find(|stamp| stamp.size == place.size);
        Some(LogPlace {
            origin: self.origin.clone(),
            index: place.index,
            head_size: Some(place.size),
            head_stamp: stamp
                .map(|stamp| hub_receipts::Stamp { time: moment(stamp.at), authority: stamp.authority.clone() }),
        })
    }

    /// The seal on the evidence, as its certificate tells.
    pub(super) fn seal(&self, sealed: &Sealed) -> Seal {
        let certificate = &sealed.certificate;
        let record = self.seals.iter().find(|record| record.sha256 == *certificate.sha256());
        Seal {
            subject: certificate.subject().to_owned(),
            issuer: Some(certificate.issuer().to_owned()),
            serial: Some(certificate.serial().to_owned()),
            development: record.is_some_and(|record| record.development),
        }
    }

    /// The parts an evidence binds, with sizes where the message is still there.
    pub(super) fn parts(&self, read: &Read) -> Vec<Part> {
        let payloads = self.message.as_ref().map_or(&[][..], |message| &message.payloads);
        let size = |name: &str| payloads.iter().find(|payload| payload.name == name).map(|payload| payload.size);
        let parts = read.content.iter().flat_map(|content| &content.parts);
        let part = |part: &hub_proofs::evidence::Part| Part {
            name: part.identifier.clone(),
            media_type: Some(part.content_type.clone()),
            size: size(&part.identifier),
            sha256: part.digest.as_ref().map(|(_, digest)| hex::encode(digest)).unwrap_or_default(),
        };
        parts.map(part).collect()
    }
}

impl Sealed {
    fn own(evidence: Evidence) -> Result<Self, PaperError> {
        let id = evidence.id.to_string();
        let (certificate, read) = read(&id, &evidence.document)?;
        Ok(Self {
            certificate,
            read,
            id,
            event: evidence.event.clone(),
            at: evidence.at,
            sha256: evidence.sha256,
            document: evidence.document.clone(),
            own: Some(evidence),
        })
    }

    fn foreign(Received { evidence, sha256, .. }: Received) -> Result<Self, PaperError> {
        let (certificate, read) = read(&evidence.identifier, &evidence.document)?;
        Ok(Self {
            certificate,
            at: Timestamp(read.time.unix.saturating_mul(1_000_000)),
            id: evidence.identifier,
            event: evidence.event,
            sha256,
            document: evidence.document,
            own: None,
            read,
        })
    }
}

/// Whose seal a document bears, and what it covers, as an evidence.
fn read(id: &str, document: &str) -> Result<(Certificate, Read), PaperError> {
    let unreadable = |why: String| PaperError::Evidence { id: id.to_owned(), why };
    let examined = xades::examine(document.as_bytes()).map_err(|error| unreadable(error.to_string()))?;
    let read = Read::read(&examined.covered).map_err(|error| unreadable(error.to_string()))?;
    Ok((examined.certificate, read))
}

/// The kind of document and the receiver's term, as the catalogue has them.
fn kind(hub: &Hub, message: &Message) -> (Option<Document>, Option<Deadline>) {
    let (name, version) = (&message.envelope.document_type, &message.envelope.document_version);
    let Some(known) = hub.catalogue.document_type(name, version) else { return (None, None) };
    let document = Document {
        title: known.title().ro.clone(),
        title_en: Some(known.title().en.clone()),
        version: Some(version.clone()),
        legal_basis: known.legal_basis().to_vec(),
    };
    let term = known.deadline();
    let class = if term.class == "working-days" { Days::Working } else { Days::Calendar };
    let deadline = (term.days > 0).then(|| Deadline {
        class,
        days: Some(u32::from(term.days)),
        // Each receiver's registration gives a last day of its own.
        date: None,
        from: Some("înregistrarea la destinatar".to_owned()),
        basis: Some(term.basis.clone()),
    });
    (Some(document), deadline)
}

pub(super) fn moment(at: Timestamp) -> Moment {
    Moment { utc: at.to_utc(), local: format!("{} (ora României)", at.to_romanian()) }
}

/// The parties an evidence names, the delegates of each beside it.
pub(super) fn sender(read: &Read) -> Option<Party> {
    let delegate = read.sender_delegate.as_ref().map(name);
    Some(Party { delegate, ..party(&read.sender)? })
}

pub(super) fn recipients(read: &Read) -> Vec<Party> {
    let delegate_of = |position: u32| {
        let mut delegates = read.recipient_delegates.iter();
        delegates.find(|delegate| delegate.recipients.contains(&position)).map(|delegate| name(&delegate.party))
    };
    let with = |(one, position)| Party { delegate: delegate_of(position), ..party(one).unwrap_or_default() };
    read.recipients.iter().zip(1..).map(with).collect()
}

fn party(party: &hub_proofs::evidence::Party) -> Option<Party> {
    let id = party.identifier.as_ref()?.value.clone();
    let fiscal_code = party.identity.as_ref().and_then(|identity| {
        let person = identity.attributes.iter().find(|one| one.name.ends_with("/LegalPersonIdentifier"))?;
        // Nationality / destination / value.
        person.values.first()?.rsplit('/').next().map(str::to_owned)
    });
    Some(Party { id, name: party.name().map(str::to_owned), fiscal_code, delegate: None })
}

fn name(party: &hub_proofs::evidence::Party) -> String {
    let id = || party.identifier.as_ref().map(|id| id.value.clone());
    party.name().map(str::to_owned).or_else(id).unwrap_or_default()
}

pub(super) fn registration(held: hub_proofs::evidence::Registration) -> Registration {
    Registration { register: Some(held.register), number: held.number, date: Some(held.date) }
}

pub(super) fn reasons(read: &Read) -> Vec<Reason> {
    let reason = |one: &hub_proofs::evidence::Reason| {
        let mut details = one.details.iter().cloned();
        let (short, text) = (details.next(), details.next());
        Reason { code: short.unwrap_or_else(|| one.code.clone()), text, details: details.collect() }
    };
    read.reasons.iter().map(reason).collect()
}
