//! A folder of data files, the same whether it is embedded in the program or lies on disk.
//!
//! Holds text files only, by relative path with `/`. Never follows symbolic links and never writes.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use include_dir::Dir;

/// Text files by relative path, in path order.
#[derive(Debug, Default)]
pub struct DataFolder {
    files: BTreeMap<String, Cow<'static, str>>,
}

/// A file of a data folder could not be read.
#[derive(Debug, thiserror::Error)]
#[error("reading {path}")]
pub struct DataFolderError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Folders nest three deep at most (`type/version/samples/valid`); the rest guards against a wrong path.
const DEEPEST: usize = 8;

impl DataFolder {
    /// The files of a folder embedded with `include_dir!`.
    pub fn embedded(dir: &'static Dir<'static>) -> Self {
        let mut folder = Self::default();
        let mut open = vec![dir];
        while let Some(dir) = open.pop() {
            open.extend(dir.dirs());
            for file in dir.files() {
                if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
                    folder.files.insert(path.replace('\\', "/"), Cow::Borrowed(text));
                }
            }
        }
        folder
    }

    /// The files of a folder on disk, links and hidden files left out.
    ///
    /// Errors: a folder or file that cannot be read, or a file that is not UTF-8.
    pub fn read(root: &Path) -> Result<Self, DataFolderError> {
        let mut folder = Self::default();
        folder.read_into(root, "", DEEPEST)?;
        Ok(folder)
    }

    fn read_into(&mut self, dir: &Path, prefix: &str, depth: usize) -> Result<(), DataFolderError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| DataFolderError { path, source }
        };
        for entry in fs::read_dir(dir).map_err(failed(dir))? {
            let entry = entry.map_err(failed(dir))?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let kind = entry.file_type().map_err(failed(&path))?;
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() && depth > 0 {
                self.read_into(&path, &format!("{prefix}{name}/"), depth - 1)?;
            } else if kind.is_file() {
                let text = fs::read_to_string(&path).map_err(failed(&path))?;
                self.files.insert(format!("{prefix}{name}"), Cow::Owned(text));
            }
        }
        Ok(())
    }

    /// The text of a file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// All files below a prefix, in path order, with their paths.
    pub fn below<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let from_prefix = self.files.range(prefix.to_owned()..);
        from_prefix
            .take_while(move |(path, _)| path.starts_with(prefix))
            .map(|(path, text)| (path.as_str(), text.as_ref()))
    }

    /// The folders that hold a file of this name, e.g. `ancheta-sociala-adult/1.0` for `type.toml`.
    pub fn folders_with<'a>(&'a self, file: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.keys().filter_map(move |path| path.strip_suffix(file)?.strip_suffix('/'))
    }
}
