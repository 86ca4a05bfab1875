//! `punte verify --log`: the hub's own log against its own evidence, and against heads that others hold.

use std::path::PathBuf;

use anyhow::Context as _;
use hub_flow::db::{Db, DbError};
use hub_flow::log::audit::{Audit, HeldHead, Report};
use hub_signatures::trust::Trust;
use serde_json::json;

use crate::assembly::log::{anchors, identity};
use crate::config::Config;

use super::NO;

/// Leaves between two words about how far it is.
const TELL_EVERY: u64 = 100_000;

/// What `punte verify --log` is told.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct AuditArguments {
    /// Audit the whole log in the database that --config names, instead of files.
    #[arg(long, conflicts_with_all = ["files", "certificate", "integrity_only"])]
    pub(super) log: bool,
    /// Checkpoint that a partner, a witness or an archive holds; the log must continue it.
    #[arg(long, value_name = "FILE", requires = "log")]
    head: Vec<PathBuf>,
}

/// Audits; `authorities` are files with certificates of time-stamping authorities, those of the configuration where empty.
pub(super) async fn run(
    config: &Config,
    arguments: &AuditArguments,
    (authorities, as_json): (&[PathBuf], bool),
) -> anyhow::Result<u8> {
    let key = config.log.key.clone().unwrap_or_else(|| config.data.join("log.key"));
    anyhow::ensure!(key.exists(), "the log key {} is not there; name the configuration of the hub", key.display());
    let log = identity(config)?;
    let held = arguments.head.iter().map(|path| {
        let note = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(HeldHead { source: path.display().to_string(), note })
    });
    let configured = config.time_stamping.as_ref().map(|one| &one.roots);
    let mut certificates = Vec::new();
    for path in authorities.iter().chain(configured.filter(|_| authorities.is_empty())) {
        certificates.extend(anchors(path)?);
    }
    let trusted = !certificates.is_empty();
    let trust = if trusted { Trust::Anchors(certificates) } else { Trust::IntegrityOnly };
    let held = held.collect::<anyhow::Result<Vec<_>>>()?;
    let db = Db::open(&config.database_url()).await.context("the database cannot be opened")?;
    let audit = Audit { db: &db, keys: log.verifiers(), held, trust };
    let mut told = 0;
    let report = audit.run(|read, of| {
        if read / TELL_EVERY > told {
            told = read / TELL_EVERY;
            eprintln!("  {read} din {of} frunze");
        }
    });
    let report = match report.await {
        Err(error @ DbError::Inconsistent { .. }) => {
            println!("JURNALUL NU SE VERIFICĂ: {error}");
            return Ok(NO);
        }
        report => report?,
    };
    if as_json {
        println!("{}", in_json(log.origin(), &report));
    } else {
        print!("{}", in_words(log.origin(), &report, trusted));
    }
    Ok(if report.is_clean() { 0 } else { NO })
}

fn in_json(origin: &str, report: &Report) -> serde_json::Value {
    let finding = |one: &hub_flow::log::audit::Finding| json!({"ro": one.in_romanian(), "en": one.to_string()});
    json!({
        "verified": report.is_clean(),
        "origin": origin,
        "leaves": report.leaves,
        "erased_salts": report.erased,
        "heads": report.heads,
        "stamps": report.stamps,
        "stamped_leaves": report.stamped,
        "cosignatures": report.cosignatures,
        "held_heads": report.held,
        "pending": report.pending,
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "more_findings": report.untold,
    })
}

fn in_words(origin: &str, report: &Report, trusted: bool) -> String {
    let verdict = if report.is_clean() { "VERIFICAT" } else { "NU SE VERIFICĂ" };
    let mut told = format!("jurnalul {origin}: {verdict}\n");
    let mut line = |label: &str, value: String| told += &format!("  {label:<24} {value}\n");
    line("dovezi în jurnal", report.leaves.to_string());
    line("cu sarea ștearsă", report.erased.to_string());
    line("în așteptare", report.pending.to_string());
    line("capete semnate", report.heads.to_string());
    line("mărci temporale", format!("{}, peste primele {} dovezi", report.stamps, report.stamped));
    line("semnături de martori", report.cosignatures.to_string());
    line("capete păstrate de alții", format!("{} confirmate", report.held));
    for finding in &report.findings {
        line("GĂSIT", finding.in_romanian());
    }
    if report.untold > 0 {
        line("GĂSIT", format!("și încă {}", report.untold));
    }
    if !trusted && report.stamps > 0 {
        line("atenție", "nu s-a verificat a cui este marca temporală: dați --tsa-certificate".to_owned());
    }
    if report.held == 0 && report.stamps == 0 {
        line("atenție", "niciun cap nu este ținut în afara bazei de date (--head) și niciunul nu are marcă: un jurnal rescris în întregime, cu cheia lui, nu s-ar vedea".to_owned());
    }
    told
}
