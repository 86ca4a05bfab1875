//! The sample and copies of it that may be damaged.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};

use connectors_onrc::snapshot::{Order, Purpose};
use jiff::civil::{Date, date};

/// The folder of the synthetic sample; none, said aloud, where it is not here.
pub fn sample() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/onrc");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "the sample of the open data is not here");
    eprintln!("skipped: the sample of the open data is not here");
    None
}

pub fn day(day: i8, month: i8) -> Date {
    date(2026, month, day)
}

pub fn order<'o>(files: &'o Path, store: &'o Path, snapshot: Date) -> Order<'o> {
    let source = "eșantion sintetic".to_owned();
    Order { files, store, snapshot, imported_at: 1_780_000_000, source, persons: None, forced: false }
}

pub fn purpose() -> Purpose {
    Purpose { purpose: "verificarea mandatului de reprezentare".to_owned(), legal_base: "Legea 265/2022".to_owned() }
}

pub fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

/// Replaces a text that must be there.
pub fn replace(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} has no {from:?}", file.display());
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}
