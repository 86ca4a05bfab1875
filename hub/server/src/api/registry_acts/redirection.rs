//! `…/redirection`: a document that came to the wrong institution goes on to the competent one.

use axum::Json;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Redirection, Told};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::problem::Problem;
use crate::api::request::SmallBody;

use super::asking::{Asking, body, id, words, wrong};
use super::refusals::not_redirected;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    competent: String,
    reason: String,
    told: Option<ToldOtherwise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldOtherwise {
    on: Date,
    how: String,
}

/// Sends the document on, tells its sender by a message unless it was told otherwise, and records both.
///
/// # Errors
/// A problem document.
pub async fn redirect(asking: Asking<to::ActsRedirect>, SmallBody(bytes): SmallBody) -> Result<Json<Value>, Problem> {
    let (key, by) = asking.with(Right::Register)?;
    let Asked { competent, reason, told } = body(&bytes)?;
    let told = match told {
        None => Told::ByMessage,
        Some(ToldOtherwise { on, .. }) if on > asking.app.hub.clock.now().romanian_date() => {
            return Err(wrong("told.on", "Înștiințarea nu poate fi din viitor", "Nobody was told in the future"));
        }
        Some(ToldOtherwise { on, how }) => Told::Otherwise { on, how: words("told.how", &how)? },
    };
    let redirection = Redirection { competent: id("competent", &competent)?, reason: words("reason", &reason)?, told };
    let done =
        flow::redirect(&asking.app.hub, &key, &by, asking.caller.actor(), redirection).await.map_err(not_redirected)?;
    Ok(Json(json!({
        "register": key.register,
        "year": key.year,
        "number": key.number,
        "competent": competent,
        "message_id": done.forwarded,
        "notice_message_id": done.notice,
        "by": done.by,
        "in_time": done.in_time,
        "again": done.again,
    })))
}
