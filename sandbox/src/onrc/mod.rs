//! The twin of the trade register: the proposed profile RECOM-IH/1 and the open dataset with its catalogue.
//!
//! No public machine contract of the register exists; the profile is Punte's own proposal (see
//! `connectors/systems/recom/README.md`). Firms, persons and documents are invented and say so.

mod number;
mod firms;
mod register;
mod record;
mod purpose;
mod recom;
mod certificates;
mod document;
mod subscriptions;
mod code_lists;
mod open_data;
mod files;
mod control;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;

use crate::running::{Clock, Running, start};

pub use control::Behaviour;
pub use document::Flaw;
pub use purpose::AuditRecord;
use register::Register;

/// The twin of the trade register.
pub struct Onrc {
    clock: Clock,
    seal: document::Seals,
    inner: Mutex<Inner>,
}

/// What changes while it runs.
struct Inner {
    register: Register,
    behaviour: Behaviour,
    audit: Vec<AuditRecord>,
    certificates: certificates::Certificates,
    subscriptions: subscriptions::Subscriptions,
    snapshots: open_data::Snapshots,
    answered: u64,
    used: u64,
}

impl Onrc {
    /// Starts the twin with so many invented firms beside the fixed ones. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be bound, or the test certificates cannot be made.
    pub async fn start(address: SocketAddr, clock: Clock, firms: u32) -> io::Result<Running<AuditRecord>> {
        let now = clock();
        let register = Register::invented(firms);
        let inner = Inner {
            snapshots: open_data::Snapshots::first(&register, now),
            register,
            behaviour: Behaviour::default(),
            audit: Vec::new(),
            certificates: certificates::Certificates::default(),
            subscriptions: subscriptions::Subscriptions::default(),
            answered: 0,
            used: 0,
        };
        let seal = document::Seals::new(now).map_err(io::Error::other)?;
        let twin = Arc::new(Self { clock, seal, inner: Mutex::new(inner) });
        let pages = Router::new()
            .merge(recom::pages(&twin))
            .merge(open_data::pages())
            .merge(control::pages())
            .with_state(Arc::clone(&twin));
        start(address, twin, pages).await
    }

    fn locked(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the twin: the clock it was given, and what it was told to run ahead.
    fn now(&self) -> i64 {
        let ahead = self.locked().behaviour.ahead_s;
        (self.clock)() + ahead
    }
}

impl crate::running::Recorded for Onrc {
    type Record = AuditRecord;

    fn records(&self) -> Vec<AuditRecord> {
        self.locked().audit.clone()
    }
}
