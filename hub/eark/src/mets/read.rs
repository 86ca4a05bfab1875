//! Reads METS as far as a package needs it: who made it, and which files it vouches for. Others may have written it.

use hub_signatures::tree::{Limits, Tree};
use jiff::Timestamp;
use roxmltree::Node;

use crate::header::{Agent, Header, Status};
use crate::path::from_reference;
use crate::{CSIP, METS, XLINK};

/// What a file is to a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Data,
    /// The METS file of a representation.
    Representation,
    Descriptive,
    Preservation,
    Schema,
    Documentation,
}

/// A file as METS describes it; nothing of it is believed yet.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    pub(crate) path: String,
    pub(crate) role: Role,
    pub(crate) media_type: String,
    pub(crate) size: Option<u64>,
    /// Algorithm and digest as written.
    pub(crate) checksum: Option<(String, String)>,
}

/// A METS file.
pub(crate) struct Mets {
    pub(crate) header: Header,
    pub(crate) files: Vec<Described>,
}

impl Mets {
    /// Reads a METS file; `folder` is where it lies, empty for the root, else with a slash at its end.
    pub(crate) fn parse(bytes: &[u8], folder: &str) -> Result<Self, String> {
        let limits = Limits { bytes: 256 << 20, elements: 1_000_000, ..Limits::default() };
        let tree = Tree::parse(bytes, &limits).map_err(|error| error.to_string())?;
        let root = tree.root();
        if !is(root, "mets") {
            return Err(format!("its root is not mets of {METS}"));
        }
        let header = header(root)?;
        let mut files = Vec::new();
        for node in root.descendants().filter(Node::is_element) {
            let role = match node.tag_name().name() {
                "mdRef" if is(node, "mdRef") => metadata_role(node),
                "file" if is(node, "file") => group_role(node, folder),
                _ => continue,
            };
            files.push(describe(node, role, folder)?);
        }
        Ok(Self { header, files })
    }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().name() == name && node.tag_name().namespace() == Some(METS)
}

fn header(root: Node<'_, '_>) -> Result<Header, String> {
    let id = root.attribute("OBJID").filter(|id| !id.is_empty()).ok_or("it has no OBJID")?;
    let header = root.children().find(|node| is(*node, "metsHdr")).ok_or("it has no metsHdr")?;
    let created = header.attribute("CREATEDATE").ok_or("its metsHdr has no CREATEDATE")?;
    let created: Timestamp =
        created.parse().map_err(|_| format!("CREATEDATE {created:?} is not a moment with its zone"))?;
    let nobody = || Agent { name: String::new(), code: String::new() };
    let alternative = |kind| {
        let named = |node: &Node<'_, '_>| is(*node, "altRecordID") && node.attribute("TYPE") == Some(kind);
        header.children().find(named).and_then(|node| node.text()).map(str::to_owned)
    };
    Ok(Header {
        id: id.to_owned(),
        label: root.attribute("LABEL").unwrap_or_default().to_owned(),
        created,
        status: header.attribute("RECORDSTATUS").and_then(Status::parse).unwrap_or(Status::New),
        creator: agent(header, "ARCHIVIST").unwrap_or_else(nobody),
        submitter: agent(header, "CREATOR").unwrap_or_else(nobody),
        preserver: agent(header, "PRESERVATION"),
        agreement: alternative("SUBMISSIONAGREEMENT"),
        reference: alternative("REFERENCECODE"),
    })
}

/// The organisation or person in a role; programs are not looked for.
fn agent(header: Node<'_, '_>, role: &str) -> Option<Agent> {
    let wanted = |node: &Node<'_, '_>| {
        is(*node, "agent") && node.attribute("ROLE") == Some(role) && node.attribute("TYPE") != Some("OTHER")
    };
    let agent = header.children().find(wanted)?;
    let text = |name| agent.children().find(|node| is(*node, name)).and_then(|node| node.text()).unwrap_or_default();
    let coded = |node: &Node<'_, '_>| {
        is(*node, "note") && node.attribute((CSIP, "NOTETYPE")).is_none_or(|kind| kind == "IDENTIFICATIONCODE")
    };
    let code = agent.children().find(coded).and_then(|node| node.text()).unwrap_or_default();
    Some(Agent { name: text("name").to_owned(), code: code.to_owned() })
}

fn metadata_role(node: Node<'_, '_>) -> Role {
    if node.ancestors().any(|above| is(above, "dmdSec")) { Role::Descriptive } else { Role::Preservation }
}

fn group_role(node: Node<'_, '_>, folder: &str) -> Role {
    let usage =
        node.ancestors().filter(|above| is(*above, "fileGrp")).filter_map(|group| group.attribute("USE")).last();
    let usage = usage.unwrap_or_default().to_lowercase();
    match usage.split('/').next().unwrap_or_default() {
        "schemas" => Role::Schema,
        "documentation" => Role::Documentation,
        "representations" if folder.is_empty() && place(node).is_some_and(|href| href.ends_with("/METS.xml")) => {
            Role::Representation
        }
        _ => Role::Data,
    }
}

/// Where the file lies, as METS writes it.
fn place<'n>(node: Node<'n, '_>) -> Option<&'n str> {
    let bearer = if is(node, "file") { node.children().find(|child| is(*child, "FLocat"))? } else { node };
    bearer.attribute((XLINK, "href"))
}

fn describe(node: Node<'_, '_>, role: Role, folder: &str) -> Result<Described, String> {
    let name = node.tag_name().name();
    let reference = place(node).ok_or_else(|| format!("a {name} has no xlink:href"))?;
    let path =
        from_reference(reference).ok_or_else(|| format!("the reference {reference:?} is not properly encoded"))?;
    let checksum = node.attribute("CHECKSUMTYPE").zip(node.attribute("CHECKSUM"));
    Ok(Described {
        path: format!("{folder}{path}"),
        role,
        media_type: node.attribute("MIMETYPE").unwrap_or_default().to_owned(),
        size: node.attribute("SIZE").and_then(|size| size.parse().ok()),
        checksum: checksum.map(|(algorithm, digest)| (algorithm.to_owned(), digest.to_lowercase())),
    })
}
