//! An archive in the stories: an invented nomenclator, clerks, and years that pass.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::client::{Answer, GLANCE, ask};
use crate::{Client, TestHub};

/// A year in seconds.
const YEAR: i64 = 31_557_600;
/// How often a story looks before it fails.
const LOOKS: usize = 2400;

/// A nomenclator of invented groups: letters are filed under `I/A/3` for ten years.
pub const NOMENCLATOR: &str = r#"
valid_from = "2020-01-01"
archive_unit = "arhiva"

[approval]
number = "17"
date = "2019-12-10"

[confirmation]
number = "1204"
date = "2019-12-20"
service = "Serviciul Județean Mehedinți al Arhivelor Naționale"

[[group]]
code = "I/A/1"
direction = "Secretariat"
service = "Registratură"
title = "Hotărâri și dispoziții"
term = "permanent"

[[group]]
code = "I/A/3"
direction = "Secretariat"
service = "Registratură"
title = "Petiții și răspunsuri"
term = "10 ani"

[[group]]
code = "II/B/1"
direction = "Asistență socială"
service = "Beneficii"
title = "Anchete sociale (copii)"
term = "5 C.S."
units = ["spas"]

[[rule]]
code = "I/A/3"
document_type = "document-generic"

[[rule]]
code = "I/A/3"
document_type = "ancheta-sociala-adult"
"#;

/// A clerk of a unit at the door of an institution.
#[derive(Clone)]
pub struct Desk {
    client: Client,
    clerk: &'static str,
    unit: &'static str,
}

impl Desk {
    /// The clerk of a unit of a party.
    #[must_use]
    pub fn of(hub: &TestHub, party: &str, clerk: &'static str, unit: &'static str) -> Self {
        Self { client: hub.client(party), clerk, unit }
    }

    /// Gets JSON or text.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn get(&self, path: &str) -> Answer {
        let request = self.client.request(Method::GET, path);
        ask(request.header("punte-clerk", self.clerk).header("punte-unit", self.unit)).await
    }

    /// Gets bytes.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = self.client.request(Method::GET, path);
        let request = request.header("punte-clerk", self.clerk).header("punte-unit", self.unit);
        request.send().await.expect("the hub answers").bytes().await.expect("the body arrives").to_vec()
    }

    /// Posts JSON under a key.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.client.request(Method::POST, path).header("idempotency-key", key);
        ask(request.header("punte-clerk", self.clerk).header("punte-unit", self.unit).json(body)).await
    }

    /// Posts a text of a media type under a key.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn text(&self, path: &str, key: &str, media_type: &str, body: &str) -> Answer {
        let request = self.client.request(Method::POST, path).header("idempotency-key", key);
        let request = request.header("punte-clerk", self.clerk).header("punte-unit", self.unit);
        ask(request.header("content-type", media_type).body(body.to_owned())).await
    }

    /// The same, which must be done.
    ///
    /// # Panics
    /// It is refused.
    pub async fn done(&self, path: &str, key: &str, body: &Value) -> Value {
        let answer = self.post(path, key, body).await;
        assert!((200..300).contains(&answer.status), "{path}: {answer:#?}");
        answer.body
    }

    /// The same, which must be refused.
    ///
    /// # Panics
    /// It is not, or with another problem.
    pub async fn refused(&self, path: &str, key: &str, body: &Value, code: &str) -> Value {
        let answer = self.post(path, key, body).await;
        assert_eq!(answer.body["code"], code, "{path}: {answer:#?}");
        answer.body
    }

    /// Takes over the invented nomenclator.
    ///
    /// # Panics
    /// It is refused.
    pub async fn adopt(&self) {
        let answer = self.text("/v1/archive/nomenclator", "nomenclator", "application/toml", NOMENCLATOR).await;
        assert_eq!(answer.status, 201, "{answer:#?}");
    }

    /// Sends files to an entry, as a form.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn upload(&self, entry: &str, key: &str, files: &[(&str, &str, &[u8])]) -> Answer {
        let mut form = Form::new();
        for (name, media_type, bytes) in files {
            let part = Part::bytes(bytes.to_vec()).file_name((*name).to_owned());
            form = form.part("fisier", part.mime_str(media_type).expect("a media type"));
        }
        let request = self.client.request(Method::POST, &format!("/v1/registers/{entry}/content"));
        let request = request.header("punte-clerk", self.clerk).header("punte-unit", self.unit);
        ask(request.header("idempotency-key", key).multipart(form)).await
    }

    /// Registers a document at the counter; answers `register/year/number`.
    ///
    /// # Panics
    /// It is refused.
    pub async fn enter(&self, key: &str, document: &Value) -> String {
        let entry = self.done("/v1/registers/general/entries", key, document).await;
        format!("general/{}/{}", entry["year"], entry["number"])
    }

    /// Waits until an entry is filed, and answers its dossier.
    ///
    /// # Panics
    /// It is not in time.
    pub async fn filed_entry(&self, entry: &str) -> Value {
        let of = |seen: &Value| {
            let items = seen["items"].as_array().cloned().unwrap_or_default();
            items.into_iter().find(|one| {
                let of = &one["entry"];
                format!("{}/{}/{}", of["register"].as_str().unwrap_or_default(), of["year"], of["number"]) == entry
            })
        };
        let seen = self.wait_for("/v1/archive/filings?state=filed", |seen| of(seen).is_some()).await;
        let dossier = of(&seen).expect("waited for")["dossier"].as_str().expect("a dossier").to_owned();
        self.get(&format!("/v1/archive/dossiers/{dossier}")).await.body
    }

    /// Waits until what a path answers satisfies a condition.
    ///
    /// # Panics
    /// It does not in time.
    pub async fn wait_for(&self, path: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Value::Null;
        for _ in 0..LOOKS {
            seen = self.get(path).await.body;
            if condition(&seen) {
                return seen;
            }
            tokio::time::sleep(GLANCE).await;
        }
        panic!("{path} does not come to what was awaited: {seen:#}")
    }

    /// Waits until a message is filed, and answers its dossier.
    ///
    /// # Panics
    /// It is not in time.
    pub async fn filed(&self, message: &str) -> Value {
        let of = |seen: &Value| {
            let items = seen["items"].as_array().cloned().unwrap_or_default();
            items.into_iter().find(|one| one["message_id"] == message)
        };
        let seen = self.wait_for("/v1/archive/filings?state=filed", |seen| of(seen).is_some()).await;
        let dossier = of(&seen).expect("waited for")["dossier"].as_str().expect("a dossier").to_owned();
        self.get(&format!("/v1/archive/dossiers/{dossier}")).await.body
    }

    /// What is in a dossier.
    ///
    /// # Panics
    /// The hub does not answer.
    pub async fn documents(&self, dossier: &str) -> Vec<Value> {
        let seen = self.get(&format!("/v1/archive/dossiers/{dossier}/documents")).await.body;
        seen["items"].as_array().cloned().unwrap_or_default()
    }

    /// A dossier closed, inventoried by this clerk and received by another.
    ///
    /// # Panics
    /// A step is refused.
    pub async fn hand_over(&self, archivist: &Self, dossier: &Value) -> Value {
        let id = dossier["id"].as_str().expect("an id");
        self.done(&format!("/v1/archive/dossiers/{id}/close"), &format!("close-{id}"), &json!({})).await;
        let wanted = json!({"year": dossier["year"], "permanent": dossier["due_year"].is_null()});
        let inventory = self.done("/v1/archive/inventories", &format!("inventory-{id}"), &wanted).await;
        let path = format!("/v1/archive/inventories/{}/handover", inventory["id"].as_str().expect("an id"));
        let minutes = json!({"number": "5", "date": "2028-02-01", "early_reason": "poveste de probă"});
        archivist.done(&path, &format!("handover-{id}"), &minutes).await
    }
}

/// Lets years pass: the hub is stopped and started again so much later; the seal of development renews itself.
///
/// # Panics
/// It does not start again.
pub async fn years_pass(hub: &mut TestHub, years: i64) {
    hub.close().await;
    hub.config.clock_ahead_seconds += years * YEAR;
    hub.up().await;
}

/// Whether an evidence verifies against the seals the hub had, each for its time.
///
/// # Panics
/// It does not verify, or the hub does not answer.
pub async fn still_verifies(hub: &TestHub, document: &str) {
    let inside = &hub.running().hub;
    let seals = hub_flow::seal::all(&inside.db).await.expect("the database answers");
    let against = hub_server::verdict::Against::Seals(&seals);
    hub_server::verdict::proven(document.as_bytes(), &against, inside.clock.now()).expect("the evidence verifies");
}
