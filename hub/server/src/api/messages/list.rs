//! `GET /v1/messages`: what the caller's institution sent, newest first where nothing else is said.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Dimension, to};
use hub_flow::delivery::DeliveryState;
use hub_flow::flow::{Going, Page, Sent, sent};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::App;
use crate::api::may::MayWithin;
use crate::api::problem::Problem;
use crate::api::request::Wanted;
use crate::problems;

/// Longest text to be looked for, in bytes.
const LONGEST: usize = 500;

/// In which order a list is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

/// Which messages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    party: Option<String>,
    /// Where at least one of the deliveries stands.
    state: Option<String>,
    /// Document type.
    document_type: Option<String>,
    /// Party id of a recipient, or words of its name.
    recipient: Option<String>,
    /// Words of the subject, or the register number.
    q: Option<String>,
    /// From this day on.
    from: Option<Date>,
    /// Up to this day, it included.
    to: Option<Date>,
    /// `newest` or `oldest`.
    order: Option<Order>,
    /// Older than this message, the newest first.
    before: Option<Uuid>,
    /// Newer than this message, the oldest first.
    after: Option<Uuid>,
    limit: Option<usize>,
}

/// The messages, at most 200: recipients with where their deliveries stand, numbers, when. `next` is what `before` asks for
/// on the next page of the newest, and `after` on the next page of the oldest.
///
/// # Errors
/// A problem document.
pub async fn list(
    caller: MayWithin<to::MessagesRead>,
    State(app): State<App>,
    Wanted(wanted): Wanted<Choice>,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::DocumentType])?;
    let party = wanted.party.unwrap_or_else(|| caller.party.clone());
    if !app.hub.directory().acts_for(&caller.party, &party) {
        return Err(Problem::of(&problems::FORBIDDEN).detail(
            "Documentele trimise le vede instituția lor sau împuternicitul ei din director",
            "What was sent is shown to its institution or to the delegate the directory names",
        ));
    }
    let state = wanted.state.as_deref().filter(|word| *word != "all");
    let state = state.map(|word| DeliveryState::parse(word).ok_or_else(no_state)).transpose()?;
    let order = wanted.order.unwrap_or(Order::Newest);
    let page = page(order, (wanted.before, wanted.after), (wanted.from, wanted.to), wanted.limit)?;
    let words = wanted.q.unwrap_or_default();
    if words.len() > LONGEST {
        return Err(malformed(
            "q",
            format!("q are cel mult {LONGEST} de octeți; căutați după câteva cuvinte"),
            format!("q has at most {LONGEST} bytes; look for a few words"),
        ));
    }
    let recipients = meant(&app, wanted.recipient.as_deref());
    let asked = Going {
        party: party.clone(),
        state,
        document_type: wanted.document_type.unwrap_or_default(),
        seen: places.among(Dimension::DocumentType),
        recipients,
        words,
        page,
    };
    let lines = sent(&app.hub.db, &asked).await?;
    let items: Vec<Value> = lines.rows.iter().map(|one| told(&app, one)).collect();
    Ok(Json(json!({"party": party, "items": items, "next": lines.next})))
}

fn told(app: &App, one: &Sent) -> Value {
    let directory = app.hub.directory();
    let (name, version) = &one.document_type;
    let title = app.hub.catalogue.document_type(name, version).map(schemas::DocumentType::title);
    let to: Vec<Value> = one
        .to
        .iter()
        .map(|to| {
            json!({
                "party": to.party,
                "name": directory.party(&to.party).map(|party| party.name.as_str()),
                "state": to.state,
                "state_ro": to.state.map(DeliveryState::in_romanian),
                "recipient_registration": to.registration,
            })
        })
        .collect();
    json!({
        "message_id": one.id,
        "state": one.state,
        "subject": one.subject,
        "document_type": name,
        "document_version": version,
        "title": title.map(|title| &title.ro),
        "title_en": title.map(|title| &title.en),
        "sender_registration": one.registration,
        "recipients": to,
        "submitted_at": one.submitted_at.to_utc(),
        "href": format!("/v1/messages/{}", one.id),
    })
}

/// Most institutions that words of a name may mean.
const MEANT: usize = 200;

/// The institutions that an id or words of a name mean; none where nothing was asked for. Words that mean nobody mean an
/// institution that does not exist.
pub(crate) fn meant(app: &App, asked: Option<&str>) -> Vec<String> {
    let Some(asked) = asked.map(str::trim).filter(|asked| !asked.is_empty()) else { return Vec::new() };
    let directory = app.hub.directory();
    if directory.party(asked).is_some() {
        return vec![asked.to_owned()];
    }
    let words = schemas::text::fold(asked);
    let has = |name: &str| {
        let name = schemas::text::fold(name);
        words.split_whitespace().all(|word| name.contains(word))
    };
    let found: Vec<String> =
        directory.parties().filter(|party| has(&party.name)).map(|party| party.id.clone()).take(MEANT).collect();
    if found.is_empty() { vec![asked.replace('|', "")] } else { found }
}

/// A page as a request asks for it: `before` leads to what is older, `after` to what is newer.
///
/// # Errors
/// Both are named.
pub(crate) fn page(
    order: Order,
    (before, after): (Option<Uuid>, Option<Uuid>),
    (from, to): (Option<Date>, Option<Date>),
    limit: Option<usize>,
) -> Result<Page, Problem> {
    if before.is_some() && after.is_some() {
        return Err(malformed(
            "after",
            "Trimiteți before (mai vechi) sau after (mai noi), nu amândouă".to_owned(),
            "Send before (older) or after (newer), not both".to_owned(),
        ));
    }
    let newest = before.is_some() || (after.is_none() && order == Order::Newest);
    Ok(Page { newest, after: before.or(after), from, to, limit: limit.unwrap_or(50).clamp(1, 200) })
}

/// The state that was asked for is none.
pub(crate) fn no_state() -> Problem {
    let all: Vec<&str> = DeliveryState::ALL.into_iter().map(DeliveryState::as_str).collect();
    let all = all.join(", ");
    malformed(
        "state",
        format!("state poate fi all sau una din stările: {all}"),
        format!("state may be all or one of: {all}"),
    )
}

fn malformed(field: &str, ro: String, en: String) -> Problem {
    Problem::of(&problems::MALFORMED_REQUEST).detail(ro, en).with("field", field)
}
