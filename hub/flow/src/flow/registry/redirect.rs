//! A document that came to the wrong institution goes on to the competent one, and its sender is told (OG 27/2002,
//! art. 6^1: within five days of registration).
//!
//! The document travels as a **new message** of the institution that had it, under the number it got there, and refers to
//! the sender's number; so the competent institution's entry names the entry it came from, and gets a term of its own. Both
//! messages have keys made from the entry: asked twice, or after a fall in between, it happens once.

use bytes::Bytes;
use hub_deadlines::{Rule, Term};
use jiff::civil::Date;
use openssl::sha::sha256;
use schemas::Violation;
use serde_json::{Value as Json, json};

use crate::db::DbError;
use crate::hub::Hub;
use crate::message::{
    BODY, ConsignmentMode, Envelope, Message, MessageId, PartDescription, Payload, Recipient, Registration, Submission,
};
use crate::registration::{self, Direction, Effect, Entry, EntryKey, NotActed, Status};
use crate::submission;
use crate::validation::{self, Problem, Rules};

use super::super::{Actor, Refused, accept};
use super::acting::{By, Changed, Made, NotDone, PathChange, TermChange, act};
use super::scanned::{self, Scan};

pub(super) const BASIS: &str = "OG nr. 27/2002, art. 6^1";
/// The rule whose term it keeps.
const RULE: &str = "petition-misdirected";
/// Where a document can still go on.
const OPEN: [Status; 3] = [Status::Registered, Status::Assigned, Status::InProgress];

/// How the sender is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// By a message through the hub, sent with the document.
    ByMessage,
    /// By other means, for those who have no inbox here.
    Otherwise {
        /// When.
        on: Date,
        /// How: `posta`, `telefon` …
        how: String,
    },
}

/// Where a document goes on to.
#[derive(Debug, Clone)]
pub struct Redirection {
    /// Party id of the competent institution; its name where it is none and the document goes by paper.
    pub competent: String,
    /// Why it is competent, in words that the sender may read.
    pub reason: String,
    /// How the sender is told.
    pub told: Told,
    /// The document, where it was brought to the counter and scanned; of a message the hub has it.
    pub scans: Vec<Scan>,
}

/// A document that went on.
#[derive(Debug, Clone)]
pub struct Redirected {
    /// The message that takes it to the competent institution; none where it goes by paper.
    pub forwarded: Option<MessageId>,
    /// The message that tells its sender.
    pub notice: Option<MessageId>,
    /// Last day for it, by the rule.
    pub by: Option<Date>,
    /// Whether it was in time.
    pub in_time: bool,
    /// Whether it was redirected there before.
    pub again: bool,
}

/// Why a document did not go on. Nothing was sent unless said so.
#[derive(Debug)]
pub enum NotRedirected {
    /// The entry does not allow it.
    NotDone(NotDone),
    /// The entry is of a document that goes out, or of a number that has none.
    NoDocument,
    /// The institution cannot redirect to itself, or back to the sender.
    NotCompetent,
    /// The sender has no inbox here: it must be told otherwise.
    SenderOutside,
    /// The document, or the notice, would not be accepted.
    Unsendable {
        /// Whether it is the notice.
        notice: bool,
        /// The problem as a whole.
        problem: Problem,
        /// Every rule it breaks.
        violations: Vec<Violation>,
    },
    /// It was not accepted, though it was checked before.
    Refused(Box<Refused>),
}

impl From<NotDone> for NotRedirected {
    fn from(not: NotDone) -> Self {
        Self::NotDone(not)
    }
}

impl From<DbError> for NotRedirected {
    fn from(error: DbError) -> Self {
        Self::NotDone(error.into())
    }
}

/// Sends the document of an entry on, tells its sender, and records both.
///
/// # Errors
/// [`NotRedirected`] says why not.
pub async fn redirect(
    hub: &Hub,
    key: &EntryKey,
    by: &By,
    actor: Actor<'_>,
    redirection: Redirection,
) -> Result<Redirected, NotRedirected> {
    let entry = registration::find(&hub.db, key).await?.ok_or(NotDone::NotFound)?;
    if let Some(before) = done_before(&entry, &redirection.competent) {
        return Ok(before);
    }
    if !OPEN.contains(&entry.state.status) {
        return Err(NotDone::Refused(NotActed::Standing { status: entry.state.status }).into());
    }
    if by.expected.is_some_and(|expected| expected != entry.state.acts) {
        return Err(NotDone::Refused(NotActed::Outdated { acts: entry.state.acts }).into());
    }
    if entry.direction != Direction::In {
        return Err(NotRedirected::NoDocument);
    }
    if redirection.competent == key.party {
        return Err(NotRedirected::NotCompetent);
    }
    let Some(message) = entry.message else { return by_clerk(hub, &entry, by, actor, redirection).await };
    let message = submission::load(&hub.db, message).await?.ok_or(NotRedirected::NoDocument)?;
    if redirection.competent == message.sender {
        return Err(NotRedirected::NotCompetent);
    }
    if redirection.told == Told::ByMessage && message.relay.is_some() {
        return Err(NotRedirected::SenderOutside);
    }
    let forwarding = forwarding(hub, &entry, &message, actor, &redirection).await?;
    let notice = (redirection.told == Told::ByMessage).then(|| notice(hub, &entry, &message, actor, &redirection));
    allowed(hub, &forwarding, false)?;
    if let Some(notice) = &notice {
        allowed(hub, notice, true)?;
    }
    let forwarded = sent(hub, forwarding).await?;
    let notice = match notice {
        Some(notice) => Some(sent(hub, notice).await?),
        None => None,
    };
    recorded(hub, &entry, by, &redirection, (Some(forwarded), notice)).await
}

/// What was brought to the counter goes on as a message, where it was scanned and the competent institution is a party
/// here, else by paper. Who brought it is told by other means.
async fn by_clerk(
    hub: &Hub,
    entry: &Entry,
    by: &By,
    actor: Actor<'_>,
    redirection: Redirection,
) -> Result<Redirected, NotRedirected> {
    if redirection.told == Told::ByMessage {
        return Err(NotRedirected::SenderOutside);
    }
    let forwarded = match scanned::forwarding(hub, entry, actor, &redirection) {
        Some(forwarding) => {
            allowed(hub, &forwarding, false)?;
            Some(sent(hub, forwarding).await?)
        }
        None => None,
    };
    recorded(hub, entry, by, &redirection, (forwarded, None)).await
}

async fn recorded(
    hub: &Hub,
    entry: &Entry,
    by: &By,
    redirection: &Redirection,
    (forwarded, notice): (Option<MessageId>, Option<MessageId>),
) -> Result<Redirected, NotRedirected> {
    let (last, in_time) = in_time(hub, entry);
    let done = record(hub, (&entry.key, by), redirection, (forwarded, notice), (last, in_time)).await;
    match done {
        Ok(_) => Ok(Redirected { forwarded, notice, by: last, in_time, again: false }),
        // Somebody else asked for the same at the same moment, and both sent one message.
        Err(not) => {
            let entry = registration::find(&hub.db, &entry.key).await?.ok_or(NotDone::NotFound)?;
            done_before(&entry, &redirection.competent).ok_or(NotRedirected::NotDone(not))
        }
    }
}

/// The answer to a redirection that was asked for before.
fn done_before(entry: &Entry, competent: &str) -> Option<Redirected> {
    let act = entry.acts.iter().find(|act| act.act == "redirected" && act.content["competent"] == competent)?;
    let message = |name: &str| Some(MessageId(act.content[name].as_str()?.parse().ok()?));
    Some(Redirected {
        forwarded: message("message_id"),
        notice: message("notice_message_id"),
        by: act.content["by"].as_str().and_then(|day| day.parse().ok()),
        in_time: act.content["in_time"] == true,
        again: true,
    })
}

/// Whether the document and its notice may be sent: both are checked before either goes.
fn allowed(hub: &Hub, submission: &Submission, notice: bool) -> Result<(), NotRedirected> {
    let directory = hub.directory();
    let day = hub.clock.now().romanian_date();
    let violations = validation::check(
        Rules { directory: &directory, catalogue: &hub.catalogue, code_lists: &hub.code_lists(), day },
        submission,
    );
    if validation::refuses(&violations) {
        return Err(NotRedirected::Unsendable { notice, problem: Problem::of(&violations), violations });
    }
    Ok(())
}

async fn sent(hub: &Hub, submission: Submission) -> Result<MessageId, NotRedirected> {
    let acceptance = accept(hub, submission).await.map_err(|refused| NotRedirected::Refused(Box::new(refused)))?;
    Ok(acceptance.message.id)
}

/// The number the document has here, as the competent institution's register will name it.
pub(super) fn number(entry: &Entry) -> Registration {
    Registration {
        register: entry.key.register.clone(),
        number: entry.shown.clone(),
        date: entry.recorded_at.romanian_date().to_string(),
    }
}

pub(super) fn key_of(entry: &Entry, what: &str, competent: &str) -> String {
    let EntryKey { register, year, number, .. } = &entry.key;
    let competent = hex::encode(&sha256(competent.as_bytes())[..8]);
    format!("redirection-{what}-{register}-{year}-{number}-{competent}")
}

async fn forwarding(
    hub: &Hub,
    entry: &Entry,
    message: &Message,
    actor: Actor<'_>,
    redirection: &Redirection,
) -> Result<Submission, NotRedirected> {
    let unreadable = |error: String| NotDone::Unavailable(DbError::Unavailable(error));
    let body = hub.body(message).await.map_err(|error| unreadable(error.to_string()))?;
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    let body = serde_json::from_slice(text).map_err(|error| unreadable(error.to_string()))?;
    let mut envelope = message.envelope.clone();
    envelope.recipients = vec![Recipient { party: redirection.competent.clone() }];
    envelope.legal_basis = BASIS.to_owned();
    envelope.on_behalf_of = None;
    envelope.origin = None;
    if !envelope.references.contains(&message.sender_registration) {
        envelope.references.push(message.sender_registration.clone());
    }
    envelope.sender_registration = Some(number(entry));
    Ok(Submission {
        found: Vec::new(),
        sender: entry.key.party.clone(),
        authentication: actor.authentication.clone(),
        idempotency_key: key_of(entry, "document", &redirection.competent),
        envelope,
        payloads: message.payloads.clone(),
        staged: Vec::new(),
        body,
        relay: None,
    })
}

/// The notice to the sender: a generic letter, since the law asks for no form.
fn notice(hub: &Hub, entry: &Entry, message: &Message, actor: Actor<'_>, redirection: &Redirection) -> Submission {
    let directory = hub.directory();
    let name = |id: &str| directory.party(id).map_or_else(|| id.to_owned(), |party| party.name.clone());
    let (own, theirs) = (number(entry), &message.sender_registration);
    let body = json!({
        "subiect": "Redirecționarea documentului dumneavoastră",
        "text": format!(
            "Documentul dumneavoastră, înregistrat la {} cu {}, a fost trimis la {}, instituția competentă ({BASIS}). Motivul: {}. Termenul de răspuns curge de la înregistrarea la instituția competentă.",
            name(&entry.key.party), own.in_romanian(), name(&redirection.competent), redirection.reason
        ),
        "referinta": format!("{}/{}", theirs.number, theirs.date),
        "data": hub.clock.now().romanian_date().to_string(),
    });
    let content = Bytes::from(body.to_string());
    let part = PartDescription {
        name: "instiintare.json".to_owned(),
        role: BODY.to_owned(),
        content_type: "application/json".to_owned(),
        sha256: None,
    };
    let payload = Payload {
        name: part.name.clone(),
        role: part.role.clone(),
        content_type: part.content_type.clone(),
        size: content.len() as u64,
        sha256: sha256(&content),
        content: Some(content),
    };
    let envelope = Envelope {
        recipients: vec![Recipient { party: message.sender.clone() }],
        document_type: "document-generic".to_owned(),
        document_version: "1.0".to_owned(),
        subject: format!("Redirecționarea documentului nr. {}", theirs.number),
        purpose: "corespondenta".to_owned(),
        legal_basis: BASIS.to_owned(),
        territory: None,
        sender_registration: Some(own),
        references: vec![theirs.clone()],
        consignment: ConsignmentMode::default(),
        on_behalf_of: None,
        origin: None,
        parts: vec![part],
    };
    Submission {
        found: Vec::new(),
        sender: entry.key.party.clone(),
        authentication: actor.authentication.clone(),
        idempotency_key: key_of(entry, "notice", &redirection.competent),
        envelope,
        payloads: vec![payload],
        staged: Vec::new(),
        body,
        relay: None,
    }
}

/// The last day for redirecting, and whether it is not over.
fn in_time(hub: &Hub, entry: &Entry) -> (Option<Date>, bool) {
    let term = |rule: &Rule| Term::of(rule, entry.recorded_at.romanian_date()).due(&hub.deadlines.calendar).ok();
    let last = hub.deadlines.rules.get(RULE).and_then(term);
    (last, last.is_none_or(|last| hub.clock.now().romanian_date() <= last))
}

async fn record(
    hub: &Hub,
    (key, by): (&EntryKey, &By),
    redirection: &Redirection,
    (forwarded, notice): (Option<MessageId>, Option<MessageId>),
    (last, in_time): (Option<Date>, bool),
) -> Result<Changed, NotDone> {
    let told: Json = match &redirection.told {
        Told::ByMessage => json!({"how": "punte"}),
        Told::Otherwise { on, how } => json!({"on": on, "how": how}),
    };
    act(hub, key, by, |entry| {
        let mut particulars = entry.state.particulars.clone();
        particulars.resolution = Some(format!("redirecționat la {} ({BASIS})", redirection.competent));
        particulars.dispatched_on = Some(hub.clock.now().romanian_date());
        Ok(Made {
            act: "redirected",
            content: json!({
                "competent": redirection.competent,
                "reason": redirection.reason,
                "way": if forwarded.is_some() { "message" } else { "paper" },
                "message_id": forwarded,
                "notice_message_id": notice,
                "told": told,
                "rule": RULE,
                "by": last,
                "in_time": in_time,
            }),
            effect: Effect {
                from: OPEN.to_vec(),
                to: Some(Status::Redirected),
                particulars: Some(particulars),
                ..Effect::default()
            },
            term: TermChange::None,
            path: forwarded.map_or(PathChange::End, |message| PathChange::Redirect {
                competent: redirection.competent.clone(),
                message,
            }),
        })
    })
    .await
}
