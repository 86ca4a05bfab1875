//! Questions: every operation of a system, on a good day and with each fault.

use std::collections::BTreeMap;

use reqwest::Method;
use sandbox::Operation;
use serde_json::{Value, json};
use tests::client::{Answer, ask};
use tests::county::SENDER;
use tests::{Client, TestHub};

use crate::Wrong;
use crate::players::Player;
use crate::sentences::judged;

/// Arguments by their names.
type Arguments = &'static [(&'static str, &'static str)];

/// What operations are asked with that no recorded exchange shows: system, operation, arguments.
const QUESTIONS: [(&str, &str, Arguments); 5] = [
    ("anaf-efactura", "validare", &[("id", "3001503294")]),
    ("anaf-efactura", "transformare", &[("id", "3001503294")]),
    ("anaf-efactura", "hello", &[]),
    ("anaf-spv", "cerere", &[("tip", "VECTOR FISCAL"), ("cui", "8000000000")]),
    ("anaf-spv", "descarcare", &[("cif", "8000000000"), ("id", "1")]),
];

/// Asks everything with every fault; answers how many cells there were.
pub async fn cross(hub: &TestHub, player: &Player, faults: &[Wrong]) -> usize {
    let commune = hub.client(SENDER);
    let mut cells = 0;
    for operation in player.manifest.lookups.keys() {
        let put = Put { client: &commune, player, operation, arguments: arguments(player, operation) };
        Wrong::end(player).await;
        let before = called(player).await.len();
        let good = put.ask().await;
        // The names under which ANAF's own plan knows what this question calls.
        let mut operations = called(player).await.split_off(before);
        operations.sort();
        operations.dedup();
        let good = Told::of(&put, &good);
        if good.class == "unavailable" {
            player.judge(operation, Err(format!("nothing is wrong, and there is no answer: {}", good.reason)));
        }
        for wrong in faults {
            if matches!(wrong, Wrong::Anaf(_)) && operations.is_empty() {
                continue;
            }
            let journaled = put.journaled().await;
            wrong.begin(player, &[Operation::Deliver, Operation::Inquire], &operations).await;
            let told = put.ask().await;
            Wrong::end(player).await;
            let about = format!("{operation} with {wrong:?}");
            if !indistinguishable(player, operation, wrong) {
                player.judge(&about, Told::of(&put, &told).is_honest(&good));
            }
            let entries = put.journaled().await - journaled;
            player.judge(&about, if entries == 1 { Ok(()) } else { Err(format!("{entries} entries in the journal")) });
            cells += 1;
        }
    }
    cells
}

/// Half of a free text, whole on the line, cannot be told from a text.
fn indistinguishable(player: &Player, operation: &str, wrong: &Wrong) -> bool {
    let half = matches!(wrong, Wrong::Anaf(kind) if kind == "half-answer");
    half && (player.manifest.system.as_str(), operation) == ("anaf-efactura", "hello")
}

/// A question to be put.
struct Put<'a> {
    client: &'a Client,
    player: &'a Player,
    operation: &'a str,
    arguments: BTreeMap<String, String>,
}

impl std::fmt::Display for Put<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.player.manifest.system, self.operation)
    }
}

impl Put<'_> {
    async fn ask(&self) -> Answer {
        let body = json!({
            "arguments": self.arguments, "purpose": "ajutor-social", "legal_basis": "Legea nr. 416/2001, art. 8",
            "case_number": "VMG-12/2026", "user": "f-0172", "max_age": 0,
        });
        let path = format!("/v1/lookups/{}/{}", self.player.manifest.system, self.operation);
        ask(self.client.request(Method::POST, &path).json(&body)).await
    }

    /// How many entries the journal has about this operation.
    async fn journaled(&self) -> usize {
        let path = format!(
            "/v1/journal?act=access&limit=500&system={}&operation={}",
            self.player.manifest.system, self.operation
        );
        let (status, journal) = self.client.get(&path).await;
        assert_eq!(status, 200, "{journal:#}");
        journal["entries"].as_array().unwrap().iter().filter(|entry| entry["again"] == false).count()
    }
}

/// What the hub said.
#[derive(Debug, PartialEq)]
struct Told {
    class: &'static str,
    value: Value,
    reason: String,
}

impl Told {
    fn of(put: &Put<'_>, answer: &Answer) -> Self {
        let class = match (answer.status, answer.body["answer"].as_str(), answer.body["code"].as_str()) {
            (200, Some("found"), _) => "found",
            (200, Some("absent"), _) => "absent",
            (202, Some("pending"), _) => "pending",
            (422, _, Some("register-refused")) => "refused",
            (503, _, Some("register-unavailable")) => "unavailable",
            _ => {
                put.player.judge(put.operation, Err(format!("no class: {} {}", answer.status, answer.body)));
                "none"
            }
        };
        let reason = answer.body["detail"].as_str().unwrap_or_default().to_owned();
        Self { class, value: answer.body["value"].clone(), reason }
    }

    /// The same as on a good day, or no answer; never another answer.
    fn is_honest(&self, good: &Self) -> Result<(), String> {
        match self.class {
            "unavailable" | "refused" => judged(&self.reason),
            class if (class, steady(&self.value)) == (good.class, steady(&good.value)) => Ok(()),
            class => Err(format!("{class} {:.300} in place of {} {:.300}", self.value, good.class, good.value)),
        }
    }
}

/// A value without what is another one at every question, such as the moment of an answer.
fn steady(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let same = members.iter().filter(|(name, _)| !PASSING.contains(&name.as_str()));
            same.map(|(name, value)| (name.clone(), steady(value))).collect()
        }
        Value::Array(items) => items.iter().map(steady).collect(),
        other => other.clone(),
    }
}

/// Members that are another one at every question.
const PASSING: [&str; 2] = ["correlation_id", "extras_la"];

/// What an operation is asked with: as it was recorded when it was found, or at least answered.
fn arguments(player: &Player, operation: &str) -> BTreeMap<String, String> {
    let recorded = format!("lookup.{operation}");
    let classes = ["found", "pending", "absent", "refused"];
    let recorded = classes.iter().find_map(|class| player.folder.meaning(&recorded, class));
    if let Some(exchange) = recorded {
        return exchange.arguments.clone();
    }
    let system = player.folder.manifest.system.as_str();
    let known = QUESTIONS.iter().find(|(of, name, _)| (*of, *name) == (system, operation));
    let (_, _, arguments) = known.unwrap_or_else(|| panic!("{system}.{operation} has no recorded question"));
    arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The operations ANAF was called for, in order; nothing where another twin plays.
pub async fn called(player: &Player) -> Vec<String> {
    if !player.is_anaf {
        return Vec::new();
    }
    let calls = player.http.get(format!("{}/_sandbox/anaf/calls", player.twin)).send().await.unwrap();
    let calls: Vec<Value> = calls.json().await.unwrap();
    calls.iter().map(|call| call["operation"].as_str().unwrap().to_owned()).collect()
}
