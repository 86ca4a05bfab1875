//! Extensions (component E01): our own facts and the REM baseline's are read, all others are kept by name.

use roxmltree::Node;

use super::EvidenceError;
use super::children::{Children, ERDS, Name};
use super::party::base64;
use super::read::position;

/// Namespace of the hub's own extensions: register numbers and the disclosure of a transformation.
const OWN: &str = "urn:punte:evidence:1";
/// Namespace of the REM baseline (EN 319 532-3).
const REM: &str = "http://uri.etsi.org/19532/v1#";

/// One extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Whether who does not understand it must refuse the evidence.
    pub critical: bool,
    /// Names of the elements inside, as `{namespace}name`.
    pub names: Vec<String>,
    /// What a hub of this program tells.
    pub disclosed: Disclosed,
    /// What the REM baseline tells.
    pub relay: Option<Relay>,
}

/// Facts of the namespace `urn:punte:evidence:1`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disclosed {
    /// Entry in the sender's register.
    pub sender_registration: Option<Registration>,
    /// Entry in the recipient's register.
    pub recipient_registration: Option<Registration>,
    /// How the content was translated for the recipient.
    pub transformation: Option<Transformation>,
}

/// An entry in a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Which register.
    pub register: String,
    /// Number in it.
    pub number: String,
    /// Day of the entry, as written.
    pub date: String,
}

/// A translation of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformation {
    /// Name of the mapping.
    pub mapping: String,
    /// Its version.
    pub version: String,
    /// SHA-256 before.
    pub source: Option<Vec<u8>>,
    /// SHA-256 after.
    pub target: Option<Vec<u8>>,
}

/// Facts of the REM baseline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relay {
    /// Subject of the mail.
    pub subject: Option<String>,
    /// Which recipients a relay event is about, counted from one; all when none is named.
    pub recipients: Vec<u32>,
}

impl Disclosed {
    pub(super) fn joined_with(mut self, other: &Disclosed) -> Disclosed {
        let Disclosed { sender_registration, recipient_registration, transformation } = other;
        self.sender_registration = self.sender_registration.or_else(|| sender_registration.clone());
        self.recipient_registration = self.recipient_registration.or_else(|| recipient_registration.clone());
        self.transformation = self.transformation.or_else(|| transformation.clone());
        self
    }
}

impl Extension {
    pub(super) fn read(node: Node<'_, '_>) -> Result<Extension, EvidenceError> {
        let critical = match node.attribute("isCritical").map(str::trim) {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(_) => return Err(EvidenceError::value(node, "says neither that it is critical nor that it is not")),
        };
        let mut extension = Extension { critical, names: Vec::new(), disclosed: Disclosed::default(), relay: None };
        for element in node.children().filter(Node::is_element) {
            let (namespace, name) = (element.tag_name().namespace().unwrap_or(""), element.tag_name().name());
            let full = format!("{{{namespace}}}{name}");
            let understood = match (namespace, name) {
                (OWN, "Registrations") => extension.disclosed.read_registrations(element)?,
                (OWN, "Transformation") => extension.disclosed.read_transformation(element)?,
                (REM, "GeneralEvidenceInfo" | "RelayEvidenceInfo") => {
                    extension.relay.get_or_insert_default().read(element)?
                }
                // An evidence inside an evidence could be taken for the evidence.
                (ERDS, "Evidence") => return Err(EvidenceError::value(node, "holds another evidence")),
                _ => false,
            };
            if critical && !understood {
                return Err(EvidenceError::Critical(full));
            }
            extension.names.push(full);
        }
        if critical && extension.names.is_empty() {
            return Err(EvidenceError::Critical("one without content".to_owned()));
        }
        Ok(extension)
    }
}

impl Disclosed {
    fn read_registrations(&mut self, node: Node<'_, '_>) -> Result<bool, EvidenceError> {
        for element in node.children().filter(|child| child.is_element() && child.tag_name().namespace() == Some(OWN)) {
            let attribute = |name: &str| {
                let value = element.attribute(name).map(str::to_owned);
                value.ok_or_else(|| EvidenceError::value(element, "does not tell register, number and date"))
            };
            let entry = || -> Result<Registration, EvidenceError> {
                let (register, number, date) = (attribute("register")?, attribute("number")?, attribute("date")?);
                Ok(Registration { register, number, date })
            };
            match element.tag_name().name() {
                "SenderRegistration" => self.sender_registration = Some(entry()?),
                "RecipientRegistration" => self.recipient_registration = Some(entry()?),
                _ => {}
            }
        }
        Ok(true)
    }

    fn read_transformation(&mut self, node: Node<'_, '_>) -> Result<bool, EvidenceError> {
        let attribute = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
        let digest = |name: &str| -> Result<Option<Vec<u8>>, EvidenceError> {
            let Some(held) = node.children().find(|child| child.has_tag_name((OWN, name))) else { return Ok(None) };
            let mut children = Children::of(held)?;
            children.one(Name::Ds("DigestMethod"))?;
            let value = base64(children.one(Name::Ds("DigestValue"))?)?;
            children.end()?;
            Ok(Some(value))
        };
        let (source, target) = (digest("Source")?, digest("Target")?);
        self.transformation =
            Some(Transformation { mapping: attribute("mapping"), version: attribute("version"), source, target });
        Ok(true)
    }
}

impl Relay {
    fn read(&mut self, node: Node<'_, '_>) -> Result<bool, EvidenceError> {
        for element in node.children().filter(|child| child.is_element() && child.tag_name().namespace() == Some(REM)) {
            match element.tag_name().name() {
                "Subject" => self.subject = element.text().map(|text| text.trim().to_owned()),
                "RelayEvidenceRefersTo" => self.recipients.push(position(element)?),
                _ => {}
            }
        }
        Ok(true)
    }
}
