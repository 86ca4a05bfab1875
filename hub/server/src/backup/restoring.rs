//! Whether a copy is whole, and the way back from it.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::config::{Config, StoreConfig};
use crate::protection::secrets;

use super::folders::{copied, files};
use super::manifest::{FolderCopy, Manifest};
use super::{KEYS, database};

/// What is wrong with a copy, in Romanian; nothing where it is whole.
pub type Faults = Vec<String>;

/// Reads a whole copy and compares it with what it says of itself.
///
/// # Errors
/// There is no copy, or it cannot be read.
pub fn check(copy: &Path) -> anyhow::Result<(Manifest, Faults)> {
    let manifest = Manifest::read(copy)?;
    let mut faults = Faults::new();
    match database::hashed(&copy.join(&manifest.database.file)) {
        Err(error) => faults.push(format!("baza de date nu se poate citi: {error}")),
        Ok((sha256, _)) if sha256 != manifest.database.sha256 => {
            faults.push(format!("baza de date {} nu mai este cea copiată", manifest.database.file));
        }
        Ok(_) if manifest.database.engine == "sqlite" => {
            let told = hub_flow::db::sound(&copy.join(&manifest.database.file))?;
            faults.extend(told.map(|told| format!("baza de date este stricată: {told}")));
        }
        Ok(_) => {}
    }
    for folder in &manifest.folders {
        let (count, bytes) = content(&copy.join(&folder.name), folder, &mut faults)?;
        if (count, bytes) != (folder.files, folder.bytes) {
            faults.push(format!(
                "{}: {count} fișiere cu {bytes} octeți, iar copia spune {} cu {}",
                folder.name, folder.files, folder.bytes
            ));
        }
    }
    Ok((manifest, faults))
}

/// How much a folder holds. The name of a payload is the hash of its bytes; the archive's documents are sealed, and told to
/// be whole by `punte archive audit` once they are back.
fn content(root: &Path, folder: &FolderCopy, faults: &mut Faults) -> anyhow::Result<(u64, u64)> {
    let (mut count, mut bytes) = (0, 0);
    for name in files(root)? {
        let path = root.join(&name);
        count += 1;
        if folder.name != "blobs" {
            bytes += std::fs::metadata(&path)?.len();
            continue;
        }
        let (sha256, length) = database::hashed(&path)?;
        bytes += length;
        if name.file_name().and_then(|name| name.to_str()) != Some(sha256.as_str()) {
            faults.push(format!("fișierul {} din {} este stricat", name.display(), folder.name));
        }
    }
    Ok((count, bytes))
}

/// Puts a whole copy into the empty places that a configuration names. Keys that are there already stay.
///
/// # Errors
/// The copy is not whole, a place is not empty, or something cannot be written.
pub async fn restore(config: &Config, copy: &Path) -> anyhow::Result<Manifest> {
    let (manifest, faults) = check(copy)?;
    if !faults.is_empty() {
        bail!("the copy is not whole: {}", faults.join("; "));
    }
    database::empty(config, &manifest.database).await?;
    secrets::own_folder(&config.data)?;
    let vault = match &config.vault.store {
        Some(StoreConfig::Folder(path)) => path.clone(),
        _ => config.data.join("vault"),
    };
    for (name, place) in [("blobs", config.data.join("blobs")), ("vault", vault.clone())] {
        if !files(&place).with_context(|| format!("{} cannot be read", place.display()))?.is_empty() {
            bail!("{} is not empty ({name}); a copy is restored into an empty hub", place.display());
        }
    }
    for folder in &manifest.folders {
        let place = match folder.name.as_str() {
            KEYS => config.data.clone(),
            "vault" => vault.clone(),
            name => config.data.join(name),
        };
        for name in files(&copy.join(&folder.name))? {
            let to = place.join(&name);
            if !to.exists() {
                copied(&copy.join(&folder.name).join(&name), &to)?;
            }
        }
    }
    database::restore(config, copy, &manifest.database).await?;
    Ok(manifest)
}
