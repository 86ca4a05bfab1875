//! Counting what quotas limit, per day or per minute; what is past is forgotten.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Counted {
    Calls,
    Rasp,
    Status,
    List,
    PagedList,
    Download,
    TransportStatus,
}

/// The most keys counted at once; beyond, nothing more is counted.
const MOST_KEYS: usize = 200_000;

#[derive(Default)]
pub(super) struct Meter(Mutex<HashMap<(Counted, String), (String, u32)>>);

impl Meter {
    /// Counts one, and says whether it was still within the limit of that period.
    pub(super) fn allows(&self, counted: Counted, key: &str, period: &str, limit: u32) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST_KEYS {
            counts.retain(|_, (of, _)| of == period);
        }
        let entry = counts.entry((counted, key.to_owned())).or_default();
        if entry.0 != period {
            *entry = (period.to_owned(), 0);
        }
        entry.1 = entry.1.saturating_add(1);
        entry.1 <= limit
    }

    /// Forgets every count.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
