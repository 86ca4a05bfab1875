//! `punte connector record`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use connectors_contract::{Manifest, RecordedAnswer, RecordedExchange, SystemFolder};
use serde_json::{Value, json};
use url::Url;

use super::scrub;
use crate::assembly;
use crate::config::Config;
use crate::listen::wait_for_stop;

/// The longest request and answer, in bytes.
const LONGEST: usize = 32 * 1024 * 1024;
/// The headers of answers that mean something to a manifest.
const KEPT: [&str; 3] = ["content-type", "retry-after", "location"];
/// Headers that belong to one connection (RFC 9110, 7.6.1), and the two the other side must set itself.
const OF_THE_LINE: [&str; 6] = ["connection", "keep-alive", "transfer-encoding", "upgrade", "host", "content-length"];

/// Stands between a client and a real system, and writes every new kind of answer into the folder's `exchanges`, without
/// credentials and with persons replaced. Read each file before you keep it.
#[derive(clap::Args)]
pub(super) struct Record {
    /// The folder of the system.
    folder: PathBuf,
    /// The real system.
    #[arg(long)]
    to: Url,
    /// Where the client is to call.
    #[arg(long, default_value = "127.0.0.1:8095")]
    listen: SocketAddr,
}

struct Recorder {
    folder: PathBuf,
    system: SystemFolder,
    to: Url,
    http: reqwest::Client,
    engines: Vec<Box<dyn connectors_contract::Engine>>,
    written: Mutex<Vec<(String, u16, Value)>>,
}

impl Record {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<u8> {
        let system = SystemFolder::read(&self.folder)?;
        let redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(redirects).no_proxy().build()?;
        let (folder, to, written) = (self.folder, self.to, Mutex::default());
        let recorder = Arc::new(Recorder { folder, system, to, http, engines: assembly::engines(config)?, written });
        let pages = Router::new().fallback(pass).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&recorder));
        let listener = tokio::net::TcpListener::bind(self.listen).await?;
        println!("Chemați http://{} în loc de {}; opriți cu Ctrl+C.", listener.local_addr()?, recorder.to);
        axum::serve(listener, pages).with_graceful_shutdown(wait_for_stop()).await?;
        let written = recorder.written.lock().unwrap_or_else(PoisonError::into_inner).len();
        println!(
            "{written} schimburi scrise. Citiți-le înainte de a le păstra: numele necunoscute nu se pot recunoaște."
        );
        Ok(0)
    }
}

async fn pass(State(recorder): State<Arc<Recorder>>, request: Request<Body>) -> Response {
    match recorder.pass(request).await {
        Ok(answer) => answer,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

impl Recorder {
    async fn pass(&self, request: Request<Body>) -> anyhow::Result<Response> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LONGEST).await.context("the request is too long or was cut")?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let base = self.to.as_str().trim_end_matches('/');
        let asked = self.http.request(parts.method.clone(), format!("{base}{path}")).headers(passed(&parts.headers));
        let answer = asked.body(body.clone()).send().await.context("the system did not answer")?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut content = Vec::new();
        let mut answer = answer;
        while let Some(chunk) = answer.chunk().await.context("the answer was cut")? {
            anyhow::ensure!(content.len() + chunk.len() <= LONGEST, "the answer is longer than {LONGEST} bytes");
            content.extend_from_slice(&chunk);
        }
        self.keep((parts.method.as_str(), &path), (status.as_u16(), &headers, &content)).await?;
        let mut passed_on = (status, content).into_response();
        *passed_on.headers_mut() = passed(&headers);
        Ok(passed_on)
    }

    /// Writes the exchange if none of its operation, status and meaning was written yet.
    async fn keep(
        &self,
        (method, path): (&str, &str),
        (status, headers, content): (u16, &HeaderMap, &[u8]),
    ) -> anyhow::Result<()> {
        let Some(operation) = operation(&self.system.manifest, method, path) else {
            println!("  {method} {path}: {status}, nicio operație a manifestului; nu este scris");
            return Ok(());
        };
        let header = |name: &&str| Some(((*name).to_owned(), headers.get(*name)?.to_str().ok()?.to_owned()));
        let answer = RecordedAnswer {
            status,
            headers: KEPT.iter().filter_map(header).collect(),
            body: if content.is_empty() { Value::Null } else { scrub::body(content) },
        };
        let mut exchange = RecordedExchange {
            name: String::new(),
            about: "Recorded; persons were replaced.".to_owned(),
            operation: operation.clone(),
            arguments: Default::default(),
            request: json!(format!("{method} {}", scrub::text(path))),
            answer,
            expected: Value::Null,
        };
        let engine = self.engines.iter().find(|engine| engine.name() == self.system.manifest.engine);
        let engine = engine.context("the manifest names no engine of this program")?;
        exchange.expected =
            connectors_conformance::meaning(&**engine, &self.system, &exchange).await.map_err(anyhow::Error::msg)?;
        let kind = (operation.clone(), status, exchange.expected["class"].clone());
        {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            if written.contains(&kind) {
                return Ok(());
            }
            written.push(kind);
        }
        let class = exchange.expected["class"].as_str().unwrap_or("unread").to_owned();
        let folder = self.folder.join("exchanges");
        std::fs::create_dir_all(&folder)?;
        let stem = format!("{}-{class}-{status}", operation.replace('.', "-"));
        let names = std::iter::once(stem.clone()).chain((2..).map(|number| format!("{stem}-{number}")));
        let path = names.map(|name| folder.join(format!("{name}.json"))).find(|path| !path.exists());
        let path = path.context("a free name is found")?;
        std::fs::write(&path, serde_json::to_string_pretty(&exchange)? + "\n")?;
        println!("  {method} → {status}, {class}: {}", path.display());
        Ok(())
    }
}

/// Which operation of the manifest a request is.
fn operation(manifest: &Manifest, method: &str, path: &str) -> Option<String> {
    let deliver = manifest.deliver.as_ref().filter(|deliver| {
        deliver.method.name() == method && (deliver.path.is_empty() || deliver.path.read_back(path).is_some())
    });
    if deliver.is_some() {
        return Some("deliver".to_owned());
    }
    let inquire = manifest.inquire.as_ref();
    if inquire.is_some_and(|one| one.method.name() == method && one.path.read_back(path).is_some()) {
        return Some("inquire".to_owned());
    }
    let mut lookups = manifest.lookups.iter();
    let found = lookups.find(|(_, one)| one.method.name() == method && one.path.read_back(path).is_some());
    found.map(|(name, _)| format!("lookup.{name}"))
}

fn passed(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| !OF_THE_LINE.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}
