//! How many requests of one party are worked on at once, so that the others find the writer free.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::config::RateConfig;

/// The lines before the handlers, one per party.
pub struct Admission {
    lines: Mutex<HashMap<String, Arc<Line>>>,
    concurrent: usize,
    own: HashMap<String, usize>,
    waiting: usize,
    wait: Duration,
}

struct Line {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The party has as much under way as it may have, and as much waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowded;

impl Admission {
    /// Empty lines by configuration.
    #[must_use]
    pub fn new(config: &RateConfig) -> Self {
        let own = config.party.iter().filter_map(|(party, rate)| Some((party.clone(), rate.concurrent?.max(1))));
        Self {
            lines: Mutex::default(),
            concurrent: config.concurrent.max(1),
            own: own.collect(),
            waiting: config.waiting,
            wait: Duration::from_millis(config.wait_ms),
        }
    }

    /// A place among the party's requests that are worked on, free again when it is dropped.
    ///
    /// # Errors
    /// The line is full, or did not move in time.
    pub async fn place(&self, party: &str) -> Result<OwnedSemaphorePermit, Crowded> {
        let line = self.line(party);
        if let Ok(place) = Arc::clone(&line.free).try_acquire_owned() {
            return Ok(place);
        }
        let waiting = Waiting::step_in(&line, self.waiting)?;
        let place = timeout(self.wait, Arc::clone(&line.free).acquire_owned()).await;
        drop(waiting);
        place.map_err(|_| Crowded)?.map_err(|_| Crowded)
    }

    fn line(&self, party: &str) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(party) {
            return Arc::clone(line);
        }
        let places = self.own.get(party).copied().unwrap_or(self.concurrent).min(Semaphore::MAX_PERMITS);
        let line = Arc::new(Line { free: Arc::new(Semaphore::new(places)), waiting: AtomicUsize::new(0) });
        lines.insert(party.to_owned(), Arc::clone(&line));
        line
    }
}

/// Counts one that waits, also when its connection ends meanwhile.
struct Waiting<'a>(&'a Line);

impl<'a> Waiting<'a> {
    fn step_in(line: &'a Line, most: usize) -> Result<Self, Crowded> {
        let before = line.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Self(line);
        if before < most { Ok(waiting) } else { Err(Crowded) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_crowded_party_is_refused_and_another_is_not() {
        let config = RateConfig { concurrent: 1, waiting: 0, ..RateConfig::default() };
        let admission = Admission::new(&config);
        let held = admission.place("noisy").await.unwrap();
        assert_eq!(admission.place("noisy").await.err(), Some(Crowded));
        assert!(admission.place("quiet").await.is_ok());
        drop(held);
        assert!(admission.place("noisy").await.is_ok());
    }

    #[tokio::test]
    async fn who_waits_in_line_gets_the_next_place() {
        let config = RateConfig { concurrent: 1, waiting: 1, ..RateConfig::default() };
        let admission = Arc::new(Admission::new(&config));
        let held = admission.place("a").await.unwrap();
        let next = tokio::spawn({
            let admission = Arc::clone(&admission);
            async move { admission.place("a").await.is_ok() }
        });
        while admission.line("a").waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(admission.place("a").await.err(), Some(Crowded), "the line has room for one");
        drop(held);
        assert!(next.await.unwrap());
    }
}
