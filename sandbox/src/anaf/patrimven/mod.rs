//! The twin of PatrimVen. Its interface is a profile of ours: the real one is handed to signatories only.
//!
//! Incomes and assets of invented persons, for one at once or for many later, as a signed file. It refuses what the rules
//! of accession refuse and keeps a log of every question, answered or not, because asking is itself a use of personal data.

mod settings;
mod inquiry;
mod answers;
mod signed;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};

use crate::date::today;
use crate::running::Clock;
use inquiry::{Inquiry, Mode, Refusal};
use settings::Settings;
use signed::FileSeal;

pub(super) use inquiry::is_cnp;

/// The most questions remembered, and the most answers about many persons kept.
const MOST: usize = 10_000;

/// The service.
pub(crate) struct Patrimven {
    clock: Clock,
    seal: FileSeal,
    state: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    settings: Settings,
    log: Vec<Entry>,
    many: BTreeMap<u64, Many>,
    /// Persons asked for on that day.
    today: (String, u32),
}

/// One question in the log: who asked, about how many, why, and what came of it.
#[derive(Clone, Serialize)]
struct Entry {
    la: i64,
    utilizator: Value,
    serviciu: Value,
    #[serde(rename = "mod")]
    mode: Value,
    persoane: usize,
    temei_legal: String,
    scop: String,
    numar_dosar: String,
    raspuns: String,
}

struct Many {
    asked: i64,
    answer: Value,
}

impl Patrimven {
    /// A service with the usual accession.
    ///
    /// # Errors
    /// The key of its files cannot be made.
    pub(crate) fn new(clock: Clock) -> io::Result<Arc<Self>> {
        let seal = FileSeal::new(clock()).map_err(io::Error::other)?;
        Ok(Arc::new(Self { clock, seal, state: Mutex::default() }))
    }

    /// Its pages, and its log and switches at `/_sandbox/patrimven`.
    pub(crate) fn pages(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/patrimven/v1/interogari", post(ask))
            .route("/patrimven/v1/interogari/{id}", get(state_of))
            .route("/patrimven/v1/interogari/{id}/fisier", get(file))
            .route("/_sandbox/patrimven", get(show).put(set))
            .route("/_sandbox/patrimven/certificate.pem", get(certificate))
            .with_state(Arc::clone(self))
    }

    fn locked(&self) -> MutexGuard<'_, Asked> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    /// Counts the persons of a question against the day.
    fn within_quota(&mut self, persons: usize, day: String) -> bool {
        if self.today.0 != day {
            self.today = (day, 0);
        }
        let sum = self.today.1.saturating_add(u32::try_from(persons).unwrap_or(u32::MAX));
        let within = sum <= self.settings.persons_per_day;
        if within {
            self.today.1 = sum;
        }
        within
    }

    fn note(&mut self, inquiry: &Inquiry, now: i64, outcome: &str) {
        if self.log.len() < MOST {
            self.log.push(Entry {
                la: now,
                utilizator: json!(inquiry.utilizator),
                serviciu: json!(inquiry.serviciu),
                mode: json!(inquiry.mode),
                persoane: inquiry.persoane.len(),
                temei_legal: inquiry.temei_legal.clone(),
                scop: inquiry.scop.clone(),
                numar_dosar: inquiry.numar_dosar.clone(),
                raspuns: outcome.to_owned(),
            });
        }
    }
}

async fn ask(State(here): State<Arc<Patrimven>>, body: Bytes) -> Response {
    let Ok(inquiry) = serde_json::from_slice::<Inquiry>(&body) else {
        return refused((400, "PV-100", "Cererea nu are forma profilului PatrimVen."));
    };
    let now = (here.clock)();
    let mut asked = here.locked();
    let refusal = inquiry.refusal(&asked.settings);
    let refusal = refusal.or_else(|| {
        let within = asked.within_quota(inquiry.persoane.len(), today(now));
        (!within).then_some((429, "PV-106", "Numărul de persoane permis pe zi a fost depășit."))
    });
    if let Some(refusal) = refusal {
        asked.note(&inquiry, now, refusal.1);
        return refused(refusal);
    }
    let answer = answers::about(&inquiry, &today(now));
    match inquiry.mode {
        Mode::Punctual => {
            asked.note(&inquiry, now, "200");
            Json(json!({ "raspuns": answer, "data_extras": today(now) })).into_response()
        }
        Mode::Masiv if asked.many.len() >= MOST => {
            asked.note(&inquiry, now, "503");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Mode::Masiv => {
            asked.note(&inquiry, now, "202");
            let id = asked.many.len() as u64 + 1;
            asked.many.insert(id, Many { asked: now, answer: json!({ "raspuns": answer, "data_extras": today(now) }) });
            (StatusCode::ACCEPTED, Json(json!({ "id_solicitare": id, "stare": "IN_LUCRU" }))).into_response()
        }
    }
}

async fn state_of(State(here): State<Arc<Patrimven>>, Path(id): Path<u64>) -> Response {
    let (now, asked) = ((here.clock)(), here.locked());
    match asked.many.get(&id) {
        None => unknown(),
        Some(many) if now - many.asked < asked.settings.not_ready_s => {
            Json(json!({ "id_solicitare": id, "stare": "IN_LUCRU" })).into_response()
        }
        Some(_) => {
            let file = format!("/patrimven/v1/interogari/{id}/fisier");
            Json(json!({ "id_solicitare": id, "stare": "FINALIZATA", "fisier": file })).into_response()
        }
    }
}

async fn file(State(here): State<Arc<Patrimven>>, Path(id): Path<u64>) -> Response {
    let (now, asked) = ((here.clock)(), here.locked());
    let ready = asked.many.get(&id).filter(|many| now - many.asked >= asked.settings.not_ready_s);
    let Some(many) = ready else { return unknown() };
    match here.seal.seal(many.answer.to_string().as_bytes()) {
        Ok(signed) => ([(header::CONTENT_TYPE, "application/pkcs7-mime")], signed).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn certificate(State(here): State<Arc<Patrimven>>) -> Response {
    match here.seal.certificate_pem() {
        Ok(pem) => ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn show(State(here): State<Arc<Patrimven>>) -> Json<Value> {
    let asked = here.locked();
    Json(json!({ "settings": asked.settings, "log": asked.log }))
}

async fn set(State(here): State<Arc<Patrimven>>, Json(settings): Json<Settings>) -> Json<Value> {
    here.locked().settings = settings;
    show(State(here)).await
}

fn unknown() -> Response {
    refused((404, "PV-404", "Nu există nicio solicitare cu acest număr sau nu este finalizată."))
}

fn refused((status, code, message): Refusal) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, Json(json!({ "cod": code, "mesaj": message }))).into_response()
}
