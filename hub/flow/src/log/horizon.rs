//! Up to where nothing can turn up any more: the decision behind the keeper's bounded look.
//!
//! Evidence takes its sequence when it is written and shows when its transaction commits, so on PostgreSQL a lower
//! sequence may show after a higher one. A fixed watermark would skip it. Here the watermark follows a *mark*: the newest
//! sequence seen, with every transaction that was writing evidence when the mark was set. Whoever took a sequence below
//! the mark was writing then; once all of them have ended, a look that begins later sees everything up to the mark.

use std::collections::BTreeSet;

/// Up to where the log is known to be whole.
#[derive(Debug, Default)]
pub(super) struct Horizon {
    watermark: i64,
    mark: Option<Mark>,
}

#[derive(Debug)]
struct Mark {
    upto: i64,
    /// Those that wrote when the mark was set and have not been seen to end.
    writing: BTreeSet<String>,
}

impl Horizon {
    pub(super) fn at(watermark: i64) -> Self {
        Self { watermark, mark: None }
    }

    /// Every evidence up to here that was ever committed is in the log.
    pub(super) fn watermark(&self) -> i64 {
        self.watermark
    }

    /// Whether there is nothing to look for when this is the newest committed evidence.
    pub(super) fn is_reached(&self, newest: i64) -> bool {
        self.mark.is_none() && newest <= self.watermark
    }

    /// Told before each look: the newest committed sequence, read first, and then who is writing.
    pub(super) fn observe(&mut self, newest: i64, writing: BTreeSet<String>) {
        match &mut self.mark {
            None => self.mark = Some(Mark { upto: newest, writing }),
            Some(mark) => mark.writing.retain(|writer| writing.contains(writer)),
        }
    }

    /// Told after a look that began after the last [`Horizon::observe`]: all it found up to `cursor` is in the log.
    pub(super) fn logged(&mut self, cursor: i64) {
        let Some(mark) = self.mark.as_ref().filter(|mark| mark.writing.is_empty()) else { return };
        self.watermark = self.watermark.max(mark.upto.min(cursor));
        if cursor >= mark.upto {
            self.mark = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A database as the keeper sees it.
    #[derive(Default)]
    struct World {
        sequence: i64,
        writing: Vec<(String, Vec<i64>)>,
        committed: BTreeSet<i64>,
        started: usize,
    }

    impl World {
        fn act(&mut self, action: u8, pick: usize) {
            let which = if self.writing.is_empty() { 0 } else { pick % self.writing.len() };
            match action % 4 {
                0 => {
                    self.started += 1;
                    self.writing.push((format!("3/{}", self.started), Vec::new()));
                }
                1 if !self.writing.is_empty() => {
                    self.sequence += 1;
                    self.writing[which].1.push(self.sequence);
                }
                2 if !self.writing.is_empty() => self.committed.extend(self.writing.remove(which).1),
                3 if !self.writing.is_empty() => drop(self.writing.remove(which)),
                _ => {}
            }
        }

        fn writers(&self) -> BTreeSet<String> {
            self.writing.iter().map(|(name, _)| name.clone()).collect()
        }
    }

    /// One pass, with something happening between any two of its steps.
    fn pass(
        horizon: &mut Horizon,
        world: &mut World,
        log: &mut Vec<i64>,
        limit: usize,
        mut between: impl FnMut(&mut World),
    ) {
        let newest = world.committed.last().copied().unwrap_or(0);
        between(world);
        if horizon.is_reached(newest) {
            return;
        }
        horizon.observe(newest, world.writers());
        between(world);
        let above = world.committed.range(horizon.watermark() + 1..);
        let found: Vec<i64> = above.copied().filter(|one| !log.contains(one)).take(limit).collect();
        between(world);
        log.extend(&found);
        horizon.logged(if found.len() < limit { i64::MAX } else { found[limit - 1] });
        between(world);
    }

    proptest! {
        #[test]
        fn whatever_commits_when_everything_is_logged_once(
            steps in proptest::collection::vec((any::<u8>(), any::<usize>()), 0..400),
            limit in 1_usize..6,
        ) {
            let (mut world, mut horizon, mut log) = (World::default(), Horizon::default(), Vec::new());
            let mut steps = steps.into_iter();
            while steps.len() > 0 {
                pass(&mut horizon, &mut world, &mut log, limit, |world| {
                    for (action, pick) in steps.by_ref().take(2) {
                        world.act(action, pick);
                    }
                });
            }
            while !world.writing.is_empty() {
                world.act(2, 0);
            }
            for _ in 0..400 {
                pass(&mut horizon, &mut world, &mut log, limit, |_| ());
            }
            let once: BTreeSet<i64> = log.iter().copied().collect();
            prop_assert_eq!(once.len(), log.len(), "one is logged twice");
            prop_assert_eq!(&once, &world.committed);
            prop_assert_eq!(horizon.watermark(), world.committed.last().copied().unwrap_or(0));
        }
    }

    #[test]
    fn a_late_commit_below_the_newest_holds_the_watermark() {
        let mut horizon = Horizon::default();
        horizon.observe(10, BTreeSet::from(["4/1".to_owned()]));
        horizon.logged(i64::MAX);
        assert_eq!(horizon.watermark(), 0, "somebody may still commit below 10");
        horizon.observe(12, BTreeSet::from(["4/2".to_owned()]));
        horizon.logged(i64::MAX);
        assert_eq!(horizon.watermark(), 10, "those who began later write above 10");
    }
}
