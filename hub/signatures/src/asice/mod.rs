//! ASiC-E packages (ETSI EN 319 162-1): files in a zip with detached XAdES signatures and time-stamps beside them.
//!
//! [`Draft`] writes, [`Container`] opens and verifies. Writing stores every file as it is, with fixed times and in a
//! fixed order, so that the same input makes the same bytes wherever and whenever it is written. Reading accepts stored
//! and deflated entries within [`Limits`], and only containers in which every byte belongs to one entry: nothing
//! overlaps, nothing is hidden, both headers of an entry say the same. It never writes a file, never follows a path, and
//! never checks CAdES signatures, archive manifests or evidence records: it names them as unchecked.

mod draft;
mod signature;
mod stamp;
mod manifest;
mod verdict;
mod verify;
mod container;
pub mod zip;
mod name;

pub use container::{Container, EntryProblem, Limits, OpenError};
pub use draft::{DataFile, Draft, WriteError};
pub use name::NameProblem;
pub use verdict::{Covering, FileVerdict, SignatureProblem, SignatureVerdict, Signed, TimeStampVerdict, Verdict};

/// The content of the first entry (EN 319 162-1, annex A.1).
pub const MEDIA_TYPE: &str = "application/vnd.etsi.asic-e+zip";
/// Most files one package may hold; it is also what one signature may refer to.
pub const MAX_FILES: usize = 1_000;

/// The name of the first entry.
const MIMETYPE: &str = "mimetype";
/// Where everything that is not a file of the sender lies.
const META_INF: &str = "META-INF/";
/// The list of files with their media types (OpenDocument 1.2, part 3, section 3.2).
const MANIFEST: &str = "META-INF/manifest.xml";

/// The namespaces of everything written here, sorted by prefix.
static NAMESPACES: &[(&str, &str)] = &[
    ("asic", ASIC_NAMESPACE),
    ("ds", crate::DSIG_NAMESPACE),
    ("manifest", MANIFEST_NAMESPACE),
    ("xades", crate::XADES_NAMESPACE),
];
const ASIC_NAMESPACE: &str = "http://uri.etsi.org/02918/v1.2.1#";
const MANIFEST_NAMESPACE: &str = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0";

/// Whether an entry is a file of the sender: neither the type of the container nor in META-INF.
fn is_data(name: &str) -> bool {
    name != MIMETYPE && !name.starts_with(META_INF)
}
