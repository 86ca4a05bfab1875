//! A set of numbers of a register, written as people write it: `3 7-9`.

use std::fmt;

/// Most runs one text may have; a register with more is told by its count.
const MOST_RUNS: usize = 1_000_000;

/// Numbers in ascending order, as runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers(Vec<(u64, u64)>);

impl Numbers {
    /// Adds a number that is larger than all in the set.
    pub fn push(&mut self, number: u64) {
        match self.0.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => self.0.push((number, number)),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a number is in it.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        let place = self.0.partition_point(|(_, last)| *last < number);
        self.0.get(place).is_some_and(|(first, _)| *first <= number)
    }

    /// The first number that is in one of two sets and not in the other.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<u64> {
        let ends = |set: &Self| set.0.iter().flat_map(|(first, last)| [*first, last + 1]).collect::<Vec<_>>();
        let mut edges = [ends(self), ends(other)].concat();
        edges.sort_unstable();
        edges.into_iter().find(|number| self.contains(*number) != other.contains(*number))
    }

    /// The numbers, one by one.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        self.0.iter().flat_map(|(first, last)| *first..=*last)
    }

    /// Reads what [`fmt::Display`] writes: runs apart from each other, ascending.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for run in text.split_ascii_whitespace() {
            let (first, last) = run.split_once('-').unwrap_or((run, run));
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            let after = runs.last().is_none_or(|(_, before)| first > *before);
            if !after || last < first || last == u64::MAX || runs.len() >= MOST_RUNS {
                return None;
            }
            runs.push((first, last));
        }
        Some(Self(runs))
    }
}

impl fmt::Display for Numbers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (first, last)) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            if first == last { write!(out, "{space}{first}")? } else { write!(out, "{space}{first}-{last}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_runs_and_read_back() {
        let mut numbers = Numbers::default();
        [3, 7, 8, 9, 12].into_iter().for_each(|number| numbers.push(number));
        assert_eq!(numbers.to_string(), "3 7-9 12");
        assert_eq!(Numbers::parse("3 7-9 12"), Some(numbers.clone()));
        assert_eq!(numbers.count(), 5);
        assert!(numbers.contains(8) && !numbers.contains(10));
        assert_eq!(numbers.first_difference(&Numbers::parse("3 7-8 12").unwrap_or_default()), Some(9));
        for wrong in ["9-7", "3 2", "x", "1-", "3 3", "18446744073709551615"] {
            assert_eq!(Numbers::parse(wrong), None, "{wrong}");
        }
    }
}
