//! What was used of one rate. Pure: the present moment goes in.

use connectors_contract::manifest::{Rate, Window};

use crate::clock::Timestamp;

/// How many permits were taken in each slice of time, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used(Vec<(i64, u32)>);

/// Slices of a window. More of them lose less of the rate (a sixtieth) and make longer rows.
const SLICES: i64 = 60;

impl Used {
    /// Reads the text of [`Used::to_text`]; what cannot be read counts as nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let slice =
            |one: &str| one.split_once(':').and_then(|(at, count)| Some((at.parse().ok()?, count.parse().ok()?)));
        Self(text.split(' ').filter_map(slice).collect())
    }

    /// Slices as `start:count`, in microseconds.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.0.iter().map(|(at, count)| format!("{at}:{count}")).collect::<Vec<_>>().join(" ")
    }

    /// When this many permits more fit: none where they fit now.
    #[must_use]
    pub fn full_until(&self, rate: Rate, wanted: u32, now: Timestamp) -> Option<Timestamp> {
        let mut over = (self.counted(rate.per, now) + u64::from(wanted)).checked_sub(u64::from(rate.count))?;
        if over == 0 {
            return None;
        }
        let slices = self.0.iter().filter(|(start, _)| counts(rate.per, *start, now));
        for (start, count) in slices {
            over = over.saturating_sub(u64::from(*count));
            if over == 0 {
                return Some(free_at(rate.per, *start));
            }
        }
        // More is wanted at once than the rate ever lets through: it waits for an empty window.
        Some(free_at(rate.per, slice_of(rate.per, now)))
    }

    /// How many permits are left.
    #[must_use]
    pub fn left(&self, rate: Rate, now: Timestamp) -> u64 {
        u64::from(rate.count).saturating_sub(self.counted(rate.per, now))
    }

    /// Takes permits, and forgets what no longer counts.
    pub fn take(&mut self, per: Window, wanted: u32, now: Timestamp) {
        self.0.retain(|(start, _)| counts(per, *start, now));
        let slice = slice_of(per, now);
        match self.0.iter_mut().find(|(start, _)| *start == slice) {
            Some((_, count)) => *count = count.saturating_add(wanted),
            None => {
                self.0.push((slice, wanted));
                self.0.sort_unstable();
            }
        }
    }

    /// From when on nothing of it counts.
    #[must_use]
    pub fn over_at(&self, per: Window) -> Timestamp {
        self.0.last().map_or_else(Timestamp::default, |(start, _)| free_at(per, *start))
    }

    fn counted(&self, per: Window, now: Timestamp) -> u64 {
        let counting = self.0.iter().filter(|(start, _)| counts(per, *start, now));
        counting.map(|(_, count)| u64::from(*count)).sum()
    }
}

fn slice_length(per: Window) -> i64 {
    per.seconds() * 1_000_000 / SLICES
}

/// The start of the slice a moment lies in.
fn slice_of(per: Window, now: Timestamp) -> i64 {
    match per {
        Window::Day => now.romanian_day().0.0,
        Window::Second | Window::Minute | Window::Hour => now.0 - now.0.rem_euclid(slice_length(per)),
    }
}

/// When the slice that starts here no longer counts: a whole window after its last moment.
fn free_at(per: Window, start: i64) -> Timestamp {
    match per {
        Window::Day => Timestamp(start).romanian_day().1,
        Window::Second | Window::Minute | Window::Hour => {
            Timestamp(start + slice_length(per) + per.seconds() * 1_000_000)
        }
    }
}

fn counts(per: Window, start: i64, now: Timestamp) -> bool {
    free_at(per, start) > now
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOWS: [Window; 3] = [Window::Second, Window::Minute, Window::Hour];

    #[test]
    fn a_day_ends_at_midnight_in_romania_even_when_the_clocks_change() {
        let rate = Rate { count: 10, per: Window::Day };
        for (now, midnight) in [
            ("2026-03-02T09:00:00Z", "2026-03-02T22:00:00.000Z"),
            // 29 March 2026 has 23 hours there, 25 October has 25.
            ("2026-03-28T22:30:00Z", "2026-03-29T21:00:00.000Z"),
            ("2026-10-24T21:30:00Z", "2026-10-25T22:00:00.000Z"),
        ] {
            let now = Timestamp::parse_utc(now).expect("a moment");
            let mut used = Used::default();
            used.take(Window::Day, 10, now);
            let until = used.full_until(rate, 1, now).expect("it is full");
            assert_eq!(until.to_utc(), midnight);
            assert_eq!(used.full_until(rate, 1, until), None, "a new day begins at {midnight}");
        }
    }

    #[test]
    fn what_is_full_says_when_there_is_room() {
        let rate = Rate { count: 3, per: Window::Minute };
        let mut used = Used::default();
        used.take(rate.per, 1, Timestamp(0));
        used.take(rate.per, 2, Timestamp(0).plus_seconds(30));
        let now = Timestamp(0).plus_seconds(40);
        assert_eq!(used.left(rate, now), 0);
        assert_eq!(used.full_until(rate, 1, now), Some(Timestamp(0).plus_seconds(61)));
        assert_eq!(used.full_until(rate, 2, now), Some(Timestamp(0).plus_seconds(91)));
        assert_eq!(Used::parse(&used.to_text()), used);
    }

    proptest! {
        #[test]
        fn no_window_ever_has_more_than_its_rate(
            count in 1_u32..8, which in 0_usize..3, steps in proptest::collection::vec(0_i64..400, 1..200),
        ) {
            let per = WINDOWS[which];
            let (rate, mut used, mut now) = (Rate { count, per }, Used::default(), Timestamp(1_700_000_000_123_457));
            let mut taken = Vec::new();
            for step in steps {
                now = now.plus_micros(step * per.seconds() * 1_000_000 / 300);
                match used.full_until(rate, 1, now) {
                    None => {
                        used.take(per, 1, now);
                        taken.push(now.0);
                    }
                    Some(at) => {
                        prop_assert!(at > now);
                        prop_assert_eq!(used.full_until(rate, 1, at), None, "there is room when it says so");
                    }
                }
            }
            for (index, end) in taken.iter().enumerate() {
                let within = taken[..=index].iter().filter(|one| **one > end - per.seconds() * 1_000_000).count();
                prop_assert!(within <= count as usize, "{} within one window", within);
            }
        }
    }
}
