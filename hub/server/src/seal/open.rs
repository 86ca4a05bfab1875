//! Opens the seal a configuration names: from files, from a hardware module, or of the hub's own making.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use hub_flow::clock::Timestamp;
use hub_signatures::certificate::Certificate;
use hub_signatures::signer::{FileSigner, Signer, development_seal};
use openssl::sha::Sha256;

use crate::config::{Config, ModulePlace, SealPlace};

const DEVELOPMENT_SEAL_DAYS: u32 = 365;

/// A seal that can be used.
pub struct Opened {
    /// Its key and certificate chain.
    pub signer: Arc<dyn Signer>,
    /// Whether the hub made it itself.
    pub development: bool,
    /// Changes when the files change.
    pub(super) fingerprint: [u8; 32],
}

/// Opens the seal. A development seal is made where there is none, or where its own has expired.
///
/// # Errors
/// A setting or a file is missing, or key and certificate do not belong together.
pub fn open(config: &Config, now: Timestamp) -> anyhow::Result<Opened> {
    let place = config.seal.place()?;
    if matches!(place, SealPlace::Development) {
        prepare_development_seal(config, now)?;
    }
    let fingerprint = fingerprint(config)?;
    let signer: Arc<dyn Signer> = match &place {
        SealPlace::Module(place) => open_module(place)?,
        SealPlace::File { key, certificate } => open_files(key, certificate)?,
        SealPlace::Development => {
            let (key, certificate) = development_files(config);
            open_files(&key, &certificate)?
        }
    };
    Ok(Opened { signer, development: matches!(place, SealPlace::Development), fingerprint })
}

/// A digest of the files of the seal; it costs little, so that it can be taken every minute.
///
/// # Errors
/// A file cannot be read.
pub(super) fn fingerprint(config: &Config) -> anyhow::Result<[u8; 32]> {
    let files = match config.seal.place()? {
        SealPlace::Development => {
            let (key, certificate) = development_files(config);
            vec![key, certificate]
        }
        SealPlace::File { key, certificate } => vec![key, certificate],
        SealPlace::Module(place) => vec![place.certificate],
    };
    let mut digest = Sha256::new();
    for file in files {
        digest.update(&openssl::sha::sha256(&read(&file)?));
    }
    Ok(digest.finish())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("the seal {} cannot be read", path.display()))
}

fn open_files(key: &Path, certificate: &Path) -> anyhow::Result<Arc<dyn Signer>> {
    Ok(Arc::new(FileSigner::from_pem(&read(key)?, &read(certificate)?).context("the seal cannot be used")?))
}

#[cfg(feature = "pkcs11")]
fn open_module(place: &ModulePlace) -> anyhow::Result<Arc<dyn Signer>> {
    use hub_signatures::pkcs11::{AuthPin, KeyPlace, Pkcs11Signer, TokenChoice};
    use secrecy::ExposeSecret as _;
    let token = match (&place.token, place.slot) {
        (Some(label), _) => TokenChoice::Label(label.clone()),
        (None, number) => TokenChoice::Slot(number.unwrap_or_default()),
    };
    let pin = crate::assembly::secret(&place.pin);
    let pin = pin.with_context(|| format!("the PIN of the seal, {}, is not there", place.pin))?;
    let key = KeyPlace {
        module: place.module.clone(),
        token,
        pin: AuthPin::new(pin.expose_secret().into()),
        key_label: place.key_label.clone(),
    };
    Ok(Arc::new(Pkcs11Signer::open(key, &read(&place.certificate)?).context("the seal cannot be used")?))
}

#[cfg(not(feature = "pkcs11"))]
fn open_module(place: &ModulePlace) -> anyhow::Result<Arc<dyn Signer>> {
    anyhow::bail!(
        "the seal is in the module {}, but this program was built without hardware modules; build it with --features pkcs11",
        place.module.display()
    )
}

fn development_files(config: &Config) -> (PathBuf, PathBuf) {
    (config.data.join("seal-development.key"), config.data.join("seal-development.pem"))
}

fn prepare_development_seal(config: &Config, now: Timestamp) -> anyhow::Result<()> {
    let (key, certificate) = development_files(config);
    if key.exists() {
        let chain = Certificate::all_from_pem(&read(&certificate)?).context("the development seal is damaged")?;
        // It proves nothing to anybody, so that its end is no reason to stop.
        if chain.iter().all(|one| one.not_after() > now.0 / 1_000_000) {
            return Ok(());
        }
    }
    make_development_seal(config, (&key, &certificate), now)
}

fn make_development_seal(config: &Config, (key, certificate): (&Path, &Path), now: Timestamp) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    // A serial that differs between hubs made at different moments is enough for a key nobody shall trust.
    let serial = now.0.unsigned_abs();
    let (key_pem, certificate_pem) =
        development_seal(&config.service.name, now.0 / 1_000_000, DEVELOPMENT_SEAL_DAYS, serial)?;
    let write = |path: &Path, content: &[u8], mode: u32| {
        let mut file = File::options().create(true).truncate(true).write(true).mode(mode).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    // The key gets its name last, whole: a hub that falls before makes a new pair, one that falls after has both.
    let unnamed = key.with_extension("unnamed");
    if key.exists() {
        std::fs::remove_file(key)?;
    }
    write(certificate, &certificate_pem, 0o644)?;
    write(&unnamed, &key_pem, 0o600)?;
    std::fs::rename(&unnamed, key)?;
    File::open(&config.data)?.sync_all()?;
    Ok(())
}

#[cfg(all(test, not(feature = "pkcs11")))]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_hardware_modules_says_how_to_get_them() {
        let text = "[seal]\nkind = 'pkcs11'\nmodule = 'm.so'\ntoken = 't'\nkey_label = 'k'\npin = 'env:P'\n";
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("seal.pem");
        std::fs::write(&certificate, "").unwrap();
        let config: Config = toml::from_str(&format!("{text}certificate = '{}'", certificate.display())).unwrap();
        let error = open(&config, Timestamp(0)).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("m.so") && error.contains("--features pkcs11"), "{error}");
    }
}
