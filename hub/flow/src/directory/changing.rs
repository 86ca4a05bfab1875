//! Changing the directory: decided on the entries as they stand, written only if they still stand so.

use std::sync::Arc;

use serde_json::Value;

use crate::clock::Timestamp;
use crate::db::{Db, DbError};

use super::document::DirectoryError;
use super::store::{self, ChangeDirectory};
use super::{Directory, Held, Kind, Ledger};

/// How often a change is decided anew when others write at the same time.
const TRIES: usize = 8;

/// Who changes, why and when.
#[derive(Debug, Clone)]
pub struct Act {
    /// The institution whose system asks; `file` for a file of those who run the hub.
    pub by: String,
    /// Its pseudonym of the person.
    pub clerk: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What must be there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing, or a withdrawn entry.
    New,
    /// This version, in force.
    Version(i64),
    /// Anything.
    Any,
}

/// One entry as it is to be.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its kind.
    pub kind: Kind,
    /// Its stored id.
    pub id: String,
    /// What must be there before.
    pub expected: Expected,
    /// The entry in its stored form; nothing to withdraw it.
    pub document: Option<Value>,
}

/// A version about to be written.
pub(super) struct Planned {
    pub kind: Kind,
    pub id: String,
    pub version: i64,
    pub document: Option<Value>,
}

/// What was changed.
#[derive(Debug)]
pub struct Changed {
    /// The directory as it is now.
    pub directory: Directory,
    /// How many entries have a new version. Those that said the same before have none.
    pub entries: usize,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum NotChanged {
    /// An entry of this id is there.
    #[error("the {} {id} is there already, in version {version}", kind.as_str())]
    Exists {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
        /// Its version.
        version: i64,
    },
    /// The entry has another version than the change was made for.
    #[error("the {} {id} has version {version} by now", kind.as_str())]
    Stale {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
        /// Its version.
        version: i64,
    },
    /// There is no such entry in force.
    #[error("there is no {} {id} in force", kind.as_str())]
    Missing {
        /// Its kind.
        kind: Kind,
        /// Its id.
        id: String,
    },
    /// The directory would not hang together.
    #[error(transparent)]
    Faulty(#[from] DirectoryError),
    /// Others wrote the directory each time the change was decided.
    #[error("the directory is being written by others")]
    Busy,
    /// The database does not answer.
    #[error(transparent)]
    Unavailable(#[from] DbError),
}

/// Makes changes together, or none of them.
///
/// # Errors
/// [`NotChanged`]; then everything stays as it was.
pub async fn change(db: &Db, changes: &[Change], act: &Act) -> Result<Changed, NotChanged> {
    let verb = Arc::new(ChangeDirectory);
    for _ in 0..TRIES {
        let ledger = store::ledger(db).await?;
        let number = ledger.number;
        let planned = plan(&ledger, changes)?;
        let entries = planned.len();
        let directory = Directory::of(after(ledger, &planned, act))?;
        if planned.is_empty() || db.write(&verb, (planned, act.clone(), number)).await? {
            return Ok(Changed { directory, entries });
        }
    }
    Err(NotChanged::Busy)
}

/// The versions that the changes make on a ledger.
pub(super) fn plan(ledger: &Ledger, changes: &[Change]) -> Result<Vec<Planned>, NotChanged> {
    let mut planned = Vec::with_capacity(changes.len());
    for Change { kind, id, expected, document } in changes {
        let (kind, held) = (*kind, ledger.get(*kind, id));
        let in_force = held.filter(|held| held.document.is_some());
        match (*expected, in_force) {
            (Expected::New, Some(held)) => {
                return Err(NotChanged::Exists { kind, id: id.clone(), version: held.version });
            }
            (Expected::Version(_), None) => return Err(NotChanged::Missing { kind, id: id.clone() }),
            (Expected::Version(wanted), Some(held)) if held.version != wanted => {
                return Err(NotChanged::Stale { kind, id: id.clone(), version: held.version });
            }
            _ => {}
        }
        let before = in_force.and_then(|held| held.document.as_ref());
        if before != document.as_ref() {
            let version = held.map_or(0, |held| held.version) + 1;
            planned.push(Planned { kind, id: id.clone(), version, document: document.clone() });
        }
    }
    Ok(planned)
}

/// The ledger with what is planned in it.
pub(super) fn after(mut ledger: Ledger, planned: &[Planned], act: &Act) -> Ledger {
    ledger.number += i64::from(!planned.is_empty());
    for one in planned {
        let written = (act.at, act.by == store::FILE);
        ledger.put(one.kind, one.id.clone(), Held::new(&one.id, one.version, one.document.clone(), written));
    }
    ledger
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        let held = |version, document| Held::new("a", version, document, (Timestamp(0), true));
        ledger.put(Kind::Party, "a".to_owned(), held(3, Some(json!({"id": "a"}))));
        ledger.put(Kind::Party, "gone".to_owned(), held(5, None));
        ledger
    }

    fn planned(id: &str, expected: Expected, document: Option<Value>) -> Result<Vec<i64>, String> {
        let change = Change { kind: Kind::Party, id: id.to_owned(), expected, document };
        let planned = plan(&ledger(), &[change]).map_err(|why| why.to_string())?;
        Ok(planned.iter().map(|one| one.version).collect())
    }

    #[test]
    fn a_change_is_made_only_on_the_version_it_was_made_for() {
        let new = || Some(json!({"id": "a", "name": "A"}));
        for (id, expected, document, made) in [
            ("a", Expected::Version(3), new(), Ok(vec![4])),
            ("a", Expected::Version(2), new(), Err("the party a has version 3 by now".to_owned())),
            ("a", Expected::New, new(), Err("the party a is there already, in version 3".to_owned())),
            ("a", Expected::Any, Some(json!({"id": "a"})), Ok(vec![])),
            ("a", Expected::Version(3), None, Ok(vec![4])),
            ("gone", Expected::New, new(), Ok(vec![6])),
            ("gone", Expected::Version(5), new(), Err("there is no party gone in force".to_owned())),
            ("gone", Expected::Any, None, Ok(vec![])),
            ("b", Expected::New, new(), Ok(vec![1])),
        ] {
            assert_eq!(planned(id, expected, document), made, "{id} {expected:?}");
        }
    }
}
