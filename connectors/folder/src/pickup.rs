//! Takes packages in hand: what this hub already claimed, then what has settled in `in/`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use connectors_drop::looks_whole;

use crate::claims::Claim;
use crate::place::{Listed, Place, PlaceError};
use crate::settling::Settling;
use crate::work::{CLAIMED, IN};

/// Most entries of a folder that are looked at in one go.
const MOST_LISTED: usize = 10_000;
/// The end of a zip file with the longest comment.
const END: usize = 22 + 65_535;
/// Most bytes that are handed over at once: whatever is asked for, it is all in memory.
const MOST_AT_ONCE: usize = 128 * 1024 * 1024;
/// After so long nothing further is fetched: whoever looks waits for what there is.
const LONG_ENOUGH: Duration = Duration::from_secs(45);
/// For how many seconds a zip file that ends too early is waited for before it is answered.
const PATIENCE: i64 = 900;

/// What was seen of one folder. Nothing but time is lost with it.
#[derive(Default)]
pub(crate) struct Memory {
    settling: Settling,
    /// The ids of the files in hand, by the names of their claims: an answer need not read them all again.
    pub ids: HashMap<String, String>,
    /// The files in hand themselves, as many as are handed over at once.
    held: HashMap<String, Taken>,
}

impl Memory {
    fn hold(&mut self, taken: &Taken, id: String) {
        let file = taken.claim.file();
        self.ids.insert(file.clone(), id);
        let held: usize = self.held.values().map(|taken| taken.content.len()).sum();
        if held + taken.content.len() <= MOST_AT_ONCE {
            self.held.insert(file, taken.clone());
        }
    }

    /// Forgets a file that is not in hand any more.
    pub(crate) fn drop_claim(&mut self, file: &str) {
        self.ids.remove(file);
        self.held.remove(file);
    }

    /// Forgets what is not among these.
    fn keep(&mut self, claims: &[(Claim, Listed)]) {
        let there = |file: &String| claims.iter().any(|(claim, _)| claim.file() == *file);
        self.ids.retain(|file, _| there(file));
        self.held.retain(|file, _| there(file));
    }
}

/// A look at the folder.
pub(crate) struct Look<'l> {
    /// The present moment, in seconds since 1970.
    pub now: i64,
    /// Who looks.
    pub claimant: &'l str,
    /// For how long a file must have stood still.
    pub settle: u32,
    /// Most bytes that are read of a file.
    pub most_bytes: usize,
    /// When the look began.
    pub began: Instant,
}

/// A file in hand with its bytes.
#[derive(Clone)]
pub(crate) struct Taken {
    /// The claim.
    pub claim: Claim,
    /// When it was put down, as its machine says.
    pub changed: i64,
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes, or the first of them when there are too many.
    pub content: Bytes,
}

impl Look<'_> {
    /// At most so many files, the oldest first.
    pub(crate) fn take(
        &self,
        place: &mut dyn Place,
        memory: &mut Memory,
        most: usize,
    ) -> Result<Vec<Taken>, PlaceError> {
        let mut taken = Vec::new();
        let in_hand = self.in_hand(place)?;
        memory.keep(&in_hand);
        for (claim, file) in in_hand {
            if self.is_enough(&taken, most) {
                return Ok(taken);
            }
            taken.extend(self.read(place, memory, claim, &file)?);
        }
        let listing = place.list(IN, MOST_LISTED)?;
        let mut stuck = None;
        for file in memory.settling.settled(&listing, self.now, self.settle) {
            if self.is_enough(&taken, most) {
                break;
            }
            if !self.is_whole(place, &file, &memory.settling)? {
                continue;
            }
            match self.claim(place, &file) {
                Ok(Some(claim)) => taken.extend(self.read(place, memory, claim, &file)?),
                Ok(None) => {}
                // One file that cannot be moved does not hold up those after it.
                Err(error @ PlaceError::Failed { .. }) => stuck = Some(error),
                Err(error) => return Err(error),
            }
        }
        match stuck {
            Some(error) if taken.is_empty() => Err(error),
            _ => Ok(taken),
        }
    }

    fn is_enough(&self, taken: &[Taken], most: usize) -> bool {
        let bytes: usize = taken.iter().map(|one| one.content.len()).sum();
        taken.len() >= most || bytes >= MOST_AT_ONCE || (!taken.is_empty() && self.began.elapsed() > LONG_ENOUGH)
    }

    /// The claims this hub goes on with, the oldest first. Another's, whose time is over, is renamed to its own.
    pub(crate) fn in_hand(&self, place: &mut dyn Place) -> Result<Vec<(Claim, Listed)>, PlaceError> {
        let mut claims = Vec::new();
        for file in place.list(CLAIMED, MOST_LISTED)? {
            let Some(claim) = Claim::read(&file.name).filter(|claim| claim.is_for(self.claimant, self.now)) else {
                continue;
            };
            if claim.claimant == self.claimant {
                claims.push((claim, file));
                continue;
            }
            let own = Claim::on(&claim.name, self.claimant, self.now);
            match place.rename(&format!("{CLAIMED}/{}", file.name), &format!("{CLAIMED}/{}", own.file())) {
                Ok(()) => claims.push((own, file)),
                Err(PlaceError::NotThere { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        claims.sort_by(|(one, a), (other, b)| {
            (one.since, a.changed, &one.name).cmp(&(other.since, b.changed, &other.name))
        });
        Ok(claims)
    }

    /// A zip file that does not end like one is still being copied, whatever its size did in the last seconds. After a
    /// while nobody goes on with it, and its owner is told.
    fn is_whole(&self, place: &mut dyn Place, file: &Listed, settling: &Settling) -> Result<bool, PlaceError> {
        if !file.name.to_lowercase().ends_with(".zip") || settling.unchanged_for(&file.name, self.now) > PATIENCE {
            return Ok(true);
        }
        let end = place.read(&format!("{IN}/{}", file.name), file.size.saturating_sub(END as u64), END);
        match end {
            Ok(end) => Ok(looks_whole(&end)),
            Err(PlaceError::NotThere { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes a file in hand; none when somebody else was quicker.
    fn claim(&self, place: &mut dyn Place, file: &Listed) -> Result<Option<Claim>, PlaceError> {
        let mut claim = Claim::on(&file.name, self.claimant, self.now);
        // The same name may be in hand already: its owner put down another file before the first was answered.
        while place.size(&format!("{CLAIMED}/{}", claim.file())).is_ok() {
            claim.since += 1;
        }
        match place.rename(&format!("{IN}/{}", file.name), &format!("{CLAIMED}/{}", claim.file())) {
            Ok(()) => {}
            Err(PlaceError::NotThere { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        // The marker spoke of this file, not of the next one with its name.
        place.remove(&format!("{IN}/{}.ok", file.name))?;
        Ok(Some(claim))
    }

    /// Reads a claim, once: it does not change, and over a slow line a look may end before its answer is waited for.
    fn read(
        &self,
        place: &mut dyn Place,
        memory: &mut Memory,
        claim: Claim,
        file: &Listed,
    ) -> Result<Option<Taken>, PlaceError> {
        if let Some(taken) = memory.held.get(&claim.file()) {
            return Ok(Some(taken.clone()));
        }
        let path = format!("{CLAIMED}/{}", claim.file());
        let read = place.size(&path).and_then(|size| Ok((size, place.read(&path, 0, self.most_bytes + 1)?)));
        match read {
            Ok((size, content)) => {
                let taken = Taken { claim, changed: file.changed, size, content };
                memory.hold(&taken, id(&taken, self.most_bytes));
                Ok(Some(taken))
            }
            Err(PlaceError::NotThere { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What names an arrival: SHA-256 of the file, in hexadecimal. Of a file that is too large to be read, of its beginning
/// and its size: it is refused in any case, and only has to be found again.
pub(crate) fn id(taken: &Taken, most_bytes: usize) -> String {
    if taken.content.len() <= most_bytes {
        return hex::encode(connectors_drop::sha256(&taken.content));
    }
    let told = [&connectors_drop::sha256(&taken.content)[..], &taken.size.to_be_bytes()[..]].concat();
    hex::encode(connectors_drop::sha256(&told))
}
