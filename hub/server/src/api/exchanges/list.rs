//! `GET /v1/exchanges`: the messages the institution sent or was sent, newest first, with their deliveries.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Among, Dimension, to};
use hub_flow::clock::Timestamp;
use hub_flow::db::DbError;
use hub_flow::delivery::{self, Delivery};
use hub_flow::directory::Directory;
use hub_flow::message::MessageId;
use hub_flow::submission::{self, Brief, Window};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Most messages of a page.
const MOST: usize = 200;
/// Days looked back where no first day is named.
const USUAL_DAYS: i64 = 92;
/// Steps through the messages of the hub for one page; a page that ends before goes on with `next`.
const STEPS: usize = 5;
const DAY: i64 = 86_400;

/// Which messages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    state: Option<String>,
    #[serde(rename = "type")]
    document_type: Option<String>,
    system: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    q: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// The messages of the institution on their days (the last three months where no first day is named), narrowed to a state or a
/// system of their deliveries, to a document type, or to an id or register number (`q`). `next` is what `after` asks for.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: MayWithin<to::MessagesTrace>,
    State(app): State<App>,
    Wanted(choice): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let seen = places.among(Dimension::DocumentType);
    let seeing = Seeing { party: &caller.party, directory: &app.hub.directory(), choice: &choice };
    if let Some(words) = choice.q.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
        let found = looked_up(&app, &caller.party, words, &seen).await?;
        return Ok(Json(json!({"items": seeing.rows(&app, found).await?, "next": null})));
    }
    let limit = choice.limit.unwrap_or(50).clamp(1, MOST);
    let mut window = window(&choice, app.hub.clock.now())?;
    let mut items = Vec::new();
    for _ in 0..STEPS {
        window.limit = i64::try_from(limit - items.len()).unwrap_or(1);
        let chunk =
            submission::walk(&app.hub.db, &caller.party, (choice.document_type.as_deref(), &seen), window).await?;
        items.extend(seeing.rows(&app, chunk.found).await?);
        let Some(next) = chunk.next else { return Ok(Json(json!({"items": items, "next": null}))) };
        window.before = next;
        if items.len() >= limit {
            break;
        }
    }
    Ok(Json(json!({"items": items, "next": window.before})))
}

fn window(choice: &Choice, now: Timestamp) -> Result<Window, Problem> {
    let from = choice.from.map_or(now.plus_seconds(-USUAL_DAYS * DAY), Timestamp::romanian_midnight);
    let end = choice.to.map(|day| Timestamp::romanian_midnight(day).plus_seconds(DAY));
    let end = Window::id_at(end.unwrap_or(now.plus_seconds(DAY)));
    let after = choice.after.as_deref().map(str::parse::<MessageId>).transpose().map_err(|_| {
        Problem::of(&problems::MALFORMED_REQUEST)
            .detail("Parametrul after este next al paginii dinainte", "The parameter after is next of the page before")
            .with("field", "after")
    })?;
    let before = after.map_or(end, |after| after.min(end));
    Ok(Window { before, from: Window::id_at(from), limit: 1 })
}

/// By the id of the message, or by a number in a register of the institution.
async fn looked_up(app: &App, party: &str, words: &str, seen: &Among) -> Result<Vec<Brief>, DbError> {
    if let Ok(id) = words.parse::<MessageId>() {
        let before = MessageId(uuid::Uuid::from_u128(id.0.as_u128().saturating_add(1)));
        let window = Window { before, from: id, limit: 1 };
        return Ok(submission::walk(&app.hub.db, party, (None, seen), window).await?.found);
    }
    match words.parse::<i64>() {
        Ok(number) => {
            let year = i64::from(app.hub.clock.now().romanian_date().year());
            submission::numbered(&app.hub.db, party, (number, year), seen).await
        }
        Err(_) => Ok(Vec::new()),
    }
}

/// What a party sees of messages.
struct Seeing<'a> {
    party: &'a str,
    directory: &'a Directory,
    choice: &'a Choice,
}

impl Seeing<'_> {
    async fn rows(&self, app: &App, found: Vec<Brief>) -> Result<Vec<Value>, DbError> {
        let ids: Vec<MessageId> = found.iter().map(|brief| brief.id).collect();
        let mut deliveries: BTreeMap<MessageId, Vec<Delivery>> = BTreeMap::new();
        for delivery in delivery::of_messages(&app.hub.db, &ids).await? {
            deliveries.entry(delivery.message_id).or_default().push(delivery);
        }
        let rows = found.into_iter().filter_map(|brief| {
            let mut of = deliveries.remove(&brief.id).unwrap_or_default();
            if brief.sender != self.party {
                of.retain(|delivery| delivery.recipient == self.party);
            }
            let told: Vec<Value> = of.iter().map(|delivery| self.delivered(delivery)).collect();
            let has = |name: &str, wanted: &str| told.iter().any(|one| one[name] == *wanted);
            let state = self.choice.state.as_deref();
            let system = self.choice.system.as_deref();
            let fits = state.is_none_or(|wanted| has("state", wanted) || brief.state == wanted)
                && system.is_none_or(|wanted| has("system", wanted));
            fits.then(|| self.row(&brief, told))
        });
        Ok(rows.collect())
    }

    fn row(&self, brief: &Brief, deliveries: Vec<Value>) -> Value {
        json!({
            "message_id": brief.id,
            "submitted_at": brief.submitted_at.to_utc(),
            "direction": if brief.sender == self.party { "sent" } else { "received" },
            "sender": brief.sender,
            "sender_name": self.directory.party(&brief.sender).map(|party| &party.name),
            "document_type": brief.document_type,
            "document_version": brief.document_version,
            "state": brief.state,
            "sender_registration": brief.sender_registration,
            "deliveries": deliveries,
        })
    }

    fn delivered(&self, delivery: &Delivery) -> Value {
        json!({
            "recipient": delivery.recipient,
            "recipient_name": self.directory.party(&delivery.recipient).map(|party| &party.name),
            "state": delivery.state.as_str(),
            "state_ro": delivery.state.in_romanian(),
            "attempts": delivery.attempts,
            "system": system(self.directory, delivery),
        })
    }
}

/// The system behind the channel of a delivery, as the directory has it now.
pub(super) fn system<'a>(directory: &'a Directory, delivery: &Delivery) -> Option<&'a str> {
    let channel = directory.channel(delivery.route["channel"].as_str()?)?;
    Some(&channel.entry.system)
}
