//! The recorded exchanges of a system: one JSON file per kind of answer, in the folder `exchanges`.
//!
//! They are what the system was seen to answer, with invented persons. A changed manifest shows by them what it changes,
//! and a twin can be played from them alone.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Manifest, ManifestError};

/// A system as its folder holds it.
#[derive(Debug, Clone)]
pub struct SystemFolder {
    /// What the manifest says.
    pub manifest: Manifest,
    /// What the system was seen to answer, in the order of the file names.
    pub exchanges: Vec<RecordedExchange>,
}

/// One exchange.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedExchange {
    /// The file's name without its ending.
    #[serde(skip)]
    pub name: String,
    /// What it shows, in a sentence; also that persons are invented.
    pub about: String,
    /// `deliver`, `inquire` or `lookup.<operation>`.
    pub operation: String,
    /// What a lookup was asked with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, String>,
    /// The request: its line as text, or an object with further members for people to read.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub request: Value,
    /// What the system answered.
    pub answer: RecordedAnswer,
    /// What it means: `class`, and `receipt`, `code` or `retry_after_s` where there is one.
    pub expected: Value,
}

/// What a system answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedAnswer {
    /// The status.
    pub status: u16,
    /// The headers that matter, by name in small letters.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body: a text is sent as it is, anything else as JSON; nothing where it is left out.
    #[serde(default)]
    pub body: Value,
}

impl SystemFolder {
    /// Reads the manifest and the exchanges of a folder.
    ///
    /// # Errors
    /// A file cannot be read or is not what it should be; the error names it, the place and the way out.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join("manifest.toml");
        let text = std::fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
        let manifest = Manifest::parse(&text, &path.display().to_string())?;
        let named =
            folder.canonicalize().ok().and_then(|whole| Some(whole.file_name()?.to_string_lossy().into_owned()));
        if named.is_some_and(|named| named != manifest.system) {
            return Err(ManifestError::Folder {
                origin: path.display().to_string(),
                problem: format!(
                    "system = {:?} stands in a folder of another name, rename one of them",
                    manifest.system
                ),
            });
        }
        let mut exchanges = Vec::new();
        let recorded = folder.join("exchanges");
        if recorded.is_dir() {
            for entry in std::fs::read_dir(&recorded).map_err(|source| unreadable(&recorded, source))? {
                let path = entry.map_err(|source| unreadable(&recorded, source))?.path();
                if path.extension().is_some_and(|extension| extension == "json") {
                    exchanges.push(RecordedExchange::read(&path)?);
                }
            }
        }
        exchanges.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { manifest, exchanges })
    }

    /// The first exchange of an operation with this meaning.
    #[must_use]
    pub fn meaning(&self, operation: &str, class: &str) -> Option<&RecordedExchange> {
        self.exchanges.iter().find(|exchange| exchange.operation == operation && exchange.class() == class)
    }
}

impl RecordedExchange {
    fn read(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
        let mut exchange: Self = serde_json::from_str(&text).map_err(|error| ManifestError::Text {
            origin: path.display().to_string(),
            line: error.line(),
            column: error.column(),
            problem: format!("{error} (the shape is in docs/integrators.md)"),
        })?;
        exchange.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(exchange)
    }

    /// What it is expected to mean.
    #[must_use]
    pub fn class(&self) -> &str {
        self.expected["class"].as_str().unwrap_or_default()
    }

    /// The target's own reference in the answer, where the exchange has one.
    #[must_use]
    pub fn receipt(&self) -> Option<&str> {
        self.expected["receipt"].as_str()
    }
}

impl RecordedAnswer {
    /// The body as it goes over the line.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> ManifestError {
    ManifestError::Read { origin: path.display().to_string(), source }
}
