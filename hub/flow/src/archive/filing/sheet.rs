//! The record sheet of an archived document: the 13 elements of Law 135/2007. Its XML and the schema of that are those of the
//! packages (`hub-eark`).

use serde::{Deserialize, Serialize};

/// What whoever files knows for the sheet; the archive adds identifier, moment and term.
#[derive(Debug, Clone, Default)]
pub struct SheetFacts {
    /// Who issued it, by name.
    pub issuer: String,
    /// What happened to it so far, in sentences.
    pub history: Vec<String>,
    /// Type of the document.
    pub document_type: String,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// When it was issued: a date.
    pub issued_on: String,
    /// Name of the institution whose archive it is.
    pub owner: String,
    /// Where the original on paper lies; none where there is none.
    pub on_paper: Option<String>,
}

/// The sheet: one field for each element, in the order of the law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Owner (proprietarul).
    pub owner: String,
    /// Issuer (emitentul).
    pub issuer: String,
    /// Holder of the right of disposal (titularul dreptului de dispoziție).
    pub holder: String,
    /// History (istoricul).
    pub history: Vec<String>,
    /// Type (tipul).
    pub document_type: String,
    /// Level of classification (nivelul de clasificare).
    pub classification: String,
    /// Digital format (formatul digital).
    pub format: String,
    /// Keywords (cuvintele-cheie).
    pub keywords: Vec<String>,
    /// Location of the physical form (elementele de localizare a suportului fizic).
    pub physical_location: String,
    /// Unique identifier in the archive (identificatorul unic).
    pub identifier: String,
    /// Date of issue (data emiterii).
    pub issued_on: String,
    /// Date of archiving (data arhivării).
    pub archived_on: String,
    /// Retention term (termenul de păstrare).
    pub term: String,
}
