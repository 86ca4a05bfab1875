//! A register of the tests' own, on loopback: firms in batches, incomes of invented persons, certificates it works on.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hub_server::config::Config;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::county::{self, HUB_TOWN, SENDER};

/// The number this register gives a question it works on.
pub const REQUEST: &str = "cerere-77";
/// A firm this register has not.
pub const NO_FIRM: &str = "90000014";
/// A firm this register does not want to speak of.
pub const SECRET_FIRM: &str = "90000022";

/// The register's manifest; its address comes from the channel.
const MANIFEST: &str = r#"
system = "registru"
engine = "rest"
title = { ro = "Registrul de probă", en = "Test register" }

[endpoint]
timeout = "20s"
auth = { kind = "bearer" }

[outcome]
reads = ["json"]
code = ["/cod"]
reason = ["/mesaj"]

[lookup.firma]
title = { ro = "Date firmă", en = "Company data" }
arguments = { cui = { format = "cui", title = { ro = "Cod fiscal", en = "Fiscal code" } }, data = { format = "date", default = "{today}" }, fel = { required = false, one_of = ["scurt", "lung"] } }
subject = "cui"
discloses = ["identificare firmă"]
fresh_for = "1h"
method = "POST"
path = "/firme"
request = [{ cui = "{#cui}", data = "{data}" }]
answer = "/found/0"
as_of = "/found/0/data"
batch = { most = 100, items = "/found", key = "/cui", absent = "/notFound" }
absent = [{ status = "200", body_pointer = "/notFound/0" }]
refused = [{ status = "403" }]

[lookup.venituri]
title = { ro = "Venituri persoană", en = "Income of a person" }
arguments = { cnp = { format = "cnp" }, an = { format = "year" } }
subject = "cnp"
personal = true
discloses = ["venituri", "angajator"]
quota = { per_subject = "3/day" }
method = "POST"
path = "/venituri"
headers = { "X-Utilizator" = "{user}", "X-Scop" = "{purpose}", "X-Temei" = "{legal_basis}", "X-Corelare" = "{correlation_id}" }
request = { cnp = "{cnp}", an = "{#an}" }
refused = [{ status = "403" }]

[lookup.certificat]
title = { ro = "Certificat constatator", en = "Certificate" }
arguments = { cui = { format = "cui" }, request = { required = false } }
subject = "cui"
personal = true
discloses = ["date din certificat"]
method = "POST"
path = "/certificate"
request = { cui = "{#cui}", cerere = "{request?}" }
pending = [{ status = "202" }]
pending_request = "/cerere"
document = "/pdf"
"#;

/// A running register.
pub struct Register {
    address: SocketAddr,
    state: Arc<Played>,
    stop: watch::Sender<bool>,
    served: tokio::task::JoinHandle<()>,
}

struct Played {
    calls: Mutex<Vec<Call>>,
    /// Answers only while this is true.
    open: watch::Sender<bool>,
    /// Says that it is down instead of answering.
    down: Mutex<bool>,
    /// Certificates are ready.
    ready: Mutex<Option<Vec<u8>>>,
}

/// What the register was asked.
#[derive(Debug, Clone)]
pub struct Call {
    /// Path.
    pub path: &'static str,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Value,
}

impl Register {
    /// Starts it, open and well.
    ///
    /// # Panics
    /// No port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(Played {
            calls: Mutex::default(),
            open: watch::Sender::new(true),
            down: Mutex::default(),
            ready: Mutex::default(),
        });
        let router = Router::new()
            .route("/firme", post(firms))
            .route("/venituri", post(income))
            .route("/certificate", post(certificate))
            .with_state(Arc::clone(&state));
        let (stop, mut stopped) = watch::channel(false);
        let served = tokio::spawn(async move {
            let over = async move { drop(stopped.wait_for(|stop| *stop).await) };
            axum::serve(listener, router).with_graceful_shutdown(over).await.expect("loopback serves");
        });
        Self { address, state, stop, served }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    ///
    /// # Panics
    /// A handler panicked.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state.calls.lock().expect("no handler panics").clone()
    }

    /// Lets questions wait, or answers those that wait.
    pub fn open(&self, open: bool) {
        self.state.open.send_replace(open);
    }

    /// Says that it is down, or well again.
    ///
    /// # Panics
    /// A handler panicked.
    pub fn down(&self, down: bool) {
        *self.state.down.lock().expect("no handler panics") = down;
    }

    /// From now on certificates are ready, with this document.
    ///
    /// # Panics
    /// A handler panicked.
    pub fn certificate(&self, document: Option<Vec<u8>>) {
        *self.state.ready.lock().expect("no handler panics") = document;
    }

    /// Stops it.
    pub async fn stop(self) {
        self.open(true);
        self.stop.send_replace(true);
        // A panic of it has failed the test already.
        let _ended = self.served.await;
    }

    /// Makes a hub's configuration know it: the folder of its system, its channel and its agreements.
    ///
    /// # Panics
    /// The files cannot be written.
    pub fn introduce(&self, config: &mut Config, folder: &Path) {
        config.systems.push(system(folder));
        let secret = folder.join("registru-secret");
        std::fs::write(&secret, "numai-pentru-probe").expect("written");
        let told = directory(&self.url(), &secret);
        county::change(config, |directory| directory + &told);
    }
}

fn system(folder: &Path) -> PathBuf {
    let systems = folder.join("systems");
    std::fs::create_dir_all(systems.join("registru")).expect("a folder is made");
    std::fs::write(systems.join("registru/manifest.toml"), MANIFEST).expect("the manifest is written");
    systems
}

/// The commune may ask everything, a town only firms, the others nothing.
fn directory(address: &str, secret: &Path) -> String {
    let agreement = |id: &str, callers: &str, operations: &str, purposes: &str, until: &str| {
        format!(
            "[[lookup_agreement]]\nid = '{id}'\ncallers = {{ parties = [{callers}] }}\noperations = [{operations}]\n\
             purposes = [{purposes}]\nlegal_basis = 'Legea nr. 416/2001'\nvalid_from = '2020-01-01'\nvalid_to = '{until}'\n"
        )
    };
    let channel = format!(
        "[[lookup_channel]]\nid = 'registru'\nsystem = 'registru'\naddress = '{address}'\nsecret = 'file:{}'\n",
        secret.display()
    );
    let both = format!("'{SENDER}', '{HUB_TOWN}'");
    let commune = format!("'{SENDER}'");
    channel
        + &agreement("firme", &both, "'registru.firma'", "'taxe', 'ajutor-social'", "2030-12-31")
        + &agreement(
            "persoane",
            &commune,
            "'registru.venituri', 'registru.certificat'",
            "'ajutor-social'",
            "2030-12-31",
        )
        + &agreement("persoane-vechi", &format!("'{HUB_TOWN}'"), "'registru.venituri'", "'ajutor-social'", "2021-12-31")
}

impl Played {
    async fn hears(&self, path: &'static str, headers: HeaderMap, body: &Value) -> Option<Response> {
        let call = Call { path, headers, body: body.clone() };
        self.calls.lock().expect("no handler panics").push(call);
        // An error means that the test is over.
        drop(self.open.subscribe().wait_for(|open| *open).await);
        let down = *self.down.lock().expect("no handler panics");
        let busy = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "7")], Json(json!({"mesaj": "mentenanță"})));
        down.then(|| busy.into_response())
    }
}

async fn firms(State(played): State<Arc<Played>>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    if let Some(busy) = played.hears("/firme", headers, &asked).await {
        return busy;
    }
    let items = asked.as_array().cloned().unwrap_or_default();
    if items.len() == 1 && items[0]["cui"].as_u64() == SECRET_FIRM.parse().ok() {
        let told = json!({"cod": "F-12", "mesaj": "firma este sub secret\nde serviciu"});
        return (StatusCode::FORBIDDEN, Json(told)).into_response();
    }
    let (absent, there): (Vec<&Value>, Vec<&Value>) =
        items.iter().partition(|item| item["cui"].as_u64() == NO_FIRM.parse().ok());
    let firm = |item: &&Value| json!({"cui": item["cui"], "denumire": "FIRMA INVENTATĂ SRL", "data": item["data"]});
    let found: Vec<Value> = there.iter().rev().map(firm).collect();
    let absent: Vec<&Value> = absent.into_iter().map(|item| &item["cui"]).collect();
    let mut told = json!({"found": found});
    if !absent.is_empty() {
        told["notFound"] = json!(absent);
    }
    Json(told).into_response()
}

async fn income(State(played): State<Arc<Played>>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    if let Some(busy) = played.hears("/venituri", headers, &asked).await {
        return busy;
    }
    Json(json!({"an": asked["an"], "angajator": "ANGAJATOR INVENTAT SRL", "venit_brut": 54321})).into_response()
}

async fn certificate(State(played): State<Arc<Played>>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    if let Some(busy) = played.hears("/certificate", headers, &asked).await {
        return busy;
    }
    let ready = played.ready.lock().expect("no handler panics").clone();
    match ready.filter(|_| asked["cerere"] == REQUEST) {
        Some(document) => Json(json!({"numar": "C-1", "pdf": STANDARD.encode(document)})).into_response(),
        None => (StatusCode::ACCEPTED, Json(json!({"cerere": REQUEST}))).into_response(),
    }
}
