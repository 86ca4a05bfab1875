//! What goes wrong at the next calls of one operation, in ANAF's own wording.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{answers, bucharest};

/// The most lines of a plan.
const LONGEST_PLAN: usize = 1_000;

/// What can go wrong at one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FaultKind {
    /// 200 with a refusal in the operation's format; `text`, or a technical error.
    Refusal,
    /// 200 with the quota text of the operation.
    Quota,
    /// 200 with the quota text of `descarcare` and the surplus brace of the official sample.
    UnbalancedBrace,
    /// 200 with the text of a message older than 60 days.
    ExpiredDownload,
    /// 200 with the text of an `endTime` in the future.
    ClockSkew,
    /// 200 with the text of a simple list that is too long.
    TooManyMessages,
    /// 400 with the JSON envelope.
    BadRequest,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404 with the JSON envelope.
    NotFound,
    /// 429.
    TooManyRequests,
    /// 204, seen by one client instead of 429.
    NoContent,
    /// 200 with the page of the firewall.
    BlockPage,
    /// 200 with the page of an ended session.
    LogoutPage,
    /// 302 to the log-in.
    LogInWall,
    /// 500; nothing is taken.
    ServerError,
    /// 500; it was taken.
    ServerErrorAfterStoring,
    /// 200 with the page of the firewall; it was taken.
    BlockPageAfterStoring,
    /// Waits, then takes it and answers.
    SlowThenAccept,
    /// Takes it at once and answers late.
    AcceptAfterClientTimeout,
    /// The connection is dropped without a byte of answer; nothing is taken.
    CutConnection,
    /// The connection is dropped in the middle of the answer; it was taken.
    CutConnectionAfterStoring,
    /// 200 with half of the right answer; it was taken.
    HalfAnswer,
}

/// One line of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    pub(super) operation: String,
    pub(super) fault: FaultKind,
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default = "once")]
    pub(super) times: u32,
    #[serde(default = "half_a_second")]
    pub(super) delay_ms: u64,
    #[serde(default = "one_second")]
    pub(super) retry_after_s: u64,
}

#[derive(Default)]
pub(super) struct Plan(Mutex<VecDeque<Fault>>);

impl Plan {
    pub(super) fn replace(&self, faults: Vec<Fault>) -> bool {
        let fits = faults.len() <= LONGEST_PLAN;
        if fits {
            *self.locked() = faults.into_iter().filter(|fault| fault.times > 0).collect();
        }
        fits
    }

    pub(super) fn remaining(&self) -> Vec<Fault> {
        self.locked().iter().cloned().collect()
    }

    /// The fault of this call, if the plan has one for it.
    pub(super) fn take(&self, operation: &str) -> Option<Fault> {
        let mut plan = self.locked();
        let position = plan.iter().position(|fault| fault.operation == operation)?;
        let fault = plan.get_mut(position)?;
        fault.times -= 1;
        let taken = fault.clone();
        if taken.times == 0 {
            plan.remove(position);
        }
        Some(taken)
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    /// The answer in place of the right one, for the kinds where nothing is taken and the line stays whole.
    pub(super) fn answer(&self, now: i64) -> Response {
        let refused = |text: &str| answers::refusal(&self.operation, self.text.as_deref().unwrap_or(text), now);
        match self.fault {
            FaultKind::Quota => refused(&quota_text(&self.operation)),
            FaultKind::UnbalancedBrace => {
                let body = "{\"eroare\":\"S-au facut deja 10 descarcari de mesaj in cursul zilei\",\
                            \"titlu\":\"Descarcare mesaj\"}}";
                ([(header::CONTENT_TYPE, "application/json")], body).into_response()
            }
            FaultKind::ExpiredDownload => refused(EXPIRED),
            FaultKind::ClockSkew => refused(&in_the_future("endTime", now + 1, now)),
            FaultKind::TooManyMessages => refused(TOO_MANY_MESSAGES),
            FaultKind::BadRequest => answers::bad_request(self.text.as_deref().unwrap_or("Cerere incorecta"), now),
            FaultKind::Unauthorized => answers::unauthorized(now),
            FaultKind::Forbidden => answers::forbidden(),
            FaultKind::NotFound => answers::not_found("/FCTEL/rest/", now),
            FaultKind::TooManyRequests => answers::too_many(self.retry_after_s),
            FaultKind::NoContent => StatusCode::NO_CONTENT.into_response(),
            FaultKind::BlockPage | FaultKind::BlockPageAfterStoring => answers::block_page(),
            FaultKind::LogoutPage => answers::logout_page(),
            FaultKind::LogInWall => answers::log_in_wall(),
            FaultKind::ServerError | FaultKind::ServerErrorAfterStoring => {
                let body = serde_json::json!({ "timestamp": bucharest::written(now), "status": 500,
                    "error": "Internal Server Error", "message": "" });
                (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
            }
            _ => refused("A aparut o eroare tehnica. Cod: 001"),
        }
    }
}

pub(super) const EXPIRED: &str =
    "Fisierul nu mai poate fi descarcat pentru ca a trecut perioada de 60 de zile in care este disponibil";
pub(super) const TOO_MANY_MESSAGES: &str = "Lista de mesaje este mai mare decat numarul de 500 elemente permise in \
                                            pagina. Folositi endpoint-ul cu paginatie.";

pub(super) fn in_the_future(name: &str, time: i64, now: i64) -> String {
    let (time, now) = (bucharest::written(time), bucharest::written(now));
    format!("{name} = {time} nu poate in viitor fata de momentul requestului = {now}")
}

fn quota_text(operation: &str) -> String {
    match operation {
        "upload" | "uploadb2c" => {
            "S-au incarcat deja 1000 de mesaje de tip RASP pentru cui=8000000000 in cursul zilei".to_owned()
        }
        "stareMesaj" | "etransport-stare" => "S-au facut deja 100 descarcari de mesaj in cursul zilei".to_owned(),
        "descarcare" => "S-au facut deja 10 descarcari de mesaj in cursul zilei".to_owned(),
        _ => "S-au facut deja 1500 interogari de lista mesaje de catre utilizator in cursul zilei".to_owned(),
    }
}

fn once() -> u32 {
    1
}

fn half_a_second() -> u64 {
    500
}

fn one_second() -> u64 {
    1
}
