//! Two hubs that relay to each other, each with its own database, seal and directory, and a wire between them that can fail.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};
use bytes::Bytes;
use hub_flow::evidence::{Issuer, Seal};
use hub_server::config::Config;
use hub_signatures::signer::FileSigner;
use openssl::sha::sha256;
use serde_json::Value;

use crate::client::GLANCE;
use crate::county::{self, HUB_TOWN, INBOX_TOWN, WEBHOOK_TOWN, key};
use crate::{Client, Database, TestHub};

/// The other hub as each of the two calls it.
pub const OTHER: &str = "hub-other";
/// Towns of the other hub, as the sending hub calls them, with what they are called there.
pub const ELSEWHERE: [(&str, &str); 4] = [
    ("departe-hub", HUB_TOWN),
    ("departe-registru", INBOX_TOWN),
    ("departe-webhook", WEBHOOK_TOWN),
    ("departe-nimeni", "uat-nobody"),
];

/// What the wire does with a dispatch.
#[derive(Debug, Clone, Default)]
pub enum Wire {
    /// Carries it and its answer.
    #[default]
    Whole,
    /// Carries it and loses the answer.
    LosesAnswer,
    /// Carries it changed, where these bytes stand in it.
    Changes(Vec<u8>, Vec<u8>),
    /// Carries nothing and answers this in place of the other hub.
    Answers(u16, String),
}

/// A request that was carried, and its answer.
#[derive(Debug, Clone)]
pub struct Carried {
    /// Its media type, with the boundary of the form.
    pub media_type: String,
    /// Its body.
    pub body: Bytes,
    /// The status of the answer.
    pub status: u16,
    /// The answer.
    pub answer: String,
}

/// A wire from one hub to the other.
pub struct Line {
    wire: Mutex<Wire>,
    carried: Mutex<Vec<Carried>>,
    to: String,
    http: reqwest::Client,
}

/// Two hubs; both know each other.
pub struct Hubs {
    /// Where documents are sent from.
    pub sender: TestHub,
    /// Where their recipients are.
    pub other: TestHub,
    /// The wire for dispatches, from the sending hub to the other.
    pub line: Arc<Line>,
    /// The wire for evidence, from the other hub back.
    pub back: Arc<Line>,
    folder: tempfile::TempDir,
}

impl Hubs {
    /// Starts both, each on a database of its own.
    ///
    /// # Panics
    /// Something does not start.
    pub async fn start(sender: Database, other: Database) -> Self {
        Self::start_with((sender, |_| ()), (other, |_| ())).await
    }

    /// Starts both with configurations that the test changes.
    ///
    /// # Panics
    /// Something does not start.
    pub async fn start_with(
        (sender, change_sender): (Database, impl FnOnce(&mut Config)),
        (other, change_other): (Database, impl FnOnce(&mut Config)),
    ) -> Self {
        let (here, there) = (free_address(), free_address());
        let (line, wire) = Line::start(format!("http://{there}")).await;
        let (back, way_back) = Line::start(format!("http://{here}")).await;
        let folder = crate::shared::own_folder();
        let data = folder.path().to_owned();
        let certificate = |hub: &str| format!("file:{}", data.join(hub).join("seal-development.pem").display());
        let secret = data.join("secret");
        std::fs::write(&secret, key(OTHER)).expect("written");
        let common = |config: &mut Config, name: &str, listen: &str| {
            config.listen = listen.to_owned();
            config.data = data.join(name);
            config.service.name = name.to_owned();
        };
        let told = partner("Hub B", &certificate("Hub B"), None) + &towns(&wire, &secret.display().to_string());
        let sender = TestHub::start_with(sender, |config| {
            common(config, "Hub A", &here);
            county::change(config, |directory| directory + &told);
            change_sender(config);
        })
        .await;
        let receipts = (way_back, format!("file:{}", secret.display()));
        let told = partner("Hub A", &certificate("Hub A"), Some(receipts));
        let told = told + &agreement("kind = 'erds'", "kind = 'uat'");
        let other = TestHub::start_with(other, |config| {
            common(config, "Hub B", &there);
            county::change(config, |directory| directory + &told);
            change_other(config);
        })
        .await;
        Self { sender, other, line, back, folder }
    }

    /// The folder of a hub's seal and data, by the name of its service.
    #[must_use]
    pub fn data(&self, hub: &str) -> std::path::PathBuf {
        self.folder.path().join(hub)
    }

    /// The seal of a hub, to write in its name.
    ///
    /// # Panics
    /// The hub has none.
    #[must_use]
    pub fn seal(&self, hub: &str) -> Seal {
        let read = |name: &str| std::fs::read(self.data(hub).join(name)).expect("the hub has a seal");
        let signer = FileSigner::from_pem(&read("seal-development.key"), &read("seal-development.pem"));
        let issuer = Issuer {
            name: hub.to_owned(),
            cui: None,
            policy: "urn:punte:policy:evidence:1".to_owned(),
            delivery_policy: "urn:punte:policy:delivery:1".to_owned(),
        };
        Seal::new(Arc::new(signer.expect("the seal can be used")), issuer)
    }

    /// Stops both; nothing may be left undone.
    pub async fn stop(self) {
        self.sender.stop().await;
        self.other.stop().await;
    }
}

/// An agreement between the hubs, by who sends and who receives.
fn agreement(senders: &str, recipients: &str) -> String {
    format!(
        "[[agreement]]\nid = 'releu'\ndocument_types = ['document-generic']\npurpose = 'corespondenta'\n\
         legal_basis = 'Protocol între hub-uri'\nvalid_from = '2020-01-01'\nvalid_to = '2030-12-31'\n\
         senders = {{ {senders} }}\nrecipients = {{ {recipients} }}\n"
    )
}

/// The entries that make the other hub known: its certificate, its key, and how it is told of evidence.
fn partner(name: &str, certificate: &str, receipts: Option<(String, String)>) -> String {
    let hash = hex::encode(sha256(key(OTHER).as_bytes()));
    let notify = if receipts.is_some() { "notify = 'receipts'\n" } else { "" };
    let channel = receipts.map_or(String::new(), |(address, secret)| {
        format!("[[channel]]\nid = 'receipts'\nparty = '{OTHER}'\nsystem = 'hub-evidence'\naddress = '{address}'\nsecret = '{secret}'\n")
    });
    format!(
        "[[party]]\nid = '{OTHER}'\nname = '{name}'\nkind = 'erds'\nevidence_certificate = '{certificate}'\n{notify}\
         [[system]]\nid = 'system-{OTHER}'\nparty = '{OTHER}'\nkey_sha256 = '{hash}'\nassurance = 'high'\n{channel}"
    )
}

/// The other hub's towns in the sending hub's directory.
fn towns(address: &str, secret: &str) -> String {
    let mut toml = String::new();
    for (id, there) in ELSEWHERE {
        toml += &format!(
            "[[party]]\nid = '{id}'\nname = 'Instituția {id}'\nkind = 'uat'\nknown_as = {{ id = '{there}' }}\n\
             [[channel]]\nid = 'way-{id}'\nparty = '{id}'\nsystem = 'hub'\npartner = '{OTHER}'\naddress = '{address}'\nsecret = 'file:{secret}'\n\
             [[competence]]\nid = 'rule-{id}'\nparty = '{id}'\nunit = 'Registratura'\nchannel = 'way-{id}'\n"
        );
    }
    let recipients: Vec<String> = ELSEWHERE.iter().map(|(id, _)| format!("'{id}'")).collect();
    toml + &agreement("kind = 'uat', county = '252'", &format!("parties = [{}]", recipients.join(", ")))
}

/// Both ways round, so far as there are two databases: each hub keeps its own.
#[must_use]
pub fn pairs() -> Vec<(Database, Database)> {
    match Database::all()[..] {
        [one, other] => vec![(one, other), (other, one)],
        _ => vec![(Database::Sqlite, Database::Sqlite)],
    }
}

/// Sends a letter in the JSON form; answers the id of its message.
///
/// # Panics
/// It is not taken.
pub async fn sent(sender: &Client, key: &str, letter: &Value) -> String {
    let (status, receipt) = sender.post("/v1/messages", key, letter).await;
    assert_eq!(status, 201, "{receipt:#}");
    receipt["message_id"].as_str().expect("it is there").to_owned()
}

/// Event and issuer of each evidence in a chain.
///
/// # Panics
/// The hub does not answer.
pub async fn chain(client: &Client, message: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("it is there").to_owned();
    client.chain(message).await.iter().map(|one| (text(&one["event"]), text(&one["issuer"]))).collect()
}

/// The same, as a story writes it: event and letter of the hub.
#[must_use]
pub fn expected(events: &[(&str, &str)]) -> Vec<(String, String)> {
    events.iter().map(|(event, hub)| ((*event).to_owned(), format!("Hub {hub}"))).collect()
}

/// Waits until a chain has evidence of an event.
///
/// # Panics
/// It does not come.
pub async fn wait_for_event(client: &Client, message: &str, event: &str) -> Value {
    for _ in 0..1200 {
        if let Some(found) = client.chain(message).await.into_iter().find(|one| one["event"] == event) {
            return found;
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("no {event} came: {:#?}", client.chain(message).await);
}

/// The oldest document in an inbox in a state: its delivery and its message there.
///
/// # Panics
/// None comes.
pub async fn waiting(town: &Client, state: &str) -> (String, String) {
    for _ in 0..1200 {
        let (_, inbox) = town.get(&format!("/v1/inbox?state={state}")).await;
        if let Some(item) = inbox["items"].as_array().and_then(|items| items.first()) {
            let text = |name: &str| item[name].as_str().expect("it is there").to_owned();
            return (text("delivery_id"), text("message_id"));
        }
        tokio::time::sleep(GLANCE).await;
    }
    panic!("nothing waits in the inbox");
}

/// Every evidence of a chain verifies under the seal of whoever issued it; answers what they say.
///
/// # Panics
/// One does not.
pub async fn verify(hubs: &Hubs, client: &Client, message: &str) -> Vec<Value> {
    let mut verdicts = Vec::new();
    for one in client.chain(message).await {
        let issuer: &TestHub = if one["issuer"] == "Hub A" { &hubs.sender } else { &hubs.other };
        verdicts.push(issuer.verified(one["document"].as_str().expect("it is there"))["evidence"].clone());
    }
    verdicts
}

/// An address nobody listens at now, for a hub that must be found again after a restart.
/// An address that nothing takes between here and the start of a hub: below the ports the system gives to whoever asks
/// for any, where other tests of the same moment would take it.
fn free_address() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 1_000 * 10).expect("below 10,000");
    let mut ports = std::iter::repeat_with(|| 20_000 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 12_000);
    let port = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("the ports go round");
    format!("127.0.0.1:{port}")
}

impl Line {
    /// A wire to an address, and where it begins.
    async fn start(to: String) -> (Arc<Self>, String) {
        let (wire, carried) = (Mutex::default(), Mutex::default());
        let line = Arc::new(Self { wire, carried, to, http: reqwest::Client::new() });
        let router = Router::new().fallback(carry).with_state(Arc::clone(&line));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (line, url)
    }

    /// Lets the wire do something else from now on.
    ///
    /// # Panics
    /// Never: no holder of the lock panics.
    pub fn set(&self, wire: Wire) {
        *self.wire.lock().expect("no holder panics") = wire;
    }

    /// What was carried so far.
    ///
    /// # Panics
    /// Never: no holder of the lock panics.
    #[must_use]
    pub fn carried(&self) -> Vec<Carried> {
        self.carried.lock().expect("no holder panics").clone()
    }
}

async fn carry(State(line): State<Arc<Line>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(mut body) = to_bytes(body, usize::MAX).await else { return answer(400, String::new()) };
    let wire = line.wire.lock().expect("no holder panics").clone();
    match &wire {
        Wire::Answers(status, document) => return answer(*status, document.clone()),
        Wire::Changes(from, to) => {
            if let Some(at) = body.windows(from.len()).position(|window| window == from) {
                let changed = [&body[..at], to, &body[at + from.len()..]].concat();
                body = changed.into();
            }
        }
        Wire::Whole | Wire::LosesAnswer => {}
    }
    let mut headers = parts.headers;
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::HOST);
    let sent_as =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let sent = body.clone();
    let there = line.http.request(parts.method, format!("{}{}", line.to, parts.uri)).headers(headers).body(body);
    // Nobody there: as a gateway tells it, so that the sending hub cannot know whether anything arrived.
    let Ok(there) = there.send().await else { return answer(503, String::new()) };
    let status = there.status().as_u16();
    let media_type = there.headers().get(header::CONTENT_TYPE).cloned();
    let document = there.text().await.unwrap_or_default();
    let carried = Carried { media_type: sent_as, body: sent, status, answer: document.clone() };
    line.carried.lock().expect("no holder panics").push(carried);
    if matches!(wire, Wire::LosesAnswer) {
        return answer(502, String::new());
    }
    let mut answered = answer(status, document);
    if let Some(media_type) = media_type {
        answered.headers_mut().insert(header::CONTENT_TYPE, media_type);
    }
    answered
}

fn answer(status: u16, document: String) -> Response<Body> {
    let mut response = Response::new(Body::from(document));
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/xml"));
    response
}
