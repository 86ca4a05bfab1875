//! The twin of ANAF: OAuth2, RO e-Factura and RO e-Transport as institutions meet them, traps included.
//!
//! All hosts' paths are served on one listener; where hosts differ, the `Host` header decides. It keeps everything in
//! memory, knows only invented taxpayers and proves nothing: its signatures are made by a key of its own. The
//! client certificate of `authorize` and of the certificate hosts is not played.

mod bucharest;
mod cui;
mod reading;
mod answers;
mod settings;
mod meter;
mod calls;
mod faults;
mod door;
mod oauth;
mod efactura;
mod etransport;
mod registers;
mod spv;
mod patrimven;
mod control;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::response::Response;
use openssl::pkey::{PKeyRef, Private};
use openssl::x509::X509;

use crate::running::{Clock, Running, start, start_secure};

pub use calls::AnafCall;
pub use settings::{AnafQuotas, AnafSettings, OAuthApplication};

/// The twin of ANAF.
pub struct Anaf {
    clock: Clock,
    settings: Mutex<AnafSettings>,
    faults: faults::Plan,
    calls: calls::Calls,
    meter: meter::Meter,
    issuer: oauth::Issuer,
    invoices: efactura::Register,
    transports: etransport::Register,
    registers: Arc<registers::Registers>,
    spv: Arc<spv::Spv>,
    patrimven: Arc<patrimven::Patrimven>,
}

impl Anaf {
    /// Starts the twin over plain HTTP.
    ///
    /// # Errors
    /// The address cannot be bound, or its keys cannot be made.
    pub async fn start(address: SocketAddr, clock: Clock) -> io::Result<Running<AnafCall>> {
        let twin = Arc::new(Self::new(clock)?);
        let pages = pages(&twin);
        start(address, twin, pages).await
    }

    /// The same over TLS with the certificate (and what it was issued by) handed in, for clients with fixed addresses.
    ///
    /// # Errors
    /// As [`Anaf::start`], or the certificate and the key do not fit.
    pub async fn start_secure(
        address: SocketAddr,
        clock: Clock,
        certificates: &[X509],
        key: &PKeyRef<Private>,
    ) -> io::Result<Running<AnafCall>> {
        let twin = Arc::new(Self::new(clock)?);
        let pages = pages(&twin);
        start_secure(address, twin, pages, certificates, key).await
    }

    fn new(clock: Clock) -> io::Result<Self> {
        let now = clock();
        Ok(Self {
            registers: registers::Registers::new(Arc::clone(&clock)),
            spv: spv::Spv::new(Arc::clone(&clock)),
            patrimven: patrimven::Patrimven::new(Arc::clone(&clock))?,
            clock,
            settings: Mutex::default(),
            faults: faults::Plan::default(),
            calls: calls::Calls::default(),
            meter: meter::Meter::default(),
            issuer: oauth::Issuer::new().map_err(io::Error::other)?,
            invoices: efactura::Register::new(now).map_err(io::Error::other)?,
            transports: etransport::Register::default(),
        })
    }

    /// ANAF's own time, in seconds since 1970: the clock that was given, and the skew that was asked for.
    fn now(&self) -> i64 {
        (self.clock)() + self.settings().clock_skew_s
    }

    fn settings(&self) -> MutexGuard<'_, AnafSettings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl crate::running::Recorded for Anaf {
    type Record = AnafCall;

    fn records(&self) -> Vec<AnafCall> {
        self.calls.all()
    }
}

/// Every page of the institution. What else ANAF serves (registers, SPV, PatrimVen) is merged here, one line each, as a
/// `Router<()>` with a state of its own; it then stands behind the same door: calls are recorded, faults are played.
fn pages(twin: &Arc<Anaf>) -> Router {
    Router::new()
        .merge(oauth::pages(twin))
        .merge(efactura::pages(twin))
        .merge(etransport::pages(twin))
        .merge(twin.registers.pages())
        .merge(twin.spv.pages())
        .merge(twin.patrimven.pages())
        .merge(control::pages(twin))
        .fallback(unknown)
        // The door holds the limit; the institution's own limits are below it.
        .layer(DefaultBodyLimit::disable())
        .layer(axum::middleware::from_fn_with_state(Arc::clone(twin), door::pass))
}

/// An unknown path is 403 on the API hosts, not 404; the certificate hosts send to their log-in.
async fn unknown(headers: HeaderMap) -> Response {
    let host = answers::host(&headers);
    if host.starts_with("webserviced.") || host.starts_with("logincert.") {
        return answers::log_in_wall();
    }
    answers::forbidden()
}
