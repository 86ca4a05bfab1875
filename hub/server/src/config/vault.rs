//! Where archived documents lie, and under which keys.

use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

/// The vault. Without a key file it is a vault for development: its key is made in the data folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VaultConfig {
    /// The key file, outside the data folder, the database and the stores. `punte archive keys new` makes it.
    pub keys: Option<PathBuf>,
    /// The store; the folder `vault` in the data folder where absent.
    pub store: Option<StoreConfig>,
    /// A second store with everything, from which the first is mended.
    pub replica: Option<StoreConfig>,
    /// How documents are examined in the background.
    pub audit: AuditConfig,
    /// Whether archived documents get a PDF/A copy beside them, where the programs for that are installed.
    pub copies: bool,
}

impl Default for VaultConfig {
    fn default() -> Self {
        Self { keys: None, store: None, replica: None, audit: AuditConfig::default(), copies: true }
    }
}

/// A place of encrypted documents.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreConfig {
    /// A folder.
    Folder(PathBuf),
    /// A bucket of an S3 service.
    S3(S3Config),
}

/// A bucket of an S3 service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// Address of the service.
    pub endpoint: Url,
    /// The bucket; with object lock, where retention is to bind the operator too.
    pub bucket: String,
    /// Its region.
    #[serde(default = "region")]
    pub region: String,
    /// What the names of all objects begin with; empty, or a path that ends with `/`.
    #[serde(default)]
    pub prefix: String,
    /// Id of the access key: `env:NAME` or `file:PATH`.
    pub access_key: String,
    /// The access key: `env:NAME` or `file:PATH`.
    pub secret_key: String,
}

/// How documents are examined in the background.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditConfig {
    /// Whether they are.
    pub on: bool,
    /// Megabytes read a second at most.
    pub megabytes_per_second: u32,
    /// Hours from the end of a pass over everything to the next one.
    pub pause_hours: f64,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self { on: true, megabytes_per_second: 20, pause_hours: 168.0 }
    }
}

fn region() -> String {
    "us-east-1".to_owned()
}
