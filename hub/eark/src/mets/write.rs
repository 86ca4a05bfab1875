//! Writes METS as the profiles of CSIP and SIP want it; the numbers in comments are theirs.

use super::{CONTENT_TYPE, Reference, SHEET_TYPE, SOFTWARE};
use crate::header::{Agent, Header};
use crate::path::to_reference;
use crate::xml::Xml;
use crate::{CSIP, CSIP_PROFILE, METS, SIP, SIP_PROFILE, XLINK};

/// A METS file to be written.
pub(crate) struct Document<'d> {
    /// Name of the package, or of the representation.
    pub(crate) id: &'d str,
    pub(crate) header: &'d Header,
    /// Whether it is the root's, which says for whom and under what agreement.
    pub(crate) root: bool,
    pub(crate) descriptive: &'d [Reference],
    pub(crate) preservation: &'d [Reference],
    pub(crate) groups: &'d [FileGroup],
    pub(crate) representations: &'d [Pointer],
}

/// Files of one kind.
pub(crate) struct FileGroup {
    pub(crate) id: String,
    /// `Documentation`, `Schemas`, `Representations/…` or `Data`.
    pub(crate) usage: String,
    pub(crate) files: Vec<Reference>,
}

/// A representation with its own METS file.
pub(crate) struct Pointer {
    pub(crate) name: String,
    /// Identifier of the file group that holds the METS file.
    pub(crate) group: String,
}

impl Document<'_> {
    pub(crate) fn to_xml(&self) -> Vec<u8> {
        let mut xml = Xml::new();
        let other = [("csip:CONTENTINFORMATIONTYPE", "OTHER"), ("csip:OTHERCONTENTINFORMATIONTYPE", CONTENT_TYPE)];
        let profile = if self.root { SIP_PROFILE } else { CSIP_PROFILE };
        let mut attributes =
            vec![("xmlns:mets", METS), ("xmlns:csip", CSIP), ("xmlns:sip", SIP), ("xmlns:xlink", XLINK)];
        attributes.extend([("OBJID", self.id), ("LABEL", &self.header.label), ("TYPE", "Mixed"), ("PROFILE", profile)]);
        // CSIP4: the package as a whole is mixed, each part says what it is.
        attributes.extend(if self.root { &[("csip:CONTENTINFORMATIONTYPE", "MIXED")][..] } else { &other });
        xml.open("mets:mets", &attributes);
        self.write_header(&mut xml);
        for (number, sheet) in self.descriptive.iter().enumerate() {
            xml.open(
                "mets:dmdSec",
                &[("ID", &format!("dmd-{number}")), ("CREATED", &sheet.created.to_string()), ("STATUS", "CURRENT")],
            );
            described(&mut xml, sheet, &[("MDTYPE", "OTHER"), ("OTHERMDTYPE", SHEET_TYPE)]);
            xml.close();
        }
        if !self.preservation.is_empty() {
            xml.open("mets:amdSec", &[("ID", "amd")]);
            for (number, premis) in self.preservation.iter().enumerate() {
                xml.open("mets:digiprovMD", &[("ID", &format!("digiprov-{number}")), ("STATUS", "CURRENT")]);
                described(&mut xml, premis, &[("MDTYPE", "PREMIS"), ("MDTYPEVERSION", "3.0")]);
                xml.close();
            }
            xml.close();
        }
        self.write_files(&mut xml);
        self.write_structure(&mut xml);
        xml.finish()
    }

    fn write_header(&self, xml: &mut Xml) {
        let created = self.header.created.to_string();
        let mut attributes = vec![("CREATEDATE", created.as_str()), ("LASTMODDATE", &created)];
        attributes.extend([("RECORDSTATUS", self.header.status.as_str()), ("csip:OAISPACKAGETYPE", "SIP")]);
        xml.open("mets:metsHdr", &attributes);
        // CSIP10: the program.
        xml.open("mets:agent", &[("ROLE", "CREATOR"), ("TYPE", "OTHER"), ("OTHERTYPE", "SOFTWARE")]);
        xml.text("mets:name", SOFTWARE);
        xml.text_with("mets:note", &[("csip:NOTETYPE", "SOFTWARE VERSION")], env!("CARGO_PKG_VERSION"));
        xml.close();
        if self.root {
            organisation(xml, "ARCHIVIST", &self.header.creator);
            organisation(xml, "CREATOR", &self.header.submitter);
            self.header.preserver.iter().for_each(|agent| organisation(xml, "PRESERVATION", agent));
            let alternative = |xml: &mut Xml, kind, value: &Option<String>| {
                if let Some(value) = value {
                    xml.text_with("mets:altRecordID", &[("TYPE", kind)], value);
                }
            };
            alternative(xml, "SUBMISSIONAGREEMENT", &self.header.agreement);
            alternative(xml, "REFERENCECODE", &self.header.reference);
        }
        xml.close();
    }

    fn write_files(&self, xml: &mut Xml) {
        if self.groups.iter().all(|group| group.files.is_empty()) {
            return;
        }
        xml.open("mets:fileSec", &[("ID", "files")]);
        for group in self.groups.iter().filter(|group| !group.files.is_empty()) {
            let mut attributes = vec![("ID", group.id.as_str()), ("USE", &group.usage)];
            attributes
                .extend([("csip:CONTENTINFORMATIONTYPE", "OTHER"), ("csip:OTHERCONTENTINFORMATIONTYPE", CONTENT_TYPE)]);
            xml.open("mets:fileGrp", &attributes);
            for (number, file) in group.files.iter().enumerate() {
                let id = format!("{}-{number}", group.id);
                let (size, created) = (file.size.to_string(), file.created.to_string());
                let mut attributes = vec![("ID", id.as_str()), ("MIMETYPE", &file.media_type), ("SIZE", &size)];
                attributes.extend([
                    ("CREATED", created.as_str()),
                    ("CHECKSUM", &file.digest),
                    ("CHECKSUMTYPE", "SHA-256"),
                ]);
                xml.open("mets:file", &attributes);
                let place = to_reference(&file.path);
                xml.empty("mets:FLocat", &[("LOCTYPE", "URL"), ("xlink:type", "simple"), ("xlink:href", &place)]);
                xml.close();
            }
            xml.close();
        }
        xml.close();
    }

    fn write_structure(&self, xml: &mut Xml) {
        xml.open("mets:structMap", &[("ID", "structure"), ("TYPE", "PHYSICAL"), ("LABEL", "CSIP")]);
        xml.open("mets:div", &[("ID", "div-root"), ("LABEL", self.id)]);
        let numbered = |prefix: &str, count| (0..count).map(|n| format!("{prefix}-{n}")).collect::<Vec<_>>().join(" ");
        let (sheets, events) = (numbered("dmd", self.descriptive.len()), numbered("digiprov", self.preservation.len()));
        let mut attributes = vec![("ID", "div-metadata"), ("LABEL", "Metadata")];
        attributes.extend((!events.is_empty()).then_some(("ADMID", events.as_str())));
        attributes.extend((!sheets.is_empty()).then_some(("DMDID", sheets.as_str())));
        xml.empty("mets:div", &attributes);
        for group in self.groups.iter().filter(|group| !group.files.is_empty() && !group.usage.contains('/')) {
            xml.open("mets:div", &[("ID", &format!("div-{}", group.id)), ("LABEL", &group.usage)]);
            xml.empty("mets:fptr", &[("FILEID", &group.id)]);
            xml.close();
        }
        if !self.representations.is_empty() {
            xml.open("mets:div", &[("ID", "div-representations"), ("LABEL", "Representations")]);
            for pointer in self.representations {
                xml.empty("mets:fptr", &[("FILEID", &pointer.group)]);
            }
            for pointer in self.representations {
                let label = format!("Representations/{}", pointer.name);
                xml.open("mets:div", &[("ID", &format!("div-{}", pointer.group)), ("LABEL", &label)]);
                let place = to_reference(&format!("representations/{}/METS.xml", pointer.name));
                let mut attributes = vec![("LOCTYPE", "URL"), ("xlink:type", "simple"), ("xlink:href", place.as_str())];
                attributes.push(("xlink:title", &pointer.group));
                xml.empty("mets:mptr", &attributes);
                xml.close();
            }
            xml.close();
        }
        xml.close();
        xml.close();
    }
}

fn organisation(xml: &mut Xml, role: &str, agent: &Agent) {
    xml.open("mets:agent", &[("ROLE", role), ("TYPE", "ORGANIZATION")]);
    xml.text("mets:name", &agent.name);
    xml.text_with("mets:note", &[("csip:NOTETYPE", "IDENTIFICATIONCODE")], &agent.code);
    xml.close();
}

/// CSIP21 to CSIP30, CSIP35 to CSIP44.
fn described(xml: &mut Xml, file: &Reference, kind: &[(&str, &str)]) {
    let (place, size, created) = (to_reference(&file.path), file.size.to_string(), file.created.to_string());
    let mut attributes = vec![("LOCTYPE", "URL"), ("xlink:type", "simple"), ("xlink:href", place.as_str())];
    attributes.extend(kind);
    attributes.extend([("MIMETYPE", file.media_type.as_str()), ("SIZE", &size), ("CREATED", &created)]);
    attributes.extend([("CHECKSUM", file.digest.as_str()), ("CHECKSUMTYPE", "SHA-256")]);
    xml.empty("mets:mdRef", &attributes);
}
