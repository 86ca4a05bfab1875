//! `punte monitor`: follows the log of a hub from outside, remembers what it signed, and cries when it signs otherwise.
//!
//! It needs nothing of the hub but its public door. What it remembers is in one file; what convicts the log is kept in
//! files beside it. Exit code 3 says that the log did not keep its word.

mod memory;
mod public_log;
mod visit;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use hub_signatures::log::key::{KeyUse, SigningKey, VerifierKey};
use hub_signatures::trust::Trust;
use openssl::pkey::PKey;

use crate::assembly::log::anchors;

use super::NO;
use memory::Memory;
use public_log::PublicLog;
use visit::{Outcome, visit};

/// Follows the log of a hub.
#[derive(clap::Args)]
pub(super) struct Monitor {
    /// Address of the hub: `https://hub.example.ro`.
    url: String,
    /// What is remembered between visits; made at the first one.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// The verifier key of the log, `name+id+base64`, as its operator gave it to you. Where absent, the key that the log
    /// shows at the first visit is believed from then on.
    #[arg(long, value_name = "KEY")]
    log_key: Option<String>,
    /// Ed25519 key (PEM) with which to sign what was found consistent; made where the file is absent.
    #[arg(long, value_name = "FILE", requires = "witness_name")]
    witness_key: Option<PathBuf>,
    /// Name of the witness, as in its verifier key.
    #[arg(long, value_name = "NAME")]
    witness_name: Option<String>,
    /// Certificates of the time-stamping authority (PEM): stamps are then fetched and verified too.
    #[arg(long, value_name = "FILE")]
    tsa_certificate: Option<PathBuf>,
    /// State of another monitor, file or URL: both must have seen the same history.
    #[arg(long, value_name = "FILE|URL")]
    compare: Vec<String>,
    /// Visit once and end; the default.
    #[arg(long, conflicts_with = "every")]
    once: bool,
    /// Visit again and again, with this pause: `60s`, `5m`, `1h`.
    #[arg(long, value_name = "TIME", value_parser = pause)]
    every: Option<Duration>,
}

/// What a visit needs.
struct Watch {
    log: PublicLog,
    trust: Option<Trust>,
    witness: Option<SigningKey>,
    compare: Vec<String>,
    state: PathBuf,
}

impl Monitor {
    pub(super) async fn run(self) -> anyhow::Result<u8> {
        let witness = match (&self.witness_key, &self.witness_name) {
            (Some(path), Some(name)) => Some(witness_key(path, name)?),
            _ => None,
        };
        if let Some(key) = &witness {
            println!("cheia de martor, pentru [[log.witnesses]] al hubului: {}", key.verifier());
        }
        let trust = self.tsa_certificate.as_deref().map(anchors).transpose()?.map(Trust::Anchors);
        let given = self.log_key.as_deref().map(VerifierKey::parse).transpose().context("--log-key")?;
        let (log, state) = (PublicLog::at(&self.url)?, self.state.clone());
        let watch = Watch { log, trust, witness, compare: self.compare, state };
        loop {
            let outcome = once(&watch, given.as_ref()).await;
            let Some(every) = self.every else { return outcome };
            match outcome {
                // A log that broke its word is not watched as if nothing had happened.
                Ok(NO) => return Ok(NO),
                Ok(_) => {}
                Err(error) => println!("vizita nu a reușit: {error:#}"),
            }
            tokio::time::sleep(every).await;
        }
    }
}

async fn once(watch: &Watch, given: Option<&VerifierKey>) -> anyhow::Result<u8> {
    let memory = Memory::read(&watch.state)?;
    Ok(match visit(watch, given, memory).await? {
        Outcome::Consistent(lines) => {
            lines.iter().for_each(|line| println!("{line}"));
            0
        }
        Outcome::Broken(lines) => {
            println!("ALARMĂ: JURNALUL NU ȘI-A ȚINUT CUVÂNTUL");
            lines.iter().for_each(|line| println!("  {line}"));
            NO
        }
    })
}

fn witness_key(path: &std::path::Path, name: &str) -> anyhow::Result<SigningKey> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    if !path.exists() {
        let pem = PKey::generate_ed25519()?.private_key_to_pem_pkcs8()?;
        let mut file = std::fs::File::options().create_new(true).write(true).mode(0o600).open(path)?;
        file.write_all(&pem)?;
        file.sync_all()?;
    }
    let pem = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(SigningKey::from_pem(name, KeyUse::Witness, &pem)?)
}

/// `60s`, `5m`, `1h`, or seconds.
fn pause(text: &str) -> Result<Duration, String> {
    let (number, factor) = match text.chars().last() {
        Some('s') => (&text[..text.len() - 1], 1),
        Some('m') => (&text[..text.len() - 1], 60),
        Some('h') => (&text[..text.len() - 1], 3600),
        _ => (text, 1),
    };
    let seconds = number.parse::<u32>().ok().filter(|seconds| *seconds > 0);
    let seconds = seconds.ok_or("give a time like 60s, 5m or 1h")?;
    Ok(Duration::from_secs(u64::from(seconds) * factor))
}
