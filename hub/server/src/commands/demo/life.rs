//! What goes on in the demo county while it is looked at: letters between town halls and the directorate, a petition at the
//! wrong town hall, a delivery that eSocial did not take, and something new every few seconds.

use std::time::Duration;

use anyhow::{Context as _, bail};
use hub_flow::clock::Timestamp;
use sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::commands::client::{Hub, told};

use super::county::{County, DIRECTORATE_KEY, NEIGHBOUR_KEY, SENDER_KEY};
use super::say;
use super::story::{GLANCE, PATIENCE};

/// How often something new is sent while the demo stays open.
const BREATH: Duration = Duration::from_secs(20);
/// Answers of eSocial that fail: more than are asked before the hub gives up.
const OUTAGE: u32 = 1_000;
/// Seconds after which a delivery is given up in the demo; a real hub has days.
pub(super) const PATIENT: f64 = 8.0;
const COMMUNE: &str = "uat-110571";
const NEIGHBOUR: &str = "uat-110456";
const DIRECTORATE: &str = "dgaspc-mehedinti";

/// Subjects of ordinary letters; invented.
const LETTERS: [&str; 5] = [
    "Solicitare de date pentru o anchetă socială",
    "Invitație la întâlnirea asistenților sociali",
    "Cerere de informații privind drepturile persoanelor cu handicap",
    "Înștiințare despre schimbarea domiciliului unei persoane asistate",
    "Răspuns la adresa privind ajutorul de încălzire",
];

/// The first things that happen.
///
/// # Errors
/// The hub refuses one of them, or a delivery does not come to its end.
pub(super) async fn begin(url: &str, county: &County) -> anyhow::Result<()> {
    let [commune, neighbour, directorate] = senders(url);
    let petition = "Vă rog să reparați podul de pe drumul județean (petiție inventată; drumul este al județului).";
    send(&neighbour, "demo-petitie", letter(COMMUNE, "Petiție: repararea podului de pe drumul județean", petition))
        .await?;
    say(
        "O petiție a ajuns la Comuna Bâcleș, dar podul este al județului: registratorul o poate redirecționa din consolă",
    );
    for (count, subject) in LETTERS.iter().enumerate() {
        send(&directorate, &format!("demo-adresa-{count}"), transmittal(COMMUNE, subject, count)).await?;
    }
    for (count, subject) in LETTERS.iter().take(3).enumerate() {
        send(&neighbour, &format!("demo-vecin-{count}"), transmittal(DIRECTORATE, subject, count)).await?;
    }
    county.esocial.faults.plan(Fault { times: OUTAGE, ..Fault::once(FaultKind::ServerError) });
    let lost = letter(DIRECTORATE, "Cerere de informații despre un dosar", "Vă rugăm să ne spuneți stadiul dosarului.");
    let lost = send(&commune, "demo-oprita", lost).await?;
    waiting(&commune, &lost).await?;
    county.esocial.faults.clear();
    say("eSocial nu a mers o vreme: o livrare a rămas nefăcută și așteaptă o persoană, cu motivul ei, în consolă");
    Ok(())
}

/// Something new every few seconds, until the demo ends.
pub(super) async fn go_on(url: String) {
    let senders = senders(&url);
    let started = crate::assembly::system_micros();
    for count in 0_usize.. {
        tokio::time::sleep(BREATH).await;
        let subject = LETTERS[count % LETTERS.len()];
        let [commune, neighbour, directorate] = &senders;
        let (from, to) = match count % 3 {
            0 => (neighbour, COMMUNE),
            1 => (directorate, COMMUNE),
            _ => (commune, NEIGHBOUR),
        };
        // What does not go through now is told in the hub's own log; the next one is tried all the same.
        let _ = send(from, &format!("demo-{started}-{count}"), transmittal(to, subject, count)).await;
    }
}

fn senders(url: &str) -> [Hub; 3] {
    [SENDER_KEY, NEIGHBOUR_KEY, DIRECTORATE_KEY].map(|key| Hub { url: url.to_owned(), key: key.to_owned() })
}

fn letter(to: &str, subject: &str, text: &str) -> Value {
    document(to, "document-generic", subject, json!({"subiect": subject, "text": text}))
}

/// A transmittal letter; its number is that of the sender's own papers.
fn transmittal(to: &str, subject: &str, count: usize) -> Value {
    let today = Timestamp(crate::assembly::system_micros()).romanian_date();
    let body = json!({
        "expeditor": {"nume": "Instituție din județul demonstrativ"},
        "destinatar": {"nume": to},
        "numar": format!("D-{}", count + 1),
        "data": today.to_string(),
        "obiect": subject,
        "anexe": []
    });
    document(to, "adresa-inaintare", subject, body)
}

fn document(to: &str, kind: &str, subject: &str, body: Value) -> Value {
    json!({
        "envelope": {
            "recipients": [{"party": to}],
            "document_type": kind,
            "document_version": "1.0",
            "subject": subject,
            "purpose": "corespondenta",
            "legal_basis": "OG nr. 27/2002",
            "parts": [{"name": "document.json", "role": "body", "content_type": "application/json"}]
        },
        "body": body
    })
}

/// Sends a document; answers its message.
async fn send(from: &Hub, key: &str, document: Value) -> anyhow::Result<String> {
    let request = from.client()?.post(from.at("/v1/messages")).header("idempotency-key", key).json(&document);
    let response = request.send().await?;
    let taken = response.status().is_success();
    let answer: Value = response.json().await?;
    if !taken {
        bail!("the hub refused a document of the demo: {}", told(&answer));
    }
    Ok(answer["message_id"].as_str().context("a receipt has a message id")?.to_owned())
}

/// Waits until a delivery of the message waits for a person.
async fn waiting(sender: &Hub, message: &str) -> anyhow::Result<()> {
    let begun = std::time::Instant::now();
    loop {
        let letters = sender.get("/v1/dead-letters").await?;
        if letters.to_string().contains(message) {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            bail!("the refused delivery does not wait for a person");
        }
        tokio::time::sleep(GLANCE).await;
    }
}
