//! Sums up a series, number by number: the same sum is sealed by the hub and made again by whoever verifies.

use openssl::sha::Sha256;

use crate::register::{Hash as Digest, series_start};

use super::file::{Line, Series, State};
use super::numbers::Numbers;

/// Most links that a sealed document names one by one, so that a rewritten chain is found at its number.
const MOST_CHECKPOINTS: u64 = 256;

/// What a sealed document says of the numbers of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The first number: 1, or where a register that runs on from year to year went on.
    pub first: u64,
    /// How many numbers there are.
    pub count: u64,
    /// Numbers given before this hub linked numbers: the chain begins behind them.
    pub unlinked: Numbers,
    /// Link of the last number; where the chain begins while there is none.
    pub newest: Digest,
    /// Numbers that were annulled.
    pub annulled: Numbers,
    /// Numbers reserved or allocated that no document has taken yet.
    pub unused: Numbers,
    /// Numbers struck out as unused when the year was closed.
    pub struck: Numbers,
    /// How many acts happened to the entries.
    pub acts: u64,
    /// Digest over the newest link of every entry that has acts.
    pub acts_digest: Digest,
    /// Links by number, at even distances.
    pub checkpoints: Vec<(u64, Digest)>,
}

impl Standing {
    /// The last number; the one before the first while there is none.
    #[must_use]
    pub fn last(&self) -> u64 {
        (self.first + self.count).saturating_sub(1)
    }
}

/// A sum that grows.
pub struct Gathering {
    standing: Standing,
    acts: Sha256,
    step: u64,
}

impl Gathering {
    /// Begins the sum of a series that will have so many numbers from the first one on.
    #[must_use]
    pub fn new(series: &Series, first: u64, count: u64) -> Self {
        let mut acts = Sha256::new();
        acts.update(b"punte-register-acts-v1\0");
        Self {
            standing: Standing {
                first,
                count: 0,
                unlinked: Numbers::default(),
                newest: series_start(&series.party, &series.register, series.year),
                annulled: Numbers::default(),
                unused: Numbers::default(),
                struck: Numbers::default(),
                acts: 0,
                acts_digest: [0; 32],
                checkpoints: Vec::new(),
            },
            acts,
            step: count.div_ceil(MOST_CHECKPOINTS).max(1),
        }
    }

    /// Adds the next number, with its acts as far as they are given.
    pub fn add(&mut self, line: &Line) {
        let standing = &mut self.standing;
        standing.count += 1;
        match line.bound {
            Some((_, link)) => standing.newest = link,
            None => standing.unlinked.push(line.number),
        }
        match line.state {
            State::Used => {}
            State::Reserved | State::Allocated => standing.unused.push(line.number),
            State::Annulled => standing.annulled.push(line.number),
            State::Struck => standing.struck.push(line.number),
        }
        if let Some(newest) = line.acts.last() {
            add_acts(&mut self.acts, line.number, line.acts.len() as u64, newest);
            standing.acts += line.acts.len() as u64;
        }
        if let Some((_, link)) = line.bound.filter(|_| standing.count.is_multiple_of(self.step)) {
            standing.checkpoints.push((line.number, link));
        }
    }

    /// The sum.
    #[must_use]
    pub fn finish(self) -> Standing {
        Standing { acts_digest: self.acts.finish(), ..self.standing }
    }
}

fn add_acts(hash: &mut Sha256, number: u64, count: u64, newest: &Digest) {
    hash.update(&number.to_be_bytes());
    hash.update(&count.to_be_bytes());
    hash.update(newest);
}

/// How many acts there were and their digest when the entries had only so many: `(number, acts)` in ascending order.
///
/// # Errors
/// The number that has fewer acts than that, or is not there.
pub fn acts_at(lines: &[Line], counts: &[(u64, u64)]) -> Result<(u64, Digest), u64> {
    let mut hash = Sha256::new();
    hash.update(b"punte-register-acts-v1\0");
    let mut all = 0u64;
    for (number, count) in counts {
        let line = lines.binary_search_by_key(number, |line| line.number).map(|place| &lines[place]);
        let line = line.map_err(|_| *number)?;
        let place = usize::try_from(*count).ok().and_then(|count| count.checked_sub(1));
        let newest = place.and_then(|place| line.acts.get(place)).ok_or(*number)?;
        add_acts(&mut hash, *number, *count, newest);
        all = all.saturating_add(*count);
    }
    Ok((all, hash.finish()))
}
