//! The record sheet (fișă) of an archived document: the thirteen elements of Law 135/2007 on electronic archives, as XML
//! with a schema of our own that travels in each package.
//!
//! The names of elements are Romanian, as in the law. It may assume that values were checked where they came in; it
//! writes what it is given and reads strictly what [`SCHEMA`] describes.

use hub_signatures::tree::{Limits, Tree};
use roxmltree::Node;

use crate::xml::Xml;

/// The schema of sheets, version 1.
pub const SCHEMA: &[u8] = include_bytes!("../schemas/fisa-arhivistica-1.xsd");
/// The namespace of [`SCHEMA`].
pub const NAMESPACE: &str = "urn:punte:fisa-arhivistica:1";

/// The sheet of one document. The order is the law's as the sources of the national framework give it (Law 135/2007).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Owner of the document.
    pub owner: String,
    /// Issuer of the document.
    pub issuer: String,
    /// Holder of the right of disposal over it.
    pub holder: String,
    /// History: what happened to it, one line an event.
    pub history: Vec<String>,
    /// Type of document.
    pub document_type: String,
    /// Level of classification; `neclasificat` where it has none.
    pub classification: String,
    /// Digital format, as a media type.
    pub format: String,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Where its physical form lies, where there is one.
    pub physical_location: Option<String>,
    /// Unique identifier in the archive.
    pub identifier: String,
    /// Date of issue, `2026-11-22`.
    pub issued: String,
    /// Date of archiving, `2026-11-22`.
    pub archived: String,
    /// Retention term: `permanent`, or a number of years.
    pub retention: String,
    /// Paths of the document's files in the package.
    pub files: Vec<String>,
}

/// The sheets of a dossier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DossierSheet {
    /// Code of the dossier by the nomenclator (indicativ).
    pub code: String,
    /// Year it was opened.
    pub year: i16,
    /// Volume, from 1.
    pub volume: u32,
    /// Title.
    pub title: String,
    /// Version of the nomenclator that was in force when it was opened.
    pub nomenclator: String,
    /// One sheet a document.
    pub sheets: Vec<Sheet>,
}

impl DossierSheet {
    /// The XML document.
    #[must_use]
    pub fn to_xml(&self) -> Vec<u8> {
        let mut xml = Xml::new();
        let (year, volume) = (self.year.to_string(), self.volume.to_string());
        xml.open("dosar", &[("xmlns", NAMESPACE), ("indicativ", &self.code), ("an", &year), ("volum", &volume)]);
        xml.text("titlu", &self.title);
        xml.text("nomenclator", &self.nomenclator);
        for sheet in &self.sheets {
            sheet.write(&mut xml);
        }
        xml.finish()
    }

    /// Reads what [`DossierSheet::to_xml`] writes.
    ///
    /// # Errors
    /// What is not as the schema says, in words.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let tree = Tree::parse(bytes, &Limits { bytes: 64 << 20, elements: 2_000_000, ..Limits::default() })
            .map_err(|error| error.to_string())?;
        let root = tree.root();
        if root.tag_name().name() != "dosar" || root.tag_name().namespace() != Some(NAMESPACE) {
            return Err(format!("the root is not dosar of {NAMESPACE}"));
        }
        let attribute = |name| root.attribute(name).ok_or_else(|| format!("dosar has no attribute {name}"));
        let number =
            |name| attribute(name).map(|text| text.parse::<u32>().map_err(|_| format!("{name} is not a number")));
        Ok(Self {
            code: attribute("indicativ")?.to_owned(),
            year: i16::try_from(number("an")??).map_err(|_| "an is not a year".to_owned())?,
            volume: number("volum")??,
            title: text(root, "titlu")?,
            nomenclator: text(root, "nomenclator")?,
            sheets: root.children().filter(|node| is(*node, "fisa")).map(Sheet::read).collect::<Result<_, _>>()?,
        })
    }
}

impl Sheet {
    fn write(&self, xml: &mut Xml) {
        xml.open("fisa", &[]);
        xml.text("proprietar", &self.owner);
        xml.text("emitent", &self.issuer);
        xml.text("titularDreptDeDispozitie", &self.holder);
        xml.open("istoric", &[]);
        self.history.iter().for_each(|event| xml.text("eveniment", event));
        xml.close();
        xml.text("tip", &self.document_type);
        xml.text("nivelClasificare", &self.classification);
        xml.text("formatDigital", &self.format);
        xml.open("cuvinteCheie", &[]);
        self.keywords.iter().for_each(|word| xml.text("cuvantCheie", word));
        xml.close();
        xml.optional("localizareSuportFizic", self.physical_location.as_deref());
        xml.text("identificatorUnic", &self.identifier);
        xml.text("dataEmiterii", &self.issued);
        xml.text("dataArhivarii", &self.archived);
        xml.text("termenPastrare", &self.retention);
        xml.open("fisiere", &[]);
        self.files.iter().for_each(|file| xml.text("fisier", file));
        xml.close();
        xml.close();
    }

    fn read(node: Node<'_, '_>) -> Result<Self, String> {
        let list = |name: &str, each: &str| -> Result<Vec<String>, String> {
            let list = child(node, name).ok_or_else(|| format!("fisa has no {name}"))?;
            Ok(list.children().filter(|item| is(*item, each)).map(content).collect())
        };
        Ok(Self {
            owner: text(node, "proprietar")?,
            issuer: text(node, "emitent")?,
            holder: text(node, "titularDreptDeDispozitie")?,
            history: list("istoric", "eveniment")?,
            document_type: text(node, "tip")?,
            classification: text(node, "nivelClasificare")?,
            format: text(node, "formatDigital")?,
            keywords: list("cuvinteCheie", "cuvantCheie")?,
            physical_location: child(node, "localizareSuportFizic").map(content),
            identifier: text(node, "identificatorUnic")?,
            issued: text(node, "dataEmiterii")?,
            archived: text(node, "dataArhivarii")?,
            retention: text(node, "termenPastrare")?,
            files: list("fisiere", "fisier")?,
        })
    }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().name() == name && node.tag_name().namespace() == Some(NAMESPACE)
}

fn child<'n, 'i>(node: Node<'n, 'i>, name: &str) -> Option<Node<'n, 'i>> {
    node.children().find(|child| is(*child, name))
}

fn content(node: Node<'_, '_>) -> String {
    node.text().unwrap_or_default().to_owned()
}

fn text(node: Node<'_, '_>, name: &str) -> Result<String, String> {
    child(node, name).map(content).ok_or_else(|| format!("{} has no {name}", node.tag_name().name()))
}
