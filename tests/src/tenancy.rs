//! Two institutions in one hub: one with an object of every kind, one with none; and a system for every role in each.

mod belongings;

use std::collections::BTreeMap;

use hub_flow::authorization::{BuiltIn, Permission};
use openssl::sha::sha256;
use reqwest::Method;
use sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::archive::{Desk, years_pass};
use crate::asking;
use crate::clerks::{COUNCIL, council};
use crate::client::ask;
use crate::county::{self, DIRECTORATE, HUB_TOWN, SENDER, key};
use crate::documents::{inquiry_envelope, inquiry_parts, letter};
use crate::register::Register;
use crate::{Client, Database, TestHub};

/// The institution that has something of everything.
pub const OWNER: &str = SENDER;
/// The institution that has nothing, and must see nothing.
pub const STRANGER: &str = "uat-far";
/// What stands in every text of the owner's.
pub const SECRET: &str = "TAINA-COMUNEI";

/// Objects of the owner, by the parameter of a path that names them.
#[derive(Debug, Clone)]
pub struct Objects {
    message: String,
    evidence: String,
    delivery: String,
    dead_letter: String,
    lookup: String,
    correspondent: String,
    entry: (i64, i64),
    dossier: String,
    document: String,
    filing: String,
    inventory: String,
    hold: String,
    selection: String,
    batch: String,
    belongings: BTreeMap<&'static str, String>,
}

/// The name of the system with a role in an institution; its key is [`key`] of it.
#[must_use]
pub fn system(party: &str, role: BuiltIn) -> String {
    format!("{party}.{}", role.as_str())
}

fn systems(directory: String) -> String {
    let mut toml = council(directory);
    for party in [OWNER, STRANGER] {
        for role in BuiltIn::ALL {
            let name = system(party, role);
            let hash = hex::encode(sha256(key(&name).as_bytes()));
            let operations: Vec<String> = role.permissions().iter().map(|one| format!("'{one}'")).collect();
            let operations = operations.join(", ");
            let operator = role == BuiltIn::Operator;
            toml += &format!(
                "[[system]]\nid = '{name}'\nparty = '{party}'\nkey_sha256 = '{hash}'\noperations = [{operations}]\noperator = {operator}\n"
            );
        }
    }
    toml
}

/// Whether the system with a role may do this: what people alone do, no system does.
#[must_use]
pub fn may(role: BuiltIn, permission: Permission) -> bool {
    let as_operator = role == BuiltIn::Operator && role.holds(permission);
    as_operator || (role.holds(permission) && BuiltIn::PartnerSystem.holds(permission))
}

/// What those who run the hub see of every institution: the audit of acts, and agreements.
#[must_use]
pub fn is_overseen(path: &str) -> bool {
    ["/v1/agreements", "/v1/audit"].iter().any(|one| path.starts_with(one))
}

/// A hub with both, and the owner's objects, twelve years after they were made.
///
/// # Panics
/// A step is refused.
pub async fn start(database: Database) -> (TestHub, Register, Objects) {
    let register = Register::start().await;
    let mut hub = TestHub::start_with(database, |config| {
        let folder = config.directory.as_ref().expect("it is there").parent().expect("it is there").to_owned();
        register.introduce(config, &folder);
        config.retry.give_up_after = 1.5;
        county::change(config, systems);
    })
    .await;
    let objects = made(&mut hub).await;
    (hub, register, objects)
}

async fn made(hub: &mut TestHub) -> Objects {
    let owner = hub.client(OWNER);
    let batch = batch(&owner).await;
    let dead_letter = dead_letter(hub).await;
    let delivery = arrived(hub).await;
    let asked = asking::put(&owner, "venituri", &asking::person()).await;
    let lookup = text(&asked.body["lookup_id"], &asked.body);
    let entry = entered(&owner).await;
    let (_, seen) = owner.get("/v1/correspondents?name=TAINA").await;
    let correspondent = text(&seen["items"][0]["id"], &seen);
    let (message, dossier) = filed(hub).await;
    let evidence = text(&owner.chain(&message).await[0]["id"], &Value::Null);
    let (ana, eva) = (Desk::of(hub, OWNER, "ana", "arhiva"), Desk::of(hub, OWNER, "eva", "arhiva"));
    let (_, filings) = owner.get("/v1/archive/filings?state=filed").await;
    let filing = text(&filings["items"][0]["id"], &filings);
    let document = text(&ana.documents(&text(&dossier["id"], &dossier)).await[0]["id"], &dossier);
    ana.hand_over(&eva, &dossier).await;
    years_pass(hub, 12).await;
    let ana = Desk::of(hub, OWNER, "ana", "arhiva");
    let selection = selection(&ana, &dossier).await;
    let hold = json!({"code": "II/B/1", "reason": format!("{SECRET} la judecătorie"), "basis": "adresa instanței"});
    let hold = ana.done("/v1/archive/holds", "hold", &hold).await;
    let dossier = ana.get(&format!("/v1/archive/dossiers/{}", text(&dossier["id"], &dossier))).await.body;
    Objects {
        message,
        evidence,
        delivery,
        dead_letter,
        lookup,
        correspondent,
        entry,
        document,
        filing,
        inventory: text(&dossier["inventory"], &dossier),
        hold: text(&hold["id"], &hold),
        selection,
        batch,
        belongings: belongings::made(hub).await,
        dossier: text(&dossier["id"], &dossier),
    }
}

/// A push with a row that is refused.
async fn batch(owner: &Client) -> String {
    let form = json!({"name": format!("{SECRET}.csv"), "document_type": "document-generic"});
    let form = crate::batches::pushing(&form, format!("subiect;text\r\n{SECRET};fără destinatar\r\n"));
    let answer =
        ask(owner.request(Method::POST, "/v1/batches").header("idempotency-key", "batch").multipart(form)).await;
    assert_eq!(answer.status, 202, "{answer:#?}");
    let batch = text(&answer.body["batch_id"], &answer.body);
    crate::batches::done(owner, &batch).await;
    batch
}

async fn dead_letter(hub: &TestHub) -> String {
    let client = hub.client(OWNER);
    hub.esocial.faults.plan(Fault { times: 1_000, retry_after_s: 0, ..Fault::once(FaultKind::TooManyRequests) });
    let (status, receipt) = client.post("/v1/messages", "lost", &letter(&[DIRECTORATE], SECRET)).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = text(&receipt["message_id"], &receipt);
    let ended = client.wait_for_delivery(&message, DIRECTORATE, "failed").await;
    hub.esocial.faults.clear();
    text(&ended["id"], &ended)
}

async fn arrived(hub: &TestHub) -> String {
    let council = hub.client(COUNCIL);
    let (status, receipt) = council.post("/v1/messages", "in", &letter(&[OWNER], SECRET)).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = text(&receipt["message_id"], &receipt);
    let delivery = council.wait_for_delivery(&message, OWNER, "consigned").await;
    text(&delivery["id"], &delivery)
}

async fn entered(owner: &Client) -> (i64, i64) {
    let draft = json!({
        "direction": "in", "subject": SECRET, "correspondent": {"name": format!("{SECRET} Inventata")},
    });
    let request = owner.request(Method::POST, "/v1/registers/general/entries").header("idempotency-key", "entry");
    let answer = ask(request.header("punte-clerk", "ana").header("punte-unit", "registratura").json(&draft)).await;
    assert_eq!(answer.status, 201, "{answer:#?}");
    let number = |name: &str| answer.body[name].as_i64().unwrap_or_else(|| panic!("{answer:#?}"));
    (number("year"), number("number"))
}

async fn filed(hub: &TestHub) -> (String, Value) {
    let desk = Desk::of(hub, OWNER, "ana", "arhiva");
    desk.adopt().await;
    let mut envelope = inquiry_envelope(&[HUB_TOWN]);
    envelope["subject"] = SECRET.into();
    let (status, receipt) = hub.client(OWNER).send("filed", &envelope, &inquiry_parts()).await;
    assert_eq!(status, 201, "{receipt:#}");
    let message = text(&receipt["message_id"], &receipt);
    let delivery = hub.client(OWNER).wait_for_delivery(&message, HUB_TOWN, "consigned").await;
    let path = format!("/v1/inbox/{}/accept", text(&delivery["id"], &delivery));
    hub.client(HUB_TOWN).post(&path, "accept", &json!({})).await;
    let dossier = desk.filed(&message).await;
    (message, dossier)
}

async fn selection(desk: &Desk, dossier: &Value) -> String {
    let member = |name: &str, role: &str| json!({"name": format!("{SECRET} {name}"), "role": role});
    let minutes = json!({
        "number": "1", "date": "2039-01-15",
        "members": [member("Maria", "president"), member("Radu", "secretary"), member("Ioana", "member")],
        "decisions": [{"dossier": dossier["id"], "decision": "destroy"}],
    });
    let selection = desk.done("/v1/archive/selections", "selection", &minutes).await;
    text(&selection["id"], &selection)
}

fn text(value: &Value, of: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text in {of:#}")).to_owned()
}

impl Objects {
    /// A path with the owner's objects in place of its parameters, and whether all of them are real.
    #[must_use]
    pub fn fill(&self, path: &str) -> (String, bool) {
        let mut real = true;
        let pieces = path.split('/').map(|piece| match piece.strip_prefix('{').and_then(|one| one.strip_suffix('}')) {
            Some(name) => self.named(path, name).unwrap_or_else(|| {
                real = false;
                self.message.clone()
            }),
            None => piece.to_owned(),
        });
        (pieces.collect::<Vec<_>>().join("/"), real)
    }

    /// Whether a path names what belongs to one institution alone, and the owner has one.
    #[must_use]
    pub fn is_of_one_institution(&self, path: &str) -> bool {
        belongings::is_of_one(path) && self.fill(path).1
    }

    /// Whether it names an account, a role, a session, a key, a person, a proposal or an agreement.
    #[must_use]
    pub fn is_belonging(&self, path: &str) -> bool {
        self.belongings.keys().any(|one| path.starts_with(one))
    }

    fn named(&self, path: &str, name: &str) -> Option<String> {
        let of = |prefix: &str| path.starts_with(prefix);
        // A key is rotated only by who may give all it opens, whatever the role.
        let given = |prefix: &str| of(prefix) && path != "/v1/credentials/{id}/rotate";
        if let Some((_, object)) = self.belongings.iter().find(|(prefix, _)| given(prefix)) {
            return Some(object.clone());
        }
        let object = match name {
            "id" if of("/v1/messages/") => &self.message,
            "id" if of("/v1/batches/") => &self.batch,
            "id" if of("/v1/lookups/") => &self.lookup,
            "id" if of("/v1/correspondents/") => &self.correspondent,
            "id" if of("/v1/archive/dossiers/") => &self.dossier,
            "id" if of("/v1/archive/documents/") => &self.document,
            "id" if of("/v1/archive/filings/") => &self.filing,
            "id" if of("/v1/archive/inventories/") => &self.inventory,
            "id" if of("/v1/archive/holds/") => &self.hold,
            "id" if of("/v1/archive/selections/") => &self.selection,
            "evidence" => &self.evidence,
            "delivery" if of("/v1/dead-letters/") => &self.dead_letter,
            "delivery" => &self.delivery,
            "register" => return Some("general".to_owned()),
            "year" => return Some(self.entry.0.to_string()),
            "number" if of("/v1/archive/selections/") => return Some("1".to_owned()),
            "number" if of("/v1/registers/") => return Some(self.entry.1.to_string()),
            "name" => return Some("anexa.pdf".to_owned()),
            "version" => return Some("1".to_owned()),
            "system" if of("/v1/lookups/") => return Some("registru".to_owned()),
            "system" => return Some("esocial".to_owned()),
            "operation" => return Some("venituri".to_owned()),
            "party" if of("/v1/parties/") => return Some(OWNER.to_owned()),
            "person" if of("/v1/structure/acting/") => return Some("ana".to_owned()),
            "kind" if of("/v1/structure/") => return Some("competences".to_owned()),
            "id" if of("/v1/structure/") => return Some(format!("registratura-{OWNER}")),
            "list" => return Some("siruta".to_owned()),
            "kind" => return Some("channels".to_owned()),
            "file" => return Some("document-generic.csv".to_owned()),
            "code" => return Some("not-found".to_owned()),
            _ => return None,
        };
        Some(object.clone())
    }
}
