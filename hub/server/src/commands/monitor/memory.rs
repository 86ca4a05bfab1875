//! What a monitor remembers of a log, and what it keeps when the log breaks its word.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use hub_signatures::log::checkpoint::Checkpoint;
use hub_signatures::log::key::VerifierKey;
use hub_signatures::log::note::SignedNote;
use serde::{Deserialize, Serialize};

/// What is remembered between visits. The file may be given to other monitors: it holds nothing secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    /// Address of the hub.
    pub url: String,
    /// Verifier keys of the log; the first visit or `--log-key` decided.
    pub keys: Vec<String>,
    /// The largest head that was found consistent, as a note.
    pub checkpoint: String,
    /// The newest time a stamp was found to prove, `xs:dateTime`, and for how many leaves.
    pub stamped: Option<(u64, String)>,
}

impl Memory {
    /// Reads the file; none where there is no file yet.
    pub(super) fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        match std::fs::read(path) {
            Ok(bytes) => {
                Ok(Some(serde_json::from_slice(&bytes).with_context(|| format!("{} is no state", path.display()))?))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Writes the file whole or not at all.
    pub(super) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let unnamed = path.with_extension("unnamed");
        let written = || -> std::io::Result<()> {
            let mut file = File::create(&unnamed)?;
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()?;
            std::fs::rename(&unnamed, path)
        };
        written().with_context(|| format!("{} cannot be written", path.display()))
    }

    /// The keys as keys.
    pub(super) fn verifiers(&self) -> anyhow::Result<Vec<VerifierKey>> {
        self.keys.iter().map(|key| Ok(VerifierKey::parse(key)?)).collect()
    }

    /// The remembered head, its signature checked again.
    pub(super) fn head(&self) -> anyhow::Result<Checkpoint> {
        checked(&self.checkpoint, &self.verifiers()?).context("the remembered head is not one of the log")
    }
}

/// Reads a note that must be a head signed by one of the keys.
pub(super) fn checked(note: &str, keys: &[VerifierKey]) -> anyhow::Result<Checkpoint> {
    Ok(Checkpoint::verify(&SignedNote::parse(note)?, keys)?.0)
}

/// Keeps two heads that do not fit, beside the state: signed by the log, they are the proof. Answers the file.
pub(super) fn keep_proof(state: &Path, what: &str, [one, other]: [&str; 2]) -> anyhow::Result<PathBuf> {
    let content = format!("{what}\n\n---\n{one}\n---\n{other}");
    let digest = openssl::sha::sha256(content.as_bytes());
    let path = state.with_extension(format!("fork-{}.txt", hex::encode(&digest[..6])));
    std::fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}
