//! One question that changes nothing: whose clock is off, and whether the system knows us.

use std::time::Duration;

use connectors_contract::{Body, Channel, Consignment, Inquiry, Manifest};
use hub_flow::clock::Timestamp;
use reqwest::header::{DATE, WWW_AUTHENTICATE};
use url::Url;

use super::{Examination, Side};
use crate::assembly::{self, system_micros};
use crate::config::Config;

/// Systems refuse requests that are further off than this; ANAF refuses one second.
const SECONDS_OFF: i64 = 2;

/// Asks, first as nobody, then as ourselves.
pub(super) async fn ask(
    manifest: &Manifest,
    channel: &Channel,
    address: &Url,
    examination: &mut Examination,
) -> anyhow::Result<()> {
    clock(channel, address, examination).await?;
    if manifest.inquire.is_none() {
        examination.warn("sistemul nu are o întrebare fără urmări; dacă ne recunoaște se va vedea la prima trimitere");
        return Ok(());
    }
    let engines = assembly::engines(&Config::default())?;
    let Some(engine) = engines.iter().find(|engine| engine.name() == manifest.engine) else { return Ok(()) };
    let connector = match engine.outbound(manifest, channel.clone()) {
        Ok(connector) => connector,
        Err(error) => {
            examination.wrong(Side::Ours, error.to_string(), "completați canalul");
            return Ok(());
        }
    };
    match connector.inquire(&nothing()).await {
        Inquiry::Absent => examination.well("sistemul ne recunoaște: a spus că nu are un document care nu există"),
        Inquiry::Present { .. } => examination.wrong(
            Side::Ours,
            "sistemul spune că are un document care nu există",
            "strângeți inquire.present în manifest: altfel un document pierdut pare livrat",
        ),
        Inquiry::Refused { code, reason } => examination.warn(format!("întrebarea a fost refuzată: {code}, {reason}")),
        Inquiry::Unanswered { reason, .. } => {
            let known = ["401", "403", "407"].iter().any(|status| reason.starts_with(status));
            let (side, remedy) = if known {
                (Side::Ours, "sistemul nu ne recunoaște: comparați secretul, drepturile lui și ceasul de mai sus")
            } else {
                (Side::Theirs, "sistemul a răspuns altceva decât spune manifestul")
            };
            examination.wrong(side, format!("la întrebare: {reason}"), remedy);
        }
    }
    Ok(())
}

async fn clock(channel: &Channel, address: &Url, examination: &mut Examination) -> anyhow::Result<()> {
    let mut client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(10));
    for root in
        channel.roots.iter().filter_map(|roots| reqwest::Certificate::from_pem_bundle(roots.as_bytes()).ok()).flatten()
    {
        client = client.add_root_certificate(root);
    }
    let before = system_micros() / 1_000_000;
    let answer = match client.build()?.get(address.clone()).send().await {
        Ok(answer) => answer,
        Err(_) => {
            examination.warn("fără identitate sistemul nu răspunde deloc; ceasul lui nu se poate compara");
            return Ok(());
        }
    };
    let after = system_micros() / 1_000_000;
    let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match header(DATE).and_then(|date| jiff::fmt::rfc2822::parse(&date).ok()) {
        None => examination.warn("sistemul nu spune ora lui (Date)"),
        Some(theirs) => {
            let theirs = theirs.timestamp().as_second();
            // Their second may have begun anywhere between our question and their answer.
            let off = if theirs < before { theirs - before } else { (theirs - after).max(0) };
            let told = format!("ceasul lor arată {}", Timestamp(theirs * 1_000_000).to_romanian());
            if off.abs() > SECONDS_OFF {
                let remedy = "porniți sincronizarea (NTP); dacă ceasul nostru este bun, anunțați instituția";
                let side = if off < 0 { "în urma" } else { "înaintea" };
                examination.wrong(Side::Between, format!("{told}, cu {} s {side} ceasului nostru", off.abs()), remedy);
            } else {
                examination.well(format!("{told}, la fel ca al nostru"));
            }
        }
    }
    if let Some(asked) = header(WWW_AUTHENTICATE) {
        examination.well(format!("fără secret răspunde {} și cere {asked}", answer.status()));
    }
    Ok(())
}

/// A document that was never sent.
fn nothing() -> Consignment {
    Consignment {
        idempotency_key: "00000000-0000-7000-8000-000000000000".to_owned(),
        facts: Default::default(),
        body: Body { content_type: "application/json".to_owned(), content: "{}".into() },
        parts: Vec::new(),
        evidence: Vec::new(),
    }
}
