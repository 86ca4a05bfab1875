//! The manifest: what an export holds, sealed by the hub that made it together with the list of hashes.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use hub_signatures::asice::{Container, DataFile, Draft, Limits};
use hub_signatures::certificate::Certificate;
use hub_signatures::signer::Signer;
use hub_signatures::trust::Trust;
use serde::{Deserialize, Serialize};

use super::{FORMAT, SIGNED, SUMS, folder};

const NAME: &str = "manifest.json";
/// Version of the format that is written; others are refused by name.
const VERSION: u32 = 1;

/// The rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Counted {
    /// How many.
    pub(in super::super) rows: u64,
    /// SHA-256 of each line, joined by exclusive or; hexadecimal.
    pub(in super::super) digest: String,
}

/// What an export holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct Manifest {
    /// [`FORMAT`].
    pub(in super::super) format: String,
    /// Version of the format.
    pub(in super::super) version: u32,
    /// The institution.
    pub(in super::super) party: String,
    /// Name of the hub.
    pub(in super::super) hub: String,
    /// When it was made, UTC.
    pub(in super::super) exported_at: String,
    /// Rows by table.
    pub(in super::super) tables: BTreeMap<String, Counted>,
    /// Next number by `register/year`.
    pub(in super::super) next_numbers: BTreeMap<String, i64>,
    /// Deliveries that are under way and stay with the hub that made the export.
    pub(in super::super) under_way: i64,
    /// Hashes of bytes that were erased before, or are gone; rows name them.
    pub(in super::super) absent: Vec<String>,
}

impl Manifest {
    pub(in super::super) fn new(party: &str, hub: &str, exported_at: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            party: party.to_owned(),
            hub: hub.to_owned(),
            exported_at,
            tables: BTreeMap::new(),
            next_numbers: BTreeMap::new(),
            under_way: 0,
            absent: Vec::new(),
        }
    }
}

/// Seals a manifest with the list of hashes: an ASiC-E container.
pub(in super::super) fn seal(manifest: &Manifest, sums: &str, signer: &dyn Signer) -> anyhow::Result<Vec<u8>> {
    let text = serde_json::to_vec_pretty(manifest).expect("a manifest is plain data");
    let files = [
        DataFile { name: NAME, media_type: "application/json", content: &text },
        DataFile { name: SUMS, media_type: "text/plain", content: sums.as_bytes() },
    ];
    let mut draft = Draft::new(&files).context("the manifest cannot be packed")?;
    draft.sign(signer, &manifest.exported_at).context("the manifest cannot be sealed")?;
    draft.finish().context("the manifest cannot be packed")
}

/// An export whose signature and hashes hold.
pub(in super::super) struct Opened {
    pub(in super::super) manifest: Manifest,
    /// SHA-256 of the signed manifest.
    pub(in super::super) sha256: [u8; 32],
    /// Whom the signature names.
    pub(in super::super) signer: String,
    pub(in super::super) files: folder::Listing,
}

/// Opens the export in a folder: signature first, then every hash. `certificates` are those the signer is held against;
/// none: whoever it was.
pub(in super::super) fn open(root: &Path, certificates: Vec<Certificate>) -> anyhow::Result<Opened> {
    let path = root.join(SIGNED);
    let bytes = std::fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let limits = Limits { container_bytes: 1 << 30, file_bytes: 1 << 30, total_bytes: 1 << 30, ..Limits::default() };
    let container = Container::open(&bytes, &limits).with_context(|| format!("{SIGNED} cannot be opened"))?;
    let trust = if certificates.is_empty() { Trust::IntegrityOnly } else { Trust::Anchors(certificates) };
    let verdict = container.verify(&trust, &Trust::IntegrityOnly);
    let signature = verdict.signatures.first().context("the manifest is not signed")?;
    let signer = match &signature.outcome {
        Ok(signed) => signed.certificate.subject().to_owned(),
        Err(problem) => bail!("the signature of the manifest does not hold: {problem}"),
    };
    ensure!(verdict.holds(), "the manifest was changed after it was signed");
    let text = |name: &str| {
        let content = container.entry(name).with_context(|| format!("{SIGNED} has no {name}"))?;
        std::str::from_utf8(content).with_context(|| format!("{name} is no UTF-8"))
    };
    let manifest: Manifest = serde_json::from_str(text(NAME)?).context("the manifest is not right")?;
    ensure!(
        manifest.format == FORMAT && manifest.version == VERSION,
        "it is {} of version {}, not {FORMAT} of version {VERSION}",
        manifest.format,
        manifest.version
    );
    let files = folder::check(root, text(SUMS)?)?;
    Ok(Opened { manifest, sha256: openssl::sha::sha256(&bytes), signer, files })
}
