//! Copies of a whole hub, made while it works, and the way back from one.
//!
//! A copy holds the database as it was at one moment, then the payloads and archived documents it names, which are never
//! changed once they lie there. It mirrors: what the hub has destroyed is gone from the copy at the next time. Keys are left
//! out unless they are asked for; who holds a copy with keys can read everything and seal in the name of the hub.

mod database;
mod folders;
mod manifest;
mod restoring;

pub use folders::Mirrored;
pub use manifest::{DatabaseCopy, FolderCopy, Last, Manifest};
pub use restoring::{Faults, check, restore};

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};
use hub_flow::clock::Timestamp;

use crate::config::{Config, StoreConfig};
use crate::protection::secrets;

use folders::{Kind, mirror};

/// The folder of keys in a copy that has them.
const KEYS: &str = "keys";

/// Makes a copy, or brings the one in the folder up to date.
///
/// # Errors
/// Something cannot be read or written; the copy that was there is then as it was, or says at its check what is missing.
pub async fn make(config: &Config, to: &Path, with_keys: bool, now: Timestamp) -> anyhow::Result<Manifest> {
    let begun = Instant::now();
    let to = prepared(config, to)?;
    let database = database::copy(config, &to).await?;
    let mut folders = Vec::new();
    let mut left_out = Vec::new();
    let mut sources = vec![("blobs", Some(config.data.join("blobs")))];
    let local = config.data.join("vault");
    sources.push(match &config.vault.store {
        None => ("vault", Some(local)),
        Some(StoreConfig::Folder(path)) => ("vault", Some(path.clone())),
        Some(StoreConfig::S3(place)) => {
            left_out.push(format!("documentele arhivate din containerul S3 {}", place.bucket));
            ("vault", None)
        }
    });
    for (name, source) in sources {
        let Some(source) = source else { continue };
        let mirrored =
            mirror(&source, &to.join(name), Kind::Content).with_context(|| format!("{name} is not copied"))?;
        folders.push(FolderCopy::of(name, mirrored));
    }
    if with_keys {
        let mirrored = mirror(&config.data, &to.join(KEYS), Kind::Keys).context("the keys are not copied")?;
        folders.push(FolderCopy::of(KEYS, mirrored));
    } else {
        left_out.extend(folders::keys_of(&config.data)?.into_iter().map(|name| format!("cheia {name}")));
    }
    let manifest =
        Manifest { made_at: now.to_utc(), version: env!("CARGO_PKG_VERSION").to_owned(), database, folders, left_out };
    manifest.keep(&to)?;
    let last = Last { made_at: manifest.made_at.clone(), bytes: manifest.bytes(), seconds: begun.elapsed().as_secs() };
    last.keep(&config.data)?;
    Ok(manifest)
}

/// The folder of the copy: a new one, an empty one, or one with a copy in it.
fn prepared(config: &Config, to: &Path) -> anyhow::Result<PathBuf> {
    secrets::own_folder(to).with_context(|| format!("the folder {} cannot be made", to.display()))?;
    let to = to.canonicalize()?;
    let data = config.data.canonicalize().with_context(|| format!("there is no hub in {}", config.data.display()))?;
    if to.starts_with(&data) || data.starts_with(&to) {
        bail!("the copy in {} would lie in the data folder or around it; name a folder on another disk", to.display());
    }
    let empty = std::fs::read_dir(&to)?.next().is_none();
    if !empty && !manifest::is_copy(&to) {
        bail!("{} is not empty and holds no copy of a hub; name another folder", to.display());
    }
    Ok(to)
}
