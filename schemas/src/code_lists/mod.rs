//! Published code lists: data under `code-lists/<list>/<version>.csv`, read once, looked up at a date.
//!
//! A version is named by the first day it is in force and is complete in itself; a row may also carry its own first and last
//! day. The list `siruta` has a parent for every row, so that a locality leads to its administrative unit and county.
//! Never asks a register: a new version is a new file.

mod table;
mod list;
pub use list::{CodeList, CodeListAt, Entry};

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};

use include_dir::{Dir, include_dir};
use jiff::civil::Date;

use crate::data_folder::{DataFolder, DataFolderError};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/code-lists");

/// All code lists known to the program.
#[derive(Debug, Clone)]
pub struct CodeLists {
    lists: BTreeMap<Box<str>, Arc<CodeList>>,
}

/// A code list that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CodeListError {
    /// The folder could not be read.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// The file is not called after a day.
    #[error("code list {path}: the file name must be the first day in force, as 2025-01-01.csv")]
    Version {
        /// Path inside the folder of code lists.
        path: String,
    },
    /// A row or the heading is wrong.
    #[error("code list {path}, line {line}: {problem}")]
    Row {
        /// Path inside the folder of code lists.
        path: String,
        /// Line number from 1, the heading included.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
}

impl CodeLists {
    /// The lists that come with the program.
    pub fn builtin() -> Arc<Self> {
        static BUILTIN: LazyLock<Arc<CodeLists>> = LazyLock::new(|| {
            let folder = DataFolder::embedded(&EMBEDDED);
            Arc::new(CodeLists::from_folder(&folder).expect("the embedded code lists are read by the tests"))
        });
        BUILTIN.clone()
    }

    /// The lists of a folder on disk alone, laid out as `<list>/<version>.csv`.
    ///
    /// Errors: an unreadable file, a version not named by a day, a wrong row.
    pub fn from_dir(path: &Path) -> Result<Self, CodeListError> {
        Self::from_folder(&DataFolder::read(path)?)
    }

    /// These lists and the given ones; a list of the same name is replaced whole.
    pub fn extended_by(&self, others: Self) -> Self {
        let mut lists = self.lists.clone();
        lists.extend(others.lists);
        Self { lists }
    }

    /// These lists, one of them with a further version, which stands in place of one of the same day. A list nobody has
    /// here is not added: no document names it.
    ///
    /// Errors: a code twice, a parent that is not there, parents that form a ring.
    pub fn with_version(&self, name: &str, in_force: Date, entries: Vec<Entry>) -> Result<Self, CodeListError> {
        let Some(list) = self.lists.get(name) else { return Ok(self.clone()) };
        let version = table::of_entries(in_force, entries).map_err(|(line, problem)| CodeListError::Row {
            path: format!("{name}/{in_force}"),
            line,
            problem,
        })?;
        let mut lists = self.lists.clone();
        lists.insert(name.into(), Arc::new(list.with(version)));
        Ok(Self { lists })
    }

    fn from_folder(folder: &DataFolder) -> Result<Self, CodeListError> {
        let mut versions: BTreeMap<&str, Vec<table::Version>> = BTreeMap::new();
        for (path, text) in folder.below("") {
            let Some((list, file)) = path.split_once('/') else { continue };
            let Some(version) = file.strip_suffix(".csv") else { continue };
            let in_force: Date = version.parse().map_err(|_| CodeListError::Version { path: path.to_owned() })?;
            let version = table::read(in_force, text).map_err(|(line, problem)| CodeListError::Row {
                path: path.to_owned(),
                line,
                problem,
            })?;
            versions.entry(list).or_default().push(version);
        }
        let named = |(name, versions)| (Box::from(name), Arc::new(CodeList::new(name, versions)));
        Ok(Self { lists: versions.into_iter().map(named).collect() })
    }

    /// The list of this name, e.g. `tip-handicap`.
    pub fn get(&self, name: &str) -> Option<&CodeList> {
        self.lists.get(name).map(AsRef::as_ref)
    }

    /// A shared handle on the list of this name, for those who keep it.
    pub fn shared(&self, name: &str) -> Option<Arc<CodeList>> {
        self.lists.get(name).cloned()
    }

    /// The names of all lists, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.lists.keys().map(AsRef::as_ref)
    }
}
