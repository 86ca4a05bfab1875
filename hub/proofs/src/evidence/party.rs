//! Users and services: who they say they are, and how sure the service was of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use roxmltree::Node;

use super::children::{Children, Name, some_text, source, text};
use super::read::{read_all, read_optional, time};
use super::{EvidenceError, Instant};

use Name::{Ds, Global, Local, Saml};

/// Where the names of attributes of natural and legal persons begin (eIDAS SAML attribute profile 1.2, section 2.2).
const EIDAS: &str = "http://eidas.europa.eu/attributes/";

/// A service: the issuer (R02) or another one (M05).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Who it is.
    pub identity: Identity,
    /// Its certificates, or digests of them.
    pub certificates: Vec<CertificateHint>,
    /// Anything else, as it stands in the evidence.
    pub other: Option<String>,
}

/// A user of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Attributes (I01, I03, I05, I07).
    pub identity: Option<Identity>,
    /// Identifier (I02, I04, I06, I08).
    pub identifier: Option<Identifier>,
    /// How sure the service was (I10 to I13).
    pub assurance: Option<Assurance>,
}

/// Who acted for recipients (I07, I08, I13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegate {
    /// The delegate.
    pub party: Party,
    /// For which recipients, counted from one.
    pub recipients: Vec<u32>,
}

/// Attributes of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// In the order of the evidence; at least one.
    pub attributes: Vec<Attribute>,
}

/// One `saml:Attribute`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// A URI.
    pub name: String,
    /// Its values as text.
    pub values: Vec<String>,
}

/// An identifier in its scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// The scheme.
    pub scheme: String,
    /// The value in that scheme.
    pub value: String,
}

/// A certificate of a service, whole or by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateHint {
    /// DER.
    Certificate(Vec<u8>),
    /// Digest algorithm (URI) and digest.
    Digest(String, Vec<u8>),
}

/// How a user was identified and authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assurance {
    /// Of everything, or of the authentication alone when `identity_proof` is there.
    pub level: Level,
    /// How and when the user was authenticated.
    pub authentication: Option<Authentication>,
    /// Of the proof of identity.
    pub identity_proof: Option<Level>,
    /// Of the federation.
    pub federation: Option<Level>,
}

/// A level of assurance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// A URI such as `http://eidas.europa.eu/LoA/substantial`.
    pub uri: String,
    /// The policy it is told under.
    pub policy: Option<String>,
}

/// How a user was authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication {
    /// When and by which method.
    Method {
        /// When.
        time: Instant,
        /// A URI, or the word a service uses.
        method: String,
    },
    /// An assertion or token, as it stands in the evidence.
    Token(String),
}

impl Identity {
    /// The first value of an eIDAS attribute, named by its last segment, such as `LegalName`.
    pub fn eidas(&self, attribute: &str) -> Option<&str> {
        let is = |one: &&Attribute| {
            let name = one.name.strip_prefix(EIDAS).and_then(|rest| rest.split_once('/'));
            name.is_some_and(|(_, name)| name == attribute)
        };
        self.attributes.iter().find(is)?.values.first().map(String::as_str)
    }

    fn read(node: Node<'_, '_>) -> Result<Identity, EvidenceError> {
        let mut children = Children::of(node)?;
        let attributes = read_all(children.some(Saml("Attribute"))?, |node| {
            let name = node.attribute("Name").ok_or_else(|| EvidenceError::value(node, "has no Name"))?.to_owned();
            let mut children = Children::of(node)?;
            let values = read_all(children.many(Saml("AttributeValue"))?, |value| Ok(all_text(value)))?;
            children.end()?;
            Ok(Attribute { name, values })
        })?;
        children.end()?;
        Ok(Identity { attributes })
    }
}

impl Entity {
    /// Its legal name, or whatever name it gives.
    pub fn name(&self) -> Option<&str> {
        let by = |name| self.identity.eidas(name);
        by("LegalName").or_else(|| by("CurrentFamilyName")).or_else(|| by("LegalPersonIdentifier"))
    }

    pub(super) fn read(node: Node<'_, '_>) -> Result<Entity, EvidenceError> {
        let mut children = Children::of(node)?;
        let identity = Identity::read(children.one(Global("Identity"))?)?;
        let certificates = read_optional(&mut children, Global("CertificateDetails"), certificates)?;
        let other = children.optional(Global("Any"))?.map(source);
        children.end()?;
        Ok(Entity { identity, certificates: certificates.unwrap_or_default(), other })
    }
}

impl Party {
    /// Its legal name, or whatever name it gives.
    pub fn name(&self) -> Option<&str> {
        let identity = self.identity.as_ref()?;
        identity.eidas("LegalName").or_else(|| identity.eidas("CurrentFamilyName"))
    }

    pub(super) fn read(node: Node<'_, '_>) -> Result<Party, EvidenceError> {
        let mut children = Children::of(node)?;
        let party = Party::read_from(&mut children)?;
        children.end()?;
        Ok(party)
    }

    fn read_from(children: &mut Children<'_, '_>) -> Result<Party, EvidenceError> {
        let identity = read_optional(children, Global("Identity"), Identity::read)?;
        let identifier = read_optional(children, Local("Identifier"), |node| {
            let scheme = node.attribute("IdentifierSchemeName").filter(|scheme| !scheme.is_empty());
            let scheme = scheme.ok_or_else(|| EvidenceError::value(node, "does not name its scheme"))?;
            Ok(Identifier { scheme: scheme.to_owned(), value: some_text(node)? })
        })?;
        let assurance = read_optional(children, Local("AssuranceLevelsDetails"), Assurance::read)?;
        Ok(Party { identity, identifier, assurance })
    }
}

impl Delegate {
    pub(super) fn read(node: Node<'_, '_>) -> Result<Delegate, EvidenceError> {
        let mut children = Children::of(node)?;
        let party = Party::read_from(&mut children)?;
        let list = children.one(Local("DelegatingRecipients"))?;
        let positions = text(list)?.split_ascii_whitespace().map(str::parse).collect::<Result<Vec<u32>, _>>();
        let recipients = positions.map_err(|_| EvidenceError::value(list, "is not a list of positions"))?;
        children.end()?;
        Ok(Delegate { party, recipients })
    }
}

impl Assurance {
    fn read(node: Node<'_, '_>) -> Result<Assurance, EvidenceError> {
        let mut children = Children::of(node)?;
        let assurance = if let Some(level) = children.optional(Local("GlobalAssuranceLevel"))? {
            let level = Level::read(level)?;
            let authentication = Authentication::read(children.one(Global("AuthenticationDetails"))?)?;
            Assurance { level, authentication: Some(authentication), identity_proof: None, federation: None }
        } else {
            let mut inner = Children::of(children.one(Global("AuthenticationDetsAndAssuranceLevel"))?)?;
            let level = Level::read(inner.one(Local("AssuranceLevel"))?)?;
            let authentication = read_optional(&mut inner, Global("AuthenticationDetails"), Authentication::read)?;
            inner.end()?;
            let identity_proof = Some(Level::read(children.one(Local("IdentityProofAssuranceLevel"))?)?);
            let federation = read_optional(&mut children, Local("FederationAssuranceLevel"), Level::read)?;
            Assurance { level, authentication, identity_proof, federation }
        };
        children.end()?;
        Ok(assurance)
    }
}

impl Level {
    fn read(node: Node<'_, '_>) -> Result<Level, EvidenceError> {
        let mut children = Children::of(node)?;
        let uri = some_text(children.one(Local("AssuranceLevel"))?)?;
        let policy = read_optional(&mut children, Local("PolicyID"), text)?;
        children.optional(Local("PolicyIDDetails"))?;
        children.optional(Local("PolicyIDDetailsResources"))?;
        children.end()?;
        Ok(Level { uri, policy })
    }
}

impl Authentication {
    fn read(node: Node<'_, '_>) -> Result<Authentication, EvidenceError> {
        let mut children = Children::of(node)?;
        for token in [Saml("Assertion"), Local("OAuth2"), Local("other")] {
            if let Some(found) = children.optional(token)? {
                children.end()?;
                return Ok(Authentication::Token(source(found)));
            }
        }
        let time = time(children.one(Local("AuthenticationTime"))?)?;
        let method = text(children.one(Local("AuthenticationMethod"))?)?;
        children.end()?;
        Ok(Authentication::Method { time, method })
    }
}

/// One to three certificates or their digests.
fn certificates(node: Node<'_, '_>) -> Result<Vec<CertificateHint>, EvidenceError> {
    let mut children = Children::of(node)?;
    let mut found = Vec::new();
    while found.len() < 3 {
        if let Some(whole) = children.optional(Local("X509Certificate"))? {
            found.push(CertificateHint::Certificate(base64(whole)?));
        } else if let Some(id) = children.optional(Local("CertID"))? {
            found.push(certificate_id(id)?);
        } else if let Some(signed) = children.optional(Global("CertIDAndSignature"))? {
            let mut inner = Children::of(signed)?;
            found.push(certificate_id(inner.one(Local("CertID"))?)?);
            inner.one(Global("CertSignatureDetails"))?;
            inner.end()?;
        } else {
            break;
        }
    }
    children.end()?;
    if found.is_empty() { Err(EvidenceError::value(node, "names no certificate")) } else { Ok(found) }
}

fn certificate_id(node: Node<'_, '_>) -> Result<CertificateHint, EvidenceError> {
    let mut children = Children::of(node)?;
    let mut digest = Children::of(children.one(Local("CertDigest"))?)?;
    let method = digest.one(Ds("DigestMethod"))?;
    let value = base64(digest.one(Ds("DigestValue"))?)?;
    digest.end()?;
    children.optional(Local("IssuerSerialV2"))?;
    children.end()?;
    Ok(CertificateHint::Digest(method.attribute("Algorithm").unwrap_or_default().to_owned(), value))
}

/// The bytes of base64 text, which may be broken into lines.
pub(super) fn base64(node: Node<'_, '_>) -> Result<Vec<u8>, EvidenceError> {
    let packed: String = text(node)?.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    BASE64.decode(packed).map_err(|_| EvidenceError::value(node, "is not base64"))
}

/// All text below an element, for values that may hold elements of their own.
fn all_text(node: Node<'_, '_>) -> String {
    let text = node.descendants().filter(Node::is_text).filter_map(|text| text.text());
    text.collect::<String>().trim().to_owned()
}
