//! The connector that fetches what waits at a system, and tells it what became of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use connectors_contract::manifest::Class;
use connectors_contract::reading::body::{Body, read};
use connectors_contract::reading::{Response, class_of_status, in_words, retry};
use connectors_contract::{Arrival, Inbound, Manifest, Trouble, Verdict};
use connectors_http::{Bounds, Credentials, Failure, Progress, Segment, call, stream};
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use crate::arrival::{Announced, Fetched, Place, announced, arrival, part};
use crate::engine::Clock;
use crate::receive::Receive;
use crate::request::{accept, join, method, percent_encoded};

/// The longest list that is read.
const LONGEST_LIST: usize = 4 * 1024 * 1024;

/// All the files of one look together. What is beyond waits for the next one.
const MOST_TOGETHER: u64 = 64 * 1024 * 1024;

/// Fetches over HTTP. Has no Debug on purpose: it holds the credentials.
pub(crate) struct RestInbound {
    pub(crate) client: reqwest::Client,
    pub(crate) clock: Clock,
    pub(crate) manifest: Manifest,
    pub(crate) receive: Receive,
    pub(crate) address: Url,
    pub(crate) credentials: Credentials,
}

/// Why a file is not here.
enum NoFile {
    /// It will not be here later either.
    Wrong(String),
    /// Not now.
    Later(Trouble),
}

impl RestInbound {
    async fn send(&self, request: Request, longest: usize) -> Result<Response, Trouble> {
        let Request { method, address, mut headers, body } = request;
        let bytes = body.unwrap_or_default();
        let proven = self.credentials.prove(&mut headers, &self.manifest.system, (self.clock)(), &bytes);
        proven.map_err(|reason| self.trouble(reason, None))?;
        let (size, progress) = (bytes.len() as u64, Progress::new(bytes.len() as u64));
        let mut request = self.client.request(method, address);
        if size > 0 {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(size));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            request = request.body(reqwest::Body::wrap_stream(stream(vec![Segment::Bytes(bytes)], &progress)));
        }
        let bounds = Bounds { silence: self.manifest.endpoint.timeout, longest };
        call(request.headers(headers), &progress, size, bounds).await.map_err(|failure| match failure {
            Failure::Unsent(reason) | Failure::Lost(reason) => self.trouble(reason, None),
        })
    }

    fn get(&self, path: &str, headers: HeaderMap) -> Result<Request, Trouble> {
        let address = join(&self.address, path).map_err(|error| self.trouble(error.to_string(), None))?;
        Ok(Request { method: reqwest::Method::GET, address, headers, body: None })
    }

    /// The list of what waits.
    async fn list(&self, most: usize) -> Result<Vec<Value>, Trouble> {
        let path = self.receive.poll.fill(|name| (name == "most").then(|| most.to_string())).unwrap_or_default();
        let request = self.get(&path.unwrap_or_default(), accept(&self.manifest))?;
        let response = self.send(request, LONGEST_LIST).await?;
        let why = match read(&self.manifest.outcome, &response) {
            Body::Value(body) if class_of(&self.manifest, &response, Some(&body)) == Class::Delivered => {
                match self.receive.items.find(&body) {
                    Some(Value::Array(items)) => return Ok(items.clone()),
                    // XML writes a list of one as its item.
                    Some(one @ Value::Object(_)) => return Ok(vec![one.clone()]),
                    _ => "lista documentelor nu este la locul prevăzut".to_owned(),
                }
            }
            // Nothing at all is how some say that nothing waits.
            Body::Plain if response.status == 204 => return Ok(Vec::new()),
            Body::Value(_) | Body::Plain => "nu este lista documentelor care așteaptă".to_owned(),
            Body::Page => "a răspuns o pagină, nu sistemul".to_owned(),
            Body::Broken(why) => why,
        };
        Err(self.answered(&response, &why))
    }

    async fn files(&self, item: &Value) -> Result<Vec<Fetched>, NoFile> {
        let mut files = Vec::new();
        for file in announced(&self.receive, item) {
            let content = self.content(&file).await?;
            let part = part(&file, content).map_err(NoFile::Wrong)?;
            files.push(Fetched { role: file.role, part });
        }
        Ok(files)
    }

    async fn content(&self, file: &Announced) -> Result<Bytes, NoFile> {
        let wrong = |what: &str| NoFile::Wrong(format!("Fișierul „{}” {what}.", file.name));
        let longest = self.receive.parts.as_ref().map_or(0, |parts| parts.longest_mib as usize * 1024 * 1024);
        match &file.place {
            Place::Missing => Err(wrong("nu are conținut")),
            Place::Inside(text) => {
                let compact: String = text.split_ascii_whitespace().collect();
                let bytes = STANDARD.decode(compact).map_err(|_| wrong("nu este în base64"))?;
                if bytes.len() > longest { Err(wrong("este prea lung")) } else { Ok(bytes.into()) }
            }
            Place::Path(path) => {
                // Our credentials go to the system's own address and nowhere else.
                if !path.starts_with('/') || path.starts_with("//") || path.contains('\\') {
                    return Err(wrong("are o adresă din afara sistemului"));
                }
                let any = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("*/*"))]);
                let request = self.get(path, any).map_err(NoFile::Later)?;
                let response = self.send(request, longest).await.map_err(NoFile::Later)?;
                match (response.status, &response.body) {
                    (200, Ok(bytes)) => Ok(Bytes::copy_from_slice(bytes)),
                    (404 | 410, _) => Err(wrong("nu se mai găsește la adresa anunțată")),
                    (_, Ok(_)) => Err(NoFile::Later(self.answered(&response, "fișierul nu a putut fi citit"))),
                    (_, Err(why)) => Err(NoFile::Later(self.answered(&response, why))),
                }
            }
        }
    }

    fn answered(&self, response: &Response, why: &str) -> Trouble {
        let asked = response.retry_after.as_deref().and_then(|header| retry::waiting_time(header, (self.clock)()));
        self.trouble(format!("{}: {why}", in_words(response.status)), asked)
    }

    fn trouble(&self, reason: String, retry_after: Option<Duration>) -> Trouble {
        Trouble { reason: self.credentials.hide(reason).chars().take(500).collect(), retry_after }
    }
}

struct Request {
    method: reqwest::Method,
    address: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
}

#[async_trait]
impl Inbound for RestInbound {
    async fn poll(&self, most: usize) -> Result<Vec<Arrival>, Trouble> {
        let (mut arrivals, mut seen, mut together, mut later) = (Vec::new(), BTreeSet::new(), 0, None);
        for item in self.list(most).await?.into_iter().take(most) {
            let Some(id) = self.receive.id.text(&item) else {
                later.get_or_insert_with(|| self.trouble("un document din listă nu are număr".to_owned(), None));
                continue;
            };
            if !seen.insert(id.clone()) {
                continue;
            }
            match self.files(&item).await {
                Ok(files) => {
                    together += files.iter().map(|file| file.part.size).sum::<u64>();
                    arrivals.push(arrival(&self.receive, &id, &item, Ok(files)));
                }
                Err(NoFile::Wrong(problem)) => arrivals.push(arrival(&self.receive, &id, &item, Err(problem))),
                // One that cannot be read now must not hold the others.
                Err(NoFile::Later(trouble)) => {
                    later.get_or_insert(trouble);
                }
            }
            if together > MOST_TOGETHER {
                break;
            }
        }
        match later {
            Some(trouble) if arrivals.is_empty() => Err(trouble),
            _ => Ok(arrivals),
        }
    }

    async fn acknowledge(&self, arrival: &str, verdict: &Verdict) -> Result<(), Trouble> {
        let acknowledge = &self.receive.acknowledge;
        let tree = match verdict {
            Verdict::Accepted { .. } => &acknowledge.accepted,
            Verdict::Refused { .. } => &acknowledge.refused,
        };
        let unwritable = |error: String| self.trouble(format!("confirmarea nu poate fi scrisă: {error}"), None);
        let body = tree.fill(&|name| told(arrival, verdict, name)).map_err(|error| unwritable(error.to_string()))?;
        let path = acknowledge.path.fill(|_| Some(percent_encoded(arrival))).unwrap_or_default().unwrap_or_default();
        let address = join(&self.address, &path).map_err(|error| unwritable(error.to_string()))?;
        let body = Bytes::from(body.unwrap_or_else(|| json!({})).to_string());
        let headers = accept(&self.manifest);
        let request = Request { method: method(acknowledge.method), address, headers, body: Some(body) };
        let response = self.send(request, connectors_http::LONGEST_ANSWER).await?;
        let (body, page) = match read(&self.manifest.outcome, &response) {
            Body::Value(body) => (Some(body), false),
            Body::Plain => (None, false),
            Body::Page | Body::Broken(_) => (None, true),
        };
        let told = acknowledge.heard.iter().any(|condition| condition.fits(response.status, body.as_ref()));
        let taken = class_of(&self.manifest, &response, body.as_ref()) == Class::Delivered;
        if !page && (told || taken) {
            return Ok(());
        }
        Err(self.answered(&response, "sistemul nu a luat confirmarea"))
    }
}

fn class_of(manifest: &Manifest, response: &Response, body: Option<&Value>) -> Class {
    let rules = &manifest.outcome.rules;
    let rule = rules.iter().find(|rule| rule.fits(response.status, body));
    rule.map_or_else(|| class_of_status(response.status), |rule| rule.class)
}

/// What fills a hole of an acknowledgement.
fn told(arrival: &str, verdict: &Verdict, name: &str) -> Option<Value> {
    let sealed = |bytes: &Bytes| Value::from(STANDARD.encode(bytes));
    match (verdict, name) {
        (_, "id") => Some(Value::from(arrival)),
        (Verdict::Accepted { .. }, "verdict") => Some(Value::from("accepted")),
        (Verdict::Refused { .. }, "verdict") => Some(Value::from("refused")),
        (Verdict::Accepted { message_id, .. }, "message_id") => Some(Value::from(message_id.clone())),
        (Verdict::Accepted { number, .. }, "number") => number.clone().map(Value::from),
        (Verdict::Accepted { receipt, .. }, "receipt") => Some(sealed(receipt)),
        (Verdict::Accepted { again, .. }, "again") => Some(Value::from(*again)),
        (Verdict::Refused { reason, .. }, "reason") => Some(Value::from(reason.clone())),
        (Verdict::Refused { problem, .. }, "problem") => Some(problem.clone()),
        (Verdict::Refused { receipt, .. }, "receipt") => receipt.as_ref().map(sealed),
        _ => None,
    }
}

/// The connector for a manifest with `[rest.receive]`.
pub(crate) fn connector(
    client: reqwest::Client,
    clock: &Clock,
    (manifest, receive): (&Manifest, Receive),
    (address, credentials): (Url, Credentials),
) -> Arc<dyn Inbound> {
    let (clock, manifest) = (Arc::clone(clock), manifest.clone());
    Arc::new(RestInbound { client, clock, manifest, receive, address, credentials })
}
