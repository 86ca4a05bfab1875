//! Who plays: one twin for each system, told to the hub's directory.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use connectors_contract::{Manifest, SystemFolder};
use hub_server::config::Config;
use sandbox::{Anaf, Clock, Esocial, Faults, FolderTwin, Onrc, Ran, Reges, Renns, Running, TownHall};
use serde_json::{Value, json};
use tests::county::{self, ESOCIAL_TOKEN, SENDER, WEBHOOK_SECRET};
use tests::hub::unix_seconds;
use tests::issuer::{Issuer, SealOrder};

use crate::discovery;

/// Which twin plays which system.
pub const PLAYED: [(&str, &str); 15] = [
    ("esocial", "Esocial"),
    ("webhook", "TownHall"),
    ("ran", "Ran"),
    ("reges", "Reges"),
    ("renns", "Renns"),
    ("recom", "Onrc"),
    ("anaf-efactura", "Anaf"),
    ("anaf-etransport", "Anaf"),
    ("anaf-spv", "Anaf"),
    ("anaf-tva", "Anaf"),
    ("anaf-bilant", "Anaf"),
    ("anaf-regagric", "Anaf"),
    ("anaf-regcult", "Anaf"),
    ("anaf-registru-efactura", "Anaf"),
    ("patrimven", "Anaf"),
];

/// Systems of engine `rest` that also the twin of a folder plays, under the name `dosar-<system>`.
pub const FOLDER_PLAYS: [&str; 9] = [
    "esocial",
    "webhook",
    "recom",
    "reges",
    "anaf-tva",
    "anaf-bilant",
    "anaf-regagric",
    "anaf-regcult",
    "anaf-registru-efactura",
];

/// How many of each document a twin holds, by what tells documents apart there.
pub type Held = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = BTreeMap<String, u32>> + Send>> + Send + Sync>;

/// A system with the twin that plays it.
pub struct Player {
    /// The manifest as the hub reads it, impatient and without quotas.
    pub manifest: Manifest,
    text: String,
    /// What the folder recorded.
    pub folder: SystemFolder,
    /// The twin's root.
    pub twin: String,
    /// Whether it is ANAF, which has faults of its own.
    pub is_anaf: bool,
    /// The twin's plan.
    pub faults: Faults,
    /// What the twin holds.
    pub held: Held,
    /// Talks to the twin past the hub.
    pub http: reqwest::Client,
    /// What went wrong in its cells; all of it is told at once.
    pub findings: Mutex<Vec<String>>,
    address: String,
    secret: Option<String>,
    identity: Option<String>,
    _running: Box<dyn std::any::Any + Send + Sync>,
}

impl Player {
    /// The party that is reached over this system.
    pub fn party(&self) -> String {
        format!("parte-{}", self.manifest.system)
    }

    /// Notes what is wrong with a cell.
    pub fn judge(&self, cell: &str, judgement: Result<(), String>) {
        if let Err(problem) = judgement {
            self.findings.lock().unwrap().push(format!("{}, {cell}: {problem}", self.manifest.system));
        }
    }

    /// Sets something of the twin.
    pub async fn put(&self, path: &str, value: &Value) {
        let answer = self.http.put(format!("{}{path}", self.twin)).json(value).send().await.unwrap();
        assert!(answer.status().is_success(), "{path} {value}: {}", answer.text().await.unwrap());
    }
}

/// Starts a twin for every system that one plays.
pub async fn play() -> Vec<Player> {
    let mut players = Vec::new();
    for (system, twin) in PLAYED {
        players.push(start(system, twin).await);
    }
    for system in FOLDER_PLAYS {
        players.push(start_folder(system).await);
    }
    players
}

/// What a twin's start came to.
struct Started {
    url: String,
    faults: Faults,
    held: Held,
    running: Box<dyn std::any::Any + Send + Sync>,
}

fn started<R: Send + Sync + 'static>(
    running: Running<R>,
    count: impl Fn(&R) -> Option<(String, u32)> + Send + Sync + 'static,
) -> Started {
    let (url, faults, running) = (running.url(), running.faults.clone(), Arc::new(running));
    let (kept, count) = (Arc::clone(&running), Arc::new(count));
    let held: Held = Arc::new(move || {
        let mut held = BTreeMap::new();
        for (name, times) in kept.received().iter().filter_map(|record| count(record)) {
            *held.entry(name).or_default() += times;
        }
        Box::pin(std::future::ready(held))
    });
    Started { url, faults, held, running: Box::new(running) }
}

async fn start(system: &str, twin: &str) -> Player {
    let clock: Clock = Arc::new(unix_seconds);
    let at: SocketAddr = ([127, 0, 0, 1], 0).into();
    let mut started = match twin {
        "Esocial" => started(Esocial::start(at, clock).await.unwrap(), |one| Some((one.key.clone(), one.stored))),
        "TownHall" => started(TownHall::start(at, clock, WEBHOOK_SECRET).await.unwrap(), |one| {
            Some((one.event["message_id"].to_string(), 1))
        }),
        "Ran" => started(Ran::start(at, clock).await.unwrap(), |one| Some((one.code.clone(), one.stored))),
        "Reges" => started(Reges::start(at, clock).await.unwrap(), |one| Some((one.message_id.clone(), 1))),
        "Renns" => started(Renns::start(at, clock).await.unwrap(), |_| None),
        "Onrc" => started(Onrc::start(at, clock, 20).await.unwrap(), |_| None),
        "Anaf" => started(Anaf::start(at, clock).await.unwrap(), |_| None),
        other => panic!("the twin {other} is not started here"),
    };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = started.url.clone();
    match system {
        "recom" => started.held = certificates(http.clone(), url.clone()),
        "anaf-efactura" => started.held = filed(http.clone(), format!("{url}/_sandbox/anaf/invoices")),
        "anaf-etransport" => started.held = filed(http.clone(), format!("{url}/_sandbox/anaf/transports")),
        _ => {}
    }
    if twin == "Anaf" {
        let quick = json!({ "polls": 0, "lag_s": 0 });
        let answer = http.put(format!("{url}/_sandbox/anaf")).json(&quick).send().await.unwrap();
        assert!(answer.status().is_success());
    }
    let secret = secret(system, &http, &url).await;
    let identity = (system == "anaf-spv").then(identity);
    let path = match system {
        "ran" => "/ran-core/TransmitereDateExternService",
        "renns" => "/renns-public/soapws/",
        "anaf-spv" => "/SPVWS2/rest/",
        _ => "",
    };
    let folder = SystemFolder::read(&discovery::systems().join(system)).unwrap();
    let (manifest, text) = impatient(system, system);
    Player {
        manifest,
        text,
        folder,
        address: format!("{url}{path}"),
        twin: url,
        is_anaf: twin == "Anaf",
        faults: started.faults,
        held: started.held,
        http,
        findings: Mutex::default(),
        secret,
        identity,
        _running: started.running,
    }
}

async fn start_folder(system: &str) -> Player {
    let folder = SystemFolder::read(&discovery::systems().join(system)).unwrap();
    let running = FolderTwin::start(([127, 0, 0, 1], 0).into(), folder.clone(), WEBHOOK_SECRET).await.unwrap();
    let started = started(running, |one| Some((one.key.clone(), one.stored)));
    let (manifest, text) = impatient(system, &format!("dosar-{system}"));
    Player {
        manifest,
        text,
        folder,
        address: started.url.clone(),
        twin: started.url,
        is_anaf: false,
        faults: started.faults,
        held: started.held,
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        findings: Mutex::default(),
        secret: Some(WEBHOOK_SECRET.to_owned()),
        identity: None,
        _running: started.running,
    }
}

/// A clerk's certificate with its key; SPV knows people by theirs.
fn identity() -> String {
    let (key, certificate) = Issuer::new(unix_seconds()).seal(SealOrder::usual(1));
    format!("{}{}", String::from_utf8(certificate).unwrap(), String::from_utf8(key).unwrap())
}

async fn secret(system: &str, http: &reqwest::Client, url: &str) -> Option<String> {
    Some(match system {
        "esocial" => ESOCIAL_TOKEN.to_owned(),
        "webhook" => WEBHOOK_SECRET.to_owned(),
        "ran" => "110116:jeton-110116".to_owned(),
        "reges" => "cheie-90000006".to_owned(),
        "renns" => "institutie:parola-institutie".to_owned(),
        "anaf-efactura" | "anaf-etransport" => {
            let given = http.post(format!("{url}/_sandbox/anaf/tokens")).send().await.unwrap();
            let given: Value = given.json().await.unwrap();
            json!({ "client_id": "demo-client", "client_secret": "demo-secret", "cif": "90000006",
                "refresh_token": given["refresh_token"] })
            .to_string()
        }
        _ => return None,
    })
}

/// The certificates that were ordered at the trade register, by their numbers.
fn certificates(http: reqwest::Client, url: String) -> Held {
    Arc::new(move || {
        let (http, url) = (http.clone(), url.clone());
        Box::pin(async move {
            let mut held = BTreeMap::new();
            for number in 1.. {
                let one = format!("CC-{number}");
                let asked = http.get(format!("{url}/recom/v1/certificate/{one}")).header("x-institutie", "4426581");
                if asked.send().await.unwrap().status() != 200 {
                    break;
                }
                held.insert(one, 1);
            }
            held
        })
    })
}

/// What was filed at ANAF, told apart by what was sent.
fn filed(http: reqwest::Client, url: String) -> Held {
    Arc::new(move || {
        let (http, url) = (http.clone(), url.clone());
        Box::pin(async move {
            let filed: Vec<Value> = http.get(url).send().await.unwrap().json().await.unwrap();
            let mut held = BTreeMap::new();
            for one in filed {
                *held.entry(one["sha256"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            held
        })
    })
}

/// The manifest of a system under a name, with less patience and no quotas: not the quotas are tried here.
fn impatient(system: &str, name: &str) -> (Manifest, String) {
    let path = discovery::systems().join(system).join("manifest.toml");
    let mut table: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
    table.insert("system".to_owned(), name.into());
    table.remove("quota");
    table["endpoint"].as_table_mut().unwrap().insert("timeout".to_owned(), crate::PATIENCE.into());
    let lookups = table.get_mut("lookup").and_then(toml::Value::as_table_mut);
    for operation in lookups.into_iter().flat_map(|lookups| lookups.iter_mut()) {
        operation.1.as_table_mut().unwrap().remove("quota");
    }
    let text = table.to_string();
    (Manifest::parse(&text, name).unwrap(), text)
}

/// Makes a hub's configuration know all of them.
pub fn introduce(config: &mut Config, players: &[Player]) {
    let folder = config.data.parent().unwrap().to_owned();
    let systems = folder.join("systems");
    let mut told = String::new();
    for player in players {
        let own = systems.join(&player.manifest.system);
        std::fs::create_dir_all(&own).unwrap();
        std::fs::write(own.join("manifest.toml"), &player.text).unwrap();
        told += &entries(player, &folder);
    }
    config.systems.push(systems);
    let parties: Vec<String> = players
        .iter()
        .filter(|player| player.manifest.deliver.is_some())
        .map(|player| format!("'{}'", player.party()))
        .collect();
    county::change(config, |directory| {
        let sender = format!("id = '{SENDER}'\n");
        assert!(directory.contains(&sender) && directory.contains("'uat-far']"));
        directory
            .replacen(&sender, &format!("{sender}cui = '4426581'\n"), 1)
            .replace("'uat-far']", &format!("'uat-far', {}]", parties.join(", ")))
            + &told
    });
}

fn entries(player: &Player, folder: &Path) -> String {
    let system = &player.manifest.system;
    let mut way = format!("system = '{system}'\naddress = '{}'\n", player.address);
    for (kind, content) in [("secret", &player.secret), ("identity", &player.identity)] {
        if let Some(content) = content {
            let file = folder.join(format!("{system}-{kind}"));
            std::fs::write(&file, content).unwrap();
            way += &format!("{kind} = 'file:{}'\n", file.display());
        }
    }
    let mut told = String::new();
    if player.manifest.deliver.is_some() {
        let party = player.party();
        told += &format!(
            "[[party]]\nid = '{party}'\nname = 'Instituția {system}'\nkind = 'dgaspc'\nsiruta = '252'\nregistry = 'own'\n\
             [[channel]]\nid = 'canal-{system}'\nparty = '{party}'\n{way}\
             [[competence]]\nid = 'competenta-{system}'\nparty = '{party}'\ndocument_types = []\nterritory = []\n\
             unit = 'Registratura'\nchannel = 'canal-{system}'\n"
        );
    }
    if !player.manifest.lookups.is_empty() {
        told += &format!(
            "[[lookup_channel]]\nid = 'intrebari-{system}'\n{way}\
             [[lookup_agreement]]\nid = 'acord-{system}'\ncallers = {{ parties = ['{SENDER}'] }}\noperations = ['{system}.*']\n\
             purposes = ['ajutor-social']\nlegal_basis = 'Legea nr. 416/2001'\nvalid_from = '2020-01-01'\nvalid_to = '2030-12-31'\n"
        );
    }
    told
}
