//! `/v1/messages`: submit, follow, and fetch what was sent and what proves it.

pub mod submit;
pub mod receive;
pub mod receipt;
pub mod list;
pub mod check;
pub mod show;
pub mod evidence;
pub mod papers;
pub mod record;
pub mod part;

use hub_flow::authorization::{Permits, Scope};
use hub_flow::delivery::{self, AttemptRecord, Delivery};
use hub_flow::message::{ConsignmentMode, Message, MessageId};
use hub_flow::submission;

use crate::problems;

use super::App;
use super::caller::Caller;
use super::may::{May, MayWithin};
use super::problem::Problem;
use crate::api::door::Door;

/// Messages, their evidence and papers.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.post("/v1/messages", submit::submit)
        .taking::<receive::JsonSubmission>()
        .carrying("multipart/form-data")
        .keyed()
        .get("/v1/messages", list::list)
        .post("/v1/messages/check", check::check)
        .taking::<receive::JsonSubmission>()
        .carrying("multipart/form-data")
        .get("/v1/messages/possible", check::possible)
        .get("/v1/messages/{id}", show::show)
        .get("/v1/messages/{id}/evidence", evidence::list)
        .get("/v1/messages/{id}/evidence/{evidence}", evidence::document)
        .get("/v1/messages/{id}/evidence/{evidence}/log-proof", evidence::log_proof)
        .get("/v1/messages/{id}/evidence/{evidence}/receipt", papers::receipt)
        .get("/v1/messages/{id}/evidence/{evidence}/view", papers::view)
        .get("/v1/messages/{id}/package", papers::package)
        .get("/v1/messages/{id}/evidence/{evidence}/record", record::record)
        .get("/v1/messages/{id}/parts/{name}", part::part)
}

pub(crate) struct Seen {
    pub message: Message,
    pub deliveries: Vec<(Delivery, Vec<AttemptRecord>)>,
}

impl Seen {
    /// Whether recipients are asked before they see the content.
    pub(crate) fn asks_first(&self) -> bool {
        self.message.envelope.consignment == ConsignmentMode::Consent
    }
}

/// The same for who may see messages of some document types only.
pub(crate) async fn find_within<P: Permits>(
    app: &App,
    caller: MayWithin<P>,
    id: &str,
) -> Result<(May<P>, Seen), Problem> {
    let seen = find(app, caller.finder(), id).await?;
    let scope = Scope { document_type: Some(&seen.message.envelope.document_type), ..Scope::default() };
    Ok((caller.within(scope)?, seen))
}

/// Loads a message for one of its two sides; to everybody else it does not exist.
pub(crate) async fn find(app: &App, caller: &Caller, id: &str) -> Result<Seen, Problem> {
    let missing = || Problem::of(&problems::NOT_FOUND);
    let id: MessageId = id.parse().map_err(|_| missing())?;
    let message = submission::load(&app.hub.db, id).await?.ok_or_else(missing)?;
    let mut deliveries = delivery::of_message(&app.hub.db, id).await?;
    let directory = app.hub.directory();
    if !directory.acts_for(&caller.party, &message.sender) {
        // A recipient sees its own delivery and nobody else's.
        deliveries.retain(|(delivery, _)| directory.acts_for(&caller.party, &delivery.recipient));
        if deliveries.is_empty() {
            return Err(missing());
        }
    }
    Ok(Seen { message, deliveries })
}
