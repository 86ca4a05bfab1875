//! The twin of a town hall's own system: a receiver of signed webhooks that registers what it gets.

mod signature;
mod store;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use openssl::pkey::{PKey, Private};
use serde_json::json;

use crate::intake::{LONGEST_DOCUMENT, refused};
use crate::running::{Clock, Running, start};

pub use store::EventRecord;
use store::{Events, Kept};

/// The twin of a town hall's own system.
pub struct TownHall {
    clock: Clock,
    key: PKey<Private>,
    events: Events,
}

impl TownHall {
    /// Starts the twin with the webhook secret (`whsec_…`) it shares with the hub. It receives at every path.
    ///
    /// # Errors
    /// The address cannot be bound, or the secret is not one.
    pub async fn start(address: SocketAddr, clock: Clock, secret: &str) -> io::Result<Running<EventRecord>> {
        let key = signature::key(secret).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a webhook secret is whsec_ and 24 to 64 bytes in base64")
        })?;
        let twin = Arc::new(Self { clock, key, events: Events::default() });
        let pages = Router::new().route("/_sandbox/events", get(list)).fallback(receive).with_state(Arc::clone(&twin));
        start(address, twin, pages).await
    }
}

impl crate::running::Recorded for TownHall {
    type Record = EventRecord;

    fn records(&self) -> Vec<EventRecord> {
        self.events.all()
    }
}

async fn receive(State(twin): State<Arc<TownHall>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    if head.method != axum::http::Method::POST {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "PM-405", "Aici se primesc doar evenimente, cu POST.");
    }
    let Ok(body) = to_bytes(body, 2 * LONGEST_DOCUMENT).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "PM-413", "Evenimentul este prea lung sau a fost întrerupt.");
    };
    let id = match signature::verified(&twin.key, &head.headers, &body, (twin.clock)()) {
        Ok(id) => id,
        Err(problem) => return refused(StatusCode::FORBIDDEN, "PM-403", problem),
    };
    let Ok(event) = serde_json::from_slice(&body) else {
        return refused(StatusCode::BAD_REQUEST, "PM-400", "Evenimentul nu este JSON.");
    };
    match twin.events.keep(&id, event, &body) {
        Kept::Taken(event) => Json(json!({ "numar": event.registration_number.to_string() })).into_response(),
        Kept::Incomplete => {
            refused(StatusCode::BAD_REQUEST, "PM-110", "Evenimentul nu are type, message_id și sender.")
        }
        Kept::Conflict => refused(StatusCode::CONFLICT, "PM-409", "Același webhook-id a venit cu alt conținut."),
        Kept::Full => refused(StatusCode::SERVICE_UNAVAILABLE, "PM-503", "Simulatorul este plin, reporniți-l."),
    }
}

async fn list(State(twin): State<Arc<TownHall>>) -> Json<Vec<EventRecord>> {
    Json(twin.events.all())
}
