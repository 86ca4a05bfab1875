//! Vaults in temporary folders, with a clock and keys of their own.

#![allow(dead_code, reason = "each test file uses what it needs")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hub_vault::{Folder, MasterKeys, Vault, World};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// A world whose time stands still until it is moved.
#[derive(Default)]
pub struct FixedWorld(AtomicI64);

impl FixedWorld {
    pub fn time(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub fn pass(&self, time: SignedDuration) {
        self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

impl World for FixedWorld {
    fn now(&self) -> Timestamp {
        self.time()
    }

    #[allow(clippy::disallowed_methods, reason = "keys of a test are thrown away")]
    fn fill(&self, bytes: &mut [u8]) {
        openssl::rand::rand_bytes(bytes).unwrap();
    }
}

/// Stores in a temporary folder.
pub struct Place {
    folder: TempDir,
    pub world: Arc<FixedWorld>,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), world: Arc::default() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn primary(&self) -> PathBuf {
        self.path().join("primary")
    }

    pub fn replica(&self) -> PathBuf {
        self.path().join("replica")
    }

    pub fn vault(&self) -> Vault {
        self.vault_with(keys_with(&[("2026", 1)]))
    }

    pub fn vault_with(&self, keys: MasterKeys) -> Vault {
        let store = Folder::open("primary", &self.primary(), self.world.clone()).unwrap();
        let spool = store.incoming();
        Vault::open(keys, Arc::new(store), &spool, self.world.clone()).unwrap()
    }

    pub fn vault_with_replica(&self) -> Vault {
        let replica = Folder::open("replica", &self.replica(), self.world.clone()).unwrap();
        self.vault().with_replica(Arc::new(replica))
    }

    pub fn content(&self, vault: &Vault, address: &[u8; 32]) -> PathBuf {
        let name = vault.name_of(address);
        self.primary().join("blobs").join(&name[..2]).join(name)
    }

    pub fn key(&self, vault: &Vault, address: &[u8; 32]) -> PathBuf {
        let name = vault.name_of(address);
        self.primary().join("keys").join(&name[..2]).join(name)
    }

    /// Every file of both stores.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.primary(), self.replica()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        files
    }
}

/// Master keys of a test, the first current.
pub fn keys_with(keys: &[(&str, u8)]) -> MasterKeys {
    let mut text = format!("naming = \"{}\"\ncurrent = \"{}\"\n", STANDARD.encode([7; 32]), keys[0].0);
    for (id, byte) in keys {
        text += &format!("[[key]]\nid = \"{id}\"\nkey = \"{}\"\n", STANDARD.encode([*byte; 32]));
    }
    MasterKeys::parse(&text).unwrap()
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The world as it is, for services that check the time.
pub struct SystemClock;

impl SystemClock {
    #[allow(clippy::disallowed_methods, reason = "a real service compares it with its own")]
    pub fn time(&self) -> Timestamp {
        Timestamp::now()
    }
}

impl World for SystemClock {
    fn now(&self) -> Timestamp {
        self.time()
    }

    fn fill(&self, bytes: &mut [u8]) {
        FixedWorld::default().fill(bytes);
    }
}
