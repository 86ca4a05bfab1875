//! Preservation metadata, PREMIS 3: what is kept, what happened to it, who did it, and by what right.
//!
//! It writes the part of PREMIS that a registry and its archive can answer for, and reads back the fixity of files so
//! that a package cannot say one hash in METS and another here. Words of types are those of the Library of Congress'
//! vocabularies where they have one.

use hub_signatures::tree::{Limits, Tree};
use jiff::Timestamp;

use crate::PREMIS;
use crate::xml::Xml;

/// The scheme of identifiers that mean something only inside one package or its archive.
pub const LOCAL: &str = "local";

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileObject {
    /// Its path in the package, which identifies it.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Length in bytes.
    pub size: u64,
    /// Media type.
    pub format: String,
    /// What it was called where it came from.
    pub original_name: Option<String>,
    /// The file it was made from, for a converted copy.
    pub made_from: Option<String>,
}

/// A dossier or a document as people speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Its identifier in the archive.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its identifier, unique in the package.
    pub id: String,
    /// The kind: `registration`, `message reception`, `dissemination`, `migration`, `filing`, `fixity check` …
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// What exactly, in words: number and register, evidence, hashes.
    pub detail: Option<String>,
    /// How it ended: `success`, `failure`, or the outcome's own word.
    pub outcome: Option<String>,
    /// Identifiers of agents with their roles.
    pub agents: Vec<(String, String)>,
    /// Identifiers of objects with their roles: `source`, `outcome`, empty for none.
    pub objects: Vec<(String, String)>,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Its identifier: a party, a clerk's pseudonym, a program.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `organization`, `person` or `software`.
    pub kind: String,
    /// Version of a program.
    pub version: Option<String>,
}

/// By what right something is kept and given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// Its identifier, unique in the package.
    pub id: String,
    /// The law and article, or the decision.
    pub citation: String,
    /// What it says about this dossier.
    pub note: Option<String>,
    /// The act it allows or restricts: `disseminate`, `delete` …
    pub act: String,
    /// The restriction.
    pub restriction: Option<String>,
}

/// One PREMIS document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Premis {
    /// Dossier and documents.
    pub entities: Vec<Entity>,
    /// Files.
    pub files: Vec<FileObject>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Who acted.
    pub actors: Vec<Actor>,
    /// By what right.
    pub rights: Vec<Right>,
}

impl Premis {
    /// The XML document.
    #[must_use]
    pub fn to_xml(&self) -> Vec<u8> {
        let mut xml = Xml::new();
        let schema = "http://www.w3.org/2001/XMLSchema-instance";
        xml.open("premis:premis", &[("xmlns:premis", PREMIS), ("xmlns:xsi", schema), ("version", "3.0")]);
        self.entities.iter().for_each(|entity| entity.write(&mut xml));
        self.files.iter().for_each(|file| file.write(&mut xml));
        self.events.iter().for_each(|event| event.write(&mut xml));
        self.actors.iter().for_each(|actor| actor.write(&mut xml));
        self.rights.iter().for_each(|right| right.write(&mut xml));
        xml.finish()
    }
}

impl Entity {
    fn write(&self, xml: &mut Xml) {
        xml.open("premis:object", &[("xsi:type", "premis:intellectualEntity")]);
        identifier(xml, Identifier::Object, &self.id);
        xml.text("premis:originalName", &self.title);
        xml.close();
    }
}

impl FileObject {
    fn write(&self, xml: &mut Xml) {
        xml.open("premis:object", &[("xsi:type", "premis:file")]);
        identifier(xml, Identifier::Object, &self.path);
        xml.open("premis:objectCharacteristics", &[]);
        xml.open("premis:fixity", &[]);
        xml.text("premis:messageDigestAlgorithm", "SHA-256");
        xml.text("premis:messageDigest", &hex::encode(self.sha256));
        xml.close();
        xml.text("premis:size", &self.size.to_string());
        xml.open("premis:format", &[]);
        xml.open("premis:formatDesignation", &[]);
        xml.text("premis:formatName", &self.format);
        xml.close();
        xml.close();
        xml.close();
        xml.optional("premis:originalName", self.original_name.as_deref());
        if let Some(source) = &self.made_from {
            xml.open("premis:relationship", &[]);
            xml.text("premis:relationshipType", "derivation");
            xml.text("premis:relationshipSubType", "has source");
            xml.open("premis:relatedObjectIdentifier", &[]);
            xml.text("premis:relatedObjectIdentifierType", LOCAL);
            xml.text("premis:relatedObjectIdentifierValue", source);
            xml.close();
            xml.close();
        }
        xml.close();
    }
}

impl Event {
    fn write(&self, xml: &mut Xml) {
        xml.open("premis:event", &[]);
        identifier(xml, Identifier::Event, &self.id);
        xml.text("premis:eventType", &self.kind);
        xml.text("premis:eventDateTime", &self.at.to_string());
        if let Some(detail) = &self.detail {
            xml.open("premis:eventDetailInformation", &[]);
            xml.text("premis:eventDetail", detail);
            xml.close();
        }
        if let Some(outcome) = &self.outcome {
            xml.open("premis:eventOutcomeInformation", &[]);
            xml.text("premis:eventOutcome", outcome);
            xml.close();
        }
        for (id, role) in &self.agents {
            xml.open("premis:linkingAgentIdentifier", &[]);
            xml.text("premis:linkingAgentIdentifierType", LOCAL);
            xml.text("premis:linkingAgentIdentifierValue", id);
            xml.optional("premis:linkingAgentRole", Some(role.as_str()).filter(|role| !role.is_empty()));
            xml.close();
        }
        for (id, role) in &self.objects {
            xml.open("premis:linkingObjectIdentifier", &[]);
            xml.text("premis:linkingObjectIdentifierType", LOCAL);
            xml.text("premis:linkingObjectIdentifierValue", id);
            xml.optional("premis:linkingObjectRole", Some(role.as_str()).filter(|role| !role.is_empty()));
            xml.close();
        }
        xml.close();
    }
}

impl Actor {
    fn write(&self, xml: &mut Xml) {
        xml.open("premis:agent", &[]);
        identifier(xml, Identifier::Agent, &self.id);
        xml.text("premis:agentName", &self.name);
        xml.text("premis:agentType", &self.kind);
        xml.optional("premis:agentVersion", self.version.as_deref());
        xml.close();
    }
}

impl Right {
    fn write(&self, xml: &mut Xml) {
        xml.open("premis:rights", &[]);
        xml.open("premis:rightsStatement", &[]);
        xml.open("premis:rightsStatementIdentifier", &[]);
        xml.text("premis:rightsStatementIdentifierType", LOCAL);
        xml.text("premis:rightsStatementIdentifierValue", &self.id);
        xml.close();
        xml.text("premis:rightsBasis", "statute");
        xml.open("premis:statuteInformation", &[]);
        xml.text("premis:statuteJurisdiction", "RO");
        xml.text("premis:statuteCitation", &self.citation);
        xml.optional("premis:statuteNote", self.note.as_deref());
        xml.close();
        xml.open("premis:rightsGranted", &[]);
        xml.text("premis:act", &self.act);
        xml.optional("premis:restriction", self.restriction.as_deref());
        xml.close();
        xml.close();
        xml.close();
    }
}

#[derive(Clone, Copy)]
enum Identifier {
    Object,
    Event,
    Agent,
}

fn identifier(xml: &mut Xml, of: Identifier, value: &str) {
    let (element, kind, content) = match of {
        Identifier::Object => {
            ("premis:objectIdentifier", "premis:objectIdentifierType", "premis:objectIdentifierValue")
        }
        Identifier::Event => ("premis:eventIdentifier", "premis:eventIdentifierType", "premis:eventIdentifierValue"),
        Identifier::Agent => ("premis:agentIdentifier", "premis:agentIdentifierType", "premis:agentIdentifierValue"),
    };
    xml.open(element, &[]);
    xml.text(kind, LOCAL);
    xml.text(content, value);
    xml.close();
}

/// The digest a PREMIS document gives for each file it describes.
///
/// # Errors
/// It is not PREMIS 3, or gives a digest that is not SHA-256, in words.
pub fn fixity(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let limits = Limits { bytes: 256 << 20, elements: 4_000_000, ..Limits::default() };
    let tree = Tree::parse(bytes, &limits).map_err(|error| error.to_string())?;
    let root = tree.root();
    if root.tag_name().name() != "premis" || root.tag_name().namespace() != Some(PREMIS) {
        return Err(format!("the root is not premis of {PREMIS}"));
    }
    let mut told = Vec::new();
    for object in root.children().filter(|node| node.tag_name().name() == "object") {
        let text =
            |name: &str| object.descendants().find(|node| node.tag_name().name() == name).and_then(|node| node.text());
        let (Some(path), Some(digest)) = (text("objectIdentifierValue"), text("messageDigest")) else { continue };
        if text("messageDigestAlgorithm") != Some("SHA-256") {
            return Err(format!("the digest of {path} is not SHA-256"));
        }
        told.push((path.to_owned(), digest.to_owned()));
    }
    Ok(told)
}
