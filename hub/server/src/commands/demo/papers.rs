//! What the demo leaves: receipts on one page, and the court pack with and without the documents.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use hub_proofs::{Kind, Status, Trusted, Verdict, verify_package};
use hub_signatures::certificate::Certificate;
use serde_json::Value;

use crate::assembly::system_micros;
use crate::commands::client::Hub;
use crate::commands::package;
use crate::listen::Running;

use super::county::SENDER_KEY;
use super::say;
use super::story::Told;

const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(100);

/// The papers of the story.
pub(super) struct Papers {
    message: String,
    /// One page for each evidence, in their order.
    pages: Vec<Vec<u8>>,
    pack: Vec<u8>,
    pack_with_documents: Vec<u8>,
}

/// Waits until every evidence is under a stamped head, and fetches the papers as the sender.
pub(super) async fn gather(running: &Running, told: &Told) -> anyhow::Result<Papers> {
    let commune = Hub { url: running.url(), key: SENDER_KEY.to_owned() };
    let message = told.message["message_id"].as_str().context("a message has an id")?.to_owned();
    let begun = Instant::now();
    let chain = loop {
        let chain = commune.get(&format!("/v1/messages/{message}/evidence")).await?;
        let stamped = |one: &Value| one["log"]["stamped_at"].is_string();
        if chain["evidence"].as_array().is_some_and(|all| all.iter().all(stamped)) {
            break chain;
        }
        if begun.elapsed() > PATIENCE {
            bail!("the log did not get its time-stamp in half a minute: {chain:#}");
        }
        tokio::time::sleep(GLANCE).await;
    };
    let mut pages = Vec::new();
    for evidence in chain["evidence"].as_array().into_iter().flatten() {
        let href = evidence["href"].as_str().unwrap_or_default();
        let response = commune.client()?.get(commune.at(&format!("{href}/receipt"))).send().await?;
        pages.push(response.error_for_status()?.bytes().await?.to_vec());
    }
    let pack = package::fetch(&commune, &message, false).await?;
    let pack_with_documents = package::fetch(&commune, &message, true).await?;
    Ok(Papers { message, pages, pack, pack_with_documents })
}

impl Papers {
    /// Verifies the packs with nothing but the certificates and the key, as an outsider would.
    pub(super) fn verify(&self, running: &Running, authority_root: &Path) -> anyhow::Result<bool> {
        let trusted = Trusted {
            seals: Some(Certificate::all_from_pem(&running.seal_certificate)?),
            authorities: Some(Certificate::all_from_pem(&std::fs::read(authority_root)?)?),
            log_keys: vec![running.hub.log.verifier().clone()],
            ..Trusted::default()
        };
        let at = system_micros().div_euclid(1_000_000);
        let mut all = true;
        for (name, pack) in [("fără documente", &self.pack), ("cu documente", &self.pack_with_documents)] {
            let verdict = verify_package(pack, &trusted, at)?;
            all &= verdict.failures().next().is_none() && proves_everything(&verdict);
            let proven = verdict.claims.iter().filter(|claim| claim.status == Status::Proven).count();
            say(&format!(
                "Pachetul de probe {name}: {proven} afirmații dovedite, {} greșite",
                verdict.failures().count()
            ));
            for claim in verdict.failures() {
                println!("  {}: {}", claim.about, claim.reason.ro);
            }
        }
        Ok(all)
    }

    /// Writes everything into a folder.
    pub(super) fn leave(
        &self,
        out: &Path,
        chain: &Value,
        running: &Running,
        authority_root: &Path,
    ) -> anyhow::Result<()> {
        let (receipts, packages) = (out.join("receipts"), out.join("packages"));
        for folder in [&receipts, &packages] {
            std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        std::fs::write(out.join("seal.pem"), &running.seal_certificate)?;
        std::fs::copy(authority_root, out.join("tsa.pem"))?;
        std::fs::write(out.join("log-key.txt"), format!("{}\n", running.hub.log.verifier()))?;
        let evidences = chain["evidence"].as_array().into_iter().flatten();
        for ((evidence, page), number) in evidences.zip(&self.pages).zip(1..) {
            let event = evidence["event"].as_str().unwrap_or("evidence");
            let document = evidence["document"].as_str().unwrap_or_default();
            std::fs::write(receipts.join(format!("{number:02}-{event}.xml")), document)?;
            std::fs::write(receipts.join(format!("{number:02}-{event}.pdf")), page)?;
        }
        std::fs::write(packages.join(format!("{}.asice", self.message)), &self.pack)?;
        std::fs::write(packages.join(format!("{}-cu-documente.asice", self.message)), &self.pack_with_documents)?;
        Ok(())
    }
}

/// Whether what a court asks for is proven, and not only not refuted.
fn proves_everything(verdict: &Verdict) -> bool {
    let asked =
        [Kind::Package, Kind::Integrity, Kind::Seal, Kind::Log, Kind::HeadTimeStamp, Kind::Chain, Kind::Complete];
    asked.iter().all(|kind| verdict.claims.iter().any(|claim| claim.kind == *kind && claim.status == Status::Proven))
}
