//! The public registers of the ministry: taxpayers, RO e-Factura, statements, farmers, cult entities, filings.
//!
//! No authentication, one answer per day asked, invented taxpayers. It never answers about anybody else, and keeps nothing
//! but the settings, the answers that wait and how many questions came.

mod firms;
mod settings;
mod question;
mod taxpayer;
mod records;
mod jobs;
mod filing;
mod pages;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::{Value, json};

use crate::anaf::answers::too_many;
use crate::running::Clock;
use firms::Firm;
use jobs::Jobs;
use question::Asked;
use settings::Settings;

/// The most codes in a question to the taxpayers' register and to RO e-Factura.
const MOST_TAXPAYERS: usize = 100;
/// The most codes in a question to the registers of farmers and of cult entities.
const MOST_MEMBERS: usize = 500;

/// The registers.
pub(crate) struct Registers {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    settings: Settings,
    jobs: Jobs,
    asked: Asking,
}

/// How often and how fast the registers were asked.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Asking {
    /// Questions since the start.
    questions: u64,
    /// Codes in them.
    codes: u64,
    /// Questions that came in the same second as another.
    too_fast: u64,
    #[serde(skip)]
    last: i64,
}

/// An answer with its status.
struct Answer(u16, Value);

impl Registers {
    /// Registers that know the invented taxpayers.
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self { clock, state: Mutex::default() })
    }

    /// Their pages, under the real paths, and their switches at `/_sandbox/registers`.
    pub(crate) fn pages(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/api/PlatitorTvaRest/v9/tva", post(pages::taxpayers))
            .route("/AsynchWebService/api/v8/ws/tva", post(pages::ask_later))
            .route("/AsynchWebService/api/v7/ws/tva", get(pages::fetch))
            .route("/api/registruroefactura/v1/interogare", post(pages::efactura))
            .route("/bilant", get(pages::statement))
            .route("/RegAgric/api/v2/ws/agric", post(pages::agric))
            .route("/RegCult/api/v2/ws/cult", post(pages::cult))
            .route("/StareD112/vizualizareStare.do", post(pages::filing))
            .route("/StareD112/ObtineRecipisa", get(pages::receipt))
            .route("/_sandbox/registers", get(pages::show).put(pages::set))
            .with_state(Arc::clone(self))
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a question, and answers it badly if that was planned or it came too fast.
    fn admit(&self, codes: usize) -> Option<Response> {
        let (mut state, now) = (self.locked(), (self.clock)());
        let too_fast = state.asked.questions > 0 && state.asked.last == now;
        state.asked.questions += 1;
        state.asked.codes += codes as u64;
        state.asked.too_fast += u64::from(too_fast);
        state.asked.last = now;
        if too_fast && state.settings.keep_pace {
            return Some(too_many(1));
        }
        (!state.settings.wrong.is_empty()).then(|| pages::spoilt(state.settings.wrong.remove(0)))
    }

    /// The answer about taxpayers, with the status of an empty one.
    fn taxpayers(&self, asked: &[Asked]) -> Answer {
        let settings = self.locked().settings.clone();
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for one in asked {
            match firms::find(one.cui).filter(|firm| firm.since <= one.day.as_str()) {
                Some(firm) => found.push(taxpayer::record(firm, &one.day, &settings)),
                None if settings.old_shape => found.push(taxpayer::nobody(one.cui, &one.day)),
                None if settings.not_found_objects => missing.push(json!({ "cui": one.cui, "data": one.day })),
                None => missing.push(one.cui.into()),
            }
        }
        answer(found, missing, &settings)
    }

    /// The answer of the register RO e-Factura.
    fn efactura(&self, asked: &[Asked]) -> Answer {
        let settings = self.locked().settings.clone();
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for one in asked {
            let joined = |firm: &&Firm| firm.efactura <= one.day.as_str();
            match firms::find(one.cui).filter(joined).and_then(records::efactura) {
                Some(line) => found.push(line),
                None => missing.push(one.cui.into()),
            }
        }
        answer(found, missing, &settings)
    }
}

fn answer(found: Vec<Value>, missing: Vec<Value>, settings: &Settings) -> Answer {
    let status = if found.is_empty() { settings.nothing_found_status } else { 200 };
    let mut body = serde_json::Map::new();
    if settings.wrapper {
        body.insert("cod".to_owned(), 200.into());
        body.insert("message".to_owned(), "SUCCESS".into());
    }
    body.insert("found".to_owned(), found.into());
    body.insert("notFound".to_owned(), missing.into());
    Answer(status, body.into())
}
