//! What the hub seals about a series: a statement of how it stands, or the act that closes it. Written already canonical,
//! read strictly.
//!
//! Neither names a person: the closing act binds its author and approver by a salted digest ([`persons_digest`]), whose
//! salt only the institution has.

use hub_signatures::canonical::{CanonicalError, Writer};
use hub_signatures::tree::{Limits, Tree};
use openssl::sha::Sha256;
use roxmltree::Node;

use crate::register::Hash as Digest;

use super::file::Series;
use super::gathering::Standing;
use super::numbers::Numbers;

/// Namespace of both documents.
const NAMESPACE: &str = "urn:punte:register:1";
const NAMESPACES: &[(&str, &str)] = &[("r", NAMESPACE)];
/// Instructions of the National Archives 217/1996, art. 9: a register begins on 1 January and is closed on 31 December.
const BASIS: &str = "Instrucțiunile privind activitatea de arhivă, aprobate prin Ordinul nr. 217/1996, art. 9";

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// It says how the series stands at its moment.
    Statement,
    /// It closes the series.
    Closing {
        /// [`persons_digest`] of author and approver.
        persons: Digest,
    },
}

/// A document before it is sealed, or as it was read from what its seal covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// What it is.
    pub nature: Nature,
    /// The service that seals it.
    pub service: String,
    /// When, UTC, `xs:dateTime`.
    pub at: String,
    /// The series.
    pub series: Series,
    /// How it stands.
    pub standing: Standing,
}

/// Why a document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not XML as it is accepted.
    #[error(transparent)]
    Xml(#[from] hub_signatures::tree::TreeError),
    /// It is another document.
    #[error("the sealed document is no statement and no closing act of a register")]
    NotOurs,
    /// An element is missing or says something that cannot be.
    #[error("the element {0} of the sealed document is missing or malformed")]
    Element(&'static str),
}

/// Binds author and approver of a closing act, two pseudonyms of the institution, without telling them.
#[must_use]
pub fn persons_digest(salt: &[u8; 16], author: &str, approver: &str) -> Digest {
    let mut hash = Sha256::new();
    hash.update(b"punte-register-closing-persons-v1\0");
    hash.update(salt);
    for person in [author, approver] {
        hash.update(&(person.len() as u64).to_be_bytes());
        hash.update(person.as_bytes());
    }
    hash.finish()
}

impl Document {
    /// The document in exclusive canonical form, to be sealed.
    ///
    /// # Errors
    /// A name holds a character that XML cannot carry.
    pub fn write(&self) -> Result<String, CanonicalError> {
        let standing = &self.standing;
        let root = match self.nature {
            Nature::Statement => "r:RegisterStatement",
            Nature::Closing { .. } => "r:RegisterClosing",
        };
        let mut xml = Writer::with_namespaces(NAMESPACES);
        xml.open(root, &[("Id", &format!("register-{}", self.id)), ("version", "1")]);
        xml.leaf("r:Identifier", &self.id).leaf("r:Service", &self.service).leaf("r:At", &self.at);
        xml.leaf("r:Party", &self.series.party).leaf("r:Register", &self.series.register);
        xml.leaf("r:Year", &self.series.year.to_string());
        xml.leaf("r:First", &standing.first.to_string());
        xml.leaf("r:Last", &standing.last().to_string()).leaf("r:Count", &standing.count.to_string());
        xml.leaf("r:NewestLink", &hex::encode(standing.newest));
        let sets = [
            ("r:Unlinked", &standing.unlinked),
            ("r:Annulled", &standing.annulled),
            ("r:Unused", &standing.unused),
            ("r:Struck", &standing.struck),
        ];
        for (name, numbers) in sets {
            xml.leaf_with(name, &[("count", &numbers.count().to_string())], &numbers.to_string());
        }
        xml.leaf_with("r:Acts", &[("count", &standing.acts.to_string())], &hex::encode(standing.acts_digest));
        xml.open("r:Links", &[]);
        for (number, link) in &standing.checkpoints {
            xml.leaf_with("r:Link", &[("number", &number.to_string())], &hex::encode(link));
        }
        xml.close();
        if let Nature::Closing { persons } = self.nature {
            xml.leaf("r:Persons", &hex::encode(persons)).leaf("r:Basis", BASIS);
        }
        xml.close();
        xml.finish()
    }

    /// Reads what a seal covers. The signature itself is not looked at here.
    ///
    /// # Errors
    /// [`DocumentError`] names the first element that is not as it should be.
    pub fn read(covered: &[u8]) -> Result<Self, DocumentError> {
        let tree = Tree::parse(covered, &Limits::default())?;
        let root = tree.root();
        let closing = match root.tag_name().name() {
            _ if root.tag_name().namespace() != Some(NAMESPACE) => return Err(DocumentError::NotOurs),
            "RegisterStatement" => false,
            "RegisterClosing" => true,
            _ => return Err(DocumentError::NotOurs),
        };
        if root.attribute("version") != Some("1") {
            return Err(DocumentError::NotOurs);
        }
        let text = |name| Ok::<_, DocumentError>(content(child(root, name)?));
        let number = |name| text(name)?.parse::<u64>().map_err(|_| DocumentError::Element(name));
        let numbers = |name| {
            let element = child(root, name)?;
            let numbers = Numbers::parse(&content(element)).ok_or(DocumentError::Element(name))?;
            let count = element.attribute("count").and_then(|count| count.parse().ok());
            if count == Some(numbers.count()) { Ok(numbers) } else { Err(DocumentError::Element(name)) }
        };
        let acts = child(root, "Acts")?;
        let (first, count) = (number("First")?, number("Count")?);
        if first == 0 || first.checked_add(count) != number("Last")?.checked_add(1) {
            return Err(DocumentError::Element("Last"));
        }
        Ok(Self {
            id: text("Identifier")?,
            nature: if closing {
                Nature::Closing { persons: digest("Persons", &text("Persons")?)? }
            } else {
                Nature::Statement
            },
            service: text("Service")?,
            at: text("At")?,
            series: Series {
                party: text("Party")?,
                register: text("Register")?,
                year: text("Year")?.parse().map_err(|_| DocumentError::Element("Year"))?,
            },
            standing: Standing {
                first,
                count,
                unlinked: numbers("Unlinked")?,
                newest: digest("NewestLink", &text("NewestLink")?)?,
                annulled: numbers("Annulled")?,
                unused: numbers("Unused")?,
                struck: numbers("Struck")?,
                acts: acts
                    .attribute("count")
                    .and_then(|count| count.parse().ok())
                    .ok_or(DocumentError::Element("Acts"))?,
                acts_digest: digest("Acts", &content(acts))?,
                checkpoints: checkpoints(child(root, "Links")?)?,
            },
        })
    }
}

fn checkpoints(links: Node<'_, '_>) -> Result<Vec<(u64, Digest)>, DocumentError> {
    let read = |link: Node<'_, '_>| {
        let number = link.attribute("number").and_then(|number| number.parse().ok());
        Ok((number.ok_or(DocumentError::Element("Link"))?, digest("Link", &content(link))?))
    };
    let read: Vec<(u64, Digest)> =
        links.children().filter(Node::is_element).map(read).collect::<Result<_, DocumentError>>()?;
    let ascending = read.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if ascending { Ok(read) } else { Err(DocumentError::Element("Links")) }
}

/// The one child of this name.
fn child<'a, 'i>(root: Node<'a, 'i>, name: &'static str) -> Result<Node<'a, 'i>, DocumentError> {
    let mut found = root.children().filter(|one| one.has_tag_name((NAMESPACE, name)));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(DocumentError::Element(name)),
    }
}

/// All the text of an element, also where a comment or an entity breaks it.
fn content(element: Node<'_, '_>) -> String {
    element.children().filter_map(|one| one.text().filter(|_| one.is_text())).collect()
}

fn digest(name: &'static str, text: &str) -> Result<Digest, DocumentError> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or(DocumentError::Element(name))
}
