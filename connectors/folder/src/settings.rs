//! The table `[folder]` of a manifest.

use serde::Deserialize;

/// What a manifest says to this engine alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// For how many seconds a file without a `.ok` beside it must not have changed before it is taken.
    pub settle: u32,
    /// The folder in which the recipient's program answers each package; with it a delivery is settled by that answer.
    pub confirmations: Option<String>,
    /// Most MiB of one package, in memory while it is read or made.
    pub most_mebibytes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { settle: 5, confirmations: None, most_mebibytes: 64 }
    }
}

impl Settings {
    /// Most bytes of one package.
    pub(crate) fn most_bytes(&self) -> usize {
        self.most_mebibytes as usize * 1024 * 1024
    }

    /// What cannot hold together, and the way out.
    pub(crate) fn contradiction(&self) -> Option<String> {
        if !(1..=1024).contains(&self.most_mebibytes) {
            return Some("most_mebibytes is from 1 to 1024: packages are held in memory".to_owned());
        }
        let plain = |name: &str| {
            !name.is_empty()
                && !name.starts_with('.')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && !["in", "out", "verdicts", "done", "rejected"].contains(&name)
        };
        match &self.confirmations {
            Some(name) if !plain(name) => Some(
                "confirmations is the plain name of a folder beside in and out: letters, digits, - and _".to_owned(),
            ),
            _ => None,
        }
    }
}
