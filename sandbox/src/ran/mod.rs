//! The twin of RAN, the national agricultural register, as town halls push data into it.
//!
//! Facts: specification "RAN Standarde de interfațare" 1.1 and the published server source (contract sheet E2):
//! HTTP Basic with the SIRUTA code and a token, `transmitere`, `getTransmitereXsdSchema`, `getStatusTransmisie`, structure
//! checked at once, content later. What is ours and not theirs is said in `README` of the sandbox: the XSD is a shorter
//! one of our own, the receipt is XML instead of a printed page, and its batch signature is CMS.

mod accounts;
mod codes;
mod unpack;
mod document;
mod nomenclature;
mod rules;
mod land;
mod receipt;
mod register;
mod service;
mod control;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::running::{Clock, Running, start_sorted};
use crate::soap::signing::Seal;
use crate::sorting::Sorting;

pub use codes::Problem;
use register::Register;
pub use register::{State as TransmissionState, TransmissionRecord};

/// The twin of RAN.
pub struct Ran {
    clock: Clock,
    register: Register,
    seal: Seal,
}

impl Ran {
    /// Starts the twin. Port 0 takes a free one. The service is at `/ran-core/TransmitereDateExternService`.
    ///
    /// # Errors
    /// The address cannot be bound, or no key can be made.
    pub async fn start(address: SocketAddr, clock: Clock) -> io::Result<Running<TransmissionRecord>> {
        let seal = Seal::fresh("Registrul Agricol Național de test", clock()).map_err(io::Error::other)?;
        let twin = Arc::new(Self { clock, register: Register::default(), seal });
        let pages = Router::new()
            .route(service::PATH, post(service::call).get(service::description))
            .route("/_sandbox/ran", get(control::show).put(control::set))
            .route("/_sandbox/ran/process", post(control::process))
            .route("/_sandbox/ran/certificate.pem", get(control::certificate))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&twin));
        start_sorted(address, twin, pages, Sorting::soap(&["getStatusTransmisie", "getTransmitereXsdSchema"])).await
    }
}

impl crate::running::Recorded for Ran {
    type Record = TransmissionRecord;

    fn records(&self) -> Vec<TransmissionRecord> {
        self.register.advance((self.clock)(), &self.seal);
        self.register.all()
    }
}
