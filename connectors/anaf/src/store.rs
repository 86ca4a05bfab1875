//! What must survive a restart: rotated tokens, and which messages were taken. Given by the host; a folder of files here.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

/// The longest thing kept, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Keeps token pairs. Losing a rotated refresh token locks the institution out until a person with a qualified certificate
/// signs in again, so `save` returns only when the tokens would survive a power cut.
pub trait TokenStore: Send + Sync {
    /// The tokens kept under a name.
    ///
    /// # Errors
    /// They cannot be read.
    fn load(&self, name: &str) -> io::Result<Option<SecretString>>;

    /// Keeps tokens in place of the earlier ones: after a fall there are the old or the new ones, never half of them.
    ///
    /// # Errors
    /// They are not certainly kept.
    fn save(&self, name: &str, tokens: &SecretString) -> io::Result<()>;

    /// Holds off whoever else would rotate the same tokens until the guard is dropped. May block.
    ///
    /// # Errors
    /// It cannot be known whether somebody else rotates.
    fn guard(&self, name: &str) -> io::Result<Box<dyn Send>>;
}

/// Keeps which messages of an inbox were taken.
pub trait CursorStore: Send + Sync {
    /// What is kept under a name.
    ///
    /// # Errors
    /// It cannot be read.
    fn load(&self, name: &str) -> io::Result<Option<String>>;

    /// Keeps it in place of what was there.
    ///
    /// # Errors
    /// It is not certainly kept.
    fn save(&self, name: &str, cursor: &str) -> io::Result<()>;
}

/// A folder that only its owner may read, one file per name, replaced by renaming and synced before and after.
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: PathBuf,
}

impl FileStore {
    /// A store in a folder, which is made when something is first kept.
    #[must_use]
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn made(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)
    }

    fn path(&self, name: &str, ending: &str) -> io::Result<PathBuf> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a name is letters, digits, - and _"));
        }
        Ok(self.folder.join(format!("{name}.{ending}")))
    }

    fn read(&self, name: &str, ending: &str) -> io::Result<Option<String>> {
        let file = match File::open(self.path(name, ending)?) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text)?;
        Ok(Some(text))
    }

    fn replace(&self, name: &str, ending: &str, text: &str) -> io::Result<()> {
        self.made()?;
        let path = self.path(name, ending)?;
        let fresh = self.path(name, &format!("{ending}.new"))?;
        let mut file = writable(&fresh, true)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&fresh, &path)?;
        // The new name is durable only when the folder is.
        File::open(&self.folder)?.sync_all()
    }
}

fn writable(path: &Path, anew: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(anew).mode(0o600).open(path)
}

impl TokenStore for FileStore {
    fn load(&self, name: &str) -> io::Result<Option<SecretString>> {
        Ok(self.read(name, "tokens")?.map(SecretString::from))
    }

    fn save(&self, name: &str, tokens: &SecretString) -> io::Result<()> {
        self.replace(name, "tokens", tokens.expose_secret())
    }

    fn guard(&self, name: &str) -> io::Result<Box<dyn Send>> {
        self.made()?;
        let file = writable(&self.path(name, "lock")?, false)?;
        file.lock()?;
        Ok(Box::new(file))
    }
}

impl CursorStore for FileStore {
    fn load(&self, name: &str) -> io::Result<Option<String>> {
        self.read(name, "cursor")
    }

    fn save(&self, name: &str, cursor: &str) -> io::Result<()> {
        self.replace(name, "cursor", cursor)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn tokens_are_kept_for_their_owner_alone_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::at(folder.path().join("anaf"));
        let kept =
            |store: &FileStore| TokenStore::load(store, "a").unwrap().map(|text| text.expose_secret().to_owned());
        assert_eq!(kept(&store), None);
        for tokens in ["first and longer", "second"] {
            TokenStore::save(&store, "a", &SecretString::from(tokens)).unwrap();
            assert_eq!(kept(&store).as_deref(), Some(tokens));
        }
        let mode = std::fs::metadata(folder.path().join("anaf/a.tokens")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(CursorStore::save(&store, "../a", "").is_err());
    }
}
