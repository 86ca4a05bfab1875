//! A folder as a store: synced before answered, named last, so that a crash leaves either nothing or everything.
//!
//! Locks are files beside the objects. They bind this program, not whoever may write the folder: where the law asks for
//! more, take a bucket with object lock.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Body, Incoming, Lock, Object, Placed, Store, StoreError};
use crate::world::World;

const INCOMING: &str = "incoming";
const LOCKS: &str = "locks";

/// A store in a folder.
#[derive(Clone)]
pub struct Folder {
    name: String,
    root: PathBuf,
    world: Arc<dyn World>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LockFile {
    until: Option<Timestamp>,
    legal_hold: bool,
}

impl Folder {
    /// Opens the folder, makes it where it is missing, and removes what was left unfinished more than a day ago: what is
    /// younger may be another hub's.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(name: &str, root: &Path, world: Arc<dyn World>) -> Result<Self, StoreError> {
        let folder = Self { name: name.to_owned(), root: root.to_owned(), world };
        folder.clear().map_err(|error| folder.failed(&error))?;
        Ok(folder)
    }

    /// Where objects stand before they have a name; on the same disk, so that naming them copies nothing.
    #[must_use]
    pub fn incoming(&self) -> PathBuf {
        self.root.join(INCOMING)
    }

    fn clear(&self) -> io::Result<()> {
        fs::create_dir_all(self.incoming())?;
        let old = self.world.now().saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        for entry in fs::read_dir(self.incoming())? {
            let entry = entry?;
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            let written = written.ok().and_then(|time| Timestamp::try_from(time).ok());
            if written.is_some_and(|written| written < old) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn failed(&self, error: &io::Error) -> StoreError {
        let (store, cause) = (self.name.clone(), error.to_string());
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::Refused { store, cause },
            _ => StoreError::Unavailable { store, cause },
        }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    fn lock_path(&self, key: &str) -> PathBuf {
        self.root.join(LOCKS).join(key)
    }

    /// A synced file that has no name in the store yet.
    fn stage(&self, object: &Staging) -> io::Result<PathBuf> {
        // Random, since hubs on several machines may share the folder.
        let mut mark = [0; 16];
        self.world.fill(&mut mark);
        let path = self.incoming().join(format!("{}.object", hex::encode(mark)));
        if let Staging::File(from) = object {
            // Only what lies in this store's own folder may be shared: two stores must never have the same sectors.
            if from.starts_with(self.incoming()) && fs::hard_link(from, &path).is_ok() {
                return Ok(path);
            }
            fs::copy(from, &path)?;
        } else if let Staging::Bytes(bytes) = object {
            File::create(&path)?.write_all(bytes)?;
        }
        File::open(&path)?.sync_all()?;
        Ok(path)
    }

    fn place(&self, to: &Path, object: &Staging, over: bool) -> io::Result<Placed> {
        if !over && to.exists() {
            return Ok(Placed::Before);
        }
        let staged = self.stage(object)?;
        let parent = to.parent().expect("an object lies in a folder");
        fs::create_dir_all(parent)?;
        let placed = if over {
            fs::rename(&staged, to).map(|()| Placed::Now)
        } else {
            // A link, unlike a rename, never takes the place of what is there.
            let linked = fs::hard_link(&staged, to);
            fs::remove_file(&staged)?;
            match linked {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Placed::Before),
                linked => linked.map(|()| Placed::Now),
            }
        }?;
        self.sync_above(to)?;
        Ok(placed)
    }

    /// Syncs the folders from that of a path up to the root.
    fn sync_above(&self, path: &Path) -> io::Result<()> {
        for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root)) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn read_lock(&self, key: &str) -> io::Result<Lock> {
        match fs::read(self.lock_path(key)) {
            Ok(bytes) => {
                let file: LockFile = serde_json::from_slice(&bytes).map_err(io::Error::other)?;
                Ok(Lock { until: file.until, legal_hold: file.legal_hold })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Lock::default()),
            Err(error) => Err(error),
        }
    }

    fn remove(path: &Path) -> io::Result<()> {
        remove_file(path)?;
        sync(path.parent().expect("an object lies in a folder"))
    }

    /// Removes what stands under the names, where no lock holds it, and only then syncs each folder concerned once:
    /// a sync for every name would be most of the work.
    fn remove_all(&self, keys: &[String]) -> io::Result<Vec<Result<(), Lock>>> {
        let (now, mut folders, mut removed) = (self.world.now(), BTreeSet::new(), Vec::with_capacity(keys.len()));
        for key in keys {
            let lock = self.read_lock(key)?;
            if lock.holds(now) {
                removed.push(Err(lock));
                continue;
            }
            for path in [self.path(key), self.lock_path(key)] {
                remove_file(&path)?;
                folders.extend(path.parent().map(Path::to_owned));
            }
            removed.push(Ok(()));
        }
        folders.iter().try_for_each(|folder| sync(folder))?;
        Ok(removed)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(|error| self.failed(&error))
    }
}

enum Staging {
    Bytes(Vec<u8>),
    File(PathBuf),
}

impl From<Incoming<'_>> for Staging {
    fn from(object: Incoming<'_>) -> Self {
        match object {
            Incoming::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Incoming::File { path, .. } => Self::File(path.to_owned()),
        }
    }
}

#[async_trait]
impl Store for Folder {
    fn name(&self) -> &str {
        &self.name
    }

    async fn put(&self, key: &str, object: Incoming<'_>) -> Result<Placed, StoreError> {
        let (to, object) = (self.path(key), Staging::from(object));
        self.blocking(move |folder| folder.place(&to, &object, false)).await
    }

    async fn replace(&self, key: &str, object: Incoming<'_>) -> Result<(), StoreError> {
        let (to, object) = (self.path(key), Staging::from(object));
        self.blocking(move |folder| folder.place(&to, &object, true).map(drop)).await
    }

    async fn read(&self, key: &str, from: u64) -> Result<Option<Object>, StoreError> {
        let path = self.path(key);
        let opened = self.blocking(move |_| {
            let mut file = match File::open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            let size = file.metadata()?.len();
            file.seek(SeekFrom::Start(from))?;
            Ok(Some((file, size)))
        });
        Ok(opened.await?.map(|(file, size)| {
            let mut file = tokio::fs::File::from_std(file);
            file.set_max_buf_size(512 * 1024);
            Object { size, body: Body::File(file) }
        }))
    }

    async fn has(&self, key: &str) -> Result<bool, StoreError> {
        let path = self.path(key);
        self.blocking(move |_| path.try_exists()).await
    }

    async fn list(&self, prefix: &str, after: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        let (prefix, after) = (prefix.trim_end_matches('/').to_owned(), after.to_owned());
        self.blocking(move |folder| {
            let mut found = Vec::new();
            walk(&folder.root, &prefix, (&after, limit), &mut found)?;
            Ok(found)
        })
        .await
    }

    async fn lock_of(&self, key: &str) -> Result<Lock, StoreError> {
        let key = key.to_owned();
        self.blocking(move |folder| folder.read_lock(&key)).await
    }

    async fn locks_of(&self, keys: &[String]) -> Result<Vec<Lock>, StoreError> {
        let keys = keys.to_vec();
        self.blocking(move |folder| keys.iter().map(|key| folder.read_lock(key)).collect()).await
    }

    async fn lock(&self, key: &str, lock: &Lock) -> Result<(), StoreError> {
        let (key, wanted) = (key.to_owned(), lock.clone());
        self.blocking(move |folder| {
            let until = wanted.until.max(folder.read_lock(&key)?.until);
            let file = LockFile { until, legal_hold: wanted.legal_hold };
            let bytes = serde_json::to_vec(&file).map_err(io::Error::other)?;
            folder.place(&folder.lock_path(&key), &Staging::Bytes(bytes), true).map(drop)
        })
        .await
    }

    async fn erase(&self, key: &str) -> Result<(), StoreError> {
        let lock = self.lock_of(key).await?;
        if lock.holds(self.world.now()) {
            return Err(StoreError::Held { store: self.name.clone(), lock });
        }
        let key = key.to_owned();
        self.blocking(move |folder| {
            Self::remove(&folder.path(&key))?;
            Self::remove(&folder.lock_path(&key))
        })
        .await
    }

    async fn erase_all(&self, keys: &[String]) -> Vec<Result<(), StoreError>> {
        let asked = keys.to_vec();
        match self.blocking(move |folder| folder.remove_all(&asked)).await {
            Ok(removed) => {
                let held = |lock| StoreError::Held { store: self.name.clone(), lock };
                removed.into_iter().map(|one| one.map_err(held)).collect()
            }
            // Which of them are gone is not known to be durable: each is asked for alone, and says its own failure.
            Err(_) => {
                let mut answers = Vec::with_capacity(keys.len());
                for key in keys {
                    answers.push(self.erase(key).await);
                }
                answers
            }
        }
    }
}

/// Removes a file; one that is not there is no failure.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes what was removed from a folder durable; also what a process that died before the sync removed.
fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder) {
        Ok(folder) => folder.sync_all(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Names below a folder in their order, after one of them.
fn walk(root: &Path, at: &str, (after, limit): (&str, usize), found: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(root.join(at)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut below = Vec::new();
    for entry in entries {
        let entry = entry?;
        if let Some(name) = entry.file_name().to_str() {
            below.push((format!("{at}/{name}"), entry.file_type()?.is_dir()));
        }
    }
    below.sort_unstable();
    for (path, is_folder) in below {
        if found.len() >= limit {
            return Ok(());
        }
        if is_folder {
            if after.starts_with(&format!("{path}/")) || path.as_str() > after {
                walk(root, &path, (after, limit), found)?;
            }
        } else if path.as_str() > after {
            found.push(path);
        }
    }
    Ok(())
}
