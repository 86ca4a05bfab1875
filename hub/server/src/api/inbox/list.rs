//! `GET /v1/inbox`: what came in, oldest first where nothing else is said.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Dimension, to};
use hub_flow::clock::Timestamp;
use hub_flow::delivery::DeliveryState;
use hub_flow::flow::{Came, Coming, came};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::messages::list::{Order, meant, no_state, page};
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Which deliveries.
#[derive(Deserialize)]
pub struct Choice {
    party: Option<String>,
    /// A state, or `all`; `consigned` where none is named.
    state: Option<String>,
    document_type: Option<String>,
    /// Party id of the sender, or words of its name.
    sender: Option<String>,
    /// Words of the subject, or a register number.
    q: Option<String>,
    /// From this day on.
    from: Option<Date>,
    /// Up to this day, it included.
    to: Option<Date>,
    /// `oldest` or `newest`.
    order: Option<Order>,
    /// Older than this delivery, the newest first.
    before: Option<uuid::Uuid>,
    /// Newer than this delivery, the oldest first.
    after: Option<uuid::Uuid>,
    limit: Option<usize>,
}

/// The deliveries of the caller's inbox, at most 200: with what a list shows of each. `next` is what `after` asks for on
/// the next page of the oldest, and `before` on the next page of the newest.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: MayWithin<to::InboxRead>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let state = match wanted.state.as_deref() {
        None => Some(DeliveryState::Consigned),
        Some("all") => None,
        Some(word) => Some(DeliveryState::parse(word).ok_or_else(no_state)?),
    };
    let party = wanted.party.unwrap_or_else(|| caller.party.clone());
    if !app.hub.directory().acts_for(&caller.party, &party) {
        return Err(Problem::of(&problems::FORBIDDEN).detail(
            "Căsuța poate fi deschisă de instituția ei sau de împuternicitul ei din director",
            "The inbox can be opened by its institution or by the delegate the directory names",
        ));
    }
    let order = wanted.order.unwrap_or(Order::Oldest);
    let page = page(order, (wanted.before, wanted.after), (wanted.from, wanted.to), wanted.limit)?;
    let asked = Coming {
        party: party.clone(),
        state,
        document_type: wanted.document_type.unwrap_or_default(),
        seen: places.among(Dimension::DocumentType),
        senders: meant(&app, wanted.sender.as_deref()),
        words: wanted.q.unwrap_or_default(),
        page,
    };
    let lines = came(&app.hub.db, &asked).await?;
    let items: Vec<Value> = lines.rows.iter().map(|one| told(&app, one)).collect();
    Ok(Json(json!({"party": party, "items": items, "next": lines.next})))
}

/// A delivery as a list shows it.
pub(crate) fn told(app: &App, one: &Came) -> Value {
    let directory = app.hub.directory();
    let known = directory.party(&one.sender).map(|party| party.name.as_str());
    let (name, version) = &one.document_type;
    let title = app.hub.catalogue.document_type(name, version).map(schemas::DocumentType::title);
    let entry = one.entry.as_ref().map(
        |(register, year, number)| json!({"register": register, "year": year, "number": number, "due_on": one.due_on}),
    );
    json!({
        "delivery_id": one.id,
        "message_id": one.message,
        "state": one.state,
        "state_ro": one.state.in_romanian(),
        "subject": one.subject,
        "sender": one.sender,
        "sender_name": one.sender_name.as_deref().or(known),
        "document_type": name,
        "document_version": version,
        "title": title.map(|title| &title.ro),
        "title_en": title.map(|title| &title.en),
        "acceptance_required": one.asks_first && one.state == DeliveryState::Announced,
        "sender_registration": one.sender_registration,
        "recipient_registration": one.recipient_registration,
        "entry": entry,
        "submitted_at": one.submitted_at.to_utc(),
        "changed_at": one.changed_at.to_utc(),
        "due_at": one.due_at.map(Timestamp::to_utc),
        "href": format!("/v1/inbox/{}", one.id),
    })
}
