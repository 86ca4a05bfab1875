//! Archival packages as E-ARK describes them (CSIP and SIP 2.1: METS, PREMIS 3, one folder), written and read.
//!
//! [`PackageWriter`] lays a dossier out over a [`target::Target`] (a folder or a zip file), hashing while it copies, so a
//! dossier of any size passes through a small buffer. [`read`] opens one again from a [`source::Source`] and believes
//! nothing of it before every byte was hashed: what is missing, added, changed or hidden is a [`Finding`] that says what
//! and where. It may assume that the caller gives times and identifiers. It knows no database, reads no clock, follows
//! no link and no path out of the package, and never repairs what it reads.

pub mod path;
pub mod header;
pub mod sheet;
pub mod premis;
pub mod target;
pub mod source;
mod xml;
mod mets;
mod finding;
mod write;
mod read;

pub use finding::{Finding, Problem, Refused};
pub use header::{Agent, Header, Status};
pub use read::{Group, Limits, Package, PackedFile, read};
pub use sheet::{DossierSheet, Sheet};
pub use write::{Content, PackageWriter, WriteError, Written};

/// Namespace of METS 1.12 (Library of Congress).
pub const METS: &str = "http://www.loc.gov/METS/";
/// Namespace of the attributes CSIP adds to METS.
pub const CSIP: &str = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS";
/// Namespace of the attributes SIP adds to METS.
pub const SIP: &str = "https://DILCIS.eu/XML/METS/SIPExtensionMETS";
/// Namespace of links in METS.
pub const XLINK: &str = "http://www.w3.org/1999/xlink";
/// Namespace of PREMIS 3.
pub const PREMIS: &str = "http://www.loc.gov/premis/v3";
/// The profile a package says it follows (E-ARK SIP 2.1, requirement SIP2).
pub const SIP_PROFILE: &str = "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml";
/// The profile of the METS file of a representation (E-ARK CSIP 2.1, requirement CSIP6).
pub const CSIP_PROFILE: &str = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP.xml";
/// The name of every METS file (CSIPSTR4, CSIPSTR12).
pub const METS_FILE: &str = "METS.xml";
