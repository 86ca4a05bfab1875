//! All document types, compiled once.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};

use include_dir::{Dir, include_dir};

use super::{
    compiled::{CompiledSchema, SchemaError},
    document_type::DocumentType,
};
use crate::{
    code_lists::CodeLists,
    data_folder::{DataFolder, DataFolderError},
};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/catalogue");

/// The catalogue of document types.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// By name, then version.
    types: BTreeMap<Box<str>, BTreeMap<Box<str>, Arc<DocumentType>>>,
    code_lists: Arc<CodeLists>,
}

/// A folder of the catalogue that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The folder could not be read.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// A folder is not `<type>/<version>`.
    #[error("{folder}: a document type lies in a folder <type>/<version>")]
    Place {
        /// The folder inside the catalogue.
        folder: String,
    },
    /// `type.toml` is wrong.
    #[error("{folder}/type.toml")]
    Description {
        /// The folder inside the catalogue.
        folder: String,
        /// Where and what.
        #[source]
        source: toml::de::Error,
    },
    /// `schema.json` is missing or not JSON.
    #[error("{folder}/schema.json: {problem}")]
    Json {
        /// The folder inside the catalogue.
        folder: String,
        /// What is wrong.
        problem: String,
    },
    /// `schema.json` is not a schema we can use.
    #[error("{folder}/schema.json")]
    Schema {
        /// The folder inside the catalogue.
        folder: String,
        /// What is wrong.
        #[source]
        source: SchemaError,
    },
}

/// A document type or version the catalogue does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownDocumentType {
    /// No such type.
    #[error("unknown document type; known types: {}", known.join(", "))]
    Type {
        /// The types there are.
        known: Vec<String>,
    },
    /// The type is known, the version is not.
    #[error("unknown version of the document type {name}; known versions: {}", known.join(", "))]
    Version {
        /// The type that was named.
        name: String,
        /// The versions there are, oldest first.
        known: Vec<String>,
    },
}

impl Catalogue {
    /// The types that come with the program; compiled at the first call and shared afterwards.
    ///
    /// Errors: a folder of the catalogue that cannot be used.
    pub fn builtin() -> Result<Self, CatalogueError> {
        static BUILTIN: LazyLock<Option<Catalogue>> =
            LazyLock::new(|| Catalogue::from_folder(&DataFolder::embedded(&EMBEDDED), CodeLists::builtin()).ok());
        match &*BUILTIN {
            Some(catalogue) => Ok(catalogue.clone()),
            // The error is not kept because it cannot be cloned; finding it again is cheap.
            None => Self::from_folder(&DataFolder::embedded(&EMBEDDED), CodeLists::builtin()),
        }
    }

    /// The types of a folder on disk alone, with the code lists that come with the program.
    ///
    /// Errors: a folder that cannot be read or used.
    pub fn from_dir(path: &Path) -> Result<Self, CatalogueError> {
        Self::from_dir_with(path, CodeLists::builtin())
    }

    /// The types of a folder on disk alone, with the given code lists.
    ///
    /// Errors: a folder that cannot be read or used.
    pub fn from_dir_with(path: &Path, code_lists: Arc<CodeLists>) -> Result<Self, CatalogueError> {
        Self::from_folder(&DataFolder::read(path)?, code_lists)
    }

    /// These types and the given ones; the same version of a type is replaced.
    pub fn extended_by(mut self, others: Self) -> Self {
        for (name, versions) in others.types {
            self.types.entry(name).or_default().extend(versions);
        }
        self
    }

    fn from_folder(folder: &DataFolder, code_lists: Arc<CodeLists>) -> Result<Self, CatalogueError> {
        let mut types: BTreeMap<Box<str>, BTreeMap<Box<str>, Arc<DocumentType>>> = BTreeMap::new();
        for place in folder.folders_with("type.toml") {
            let document_type = read_type(folder, place, &code_lists)?;
            let versions = types.entry(document_type.name().into()).or_default();
            versions.insert(document_type.version().into(), Arc::new(document_type));
        }
        Ok(Self { types, code_lists })
    }

    /// The type in this version.
    pub fn document_type(&self, name: &str, version: &str) -> Option<&DocumentType> {
        self.types.get(name)?.get(version).map(AsRef::as_ref)
    }

    /// A shared handle on the type in this version, for those who keep it.
    pub fn shared(&self, name: &str, version: &str) -> Option<Arc<DocumentType>> {
        self.types.get(name)?.get(version).cloned()
    }

    /// The type in this version, or what is unknown about it and which types or versions there are.
    pub fn find(&self, name: &str, version: &str) -> Result<&DocumentType, UnknownDocumentType> {
        let known = |names: Vec<&Box<str>>| names.into_iter().map(|name| name.to_string()).collect();
        let versions = self
            .types
            .get(name)
            .ok_or_else(|| UnknownDocumentType::Type { known: known(self.types.keys().collect()) })?;
        versions.get(version).map(AsRef::as_ref).ok_or_else(|| UnknownDocumentType::Version {
            name: name.to_owned(),
            known: known(versions.keys().collect()),
        })
    }

    /// All types in all versions, in order of name and version.
    pub fn document_types(&self) -> impl Iterator<Item = &DocumentType> {
        self.types.values().flat_map(BTreeMap::values).map(AsRef::as_ref)
    }

    /// The code lists the types are checked with.
    pub fn code_lists(&self) -> &Arc<CodeLists> {
        &self.code_lists
    }
}

fn read_type(folder: &DataFolder, place: &str, lists: &CodeLists) -> Result<DocumentType, CatalogueError> {
    let named = || place.to_owned();
    let (name, version) = place
        .split_once('/')
        .filter(|(_, version)| !version.contains('/'))
        .ok_or_else(|| CatalogueError::Place { folder: named() })?;
    let description = folder.get(&format!("{place}/type.toml")).unwrap_or_default();
    let description =
        toml::from_str(description).map_err(|source| CatalogueError::Description { folder: named(), source })?;
    let schema = folder.get(&format!("{place}/schema.json")).ok_or("the file is missing".to_owned());
    let schema = schema
        .and_then(|schema| serde_json::from_str(schema).map_err(|error| error.to_string()))
        .map_err(|problem| CatalogueError::Json { folder: named(), problem })?;
    let compiled =
        CompiledSchema::compile(&schema, lists).map_err(|source| CatalogueError::Schema { folder: named(), source })?;
    Ok(DocumentType::new((name, version), description, schema, compiled))
}
