//! Which snapshot counts: a small file names it, and is replaced at once.
//!
//! Files of the folder: `firme-<day>.onrc`, `evenimente-<day>.jsonl`, `firme-<day>.respinse.txt`, `CURRENT`, `IMPORT`.
//! The snapshot before the current one is kept, older ones are removed.

use std::fs::{File, TryLockError};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::changes::Event;
use super::container::Container;
use super::facts::Facts;
use super::import::ImportError;

const CURRENT: &str = "CURRENT";
/// How many snapshots are kept.
const KEPT: usize = 2;

/// Holds the folder for one import; the system lets go of it when the process ends.
pub(super) struct ImportLock(#[expect(dead_code, reason = "it is held, not read")] File);

impl ImportLock {
    pub(super) fn take(folder: &Path) -> Result<Self, ImportError> {
        let at = |source| ImportError::Io { what: format!("locking {}", folder.display()), source };
        let file = File::options().create(true).truncate(false).write(true).open(folder.join("IMPORT")).map_err(at)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(ImportError::UnderWay),
            Err(TryLockError::Error(source)) => Err(at(source)),
        }
    }
}

/// The file that counts now; none before the first import.
///
/// # Errors
/// The folder cannot be read, or `CURRENT` names no snapshot.
pub fn current_file(folder: &Path) -> io::Result<Option<PathBuf>> {
    let name = match std::fs::read_to_string(folder.join(CURRENT)) {
        Ok(name) => name,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let name = name.trim();
    let is_ours = name.starts_with("firme-") && name.ends_with(".onrc") && !name.contains(['/', '\\']);
    if !is_ours {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "CURRENT names no snapshot"));
    }
    Ok(Some(folder.join(name)))
}

pub(super) fn open(folder: &Path) -> io::Result<Option<(Container, Facts)>> {
    current_file(folder)?.map(|file| Container::open(&file)).transpose()
}

pub(super) fn staged(folder: &Path, snapshot: Date) -> PathBuf {
    folder.join(format!("firme-{snapshot}.pregatit"))
}

pub(super) fn staged_events(folder: &Path, snapshot: Date) -> PathBuf {
    folder.join(format!("evenimente-{snapshot}.pregatit"))
}

/// Puts the staged snapshot in its place. A reader sees the old one or the new one, never a part.
pub(super) fn swap(folder: &Path, snapshot: Date) -> io::Result<PathBuf> {
    let name = format!("firme-{snapshot}.onrc");
    let file = folder.join(&name);
    std::fs::rename(staged(folder, snapshot), &file)?;
    let events = staged_events(folder, snapshot);
    if events.exists() {
        std::fs::rename(events, folder.join(format!("evenimente-{snapshot}.jsonl")))?;
    }
    let next = folder.join("CURRENT.next");
    std::fs::write(&next, &name)?;
    File::open(&next)?.sync_all()?;
    std::fs::rename(next, folder.join(CURRENT))?;
    File::open(folder)?.sync_all()?;
    remove_older(folder, &name)?;
    Ok(file)
}

fn remove_older(folder: &Path, current: &str) -> io::Result<()> {
    let mut snapshots = names(folder, "firme-", ".onrc")?;
    snapshots.retain(|name| name != current);
    snapshots.sort_unstable();
    let surplus = snapshots.len().saturating_sub(KEPT - 1);
    for name in snapshots.into_iter().take(surplus) {
        std::fs::remove_file(folder.join(name))?;
    }
    Ok(())
}

fn names(folder: &Path, start: &str, end: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(start) && name.ends_with(end) {
            names.push(name);
        }
    }
    Ok(names)
}

/// The events after a cursor `<day>:<number>` (or from the first on), at most so many, and the cursor to go on from.
///
/// # Errors
/// The files of events cannot be read.
pub fn events_after(folder: &Path, cursor: Option<&str>, most: usize) -> io::Result<(Vec<Event>, Option<String>)> {
    let (day, number) = cursor.and_then(|cursor| cursor.rsplit_once(':')).unwrap_or_default();
    let number: u64 = number.parse().unwrap_or(0);
    let mut files = names(folder, "evenimente-", ".jsonl")?;
    files.sort_unstable();
    let mut events: Vec<Event> = Vec::new();
    for name in files.iter().filter(|name| name["evenimente-".len()..name.len() - ".jsonl".len()] >= *day) {
        let same_day = name.contains(day) && !day.is_empty();
        for line in BufReader::new(File::open(folder.join(name))?).lines() {
            let event: Event = serde_json::from_str(&line?)?;
            if same_day && event.numar <= number {
                continue;
            }
            events.push(event);
            if events.len() == most {
                break;
            }
        }
        if events.len() == most {
            break;
        }
    }
    let next = events.last().map(|event| format!("{}:{}", event.instantaneu, event.numar));
    Ok((events, next.or_else(|| cursor.map(str::to_owned))))
}
