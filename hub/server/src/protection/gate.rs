//! The gate before the handlers: budgets and lines, by party where the caller is known and by address where not.
//!
//! The layer puts a [`Slot`] beside each request; whoever finds out the party calls [`admit`] once, so that a caller is
//! looked up one time only. What comes without credentials is charged to its address before anything is done for it;
//! what comes with wrong ones, after they were found wrong.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONNECTION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use ipnet::IpNet;
use tokio::sync::OwnedSemaphorePermit;

use crate::accepting::Peer;
use crate::api::problem::Problem;
use crate::config::{DoorConfig, RateConfig};
use crate::problems;
use crate::telemetry::Metrics;

use super::address;
use super::admission::Admission;
use super::budgets::{Budgets, Charged, seconds};
use super::class::Class;
use super::patience::Patience;

/// Budgets, lines and who is believed about addresses.
pub struct Gate {
    enforce: bool,
    budgets: Budgets,
    admission: Admission,
    patience: Patience,
    proxies: Vec<IpNet>,
    metrics: Arc<Metrics>,
}

/// The place of one request in the gate.
#[derive(Clone)]
pub struct Slot(Arc<Held>);

struct Held {
    gate: Arc<Gate>,
    class: Class,
    state: Mutex<Admitted>,
}

#[derive(Default)]
struct Admitted {
    known: bool,
    charged: Option<Charged>,
    place: Option<OwnedSemaphorePermit>,
    closing: bool,
}

impl Gate {
    /// A gate by configuration.
    #[must_use]
    pub fn new(rate: &RateConfig, door: &DoorConfig, metrics: Arc<Metrics>) -> Self {
        Self {
            enforce: rate.enforce,
            budgets: Budgets::new(rate),
            admission: Admission::new(rate),
            patience: Patience::default(),
            proxies: door.trusted_proxies.clone(),
            metrics,
        }
    }

    /// Where a request comes from; requests that came by no connection (in tests) come from nowhere.
    fn address(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.extensions().get::<Peer>()?.ip();
        Some(address::client(peer, request.headers(), &self.proxies))
    }

    fn charge_address(&self, address: Option<IpAddr>, class: Class) -> Option<Charged> {
        self.budgets.charge_address(address.filter(|_| self.enforce)?, class)
    }

    fn over(&self, charged: Charged) -> Option<Problem> {
        let wait = seconds(charged.wait?);
        self.metrics.refused(charged.class.as_str(), "budget");
        let (requests, window) = (charged.budget.requests, charged.budget.seconds);
        Some(
            Problem::of(&problems::TOO_MANY_REQUESTS)
                .detail(
                    format!("Bugetul este de {requests} de cereri la {window} s; repetați cererea peste {wait} s, cu aceeași cheie"),
                    format!("The budget is {requests} requests in {window} s; repeat the request in {wait} s, with the same key"),
                )
                .with("budget", charged.class.as_str())
                .retry_after(wait),
        )
    }
}

/// Charges the budget of the caller's party and takes a place in its line. A second call for the same request does nothing.
///
/// # Errors
/// 429 when the budget is used up, or when the party has as much under way and waiting as it may have.
pub async fn admit(parts: &Parts, party: &str) -> Result<(), Problem> {
    let Some(Slot(held)) = parts.extensions.get::<Slot>() else { return Ok(()) };
    let refused = {
        let mut state = held.state();
        if std::mem::replace(&mut state.known, true) || !held.gate.enforce {
            return Ok(());
        }
        let charged = held.gate.budgets.charge_party(party, held.class);
        state.charged = charged.or(state.charged);
        charged.and_then(|charged| Some((charged, held.gate.over(charged)?)))
    };
    if let Some((charged, problem)) = refused {
        let closing = held.gate.patience.refuse(party, &charged).await;
        held.state().closing = closing;
        return Err(problem);
    }
    match held.gate.admission.place(party).await {
        Ok(place) => {
            held.state().place = Some(place);
            Ok(())
        }
        Err(super::admission::Crowded) => {
            held.gate.metrics.refused(held.class.as_str(), "line");
            Err(Problem::of(&problems::TOO_MANY_REQUESTS)
                .detail(
                    "Prea multe cereri ale instituției sunt în lucru deodată; trimiteți mai puține în paralel și repetați cererea, cu aceeași cheie",
                    "Too many requests of the institution are under way at once; send fewer in parallel and repeat the request, with the same key",
                )
                .with("budget", "concurrent")
                .retry_after(1))
        }
    }
}

impl Held {
    fn state(&self) -> std::sync::MutexGuard<'_, Admitted> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The layer: see the head of this module.
pub async fn layer(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let class = Class::of(request.method(), request.uri().path());
    let address = gate.address(&request);
    let stranger = !(request.headers().contains_key(AUTHORIZATION)
        || request.headers().contains_key(COOKIE)
        || request.extensions().get::<Peer>().is_some_and(|peer| peer.certificate.is_some()));
    // A token is asked for with credentials too, and it is they that are tried there.
    let before = match class {
        Class::SignIn => gate.charge_address(address, Class::SignIn),
        _ if stranger => gate.charge_address(address, Class::Open),
        _ => None,
    };
    if let Some(problem) = before.and_then(|charged| gate.over(charged)) {
        return told(problem.into_response(), before);
    }
    let state = Mutex::new(Admitted { charged: before, ..Admitted::default() });
    let held = Arc::new(Held { gate: Arc::clone(&gate), class, state });
    request.extensions_mut().insert(Slot(Arc::clone(&held)));
    let mut response = next.run(request).await;
    let Admitted { charged, place, closing, .. } = std::mem::take(&mut *held.state());
    // The place is free once the answer is made, not once a slow reader has it.
    drop(place);
    if closing {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if response.status() == StatusCode::UNAUTHORIZED && before.is_none() {
        let failed = gate.charge_address(address, Class::Open);
        if let Some(problem) = failed.and_then(|charged| gate.over(charged)) {
            return told(problem.into_response(), failed);
        }
    }
    told(response, charged)
}

/// `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): quota and window, what is left, and in how
/// many seconds it is whole again.
fn told(mut response: Response, charged: Option<Charged>) -> Response {
    if let Some(charged) = charged {
        let (name, quota, window) =
            (charged.class.as_str(), charged.budget.requests.get(), charged.budget.seconds.get());
        let missing = u64::from(quota.saturating_sub(charged.left)) * u64::from(window);
        let whole = charged.wait.map_or_else(|| missing.div_ceil(quota.into()), |wait| seconds(wait).into());
        set(response.headers_mut(), "ratelimit-policy", &format!("\"{name}\";q={quota};w={window}"));
        set(response.headers_mut(), "ratelimit", &format!("\"{name}\";r={};t={whole}", charged.left));
    }
    response
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    headers.insert(name, HeaderValue::from_str(value).expect("numbers and words written here fit a header"));
}
