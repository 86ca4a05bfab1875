//! The questions before the document: the trade register and ANAF are asked by the commune, with purpose and basis.

use std::path::Path;

use anyhow::{Context as _, bail};
use connectors_onrc::open_data;
use connectors_onrc::snapshot::{Order, import};
use serde_json::{Value, json};

use super::county::{County, SENDER_KEY};
use super::say;
use crate::assembly::system_micros;
use crate::commands::client::{Hub, told};

/// The employer of the person in the inquiry, and the person; both invented (the numbers only pass their checks).
const EMPLOYER: &str = "90000006";
const PERSON: &str = "1630615123457";
const CLERK: &str = "1800101221144";

/// Fetches the played trade register's open data and imports it into the hub's folder, as the importer does with the
/// real one.
pub(super) async fn import_trade_register(county: &County, data: &Path) -> anyhow::Result<()> {
    let (store, files) = (data.join("onrc"), data.join("onrc-download"));
    let catalogue = county.onrc.url().parse()?;
    let fetched = open_data::fetch_newest(&catalogue, &files, false, &mut |_, _, _| {}).await;
    let fetched = fetched.context("the open data of the trade register cannot be fetched")?;
    let report = tokio::task::spawn_blocking(move || {
        let order = Order {
            files: &fetched.folder,
            store: &store,
            snapshot: fetched.snapshot,
            imported_at: system_micros() / 1_000_000,
            source: "date deschise jucate".to_owned(),
            persons: None,
            // The played data has every defect of the real one in a few hundred rows, so far more than one in a hundred.
            forced: true,
        };
        import(&order, &mut |_| {})
    });
    let report = report.await?.context("the open data of the trade register cannot be imported")?;
    say(&format!(
        "Registrul comerțului: {} firme importate din datele deschise, {} rânduri stricate puse deoparte",
        report.facts.counts.firms,
        report.facts.counts.refused.values().sum::<u64>()
    ));
    Ok(())
}

/// Asks who the employer is, how it stands with ANAF, and what the person earned.
pub(super) async fn ask(url: &str) -> anyhow::Result<()> {
    let commune = Hub { url: url.to_owned(), key: SENDER_KEY.to_owned() };
    let employer = put(&commune, "onrc/firma", &json!({ "cui": EMPLOYER })).await?;
    let name = employer["value"].pointer("/denumire").or_else(|| employer["value"].pointer("/firme/0/denumire"));
    say(&format!(
        "Registrul comerțului, angajatorul {EMPLOYER}: {}, starea la {}",
        name.and_then(Value::as_str).unwrap_or("găsit"),
        employer["as_of"].as_str().unwrap_or("-")
    ));
    let taxpayer = put(&commune, "anaf-tva/firma", &json!({ "cui": EMPLOYER })).await?;
    let standing = taxpayer["value"].pointer("/date_generale/stare_inregistrare").and_then(Value::as_str);
    say(&format!("ANAF, același angajator: {}", standing.unwrap_or("găsit")));
    let arguments = json!({ "cnp": PERSON, "an_inceput": "2025", "an_sfarsit": "2025", "functionar": CLERK });
    let incomes = put(&commune, "patrimven/contributii", &arguments).await?;
    let months = incomes["value"].as_array().map_or(0, Vec::len);
    say(&format!(
        "PatrimVen, veniturile persoanei: {months} luni, temeiul și scopul scrise în jurnal înainte de întrebare"
    ));
    let journal = commune.get("/v1/journal").await?;
    let entries = journal["entries"].as_array().map_or(0, Vec::len);
    say(&format!("Jurnalul accesărilor arată {entries} întrebări: cine, despre cine, de ce, cu ce rezultat"));
    Ok(())
}

async fn put(commune: &Hub, operation: &str, arguments: &Value) -> anyhow::Result<Value> {
    let question = json!({
        "arguments": arguments,
        "purpose": "asistenta-sociala",
        "legal_basis": "Legea nr. 448/2006",
        "case_number": "112/2026",
        "user": "asistent-social-07",
    });
    let request = commune.client()?.post(commune.at(&format!("/v1/lookups/{operation}"))).json(&question);
    let response = request.send().await?;
    let answered = response.status().is_success();
    let answer: Value = response.json().await?;
    if !answered {
        bail!("the register {operation} did not answer: {}", told(&answer));
    }
    Ok(answer)
}
