//! The library of mappings: discovered from folders, compiled once.

use std::path::Path;

use include_dir::{Dir, include_dir};
use schemas::{Catalogue, data_folder::DataFolder, validation::CompiledSchema};
use serde_json::Value;

use crate::{
    description::{Description, DocumentRef},
    error::LibraryError,
    mapping::{Golden, Ingredients, Mapping, Target},
};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/library");

/// All mappings known to the program.
#[derive(Debug)]
pub struct Library {
    /// By id and version.
    mappings: Vec<Mapping>,
}

impl Library {
    /// The mappings that come with the program.
    ///
    /// Errors: a folder of the library that cannot be used.
    pub fn builtin(catalogue: &Catalogue) -> Result<Self, LibraryError> {
        Self::from_folder(&DataFolder::embedded(&EMBEDDED), catalogue)
    }

    /// The mappings of a folder on disk alone.
    ///
    /// Errors: a folder that cannot be read or used.
    pub fn from_dir(path: &Path, catalogue: &Catalogue) -> Result<Self, LibraryError> {
        Self::from_folder(&DataFolder::read(path)?, catalogue)
    }

    /// These mappings and the given ones; the given ones win where both fit.
    pub fn extended_by(mut self, others: Self) -> Self {
        self.mappings.retain(|mapping| !others.mappings.iter().any(|other| other.replaces(mapping)));
        self.mappings.extend(others.mappings);
        self
    }

    fn from_folder(folder: &DataFolder, catalogue: &Catalogue) -> Result<Self, LibraryError> {
        let places = folder.folders_with("mapping.toml");
        let mappings: Result<_, _> = places.map(|place| read_mapping(folder, place, catalogue)).collect();
        Ok(Self { mappings: mappings? })
    }

    /// The mapping from a document type to a target, named by its type (`esocial.caz-evaluare`) or with its version
    /// (`esocial.caz-evaluare/1.0`). A mapping for this very type wins over one that takes any type; the newest target wins.
    pub fn find(&self, source_type: &str, source_version: &str, target: &str) -> Option<&Mapping> {
        let takes = |mapping: &&Mapping| {
            let source = mapping.source();
            source.is_any() || (source.name == source_type && source.version == source_version)
        };
        let gives = |mapping: &&Mapping| {
            let DocumentRef { name, version } = mapping.target();
            name == target || target.strip_prefix(&**name).and_then(|rest| rest.strip_prefix('/')) == Some(version)
        };
        let fitting = self.mappings.iter().filter(takes).filter(gives);
        fitting.max_by_key(|mapping| {
            (!mapping.source().is_any(), number(&mapping.target().version), number(mapping.version()))
        })
    }

    /// All mappings, in order of their folders.
    pub fn mappings(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings.iter()
    }
}

impl Mapping {
    fn replaces(&self, other: &Mapping) -> bool {
        self.source() == other.source() && self.target() == other.target()
    }
}

/// A dotted version as numbers, so that 1.10 is newer than 1.9.
fn number(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

fn read_mapping(folder: &DataFolder, place: &str, catalogue: &Catalogue) -> Result<Mapping, LibraryError> {
    let named = || place.to_owned();
    let description: Description = toml::from_str(text(folder, place, "mapping.toml")?)
        .map_err(|source| LibraryError::Description { folder: named(), source })?;
    if description.id != place {
        return Err(LibraryError::Id { folder: named() });
    }
    let of_catalogue = |wanted: &DocumentRef| {
        catalogue.shared(&wanted.name, &wanted.version).ok_or_else(|| LibraryError::UnknownType {
            folder: named(),
            document_type: format!("{}/{}", wanted.name, wanted.version),
        })
    };
    let source = match description.source.is_any() {
        true => None,
        false => Some(of_catalogue(&description.source)?),
    };
    let target = match folder.get(&format!("{place}/target.schema.json")) {
        Some(_) => {
            let schema = json(folder, place, "target.schema.json")?;
            let compiled = CompiledSchema::compile(&schema, catalogue.code_lists());
            Target::Own(compiled.map_err(|source| LibraryError::Schema { folder: named(), source })?)
        }
        None => Target::Catalogue(of_catalogue(&description.target)?),
    };
    let template = text(folder, place, "template.json.j2")?.to_owned();
    let golden = read_golden(folder, place)?;
    Mapping::new(Ingredients { description, template, target, source, golden }, catalogue.code_lists()).map_err(
        |error| {
            let problem = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            LibraryError::Template { folder: named(), line: error.line().unwrap_or(1), problem }
        },
    )
}

fn read_golden(folder: &DataFolder, place: &str) -> Result<Vec<Golden>, LibraryError> {
    let prefix = format!("{place}/golden/");
    let mut golden = Vec::new();
    for (path, _) in folder.below(&prefix) {
        let Some(name) = path.strip_prefix(&prefix).and_then(|file| file.strip_suffix(".input.json")) else { continue };
        let mut input = json(folder, place, &format!("golden/{name}.input.json"))?;
        let mut taken = |part: &str| input.get_mut(part).map(Value::take).unwrap_or_default();
        golden.push(Golden {
            name: name.to_owned(),
            envelope: taken("envelope"),
            body: taken("body"),
            output: json(folder, place, &format!("golden/{name}.output.json"))?,
        });
    }
    Ok(golden)
}

fn text<'f>(folder: &'f DataFolder, place: &str, file: &str) -> Result<&'f str, LibraryError> {
    let missing = || LibraryError::Missing { folder: place.to_owned(), file: file.to_owned() };
    folder.get(&format!("{place}/{file}")).ok_or_else(missing)
}

fn json(folder: &DataFolder, place: &str, file: &str) -> Result<Value, LibraryError> {
    let wrong = |source| LibraryError::Json { folder: place.to_owned(), file: file.to_owned(), source };
    serde_json::from_str(text(folder, place, file)?).map_err(wrong)
}
