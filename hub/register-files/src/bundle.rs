//! A ZIP of documents, which may be anything: every bound is checked before a byte is kept.
//!
//! Names are names and no paths that lead out; nothing is encrypted; nothing unpacks to more than its bounds, whatever the
//! archive says of its own sizes. Entries are unpacked one at a time, in memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use bytes::Bytes;

/// Bounds of an archive.
#[derive(Debug, Clone, Copy)]
pub struct BundleLimits {
    /// Most entries.
    pub entries: usize,
    /// Most bytes of one entry, unpacked.
    pub entry_bytes: u64,
    /// Most bytes of all entries, unpacked.
    pub bytes: u64,
    /// Most bytes that one packed byte may become.
    pub ratio: u64,
}

impl Default for BundleLimits {
    fn default() -> Self {
        Self { entries: 20_000, entry_bytes: 64 * 1024 * 1024, bytes: 512 * 1024 * 1024, ratio: 200 }
    }
}

/// Why an archive, or an entry of it, is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It cannot be opened as ZIP.
    #[error("arhiva nu se deschide ca ZIP ({0}); faceți-o din nou")]
    NotZip(String),
    /// It has too many entries.
    #[error("arhiva are mai mult de {0} fișiere; împărțiți-o")]
    TooManyEntries(usize),
    /// A name leads out of the archive.
    #[error("fișierul „{0}” din arhivă are un nume care iese din ea; puneți fișierele direct în arhivă")]
    BadName(String),
    /// Two entries have the same name.
    #[error("arhiva are de două ori fișierul „{0}”; păstrați unul")]
    Twice(String),
    /// An entry is encrypted.
    #[error("fișierul „{0}” din arhivă este protejat cu parolă; faceți arhiva fără parolă")]
    Encrypted(String),
    /// It would unpack to more than what is read.
    #[error("fișierul „{0}” din arhivă este prea mare după dezarhivare; împărțiți arhiva")]
    UnpacksTooLarge(String),
    /// There is no such entry.
    #[error("fișierul „{0}” nu este în arhivă; adăugați-l sau corectați numele")]
    Missing(String),
}

/// An archive that keeps its bounds.
pub struct Bundle {
    bytes: Bytes,
    limits: BundleLimits,
    places: BTreeMap<String, usize>,
}

impl Bundle {
    /// Opens an archive and looks at all its names and sizes.
    ///
    /// # Errors
    /// It breaks a bound or a rule of names.
    pub fn open(bytes: Bytes, limits: BundleLimits) -> Result<Self, BundleError> {
        let mut archive = opened(&bytes)?;
        if archive.len() > limits.entries {
            return Err(BundleError::TooManyEntries(limits.entries));
        }
        let (mut places, mut whole) = (BTreeMap::new(), 0_u64);
        for place in 0..archive.len() {
            let entry = archive.by_index_raw(place).map_err(|error| not_zip(&error))?;
            let name = entry.name().map_err(|error| not_zip(&error))?.replace('\\', "/");
            if !stays_inside(&name) {
                return Err(BundleError::BadName(brief(&name)));
            }
            if entry.encrypted() {
                return Err(BundleError::Encrypted(brief(&name)));
            }
            if entry.is_dir() || hidden(&name) {
                continue;
            }
            whole = whole.saturating_add(entry.size());
            let most = entry.compressed_size().saturating_add(1024).saturating_mul(limits.ratio);
            if entry.size() > limits.entry_bytes.min(most) || whole > limits.bytes {
                return Err(BundleError::UnpacksTooLarge(brief(&name)));
            }
            if places.insert(name.clone(), place).is_some() {
                return Err(BundleError::Twice(brief(&name)));
            }
        }
        drop(archive);
        Ok(Self { bytes, limits, places })
    }

    /// The names of the files, in order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// A file of it.
    ///
    /// # Errors
    /// It is not there, is damaged, or unpacks to more than it said and may.
    pub fn read(&self, name: &str) -> Result<Bytes, BundleError> {
        let place = self.places.get(name).ok_or_else(|| BundleError::Missing(brief(name)))?;
        let mut archive = opened(&self.bytes)?;
        let entry = archive.by_index(*place).map_err(|error| not_zip(&error))?;
        // What it says of its size is not believed: one byte more than it said ends the reading.
        let most = entry.size().min(self.limits.entry_bytes);
        let mut unpacked = Vec::new();
        entry.take(most + 1).read_to_end(&mut unpacked).map_err(|error| not_zip(&error))?;
        if unpacked.len() as u64 > most {
            return Err(BundleError::UnpacksTooLarge(brief(name)));
        }
        Ok(unpacked.into())
    }
}

fn opened(bytes: &Bytes) -> Result<zip::ZipArchive<Cursor<Bytes>>, BundleError> {
    zip::ZipArchive::new(Cursor::new(bytes.clone())).map_err(|error| not_zip(&error))
}

fn stays_inside(name: &str) -> bool {
    let sound = |piece: &str| piece != ".." && piece != "." && !piece.contains(['\0', ':']);
    !name.is_empty() && name.len() <= 400 && !name.starts_with('/') && name.split('/').all(sound)
}

/// What systems put into archives by themselves.
fn hidden(name: &str) -> bool {
    name.starts_with("__MACOSX/")
        || name.rsplit('/').next().is_some_and(|last| last.starts_with('.') || last.is_empty())
}

fn not_zip(error: &dyn std::fmt::Display) -> BundleError {
    BundleError::NotZip(brief(&error.to_string()))
}

fn brief(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::SimpleFileOptions;

    use super::*;

    fn packed(files: &[(&str, &[u8])]) -> Bytes {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner().into()
    }

    #[test]
    fn a_bundle_gives_its_files_and_nothing_else() {
        let bundle =
            Bundle::open(packed(&[("b.pdf", b"%PDF"), ("a.csv", b"x"), (".ascuns", b"")]), BundleLimits::default());
        let bundle = bundle.unwrap();
        assert_eq!(bundle.names().collect::<Vec<_>>(), ["a.csv", "b.pdf"]);
        assert_eq!(bundle.read("b.pdf").unwrap(), "%PDF");
        assert_eq!(bundle.read("c.pdf"), Err(BundleError::Missing("c.pdf".to_owned())));
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        for name in ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:a.csv"] {
            let opened = Bundle::open(packed(&[(name, b"x")]), BundleLimits::default());
            assert!(matches!(opened, Err(BundleError::BadName(_))), "{name}");
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_before_it_is_unpacked() {
        let zeros = vec![0; 4 * 1024 * 1024];
        let limits = BundleLimits { entries: 2, entry_bytes: 1024 * 1024, bytes: 2 * 1024 * 1024, ratio: 200 };
        let opened = Bundle::open(packed(&[("a.json", &zeros)]), limits);
        assert_eq!(opened.err(), Some(BundleError::UnpacksTooLarge("a.json".to_owned())));
        // A megabyte of zeros packs to a thousandth.
        let opened = Bundle::open(packed(&[("a.json", &zeros[..1024 * 1024])]), limits);
        assert_eq!(opened.err(), Some(BundleError::UnpacksTooLarge("a.json".to_owned())));
        let opened = Bundle::open(packed(&[("a", b"1"), ("b", b"2"), ("c", b"3")]), limits);
        assert_eq!(opened.err(), Some(BundleError::TooManyEntries(2)));
        assert!(matches!(Bundle::open(Bytes::from_static(b"PK\x03\x04?"), limits), Err(BundleError::NotZip(_))));
    }
}
