//! `…/redirection`: a document that came to the wrong institution goes on to the competent one.

use axum::Json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hub_flow::authorization::to;
use hub_flow::directory::Right;
use hub_flow::flow::{self, Redirection, Scan, Told};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::problem::Problem;
use crate::api::request::SmallBody;
use crate::protection::malware::{self, Added};

use super::asking::{Asking, body, words, wrong};
use super::refusals::not_redirected;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    competent: String,
    reason: String,
    told: Option<ToldOtherwise>,
    /// The scans of a document that was brought to the counter.
    #[serde(default)]
    documents: Vec<Scanned>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scanned {
    name: String,
    content_type: String,
    base64: String,
}

impl Scanned {
    fn read(self) -> Result<Scan, Problem> {
        let content = BASE64.decode(self.base64.trim()).ok().filter(|content| !content.is_empty());
        let content = content.ok_or_else(|| {
            wrong("documents.base64", "Conținutul nu este base64, sau este gol", "The content is not base64, or empty")
        })?;
        Ok(Scan { name: self.name, content_type: self.content_type, content: content.into() })
    }
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
    let Asked { competent, reason, told, documents } = body(&bytes)?;
    let told = match told {
        None => Told::ByMessage,
        Some(ToldOtherwise { on, .. }) if on > asking.app.hub.clock.now().romanian_date() => {
            return Err(wrong("told.on", "Înștiințarea nu poate fi din viitor", "Nobody was told in the future"));
        }
        Some(ToldOtherwise { on, how }) => Told::Otherwise { on, how: words("told.how", &how)? },
    };
    let scans = documents.into_iter().map(Scanned::read).collect::<Result<Vec<_>, _>>()?;
    let shown = scans.iter().map(|Scan { content, .. }| Added {
        size: content.len() as u64,
        content: Some(content),
        file: None,
    });
    malware::cleared(&asking.app, &shown.collect::<Vec<_>>()).await?;
    let competent = words("competent", &competent)?;
    let redirection = Redirection { competent: competent.clone(), reason: words("reason", &reason)?, told, scans };
    let done =
        flow::redirect(&asking.app.hub, &key, &by, asking.caller.actor(), redirection).await.map_err(not_redirected)?;
    Ok(Json(json!({
        "register": key.register,
        "year": key.year,
        "number": key.number,
        "competent": competent,
        "way": if done.forwarded.is_some() { "message" } else { "paper" },
        "message_id": done.forwarded,
        "notice_message_id": done.notice,
        "by": done.by,
        "in_time": done.in_time,
        "again": done.again,
    })))
}
