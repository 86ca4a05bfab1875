//! `GET /v1/proofs/expiring`: the expiry board. Counts, dates and ids only.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use hub_flow::authorization::to;
use hub_flow::clock::Timestamp;
use hub_flow::preservation::{self, Line};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::proofs::{advice, cause, group};

use super::App;
use super::may::May;
use super::problem::Problem;
use super::request::Wanted;
use crate::api::door::Door;

/// Proofs that weaken.
#[must_use]
pub fn routes(door: Door) -> Door {
    door.get("/v1/proofs/expiring", expiring)
}

/// The board is read anew at most so often, in seconds: whoever is known may ask, and a board of many batches is long.
const FRESH: i64 = 60;
/// Days ahead where nobody says how many.
const AHEAD: u32 = 90;

/// The board as it was last read.
#[derive(Default)]
pub struct Board(Mutex<Option<(Timestamp, Arc<Vec<Line>>)>>);

impl Board {
    /// Every line, a minute old at most.
    ///
    /// # Errors
    /// A problem document.
    pub(crate) async fn lines(&self, app: &App) -> Result<Arc<Vec<Line>>, Problem> {
        let now = app.hub.clock.now();
        let mut kept = self.0.lock().await;
        if let Some((at, lines)) = &*kept
            && at.plus_seconds(FRESH) > now
        {
            return Ok(Arc::clone(lines));
        }
        let read = preservation::board(&app.hub.db, (&app.preservation, &app.hub.catalogue), now).await?;
        let lines = Arc::new(read);
        *kept = Some((now, Arc::clone(&lines)));
        Ok(lines)
    }
}

/// How far to look ahead.
#[derive(Deserialize)]
pub struct Ahead {
    within_days: Option<u32>,
}

/// Lines that weaken within so many days (90 where nobody says), the first first.
///
/// # Errors
/// A problem document.
pub async fn expiring(
    _: May<to::ProofsRead>,
    State(app): State<App>,
    Wanted(ahead): Wanted<Ahead>,
) -> Result<Json<Value>, Problem> {
    let within = ahead.within_days.unwrap_or(AHEAD);
    let (now, lines) = (app.hub.clock.now(), app.board.lines(&app).await?);
    let until = now.plus_seconds(i64::from(within) * 86_400);
    let shown: Vec<Value> = lines.iter().filter(|line| line.weakens_at <= until).map(told).collect();
    Ok(Json(json!({
        "at": now.to_utc(),
        "within_days": within,
        "weakening": preservation::weakening(&lines, until),
        "lines": shown,
    })))
}

fn told(line: &Line) -> Value {
    let (kind, id) = group(&line.group);
    let (code, ro) = advice(line.advice);
    json!({
        "group": kind.0,
        "id": id,
        "cause": cause(line.cause).0,
        "weakens_at": line.weakens_at.to_utc(),
        "evidences": line.evidences,
        "needed_until": line.needed_until.map_or_else(|| "permanent".to_owned(), Timestamp::to_utc),
        "retention_assumed": line.assumed,
        "advice": code,
        "advice_ro": ro,
    })
}
