//! `GET /v1/work`: what waits for a clerk, in one answer.

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::{Among, Asked, Dimension, Permission, Scope, places, to};
use hub_flow::delivery::DeliveryState;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Came, Coming, MOST, Open, Page, Whose};
use serde_json::{Value, json};

use super::App;
use super::caller::Caller;
use super::clerk::Clerk;
use super::inbox::list::told;
use super::may::MayWithin;
use super::problem::Problem;
use crate::api::door::Door;

/// Work.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/work", work)
}

/// Rows of each kind.
const ROWS: usize = 8;

/// What waits: documents to take, entries nobody has, those of the clerk and of its unit, those near their last day and
/// past it, those that were answered. Of each kind `count`, `more` where there are more than are counted, and the first
/// rows.
///
/// # Errors
/// A problem document.
pub async fn work(
    caller: MayWithin<to::DeadlinesRead>,
    State(app): State<App>,
    clerk: Clerk,
) -> Result<Json<Value>, Problem> {
    let (caller, places) = caller.listing(&[Dimension::Register])?;
    let seen = places.among(Dimension::Register);
    let directory = app.hub.directory();
    let hidden = directory.registers_of(&caller.party).into_iter();
    let hidden = hidden.map(|held| held.entry);
    let hidden = hidden.filter(|held| !held.lets(clerk.unit.as_deref(), Right::See) || !seen.holds(&held.id));
    let whose = Whose {
        party: caller.party.clone(),
        unit: clerk.unit.clone().unwrap_or_default(),
        person: clerk.clerk.clone().unwrap_or_default(),
        hidden: hidden.map(|held| held.id).collect(),
    };
    let work = flow::work(&app.hub.db, &whose, app.hub.clock.now()).await?;
    let mut told = json!({
        "party": caller.party,
        "unit": clerk.unit,
        "to_take": to_take(&app, &caller).await?,
    });
    let kinds = [
        ("to_assign", &work.to_assign),
        ("mine", &work.mine),
        ("near", &work.near),
        ("overdue", &work.overdue),
        ("answered", &work.answered),
    ];
    for (name, entries) in kinds {
        let rows = entries.iter().take(ROWS).map(|one| entry(&app, one)).collect();
        told[name] = kind(entries.len(), rows);
    }
    Ok(Json(told))
}

fn kind(count: usize, rows: Vec<Value>) -> Value {
    json!({"count": count.min(MOST), "more": count > MOST, "items": rows})
}

fn entry(app: &App, one: &Open) -> Value {
    let mut told = serde_json::to_value(one).expect("an entry is plain data");
    let directory = app.hub.directory();
    told["counterpart_name"] = directory.party(&one.counterpart).map(|party| party.name.as_str()).into();
    told["href"] = format!("/v1/registers/{}/{}/{}", one.register, one.year, one.number).into();
    told
}

/// The document types whose deliveries the caller may see in the inbox.
fn taken(app: &App, caller: &Caller) -> Among {
    let today = app.hub.clock.now().romanian_date();
    let asked = Asked { permission: Permission::InboxRead, scope: Scope::default(), today };
    places(&caller.principal, &asked, &[Dimension::DocumentType]).among(Dimension::DocumentType)
}

/// What waits in the inbox, to be taken or to be accepted, oldest first.
async fn to_take(app: &App, caller: &Caller) -> Result<Value, Problem> {
    let (party, seen) = (&caller.party, taken(app, caller));
    let (mut rows, mut count) = (Vec::<Came>::new(), 0);
    for state in [DeliveryState::Announced, DeliveryState::Consigned] {
        let page = Page { limit: ROWS, ..Page::default() };
        let asked = Coming { party: party.clone(), state: Some(state), seen: seen.clone(), page, ..Coming::default() };
        rows.extend(flow::came(&app.hub.db, &asked).await?.rows);
        count += flow::taking(&app.hub.db, party, state, &seen).await?;
    }
    rows.sort_by_key(Came::place);
    let rows = rows.iter().take(ROWS).map(|one| told(app, one)).collect();
    Ok(kind(usize::try_from(count).unwrap_or_default(), rows))
}
