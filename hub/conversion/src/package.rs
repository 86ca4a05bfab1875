//! Documents that are zip files inside: bombs, damage and passwords are found before a program opens them.

use hub_signatures::asice::zip;
use hub_signatures::asice::{Limits, OpenError};

use crate::{Format, NotConverted};

/// Most bytes the parts of a document may take unpacked.
const UNPACKED: usize = 1 << 30;

/// Looks into a package; other formats pass.
///
/// # Errors
/// It is a bomb, damaged, or protected with a password.
pub(crate) fn look(format: Format, bytes: &[u8]) -> Result<(), NotConverted> {
    if !format.is_package() {
        return Ok(());
    }
    let limits = Limits {
        container_bytes: bytes.len(),
        entries: 20_000,
        file_bytes: UNPACKED / 2,
        total_bytes: UNPACKED,
        ratio: 1_000,
    };
    let entries = zip::read(bytes, &limits).map_err(|error| match error {
        OpenError::TooLarge { .. } | OpenError::TooMuch { .. } | OpenError::FileTooLarge { .. } => {
            NotConverted::TooLarge
        }
        OpenError::Bomb { .. } | OpenError::TooManyEntries { .. } => NotConverted::TooLarge,
        other => NotConverted::Broken(other.to_string()),
    })?;
    let manifest = entries.iter().find(|entry| entry.name == "META-INF/manifest.xml");
    let encrypted = |content: &[u8]| content.windows(16).any(|window| window == b":encryption-data");
    if manifest.is_some_and(|manifest| encrypted(&manifest.content)) {
        return Err(NotConverted::Encrypted);
    }
    Ok(())
}
