//! `punte connector record`

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use connectors_contract::manifest::Auth;
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
        let listener = tokio::net::TcpListener::bind(self.listen).await;
        let listener =
            listener.with_context(|| format!("adresa {} nu este liberă; alegeți alta cu --listen", self.listen))?;
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
        let secrets = self.shown(&parts.headers);
        let asked = self.http.request(parts.method.clone(), format!("{base}{path}")).headers(passed(&parts.headers));
        let answer = asked.body(body.clone()).send().await.context("the system did not answer")?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut content = Vec::new();
        let mut answer = answer;
        while let Some(chunk) = answer.chunk().await.context("the answer was cut")? {
            anyhow::ensure!(content.len() + chunk.len() <= LONGEST, "the answer is longer than {LONGEST} bytes");
            content.extend_from_slice(&chunk);
        }
        let kept = secrets.iter().fold(content.clone(), |text, secret| without(&text, secret));
        self.keep((parts.method.as_str(), &path), (status.as_u16(), &headers, &kept)).await?;
        let mut passed_on = (status, content).into_response();
        *passed_on.headers_mut() = passed(&headers);
        Ok(passed_on)
    }

    /// The credentials a request shows; what they were sent with must not come back in an exchange.
    fn shown(&self, headers: &HeaderMap) -> Vec<String> {
        let named = match &self.system.manifest.endpoint.auth {
            Auth::Header { name } => name.to_ascii_lowercase(),
            _ => "authorization".to_owned(),
        };
        let value = headers.get(named.as_str()).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let bare = value.split_once(' ').map_or(value, |(_, bare)| bare);
        [value, bare].into_iter().filter(|secret| !secret.is_empty()).map(str::to_owned).collect()
    }

    /// Writes the exchange if none of its operation, status and meaning was written yet.
    async fn keep(
        &self,
        (method, path): (&str, &str),
        (status, headers, content): (u16, &HeaderMap, &[u8]),
    ) -> anyhow::Result<()> {
        let Some((operation, arguments)) = operation(&self.system.manifest, method, path) else {
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
            arguments,
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

/// What a text is without a secret in it.
fn without(text: &[u8], secret: &str) -> Vec<u8> {
    match std::str::from_utf8(text) {
        Ok(text) => text.replace(secret, "[scos]").into_bytes(),
        Err(_) => text.to_vec(),
    }
}

/// Which operation of the manifest a request is, and the arguments that its path shows.
fn operation(manifest: &Manifest, method: &str, path: &str) -> Option<(String, BTreeMap<String, String>)> {
    let deliver = manifest.deliver.as_ref().filter(|deliver| {
        deliver.method.name() == method && (deliver.path.is_empty() || deliver.path.read_back(path).is_some())
    });
    if deliver.is_some() {
        return Some(("deliver".to_owned(), BTreeMap::new()));
    }
    let inquire = manifest.inquire.as_ref();
    if inquire.is_some_and(|one| one.method.name() == method && one.path.read_back(path).is_some()) {
        return Some(("inquire".to_owned(), BTreeMap::new()));
    }
    let mut lookups = manifest.lookups.iter().filter(|(_, one)| one.method.name() == method);
    lookups.find_map(|(name, one)| {
        let read = one.path.read_back(path)?;
        let arguments = read.into_iter().filter(|(argument, _)| one.arguments.contains_key(argument));
        Some((format!("lookup.{name}"), arguments.map(|(argument, value)| (argument, scrub::text(&value))).collect()))
    })
}

fn passed(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| !OF_THE_LINE.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}
