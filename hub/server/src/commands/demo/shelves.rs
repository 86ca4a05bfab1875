//! What stands at the desk and on the shelves of the demo county: the archival nomenclature under which its institutions file,
//! and requests that came on paper, one near the end of its term and one beyond it.

use anyhow::{Context as _, bail};
use hub_flow::clock::Timestamp;
use serde_json::json;

use crate::commands::client::{Hub, told};

use super::county::{DIRECTORATE_KEY, NEIGHBOUR_KEY, SENDER_KEY};
use super::say;

const NOMENCLATOR: &str = include_str!("../../../../../demo/nomenclator.toml");
/// The directorate's register of requests about personal data; their term runs from the day they came.
const REQUESTS: &str = "/v1/registers/date-personale";
const DAY: i64 = 86_400_000_000;
/// Subject, who asks (invented), and how many days ago it came to another desk of the directorate.
const CAME: [(&str, &str, i64); 3] = [
    ("Cerere de acces la datele din dosarul propriu", "Tudor Inventatu", 34),
    ("Cerere de rectificare a adresei din dosar", "Lia Născocitu", 27),
    ("Cerere de ștergere a unui număr de telefon", "Sabin Plăsmuitu", 6),
];

/// Puts the nomenclature in force, so that what ends is filed by itself.
///
/// # Errors
/// The hub refuses it.
pub(super) async fn set_up(url: &str) -> anyhow::Result<()> {
    for key in [DIRECTORATE_KEY, SENDER_KEY, NEIGHBOUR_KEY] {
        let desk = Hub { url: url.to_owned(), key: key.to_owned() };
        let request =
            desk.client()?.post(desk.at("/v1/archive/nomenclator")).header("content-type", "application/toml");
        taken(request.body(NOMENCLATOR), "demo-nomenclator").await?;
    }
    Ok(())
}

/// Registers what came on paper, unless an earlier demo in the same folder did.
///
/// # Errors
/// The hub refuses an entry.
pub(super) async fn register_what_came(url: &str) -> anyhow::Result<()> {
    let desk = Hub { url: url.to_owned(), key: DIRECTORATE_KEY.to_owned() };
    let now = crate::assembly::system_micros();
    let known = desk.get(&format!("{REQUESTS}/entries")).await?;
    if known["entries"].as_array().is_some_and(|entries| !entries.is_empty()) {
        return Ok(());
    }
    for (subject, who, days) in CAME {
        let entry = json!({
            "direction": "in", "subject": subject, "way": "posta", "pages": 1,
            "correspondent": {"kind": "person", "name": who}, "unit": "SECPAH",
            "received_at": Timestamp(now - days * DAY).to_utc(),
            "dossier_code": "I/A/4"
        });
        let request = desk.client()?.post(desk.at(&format!("{REQUESTS}/entries"))).json(&entry);
        taken(request, &format!("demo-cerere-{days}")).await?;
    }
    say(
        "La DGASPC au venit pe hârtie trei cereri privind datele personale: una are termenul depășit, una îl are aproape",
    );
    Ok(())
}

/// Sends it as the clerk of the registry would.
async fn taken(request: reqwest::RequestBuilder, key: &str) -> anyhow::Result<()> {
    let request = request.header("punte-clerk", "f-demo").header("punte-unit", "Registratura");
    let response = request.header("idempotency-key", key).send().await.context("the hub does not answer")?;
    if !response.status().is_success() {
        bail!("the hub refused what the demo begins with: {}", told(&response.json().await?));
    }
    Ok(())
}
