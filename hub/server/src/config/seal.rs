//! `[seal]` and `[time_stamping]`: which key seals, how its standing is learnt, and who stamps the time.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// The seal key; a development key where nothing is said.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SealConfig {
    /// `file`, `pkcs11` or `development`. Where it is absent: `file` when a key is named, `development` otherwise.
    pub kind: Option<SealKind>,
    /// `file`: private key, PEM, unencrypted.
    pub key: Option<PathBuf>,
    /// Certificate chain, PEM: the seal's own first, then those above it.
    pub certificate: Option<PathBuf>,
    /// `pkcs11`: the module's library.
    pub module: Option<PathBuf>,
    /// `pkcs11`: label of the token.
    pub token: Option<String>,
    /// `pkcs11`: number of the slot, where the token is not named.
    pub slot: Option<u64>,
    /// `pkcs11`: label of the private key.
    pub key_label: Option<String>,
    /// `pkcs11`: the PIN, as `env:NAME` or `file:PATH`.
    pub pin: Option<String>,
    /// Revocation list of the seal's issuer: a file or an address; that in the certificate where absent.
    pub crl: Option<String>,
    /// Address of the issuer's OCSP responder; that in the certificate where absent.
    pub ocsp: Option<String>,
    /// Hours for which the service goes on when the standing of the seal cannot be learnt.
    pub revocation_grace_hours: u32,
    /// Seconds between two questions about the standing of the seal.
    pub revocation_seconds: u32,
    /// Seconds between two looks at the seal: its files, its validity.
    pub watch_seconds: u32,
}

impl Default for SealConfig {
    fn default() -> Self {
        Self {
            kind: None,
            key: None,
            certificate: None,
            module: None,
            token: None,
            slot: None,
            key_label: None,
            pin: None,
            crl: None,
            ocsp: None,
            revocation_grace_hours: 24,
            revocation_seconds: 600,
            watch_seconds: 60,
        }
    }
}

/// Kinds of seal keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SealKind {
    /// A key in a file.
    File,
    /// A key in a hardware module.
    Pkcs11,
    /// A key the hub makes itself.
    Development,
}

/// Where the key is, every setting it needs at hand.
#[derive(Debug, Clone)]
pub enum SealPlace {
    /// The hub makes one in its data folder.
    Development,
    /// In a file.
    File {
        /// Private key, PEM.
        key: PathBuf,
        /// Certificate chain, PEM.
        certificate: PathBuf,
    },
    /// In a hardware module.
    Module(ModulePlace),
}

/// A key in a hardware module.
#[derive(Debug, Clone)]
pub struct ModulePlace {
    /// The module's library.
    pub module: PathBuf,
    /// Label of the token.
    pub token: Option<String>,
    /// Number of the slot; used where the token is not named.
    pub slot: Option<u64>,
    /// Label of the private key.
    pub key_label: String,
    /// Reference of the PIN.
    pub pin: String,
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
}

/// A setting of `[seal]` is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[seal] of kind {kind:?} needs {missing}")]
pub struct SealIncomplete {
    kind: SealKind,
    missing: &'static str,
}

impl SealConfig {
    /// Where the key is.
    ///
    /// # Errors
    /// A setting that this kind needs is missing.
    pub fn place(&self) -> Result<SealPlace, SealIncomplete> {
        let named = self.key.is_some() || self.certificate.is_some();
        let kind = self.kind.unwrap_or(if named { SealKind::File } else { SealKind::Development });
        let missing = |missing| SealIncomplete { kind, missing };
        let certificate = || self.certificate.clone().ok_or(missing("certificate"));
        Ok(match kind {
            SealKind::Development => SealPlace::Development,
            SealKind::File => {
                SealPlace::File { key: self.key.clone().ok_or(missing("key"))?, certificate: certificate()? }
            }
            SealKind::Pkcs11 => SealPlace::Module(ModulePlace {
                module: self.module.clone().ok_or(missing("module"))?,
                token: self.token.clone(),
                slot: if self.token.is_some() { None } else { Some(self.slot.ok_or(missing("token or slot"))?) },
                key_label: self.key_label.clone().ok_or(missing("key_label"))?,
                pin: self.pin.clone().ok_or(missing("pin"))?,
                certificate: certificate()?,
            }),
        })
    }

    /// How long the service goes on when the standing of the seal cannot be learnt, in seconds.
    #[must_use]
    pub fn grace(&self) -> i64 {
        i64::from(self.revocation_grace_hours) * 3600
    }

    /// The pause between two looks.
    #[must_use]
    pub fn pause(&self) -> Duration {
        Duration::from_secs(u64::from(self.watch_seconds.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_says_which_setting_it_misses() {
        let place = |toml: &str| toml::from_str::<SealConfig>(toml).unwrap().place();
        assert!(matches!(place(""), Ok(SealPlace::Development)));
        assert!(matches!(place("key = 'k'\ncertificate = 'c'"), Ok(SealPlace::File { .. })));
        let table = [
            ("certificate = 'c'", "key"),
            ("kind = 'file'\nkey = 'k'", "certificate"),
            ("kind = 'pkcs11'", "module"),
            ("kind = 'pkcs11'\nmodule = 'm'", "token or slot"),
            ("kind = 'pkcs11'\nmodule = 'm'\nslot = 1", "key_label"),
            ("kind = 'pkcs11'\nmodule = 'm'\ntoken = 't'\nkey_label = 'k'", "pin"),
            ("kind = 'pkcs11'\nmodule = 'm'\ntoken = 't'\nkey_label = 'k'\npin = 'env:P'", "certificate"),
        ];
        for (toml, missing) in table {
            assert_eq!(place(toml).unwrap_err().missing, missing, "{toml}");
        }
    }
}
