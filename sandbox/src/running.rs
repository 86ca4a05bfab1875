//! A twin that runs: its address, its faults, what it received.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use openssl::pkey::{PKeyRef, Private};
use openssl::x509::X509;
use tokio::task::JoinHandle;

use crate::faults::Faults;
use crate::faulty;
use crate::line::{Door, Gate, LineHandle};
use crate::recorder::{self, Recorder};
use crate::secure_line::SecureDoor;
use crate::sorting::{Sorting, sort};

/// The time in seconds since 1970, given by whoever starts a twin.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a twin can tell about what it received.
pub(crate) trait Recorded: Send + Sync {
    /// One received thing.
    type Record;

    /// All of them, in the order they came.
    fn records(&self) -> Vec<Self::Record>;
}

/// A twin that runs in this process until it is stopped or dropped.
pub struct Running<R> {
    /// Where it listens.
    pub address: SocketAddr,
    scheme: &'static str,
    /// What is to go wrong.
    pub faults: Faults,
    /// What it was asked and answered.
    pub recorder: Recorder,
    records: Arc<dyn Recorded<Record = R>>,
    gate: Arc<Gate>,
    server: JoinHandle<()>,
}

impl<R> Running<R> {
    /// The base address for a client.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// What it received, in the order it came.
    #[must_use]
    pub fn received(&self) -> Vec<R> {
        self.records.records()
    }

    /// Closes the port and every connection, and returns when both are closed.
    pub async fn stop(mut self) {
        self.server.abort();
        // The task ends by being cancelled, which is what was asked for.
        let _cancelled = (&mut self.server).await;
        self.gate.cut_all(None);
    }

    /// Runs until the process ends.
    pub async fn wait(mut self) {
        let _ended = (&mut self.server).await;
    }
}

impl<R> Drop for Running<R> {
    fn drop(&mut self) {
        self.server.abort();
        self.gate.cut_all(None);
    }
}

pub(crate) async fn start<R>(
    address: SocketAddr,
    records: Arc<dyn Recorded<Record = R>>,
    pages: Router,
) -> io::Result<Running<R>> {
    let (door, gate) = Door::open(address).await?;
    open((door, gate, "http"), records, pages, None)
}

/// The same for a twin whose requests are not told apart by their HTTP method.
pub(crate) async fn start_sorted<R>(
    address: SocketAddr,
    records: Arc<dyn Recorded<Record = R>>,
    pages: Router,
    sorting: Sorting,
) -> io::Result<Running<R>> {
    let (door, gate) = Door::open(address).await?;
    open((door, gate, "http"), records, pages, Some(sorting))
}

/// The same over TLS, with the server's certificate and what it was issued by.
pub(crate) async fn start_secure<R>(
    address: SocketAddr,
    records: Arc<dyn Recorded<Record = R>>,
    pages: Router,
    certificates: &[X509],
    key: &PKeyRef<Private>,
) -> io::Result<Running<R>> {
    let (door, gate) = Door::open(address).await?;
    let door = SecureDoor::new(door, certificates, key).map_err(io::Error::other)?;
    open((door, gate, "https"), records, pages, None)
}

/// Serves the pages behind the plan of faults, everything remembered.
fn open<R, L>(
    (door, gate, scheme): (L, Arc<Gate>, &'static str),
    records: Arc<dyn Recorded<Record = R>>,
    pages: Router,
    sorting: Option<Sorting>,
) -> io::Result<Running<R>>
where
    L: Listener<Addr = SocketAddr>,
    LineHandle: for<'a> Connected<IncomingStream<'a, L>>,
{
    let address = door.local_addr()?;
    let faults = Faults::new(Arc::clone(&gate));
    let pages = faulty::behind(faults.clone(), pages);
    let pages = match sorting {
        Some(sorting) => pages.layer(axum::middleware::from_fn_with_state(sorting, sort)),
        None => pages,
    };
    let recorder = Recorder::default();
    let pages = recorder::around(recorder.clone(), pages).into_make_service_with_connect_info::<LineHandle>();
    let server = tokio::spawn(async move {
        // Serving ends only when the task is cancelled.
        let _ended = axum::serve(door, pages).await;
    });
    Ok(Running { address, scheme, faults, recorder, records, gate, server })
}
