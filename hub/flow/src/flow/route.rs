//! Routing and translation, and the deliveries they lead to.

use std::sync::Arc;

use serde_json::json;

use hub_deadlines::Rule;

use crate::access_journal::{self, AccessEntry, AccessKind, AccessResult, Reasons};
use crate::audit::Principal;
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::delivery::{self, Delivery, DeliveryState};
use crate::directory::{Directory, INBOX, Party, Places, Registry, Series};
use crate::evidence::{self, Course, Event, NewEvidence, PartyFacts, Reason, Reasoned, Subject};
use crate::hub::{Hub, Policy};
use crate::message::{ConsignmentMode, DeliveryId, EvidenceId, Message, Registration, Relay};
use crate::params;
use crate::queue::{self, Job, JobKind};
use crate::registration::{Direction, NewEntry, Particulars};
use crate::routing::{self, Facts};
use crate::transformation::{self, Parties, Translation};

use super::Desk;
use super::deliver::Journey;
use super::likeness;
use super::registry::{Entering, enter};

/// What is to happen for one recipient.
struct Plan {
    recipient: String,
    route: serde_json::Value,
    /// The register that numbers it for the recipient, if the hub does.
    series: Series,
    /// The rule its deadline there follows.
    rule: Option<Rule>,
    end: End,
}

enum End {
    /// A system takes it.
    System { channel: String, translation: Option<Box<Translation>> },
    /// It waits in the inbox; the hub registers it there unless the recipient does so itself.
    Inbox(Inbox),
    /// It cannot be consigned.
    Nowhere(Reasoned),
}

/// How a document waits in an inbox.
struct Inbox {
    registry: Registry,
    /// The recipient is asked before it sees the content.
    asked: bool,
    /// It has a channel over which it is told.
    told: bool,
    /// Who holds the inbox for it.
    delegate: Option<PartyFacts>,
}

/// A routed message on its way into the database.
pub(super) struct Routed {
    message: Arc<Message>,
    subject: Arc<Subject>,
    plans: Vec<Plan>,
}

/// Routes a message; answers the deliveries to go straight on with.
pub(super) async fn route(hub: &Hub, message: Arc<Message>) -> Result<Vec<(Job, Journey)>, DbError> {
    let subject = hub.subject_of(&message);
    let directory = hub.directory();
    let body = hub.body(&message).await.map_err(|error| DbError::Unavailable(error.to_string()))?;
    let mut plans = Vec::with_capacity(message.envelope.recipients.len());
    for recipient in &message.envelope.recipients {
        let plan = plan(hub, &directory, (&message, &body), &recipient.party);
        plans.push(within_quota(hub, &directory, plan).await?);
    }
    let told = plans.iter().any(|plan| matches!(&plan.end, End::Inbox(inbox) if inbox.told));
    let journeys = hub.db.write(&hub.verbs.route, Routed { message, subject, plans }).await?;
    if told {
        hub.wake.ring();
    }
    Ok(journeys)
}

/// A full inbox takes nothing more.
async fn within_quota(hub: &Hub, directory: &Directory, plan: Plan) -> Result<Plan, DbError> {
    let quota = directory.party(&plan.recipient).and_then(|party| party.inbox_quota);
    let (End::Inbox(_), Some(quota)) = (&plan.end, quota) else { return Ok(plan) };
    let waiting = delivery::waiting(&hub.db, &plan.recipient).await?;
    if waiting < i64::from(quota) {
        return Ok(plan);
    }
    let detail = Some(format!("în căsuța destinatarului așteaptă deja {waiting} documente"));
    Ok(Plan { end: End::Nowhere(Reasoned { reason: Reason::MessageNotConsignedForQuota, detail }), ..plan })
}

fn plan(hub: &Hub, directory: &Directory, (message, body): (&Message, &[u8]), recipient: &str) -> Plan {
    let series = directory.series_for(recipient, &message.envelope.document_type);
    let nowhere = |reason: Reason, detail: String| Plan {
        recipient: recipient.to_owned(),
        series: series.clone(),
        rule: None,
        route: json!({"failed": detail}),
        end: End::Nowhere(Reasoned { reason, detail: Some(detail) }),
    };
    let relayed = message.relay.as_ref().map(sender_elsewhere);
    let sender = relayed.as_ref().or_else(|| directory.party(&message.sender));
    let (Some(sender), Some(party)) = (sender, directory.party(recipient)) else {
        return nowhere(Reason::MessageNotConsignedForUnregisteredRecipient, "nu mai este în director".to_owned());
    };
    let territory = message.envelope.territory.clone().or_else(|| sender.siruta.clone()).unwrap_or_default();
    let facts =
        Facts { recipient: recipient.to_owned(), document_type: message.envelope.document_type.clone(), territory };
    let code_lists = hub.code_lists();
    let places = Places::on(&code_lists, message.submitted_at.romanian_date());
    let route = match routing::decide(directory, places, facts) {
        Ok(route) => route,
        Err(none) => return nowhere(Reason::MessageNotConsignedForUnregisteredRecipient, none.reason),
    };
    let Some(channel) = directory.channel(&route.channel) else {
        return nowhere(
            Reason::MessageNotConsignedForUnregisteredRecipient,
            "canalul nu mai este în director".to_owned(),
        );
    };
    let mut explained = serde_json::to_value(&route).expect("a route is plain data");
    if message.envelope.is_sealed() {
        explained["end_to_end"] =
            "cifrat pentru destinatar: conținutul nu a fost nici validat, nici transformat".into();
    }
    let rule = hub.rule_for(&series, &message.envelope);
    let asked = message.envelope.consignment == ConsignmentMode::Consent;
    if channel.entry.system == INBOX {
        let delegate = party.delegate.as_ref().filter(|_| !directory.has_system(recipient));
        let inbox = Inbox {
            registry: party.registry,
            asked,
            told: party.notify.is_some(),
            delegate: delegate.map(|delegate| hub.party_facts(delegate)),
        };
        return Plan { recipient: recipient.to_owned(), route: explained, series, rule, end: End::Inbox(inbox) };
    }
    // Another delivery service asks the recipient itself.
    if asked && channel.entry.partner.is_none() {
        let detail = "destinatarul primește direct în sistemul său, care nu poate fi întrebat înainte".to_owned();
        return nowhere(Reason::MessageNotConsignedForUnallowedType, detail);
    }
    let translation = match hub.connectors.translation(&channel.entry.system) {
        None => None,
        // Only the recipient can read it, so it goes as it came.
        Some(_) if message.envelope.is_sealed() => None,
        Some(target) => {
            let parties = Parties { sender, recipient: party, unit: &route.unit };
            match transformation::translate(&hub.mappings, message, body, parties, target) {
                Ok(translation) => Some(Box::new(translation)),
                Err(error) => return nowhere(Reason::MessageNotConsignedForMalfunction, error.to_string()),
            }
        }
    };
    let end = End::System { channel: route.channel.clone(), translation };
    Plan { recipient: recipient.to_owned(), route: explained, series, rule, end }
}

/// The sender of a message that another service relayed here, by what that service told of it.
fn sender_elsewhere(relay: &Relay) -> Party {
    Party {
        id: relay.sender.id.clone(),
        name: relay.sender.name.clone().unwrap_or_else(|| relay.sender.id.clone()),
        cui: relay.sender.cui.clone(),
        ..Party::default()
    }
}

/// Writes the deliveries of routed messages.
pub(super) struct Route {
    pub(super) desk: Desk,
    pub(super) policy: Policy,
    /// The chain of the journal of access.
    pub(super) journal_chain: uuid::Uuid,
}

impl WriteVerb for Route {
    type Item = Routed;
    /// The deliveries to go on with at once, their jobs already claimed.
    type Output = Vec<(Job, Journey)>;
    const ORDER: u16 = 20;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Routed]) -> Result<Vec<Self::Output>, DbError> {
        let Desk { seal, clock, ids, .. } = &self.desk;
        let now = clock.now();
        // Only the first of two workers moves the message on.
        let sql = "update message set state = 'routed' where id = $1 and state = 'accepted'";
        let counts = tx.execute_each(sql, items.iter().map(|item| params![item.message.id]).collect()).await?;
        let mut drafts: Vec<Draft<'_>> = Vec::new();
        for (item, count) in items.iter().enumerate().zip(counts) {
            if count == 1 {
                let plans = item.1.plans.iter().zip(1..);
                drafts
                    .extend(plans.map(|(plan, position)| Draft::new(item, plan, position, DeliveryId(ids.uuid(now)))));
            }
        }
        self.register(tx, &mut drafts, now).await?;
        let evidences = drafts.iter().filter_map(|draft| draft.evidence(EvidenceId(ids.uuid(now)), now));
        let sealing = evidence::seal(seal, evidences.collect());
        let deliveries: Vec<Delivery> =
            drafts.iter().map(|draft| draft.delivery(now, self.policy)).collect::<Result<_, _>>()?;
        delivery::insert(tx, &deliveries).await?;
        delivery::translations(tx, drafts.iter().filter_map(Draft::translation_row).collect()).await?;
        evidence::append(tx, sealing).await?;
        let transfers: Vec<AccessEntry> =
            drafts.iter().filter_map(|draft| draft.transfer(ids.uuid(now), now)).collect();
        access_journal::append(tx, self.journal_chain, &transfers).await?;

        let mut outputs: Vec<Self::Output> = items.iter().map(|_| Vec::new()).collect();
        let mut jobs = Vec::new();
        for (draft, delivery) in drafts.iter().zip(deliveries) {
            if let Some(job) = draft.job(now, self.policy) {
                if let Some(journey) = draft.journey(delivery) {
                    outputs[draft.index].push((job.clone(), journey));
                }
                jobs.push(job);
            }
        }
        queue::enqueue(tx, &jobs).await?;
        queue::finish(tx, &items.iter().map(|item| item.message.id.0).collect::<Vec<_>>()).await?;
        // The service that relayed a message here is told what became of it.
        let told = drafts.iter().filter(|draft| draft.item.message.relay.is_some() && draft.happened().is_some());
        let calls: Vec<_> = told.map(|draft| (draft.item.message.id.0, JobKind::Report, now)).collect();
        queue::call(tx, &calls).await?;
        let ended = drafts.iter().filter(|draft| matches!(draft.plan.end, End::Nowhere(_)));
        delivery::complete(tx, &ended.map(|draft| draft.item.message.id).collect::<Vec<_>>()).await?;
        Ok(outputs)
    }
}

impl Route {
    async fn register(&self, tx: &mut Tx<'_>, drafts: &mut [Draft<'_>], now: Timestamp) -> Result<(), DbError> {
        // What the recipient has not consented to is not registered with it yet.
        let consigned = |draft: &&mut Draft<'_>| matches!(&draft.plan.end, End::Inbox(inbox) if inbox.registry == Registry::Hub && !inbox.asked);
        let mut consigned: Vec<_> = drafts.iter_mut().filter(consigned).collect();
        let entry = |draft: &&mut Draft<'_>| {
            let (message, plan) = (&draft.item.message, draft.plan);
            let entry = NewEntry {
                direction: Direction::In,
                delivery: Some(draft.id),
                counterpart: message.counterpart(),
                counterpart_registration: Some(message.sender_registration.clone()),
                particulars: Particulars::brief(&message.envelope.subject),
                references: message.envelope.references.clone(),
                duplicate_key: likeness::of_message(message),
                ..NewEntry::of_message(&plan.recipient, plan.series.clone(), (message.id, self.desk.ids.salt()), now)
            };
            Entering { entry, rule: plan.rule.clone() }
        };
        let entering = consigned.iter().map(entry).collect();
        let numbers = enter(tx, &self.desk.deadlines, entering).await?;
        for (draft, number) in consigned.iter_mut().zip(numbers) {
            draft.registration = Some(number.registration);
        }
        Ok(())
    }
}

/// One delivery while it is being written.
struct Draft<'a> {
    index: usize,
    item: &'a Routed,
    plan: &'a Plan,
    position: usize,
    id: DeliveryId,
    registration: Option<Registration>,
}

impl<'a> Draft<'a> {
    fn new((index, item): (usize, &'a Routed), plan: &'a Plan, position: usize, id: DeliveryId) -> Self {
        Self { index, item, plan, position, id, registration: None }
    }

    /// That what the message says is handed to its recipient; what became of it is in its evidence.
    fn transfer(&self, id: uuid::Uuid, at: Timestamp) -> Option<AccessEntry> {
        let (message, recipient) = (&self.item.message, &self.plan.recipient);
        let goes = !matches!(self.plan.end, End::Nowhere(_));
        goes.then(|| AccessEntry {
            id,
            kind: AccessKind::Transfer,
            at,
            party: message.sender.clone(),
            on_behalf: None,
            principal: Principal::hub("road"),
            user: None,
            operation: "delivery".to_owned(),
            object: Some(recipient.clone()),
            message: Some(message.id),
            reasons: Reasons {
                purpose: message.envelope.purpose.clone(),
                legal_basis: message.envelope.legal_basis.clone(),
                case_number: None,
            },
            result: AccessResult::Given,
            correlation: Some(message.id.to_string()),
        })
    }

    fn delivery(&self, now: Timestamp, policy: Policy) -> Result<Delivery, DbError> {
        let (state, reason, due_at) = match &self.plan.end {
            End::System { .. } => (DeliveryState::Pending, None, Some(now)),
            // Until it has been told, it cannot be waited for.
            End::Inbox(inbox) if inbox.asked && inbox.told => (DeliveryState::Pending, None, Some(now)),
            End::Inbox(inbox) if inbox.asked => (DeliveryState::Announced, None, Some(policy.inbox_end(now))),
            End::Inbox(_) => (DeliveryState::Consigned, None, Some(policy.inbox_end(now))),
            End::Nowhere(reasoned) => (DeliveryState::NotConsigned, reasoned.detail.clone(), None),
        };
        let course = self.happened().map_or(Ok(Course::Taken), |(event, reasoned)| {
            Course::Taken.after(event, Some(reasoned.reason)).map_err(|forbidden| DbError::Inconsistent {
                column: "delivery.course".to_owned(),
                expected: "a course in which this may happen",
                found: forbidden.to_string(),
            })
        })?;
        Ok(Delivery {
            id: self.id,
            message_id: self.item.message.id,
            position: i64::try_from(self.position).unwrap_or(i64::MAX),
            recipient: self.plan.recipient.clone(),
            state,
            course,
            reason,
            route: self.plan.route.clone(),
            attempts: 0,
            due_at,
            receipt: None,
            recipient_registration: self.registration.clone(),
            changed_at: Some(now),
        })
    }

    /// What routing alone gives rise to.
    fn happened(&self) -> Option<(Event, Reasoned)> {
        Some(match &self.plan.end {
            End::System { .. } => return None,
            End::Inbox(inbox) if inbox.asked && inbox.told => return None,
            End::Inbox(inbox) if inbox.asked => {
                (Event::NotificationForAcceptance, Reason::NotificationForAcceptanceSent.into())
            }
            End::Inbox(Inbox { delegate: Some(_), .. }) => {
                (Event::ContentConsignment, Reason::MessageConsignedToDelegate.into())
            }
            End::Inbox(_) => (Event::ContentConsignment, Reason::MessageConsignedToRecipient.into()),
            End::Nowhere(reasoned) => (Event::ContentConsignmentFailure, reasoned.clone()),
        })
    }

    fn translation_row(&self) -> Option<Vec<crate::db::Value>> {
        let End::System { translation: Some(made), .. } = &self.plan.end else { return None };
        Some(params![
            self.id,
            &made.mapping,
            &made.version,
            made.source_sha256,
            made.target_sha256,
            &made.content_type,
            made.content.as_slice(),
        ])
    }

    fn evidence(&self, id: EvidenceId, now: Timestamp) -> Option<NewEvidence> {
        let (event, reason) = self.happened()?;
        let mut evidence = NewEvidence::new(id, (event, vec![reason]), now, Arc::clone(&self.item.subject));
        evidence.delivery = Some((self.id, self.position));
        evidence.sender_registration = Some(self.item.message.sender_registration.clone());
        evidence.recipient_registration = self.registration.clone();
        if let End::Inbox(inbox) = &self.plan.end {
            evidence.recipient_delegate = inbox.delegate.clone();
        }
        Some(evidence)
    }

    fn job(&self, now: Timestamp, policy: Policy) -> Option<Job> {
        let (kind, due_at, claims) = match &self.plan.end {
            // Claimed as it is written: this worker goes straight on.
            End::System { .. } => (JobKind::Deliver, policy.lease_end(now), 1),
            End::Inbox(inbox) if inbox.told => (JobKind::Notify, now, 0),
            End::Inbox(_) => (JobKind::Expire, policy.inbox_end(now), 0),
            End::Nowhere(_) => return None,
        };
        Some(Job { kind, subject: self.id.0, due_at, claims })
    }

    fn journey(&self, delivery: Delivery) -> Option<Journey> {
        let End::System { channel, translation } = &self.plan.end else { return None };
        Some(Journey {
            delivery,
            message: Arc::clone(&self.item.message),
            subject: Arc::clone(&self.item.subject),
            channel: channel.clone(),
            translation: translation.as_deref().cloned(),
        })
    }
}
