//! Lays out a package: data first, as it streams by, then what describes it, the METS file of the root last.
//!
//! It may assume that the caller knows each file's length. A package whose writing failed has no root METS and is
//! accepted by nobody; the caller removes it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

use jiff::Timestamp;

use crate::METS_FILE;
use crate::header::Header;
use crate::mets::{Document, FileGroup, Pointer, Reference};
use crate::path::{self, PathProblem};
use crate::premis::{FileObject, Premis};
use crate::sheet::{self, DossierSheet};
use crate::target::{Put, Target};

const XML: &str = "application/xml";

/// Why a package could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A path is not acceptable, or an identifier cannot be the name of a folder.
    #[error("{path:?} cannot be a path in a package: {problem}")]
    Path {
        /// The path.
        path: String,
        /// Why.
        problem: PathProblem,
    },
    /// Two files of a representation have the same path, apart from capital letters.
    #[error("{0:?} is in the package already")]
    Repeated(String),
    /// A package without a document says nothing.
    #[error("the package holds no document")]
    Empty,
    /// The place refused a file, or the content could not be read.
    #[error("{path} could not be written: {error}")]
    Place {
        /// The file.
        path: String,
        /// What happened.
        error: io::Error,
    },
}

/// One file of a document.
pub struct Content<'c> {
    /// Path below `data` of the representation.
    pub path: &'c str,
    /// Media type.
    pub media_type: &'c str,
    /// Length in bytes.
    pub size: u64,
    /// When it was made, or came in.
    pub created: Timestamp,
    /// What it was called where it came from.
    pub original_name: Option<&'c str>,
    /// Path in the package of the file it was made from, for a converted copy.
    pub made_from: Option<&'c str>,
    /// Its bytes.
    pub bytes: &'c mut dyn Read,
}

/// A file as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Path from the package's root on, as PREMIS identifies it.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// A package being written.
pub struct PackageWriter<T> {
    target: T,
    header: Header,
    paths: BTreeSet<String>,
    representations: BTreeMap<String, Representation>,
    documentation: Vec<Reference>,
    schemas: Vec<Reference>,
}

#[derive(Default)]
struct Representation {
    data: Vec<Reference>,
    files: Vec<FileObject>,
}

impl<T: Target> PackageWriter<T> {
    /// Begins a package.
    ///
    /// # Errors
    /// Its identifier cannot be the name of a folder.
    pub fn new(target: T, header: Header) -> Result<Self, WriteError> {
        checked(&header.id)?;
        if header.id.contains('/') {
            return Err(WriteError::Path { path: header.id, problem: PathProblem::Parts });
        }
        let (paths, representations) = (BTreeSet::new(), BTreeMap::new());
        Ok(Self { target, header, paths, representations, documentation: Vec::new(), schemas: Vec::new() })
    }

    /// Writes a file of a document into a representation: `rep1` for originals, `rep2` for converted copies.
    ///
    /// # Errors
    /// A [`WriteError`]; the package cannot be completed then.
    pub fn data(&mut self, representation: &str, content: Content<'_>) -> Result<Written, WriteError> {
        checked(representation)?;
        let inner = format!("data/{}", content.path);
        let path = format!("representations/{representation}/{inner}");
        let put = self.put(&path, content.size, content.bytes)?;
        let held = self.representations.entry(representation.to_owned()).or_default();
        held.data.push(reference(inner, put, content.media_type, content.created));
        held.files.push(FileObject {
            path: path.clone(),
            sha256: put.sha256,
            size: put.size,
            format: content.media_type.to_owned(),
            original_name: content.original_name.map(str::to_owned),
            made_from: content.made_from.map(str::to_owned),
        });
        Ok(Written { path, sha256: put.sha256 })
    }

    /// Adds what explains the package to people: receipts, inventories, minutes.
    ///
    /// # Errors
    /// A [`WriteError`].
    pub fn documentation(&mut self, name: &str, media_type: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let reference = self.small(&format!("documentation/{name}"), media_type, bytes)?;
        self.documentation.push(reference);
        Ok(())
    }

    /// Adds a schema of metadata beside the ones every package has.
    ///
    /// # Errors
    /// A [`WriteError`].
    pub fn schema(&mut self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let reference = self.small(&format!("schemas/{name}"), XML, bytes)?;
        self.schemas.push(reference);
        Ok(())
    }

    /// Completes the package with the sheets of its documents and with what happened to them. Files are described in
    /// the PREMIS of their representation by what was written; those of `premis` are left as they are.
    ///
    /// # Errors
    /// A [`WriteError`].
    pub fn finish(mut self, sheets: &DossierSheet, premis: &Premis) -> Result<T, WriteError> {
        if self.representations.is_empty() {
            return Err(WriteError::Empty);
        }
        self.schema("fisa-arhivistica-1.xsd", sheet::SCHEMA)?;
        let readme = readme(&self.header);
        self.documentation("CITESTE-MA.txt", "text/plain", readme.as_bytes())?;
        let descriptive = [self.small("metadata/descriptive/fise.xml", XML, &sheets.to_xml())?];
        let preservation = [self.small("metadata/preservation/premis.xml", XML, &premis.to_xml())?];
        let mut groups = vec![
            FileGroup {
                id: "documentation".into(),
                usage: "Documentation".into(),
                files: std::mem::take(&mut self.documentation),
            },
            FileGroup { id: "schemas".into(), usage: "Schemas".into(), files: std::mem::take(&mut self.schemas) },
        ];
        let mut pointers = Vec::new();
        for (name, held) in std::mem::take(&mut self.representations) {
            let mets = self.representation(&name, held)?;
            let (id, usage) = (format!("representation-{}", pointers.len()), format!("Representations/{name}"));
            pointers.push(Pointer { name, group: id.clone() });
            groups.push(FileGroup { id, usage, files: vec![mets] });
        }
        let root = Document {
            id: &self.header.id,
            header: &self.header,
            root: true,
            descriptive: &descriptive,
            preservation: &preservation,
            groups: &groups,
            representations: &pointers,
        };
        let root = root.to_xml();
        self.put(METS_FILE, root.len() as u64, &mut root.as_slice())?;
        self.target.finish().map_err(|error| WriteError::Place { path: METS_FILE.to_owned(), error })?;
        Ok(self.target)
    }

    /// Writes PREMIS and METS of a representation; answers the reference to its METS file.
    fn representation(&mut self, name: &str, held: Representation) -> Result<Reference, WriteError> {
        let folder = format!("representations/{name}/");
        let premis = Premis { files: held.files, ..Premis::default() }.to_xml();
        let mut premis = self.small(&format!("{folder}metadata/preservation/premis.xml"), XML, &premis)?;
        premis.path = premis.path.split_off(folder.len());
        let groups = [FileGroup { id: "data".into(), usage: "Data".into(), files: held.data }];
        let document = Document {
            id: name,
            header: &self.header,
            root: false,
            descriptive: &[],
            preservation: &[premis],
            groups: &groups,
            representations: &[],
        };
        let mets = document.to_xml();
        self.small(&format!("{folder}{METS_FILE}"), XML, &mets)
    }

    fn small(&mut self, path: &str, media_type: &str, mut bytes: &[u8]) -> Result<Reference, WriteError> {
        let put = self.put(path, bytes.len() as u64, &mut bytes)?;
        Ok(reference(path.to_owned(), put, media_type, self.header.created))
    }

    fn put(&mut self, path: &str, size: u64, bytes: &mut dyn Read) -> Result<Put, WriteError> {
        checked(path)?;
        if !self.paths.insert(path.to_lowercase()) {
            return Err(WriteError::Repeated(path.to_owned()));
        }
        self.target.put(path, size, bytes).map_err(|error| WriteError::Place { path: path.to_owned(), error })
    }
}

fn checked(path: &str) -> Result<(), WriteError> {
    path::check(path).map_err(|problem| WriteError::Path { path: path.to_owned(), problem })
}

fn reference(path: String, put: Put, media_type: &str, created: Timestamp) -> Reference {
    Reference { path, size: put.size, digest: hex::encode(put.sha256), media_type: media_type.to_owned(), created }
}

/// What a person reads who opens the package without a program for it.
fn readme(header: &Header) -> String {
    format!(
        "{}\n\nAcesta este un pachet arhivistic E-ARK (CSIP/SIP 2.1) întocmit de {} la {}.\n\n\
         representations/rep1/data    documentele, așa cum au fost primite sau create\n\
         representations/rep2/data    copii PDF/A făcute din ele, dacă există; originalul rămâne cel din rep1\n\
         metadata/descriptive         fișele documentelor, cu cele treisprezece elemente din Legea 135/2007\n\
         metadata/preservation        ce s-a întâmplat cu documentele: înregistrări, predări, conversii (PREMIS 3)\n\
         documentation                recipise, inventare și procese-verbale\n\
         METS.xml                     lista tuturor fișierelor, cu lungimea și amprenta SHA-256 a fiecăruia\n",
        header.label, header.submitter.name, header.created
    )
}
