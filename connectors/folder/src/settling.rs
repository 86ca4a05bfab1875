//! Whether a file in `in/` is all there.
//!
//! Network shares send no events and copies take their time: a file is taken when its size and time stood still between
//! two looks that lie far enough apart, or at once when its owner put `<name>.ok` beside it.

use std::collections::HashMap;

use crate::place::Listed;

/// What was seen of the files of one channel.
#[derive(Debug, Default)]
pub(crate) struct Settling(HashMap<String, Seen>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    file: Listed,
    since: i64,
}

/// The endings with which programs write what is not finished.
const UNFINISHED: [&str; 7] = [".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".ok"];

/// Whether a name says that the file is not for the hub, or not yet.
pub(crate) fn is_unfinished(name: &str) -> bool {
    let folded = name.to_lowercase();
    name.starts_with(['.', '~']) || name.ends_with('~') || UNFINISHED.iter().any(|ending| folded.ends_with(ending))
}

impl Settling {
    /// The files that may be taken now, the longest unchanged first.
    pub(crate) fn settled(&mut self, listing: &[Listed], now: i64, settle: u32) -> Vec<Listed> {
        let mut seen = HashMap::new();
        let mut settled = Vec::new();
        for file in listing.iter().filter(|file| !is_unfinished(&file.name)) {
            let before = self.0.remove(&file.name).filter(|before| before.file == *file);
            // A clock that was set back must not hold a file for ever.
            let since = before.map_or(now, |before| before.since).min(now);
            let marked = listing.iter().any(|other| other.name.strip_suffix(".ok") == Some(&file.name));
            if marked || now - since >= i64::from(settle.max(1)) {
                settled.push(file.clone());
            }
            seen.insert(file.name.clone(), Seen { file: file.clone(), since });
        }
        self.0 = seen;
        settled.sort_by(|one, other| (one.changed, &one.name).cmp(&(other.changed, &other.name)));
        settled
    }

    /// For how long a file has not changed, as far as it was looked at.
    pub(crate) fn unchanged_for(&self, name: &str, now: i64) -> i64 {
        self.0.get(name).map_or(0, |seen| now - seen.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64) -> Listed {
        Listed { name: name.to_owned(), size, changed: 50 }
    }

    fn names(files: Vec<Listed>) -> Vec<String> {
        files.into_iter().map(|file| file.name).collect()
    }

    #[test]
    fn a_file_is_taken_only_after_it_stood_still() {
        let mut settling = Settling::default();
        assert!(settling.settled(&[file("a.zip", 1)], 100, 5).is_empty());
        assert!(settling.settled(&[file("a.zip", 2)], 110, 5).is_empty(), "it grew");
        assert!(settling.settled(&[file("a.zip", 2)], 114, 5).is_empty(), "too soon");
        assert_eq!(names(settling.settled(&[file("a.zip", 2)], 115, 5)), ["a.zip"]);
    }

    #[test]
    fn a_file_whose_owner_says_so_is_taken_at_once_and_the_marker_never() {
        let mut settling = Settling::default();
        let listing = [file("a.zip", 1), file("a.zip.ok", 0), file("b.zip", 1)];
        assert_eq!(names(settling.settled(&listing, 100, 5)), ["a.zip"]);
        assert_eq!(names(settling.settled(&listing, 200, 5)), ["a.zip", "b.zip"]);
    }

    #[test]
    fn a_name_that_says_unfinished_is_never_taken() {
        let mut settling = Settling::default();
        let listing: Vec<_> = ["a.zip.part", ".a.zip", "~a.zip", "a.zip~", "a.zip.filepart", "A.ZIP.TMP"]
            .map(|name| file(name, 1))
            .into();
        settling.settled(&listing, 0, 1);
        assert!(settling.settled(&listing, 1000, 1).is_empty());
    }

    #[test]
    fn a_file_that_went_and_came_again_starts_anew() {
        let mut settling = Settling::default();
        settling.settled(&[file("a.zip", 1)], 100, 5);
        settling.settled(&[], 103, 5);
        assert!(settling.settled(&[file("a.zip", 1)], 106, 5).is_empty());
    }
}
