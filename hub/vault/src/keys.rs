//! Master keys: a file outside the database and outside every store.
//!
//! ```toml
//! naming = "<32 bytes, base64>"   # names of blobs; never changes
//! current = "2026"                # wraps new data keys
//! [[key]]
//! id = "2026"
//! key = "<32 bytes, base64>"
//! ```
//!
//! Whoever loses the file loses every document; whoever has it and a store can read every document.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde::Deserialize;

use crate::world::World;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the key file {path} cannot be used: {cause}")]
    Unusable {
        /// The file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It is not what a key file is; the text says where. It never holds a key.
    #[error("the key file is wrong: {0}")]
    Malformed(String),
    /// Others than its owner may read it.
    #[error("the key file {path} may be read by others: set its mode to 0600")]
    Open {
        /// The file.
        path: String,
    },
}

/// The master keys of a vault. It does not print them.
pub struct MasterKeys {
    naming: [u8; 32],
    current: String,
    keys: BTreeMap<String, [u8; 32]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    naming: String,
    current: String,
    key: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    key: String,
}

impl MasterKeys {
    /// Reads a key file.
    ///
    /// # Errors
    /// It is not there, open to others, or no key file.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let unusable = |cause| KeyFileError::Unusable { path: path.display().to_string(), cause };
        let text = std::fs::read_to_string(path).map_err(unusable)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(path).map_err(unusable)?.permissions().mode();
            // Read by the group is how secrets are mounted into containers.
            if mode & 0o007 != 0 {
                return Err(KeyFileError::Open { path: path.display().to_string() });
            }
        }
        Self::parse(&text)
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// [`KeyFileError::Malformed`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let wrong = KeyFileError::Malformed;
        // The parser's own message quotes the line, and the line may hold a key.
        let file: File = toml::from_str(text).map_err(|error| wrong(error.message().to_owned()))?;
        let mut keys = BTreeMap::new();
        for entry in file.key {
            if !is_id(&entry.id) {
                return Err(wrong(format!("the id {:?} is not 1 to 40 of a-z, 0-9 and -", entry.id)));
            }
            let key = bytes(&entry.key).ok_or_else(|| wrong(format!("the key {} is not 32 bytes", entry.id)))?;
            if keys.insert(entry.id.clone(), key).is_some() {
                return Err(wrong(format!("the id {} stands twice", entry.id)));
            }
        }
        if !keys.contains_key(&file.current) {
            return Err(wrong(format!("current = {:?} names no [[key]]", file.current)));
        }
        let naming = bytes(&file.naming).ok_or_else(|| wrong("naming is not 32 bytes in base64".to_owned()))?;
        Ok(Self { naming, current: file.current, keys })
    }

    /// The text of a key file that begins with one key.
    #[must_use]
    pub fn begin(id: &str, world: &dyn World) -> String {
        format!("naming = \"{}\"\ncurrent = \"{id}\"\n{}", fresh(world), entry(id, world))
    }

    /// The text of a key file with a further key, which wraps from now on.
    ///
    /// # Errors
    /// The text is no key file, or has the id already.
    pub fn with_another(text: &str, id: &str, world: &dyn World) -> Result<String, KeyFileError> {
        let old = Self::parse(text)?;
        let line = |line: &str| {
            if line.trim_start().starts_with("current") { format!("current = \"{id}\"") } else { line.to_owned() }
        };
        let mut changed: String = text.lines().map(|one| line(one) + "\n").collect();
        changed.push_str(&entry(id, world));
        let new = Self::parse(&changed)?;
        if new.keys.len() != old.keys.len() + 1 || new.current != id || new.naming != old.naming {
            return Err(KeyFileError::Malformed("it cannot be changed by the program; add the key by hand".to_owned()));
        }
        Ok(changed)
    }

    /// Id of the key that wraps new data keys.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Ids of all keys, the current one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let others = self.keys.keys().map(String::as_str).filter(|id| *id != self.current);
        std::iter::once(self.current.as_str()).chain(others)
    }

    /// The name of a blob in the stores.
    pub(crate) fn name(&self, sha256: &[u8; 32]) -> [u8; 32] {
        mac(&self.naming, &[b"punte-vault-name-v1\0", sha256])
    }

    /// The key that wraps the data key of one blob: one master key serves any number of blobs, since no key of the
    /// cipher is used for more than a few.
    pub(crate) fn wrapping(&self, id: &str, name: &[u8; 32]) -> Option<[u8; 32]> {
        let master = self.keys.get(id)?;
        Some(mac(master, &[b"punte-vault-wrap-v1\0", id.as_bytes(), b"\0", name]))
    }
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKeys").field("current", &self.current).field("ids", &self.keys.keys()).finish()
    }
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    const WHY: &str = "HMAC with SHA-256 takes any key and any bytes";
    let key = PKey::hmac(key).expect(WHY);
    let mut signer = Signer::new(MessageDigest::sha256(), &key).expect(WHY);
    for part in parts {
        signer.update(part).expect(WHY);
    }
    signer.sign_to_vec().expect(WHY).try_into().expect("SHA-256 has 32 bytes")
}

fn is_id(id: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&id.len()) && id.bytes().all(letter)
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text.trim()).ok()?.try_into().ok()
}

fn fresh(world: &dyn World) -> String {
    let mut key = [0; 32];
    world.fill(&mut key);
    STANDARD.encode(key)
}

fn entry(id: &str, world: &dyn World) -> String {
    format!("\n[[key]]\nid = \"{id}\"\nkey = \"{}\"\n", fresh(world))
}
