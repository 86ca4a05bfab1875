//! Many twins at once and one page over them: what is played where, what goes wrong next, what was asked.
//!
//! The page needs no hub and no JavaScript; the same can be done over its JSON paths. It listens where the twins listen,
//! for people who try things, and is never part of a hub.

mod page;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use crate::faults::{Fault, FaultKind, Faults, Operation};
use crate::recorder::{RecordedRequest, Recorder};
use crate::running::Running;

/// A twin of any kind, as the page sees it.
pub struct Played {
    /// Its name in paths: `anaf`, `onrc` …
    pub name: String,
    /// What people call it, in Romanian.
    pub title: String,
    /// Where it listens.
    pub url: String,
    faults: Faults,
    recorder: Recorder,
    /// Held so that it runs.
    _running: Box<dyn std::any::Any + Send + Sync>,
}

impl Played {
    /// A running twin under a name.
    #[must_use]
    pub fn new<R: 'static>(name: &str, title: &str, running: Running<R>) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            url: running.url(),
            faults: running.faults.clone(),
            recorder: running.recorder.clone(),
            _running: Box::new(running),
        }
    }
}

/// Twins with a page over them, until it is dropped.
pub struct Playground {
    /// Where the page is.
    pub address: SocketAddr,
    server: JoinHandle<()>,
}

type Twins = Arc<Vec<Played>>;

impl Playground {
    /// Opens the page over these twins. Port 0 takes a free one.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn open(address: SocketAddr, twins: Vec<Played>) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let pages = Router::new()
            .route("/", get(overview))
            .route("/twins", get(list))
            .route("/twins/{name}", get(one))
            .route("/twins/{name}/requests", get(requests))
            .route("/twins/{name}/faults", get(remaining).put(replace))
            .route("/twins/{name}/plan", post(plan))
            .with_state(Arc::new(twins));
        let server = tokio::spawn(async move {
            // Serving ends only when the task is cancelled.
            let _ended = axum::serve(listener, pages).await;
        });
        Ok(Self { address, server })
    }
}

impl Drop for Playground {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Serialize)]
struct Listed<'a> {
    name: &'a str,
    title: &'a str,
    url: &'a str,
    faults: Vec<Fault>,
    requests: usize,
}

fn listed(twin: &Played) -> Listed<'_> {
    let (faults, requests) = (twin.faults.remaining(), twin.recorder.exchanges().len());
    Listed { name: &twin.name, title: &twin.title, url: &twin.url, faults, requests }
}

async fn overview(State(twins): State<Twins>) -> Response {
    shown(page::overview(&twins.iter().map(listed).collect::<Vec<_>>()))
}

async fn list(State(twins): State<Twins>) -> Response {
    Json(twins.iter().map(listed).collect::<Vec<_>>()).into_response()
}

async fn one(State(twins): State<Twins>, Path(name): Path<String>) -> Result<Response, Missing> {
    let twin = find(&twins, &name)?;
    Ok(shown(page::twin(&listed(twin), &twin.recorder.exchanges())))
}

async fn requests(State(twins): State<Twins>, Path(name): Path<String>) -> Result<Json<Vec<RecordedRequest>>, Missing> {
    Ok(Json(find(&twins, &name)?.recorder.exchanges()))
}

async fn remaining(State(twins): State<Twins>, Path(name): Path<String>) -> Result<Json<Vec<Fault>>, Missing> {
    Ok(Json(find(&twins, &name)?.faults.remaining()))
}

async fn replace(
    State(twins): State<Twins>,
    Path(name): Path<String>,
    Json(faults): Json<Vec<Fault>>,
) -> Result<Json<Vec<Fault>>, Missing> {
    let twin = find(&twins, &name)?;
    twin.faults.clear();
    for fault in faults {
        begin(twin, fault).await;
    }
    Ok(Json(twin.faults.remaining()))
}

/// A fault as the form of the page sends it.
#[derive(Deserialize)]
struct Planned {
    fault: FaultKind,
    times: u32,
    delay_ms: u64,
    retry_after_s: u64,
    operation: Operation,
}

async fn plan(
    State(twins): State<Twins>,
    Path(name): Path<String>,
    Form(planned): Form<Planned>,
) -> Result<Redirect, Missing> {
    let Planned { fault, times, delay_ms, retry_after_s, operation } = planned;
    begin(find(&twins, &name)?, Fault { fault, times, delay_ms, retry_after_s, operation }).await;
    Ok(Redirect::to(&format!("/twins/{name}")))
}

async fn begin(twin: &Played, fault: Fault) {
    match fault.fault {
        FaultKind::Down => twin.faults.down(std::time::Duration::from_millis(fault.delay_ms)).await,
        _ => twin.faults.plan(fault),
    }
}

struct Missing;

impl IntoResponse for Missing {
    fn into_response(self) -> Response {
        (StatusCode::NOT_FOUND, "Nu se joacă o instituție cu acest nume.").into_response()
    }
}

fn find<'a>(twins: &'a [Played], name: &str) -> Result<&'a Played, Missing> {
    twins.iter().find(|twin| twin.name == name).ok_or(Missing)
}

fn shown(html: String) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}
