//! `GET /v1/track/{code}`: where a document is, for whoever has its code. No subject, no content, no person.
//!
//! A wrong code, an old one and one of another hub get the same answer, after the same question to the database.

use axum::Json;
use axum::extract::State;
use hub_flow::deadline;
use hub_flow::delivery::{self, Delivery, DeliveryState};
use hub_flow::message::{Message, Registration};
use hub_flow::registration::EntryKey;
use hub_flow::{submission, tracking};
use serde_json::{Value, json};

use crate::api::door::Door;
use crate::problems;

use super::App;
use super::problem::Problem;
use super::request::Path;

const WHY: &str = "whoever has a tracking code may know where the document is; it names institutions and no person";

/// Tracking.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.public_get("/v1/track/{code}", WHY, show)
}

/// Where it is, who has it, since when, and what comes next.
///
/// # Errors
/// 404 where there is no such code.
pub async fn show(State(app): State<App>, Path(code): Path<String>) -> Result<Json<Value>, Problem> {
    let unknown = || {
        Problem::of(&problems::NOT_FOUND).detail(
            "Nu există un document cu acest cod; verificați codul cu cel care vi l-a dat",
            "There is no document with this code; check it with whoever gave it to you",
        )
    };
    let id = tracking::find(&app.hub.db, &app.hub.journal_key, &code).await?.ok_or_else(unknown)?;
    let message = submission::load(&app.hub.db, id).await?.ok_or_else(unknown)?;
    let mut deliveries = Vec::new();
    for (delivery, _) in delivery::of_message(&app.hub.db, id).await? {
        deliveries.push(delivered(&app, &delivery).await?);
    }
    Ok(Json(told(&app, &message, deliveries)))
}

fn told(app: &App, message: &Message, deliveries: Vec<Value>) -> Value {
    let kind = app.hub.catalogue.document_type(&message.envelope.document_type, &message.envelope.document_version);
    json!({
        "code": tracking::of(&app.hub.journal_key, message.id),
        "at": app.hub.clock.now().to_utc(),
        "service": app.hub.seal.issuer.name,
        "document_type": kind.map(|kind| &kind.title().ro),
        "document_type_en": kind.map(|kind| &kind.title().en),
        "sender": message.relay.as_ref().map_or_else(|| name(app, &message.sender), |relay| relay.sender.name.clone().unwrap_or_default()),
        "submitted_at": message.submitted_at.to_utc(),
        "registration": registered(&message.sender_registration),
        "state": message.state.as_str(),
        "deliveries": deliveries,
    })
}

/// The number alone: registers are named after people in some places.
fn registered(registration: &Registration) -> Value {
    json!({"number": registration.number, "date": registration.date})
}

fn name(app: &App, party: &str) -> String {
    app.hub.directory().party(party).map_or_else(|| party.to_owned(), |party| party.name.clone())
}

async fn delivered(app: &App, delivery: &Delivery) -> Result<Value, Problem> {
    let (due_on, suspended) = deadline_of(app, delivery).await?;
    let stage = stage(delivery.state);
    Ok(json!({
        "recipient": name(app, &delivery.recipient),
        // Which unit has it; a rule of competence names units, never people.
        "unit": delivery.route["unit"].as_str().filter(|unit| !unit.is_empty()),
        "state": delivery.state,
        "state_ro": stage.ro,
        "state_en": stage.en,
        "holder": stage.holder,
        "since": delivery.changed_at.map(hub_flow::clock::Timestamp::to_utc),
        "registration": delivery.recipient_registration.as_ref().map(registered),
        "deadline": due_on,
        "suspended": suspended,
        "collect_by": delivery.due_at.filter(|_| delivery.state == DeliveryState::Consigned).map(hub_flow::clock::Timestamp::to_utc),
        "next_ro": stage.next_ro,
        "next_en": stage.next_en,
        "final": delivery.state.is_final(),
    }))
}

/// The last day of the recipient's term, where its register is kept here; and whether the term stands.
async fn deadline_of(app: &App, delivery: &Delivery) -> Result<(Option<String>, bool), Problem> {
    let key = delivery.recipient_registration.as_ref().and_then(|given| {
        Some(EntryKey {
            party: delivery.recipient.clone(),
            register: given.register.clone(),
            year: given.date.get(..4)?.parse().ok()?,
            number: given.number.parse().ok()?,
        })
    });
    let Some(key) = key else { return Ok((None, false)) };
    let held = deadline::find(&app.hub.db, &key).await?;
    let Some(running) = held.and_then(|held| held.running) else { return Ok((None, false)) };
    let due = running.due(&app.hub.deadlines.calendar).ok().flatten();
    Ok((due.map(|day| day.to_string()), running.term.paused().is_some()))
}

/// A state in the words of somebody who waits.
struct Stage {
    /// `service`, `recipient` or `nobody`.
    holder: &'static str,
    ro: &'static str,
    en: &'static str,
    next_ro: &'static str,
    next_en: &'static str,
}

const ON_ITS_WAY: Stage = Stage {
    holder: "service",
    ro: "pe drum",
    en: "on its way",
    next_ro: "Serviciul predă documentul instituției și reîncearcă singur dacă aceasta nu răspunde.",
    next_en: "The service hands the document to the institution, and tries again by itself if it does not answer.",
};
const ANNOUNCED: Stage = Stage {
    holder: "service",
    ro: "instituția este întrebată dacă îl acceptă",
    en: "the institution is asked whether it accepts it",
    next_ro: "Instituția acceptă sau refuză documentul.",
    next_en: "The institution accepts or refuses the document.",
};
const CONSIGNED: Stage = Stage {
    holder: "recipient",
    ro: "a ajuns la instituție și așteaptă preluarea",
    en: "it reached the institution and waits to be taken",
    next_ro: "Registratura instituției îl preia și îl repartizează.",
    next_en: "The registry of the institution takes it and assigns it.",
};
const RELAYED: Stage = Stage {
    holder: "recipient",
    ro: "la serviciul prin care primește instituția",
    en: "with the service through which the institution receives",
    next_ro: "Serviciul instituției comunică predarea.",
    next_en: "The institution's service tells when it is handed over.",
};
const HANDED_OVER: Stage = Stage {
    holder: "recipient",
    ro: "preluat de instituție",
    en: "taken by the institution",
    next_ro: "Instituția rezolvă documentul în termenul legal și răspunde expeditorului.",
    next_en: "The institution deals with the document within its legal term and answers the sender.",
};
const REFUSED: Stage = Stage {
    holder: "nobody",
    ro: "refuzat de instituție",
    en: "refused by the institution",
    next_ro: "Expeditorul știe motivul; întrebați la instituția care a trimis documentul.",
    next_en: "The sender knows why; ask the institution that sent the document.",
};
const FAILED: Stage = Stage {
    holder: "nobody",
    ro: "nu a putut fi predat",
    en: "it could not be handed over",
    next_ro: "Expeditorul a fost anunțat și trebuie să îl trimită din nou; întrebați la instituția care a trimis documentul.",
    next_en: "The sender was told and has to send it again; ask the institution that sent the document.",
};
const SILENT: Stage = Stage {
    holder: "recipient",
    ro: "la serviciul prin care primește instituția, care nu a comunicat predarea",
    en: "with the service through which the institution receives, which did not tell whether it was handed over",
    next_ro: "Expeditorul a fost anunțat; întrebați la instituția care a trimis documentul.",
    next_en: "The sender was told; ask the institution that sent the document.",
};
const EXPIRED: Stage = Stage {
    holder: "nobody",
    ro: "instituția nu l-a preluat în termen",
    en: "the institution did not take it in time",
    next_ro: "Expeditorul a fost anunțat; întrebați la instituția care a trimis documentul.",
    next_en: "The sender was told; ask the institution that sent the document.",
};
const LEFT: Stage = Stage {
    holder: "recipient",
    ro: "transmis în afara serviciului",
    en: "sent on outside the service",
    next_ro: "Mai departe răspunde instituția care l-a primit.",
    next_en: "From here on the institution that received it answers.",
};

const fn stage(state: DeliveryState) -> Stage {
    match state {
        DeliveryState::Pending | DeliveryState::Waiting | DeliveryState::Unknown => ON_ITS_WAY,
        DeliveryState::Announced => ANNOUNCED,
        DeliveryState::Consigned => CONSIGNED,
        DeliveryState::Relayed => RELAYED,
        DeliveryState::HandedOver => HANDED_OVER,
        DeliveryState::Refused => REFUSED,
        DeliveryState::Failed | DeliveryState::NotConsigned => FAILED,
        DeliveryState::Silent => SILENT,
        DeliveryState::Expired => EXPIRED,
        DeliveryState::Left => LEFT,
    }
}
