//! The twin of REGES-Online, the register of employees of the labour inspectorate.
//!
//! Facts: its published schema and integration guide (contract sheet E3): a message is checked in form at once and answered
//! with a receipt (recipisă), in substance later and answered in the sender's own queue; proposals need the other
//! employer's consent. Ours: the words of refusals, the speed, that an empty queue answers 204, and that the key of an
//! employer is `cheie-<CUI>`. Memory only.

mod message;
mod words;
mod people;
mod store;
mod process;
mod service;
mod nomenclature;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::running::{Clock, Running, start_sorted};
use crate::sorting::Sorting;

pub use store::MessageRecord;
use store::Store;

/// The twin of REGES-Online.
pub struct Reges {
    clock: Clock,
    store: Store,
}

impl Reges {
    /// Starts the twin. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(address: SocketAddr, clock: Clock) -> io::Result<Running<MessageRecord>> {
        let twin = Arc::new(Self { clock, store: Store::default() });
        let pages = Router::new()
            .route("/api/Contract", post(service::contract))
            .route("/api/Salariat", post(service::employee))
            .route("/api/Contract/Batch", post(service::batch))
            .route("/api/Salariat/Batch", post(service::batch))
            .route("/api/Detasare/Propunere", post(service::proposal))
            .route("/api/Mutare/Propunere", post(service::proposal))
            .route("/api/Status/{verb}", post(service::results))
            .route("/api/Detasare/Propuneri/{verb}", post(service::secondments))
            .route("/api/Mutare/Propuneri/{verb}", post(service::moves))
            .route("/api/Notificare/{verb}", post(service::notices))
            .route("/api/Nomenclator", get(nomenclature::list))
            .route("/api/Profile", get(service::profile))
            .route("/_sandbox/reges", get(service::show).put(service::set))
            .with_state(Arc::clone(&twin));
        start_sorted(address, twin, pages, Sorting::paths(&ASKS)).await
    }
}

/// What begins with these asks; every other POST delivers.
const ASKS: [&str; 4] = ["/api/Status/", "/api/Detasare/Propuneri/", "/api/Mutare/Propuneri/", "/api/Notificare/"];

impl crate::running::Recorded for Reges {
    type Record = MessageRecord;

    fn records(&self) -> Vec<MessageRecord> {
        self.store.advance((self.clock)());
        self.store.all()
    }
}
