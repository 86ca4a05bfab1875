//! About whom a request is, as far as its address tells.

use hub_flow::access_journal::{self, About, Reasons};
use hub_flow::delivery;
use hub_flow::message::MessageId;
use schemas::Cnp;

use crate::api::App;
use crate::api::caller::Caller;
use crate::api::problem::Problem;

use super::table::{Behind, Opening};

/// What a request opens.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// An id, or the place in a register.
    pub object: Option<String>,
    /// The message.
    pub message: Option<MessageId>,
    /// Why the message was sent.
    pub reasons: Option<Reasons>,
    /// Persons beside those of the message.
    pub about: About,
}

/// Looks up what a request opens. What is not there opens nothing: the handler says so.
pub(super) async fn found(
    app: &App,
    caller: &Caller,
    (opening, named): (&Opening, &[(String, String)]),
    query: Option<&str>,
) -> Result<Place, Problem> {
    let db = &app.hub.db;
    let value = |name: &str| named.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str());
    let number = |name: &str| value(name).and_then(|text| text.parse::<i64>().ok());
    let all: Vec<&str> = named.iter().map(|(_, value)| value.as_str()).collect();
    let mut place = Place { object: (!all.is_empty()).then(|| all.join("/")), ..Place::default() };
    match opening.behind {
        Behind::Message(name) => place.message = value(name).and_then(|text| text.parse().ok()),
        Behind::Delivery => {
            if let Some(id) = value("delivery").and_then(|text| text.parse().ok()) {
                place.message = delivery::load(db, id).await?.map(|delivery| delivery.message_id);
            }
        }
        Behind::Entry => {
            if let (Some(register), Some(year), Some(number)) = (value("register"), number("year"), number("number")) {
                place.message = access_journal::find(db, &caller.party, (register, year, number)).await?;
            }
        }
        Behind::Year => {
            place.about.register = value("register").map(str::to_owned).zip(number("year"));
        }
        Behind::Archived => {
            if let Some(id) = value("id").and_then(|text| text.parse().ok()) {
                place.message = access_journal::archived(db, &caller.party, id).await?;
            }
        }
        // The words that were searched for are kept by nobody: a code among them is, as its keyed digest.
        Behind::Searched => {
            let words = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
            let codes = words.filter(|(name, _)| name == "q").flat_map(|(_, text)| {
                text.split_whitespace().filter_map(|word| Cnp::parse(word).ok()).collect::<Vec<_>>()
            });
            place.about.persons = codes.map(|cnp| app.hub.journal_key.subject(cnp.as_str())).collect();
        }
        Behind::List => {}
    }
    if let Some(message) = place.message {
        place.reasons = access_journal::reasons_of(db, message).await?;
    }
    Ok(place)
}
