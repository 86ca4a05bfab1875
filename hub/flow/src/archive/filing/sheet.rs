//! The record sheet of an archived document: the 13 elements of Law 135/2007, as JSON and as XML.

use hub_signatures::canonical::Writer;
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

impl Sheet {
    /// The sheet as XML, in canonical form.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut xml = Writer::with_namespaces(&[("fisa", "urn:punte:archive:sheet:1")]);
        xml.open("fisa:Sheet", &[]);
        xml.leaf("fisa:Owner", &clean(&self.owner));
        xml.leaf("fisa:Issuer", &clean(&self.issuer));
        xml.leaf("fisa:Holder", &clean(&self.holder));
        xml.open("fisa:History", &[]);
        self.history.iter().for_each(|event| {
            xml.leaf("fisa:Event", &clean(event));
        });
        xml.close();
        xml.leaf("fisa:Type", &clean(&self.document_type));
        xml.leaf("fisa:Classification", &clean(&self.classification));
        xml.leaf("fisa:Format", &clean(&self.format));
        xml.open("fisa:Keywords", &[]);
        self.keywords.iter().for_each(|word| {
            xml.leaf("fisa:Keyword", &clean(word));
        });
        xml.close();
        xml.leaf("fisa:PhysicalLocation", &clean(&self.physical_location));
        xml.leaf("fisa:Identifier", &clean(&self.identifier));
        xml.leaf("fisa:IssuedOn", &clean(&self.issued_on));
        xml.leaf("fisa:ArchivedOn", &clean(&self.archived_on));
        xml.leaf("fisa:Term", &clean(&self.term));
        xml.close();
        xml.finish().expect("what was opened is closed, and every text is printable")
    }
}

/// What others wrote may hold what no XML can.
fn clean(text: &str) -> String {
    crate::message::printable(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sheet_has_the_13_elements_in_both_forms() {
        let sheet = Sheet {
            owner: "Comuna Inventată".into(),
            issuer: "a < b & \u{1}c".into(),
            holder: "x".into(),
            history: vec!["primit".into(), "arhivat".into()],
            document_type: "petiție".into(),
            classification: "neclasificat".into(),
            format: "application/pdf".into(),
            keywords: vec!["drum".into()],
            physical_location: "nu există".into(),
            identifier: "uat-1:7".into(),
            issued_on: "2026-01-02".into(),
            archived_on: "2026-01-03".into(),
            term: "10 ani".into(),
        };
        assert_eq!(serde_json::to_value(&sheet).unwrap().as_object().unwrap().len(), 13);
        let xml = sheet.to_xml();
        let read = roxmltree::Document::parse(&xml).unwrap();
        assert_eq!(read.root_element().children().filter(|node| node.is_element()).count(), 13, "{xml}");
        assert!(xml.contains("a &lt; b &amp; "), "{xml}");
    }
}
