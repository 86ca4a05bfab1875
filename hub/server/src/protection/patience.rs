//! Who is refused and keeps on: its refusals are counted, told in sums, and held back a little.
//!
//! A refusal costs little, a thousand a second cost what their neighbours need. A party that was refused more often than its
//! budget within the budget's window (and not only a few times) waits for each further refusal, so that a connection asks
//! about once a second. So many waits of a party are held at once and no more: beyond them the connection is closed, and what
//! was not read of it is not read. It never holds back what is within a budget, and touches no database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::budgets::Charged;

/// Refusals in a window that are answered at once, whatever the budget.
const FORGIVEN: u32 = 20;
/// Longest a refusal is held back.
const HELD_BACK: Duration = Duration::from_secs(1);
/// Refusals of a party that are held back at once.
const MOST_HELD: usize = 64;

/// The refusals of all parties.
#[derive(Default)]
pub struct Patience {
    parties: Mutex<HashMap<String, Arc<Mutex<Refused>>>>,
}

/// What a party was refused in the window that runs.
#[derive(Default)]
struct Refused {
    begun: Option<Instant>,
    count: u32,
    held: usize,
}

/// How a refusal is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    AtOnce,
    Later(Duration),
    Closing,
}

impl Patience {
    /// Holds back the refusal of a party that keeps on; answers whether its connection is to be closed.
    pub async fn refuse(&self, party: &str, charged: &Charged) -> bool {
        let refused = self.of(party);
        let manner = lock(&refused).next(party, charged, Instant::now());
        match manner {
            Manner::AtOnce => false,
            Manner::Closing => true,
            Manner::Later(wait) => {
                let held = Hold(refused);
                sleep(wait).await;
                drop(held);
                false
            }
        }
    }

    fn of(&self, party: &str) -> Arc<Mutex<Refused>> {
        let mut parties = lock(&self.parties);
        if let Some(refused) = parties.get(party) {
            return Arc::clone(refused);
        }
        Arc::clone(parties.entry(party.to_owned()).or_default())
    }
}

impl Refused {
    fn next(&mut self, party: &str, charged: &Charged, now: Instant) -> Manner {
        let window = Duration::from_secs(charged.budget.seconds.get().into());
        let begun = *self.begun.get_or_insert(now);
        if now.duration_since(begun) >= window {
            if self.count > FORGIVEN {
                tracing::warn!(
                    party,
                    class = charged.class.as_str(),
                    refused = self.count,
                    seconds = now.duration_since(begun).as_secs(),
                    "a party asks for more than its budget"
                );
            }
            // Who kept on in the window before has no more forgiveness in this one.
            self.count = if self.over(charged) { threshold(charged) } else { 0 };
            self.begun = Some(now);
        }
        self.count = self.count.saturating_add(1);
        if !self.over(charged) {
            return Manner::AtOnce;
        }
        if self.held >= MOST_HELD {
            return Manner::Closing;
        }
        self.held += 1;
        Manner::Later(HELD_BACK)
    }

    fn over(&self, charged: &Charged) -> bool {
        self.count > threshold(charged)
    }
}

/// Refusals of a window after which the next ones are held back.
fn threshold(charged: &Charged) -> u32 {
    charged.budget.requests.get().max(FORGIVEN)
}

/// A refusal that is held back; counted out also when its connection ends meanwhile.
struct Hold(Arc<Mutex<Refused>>);

impl Drop for Hold {
    fn drop(&mut self) {
        let mut refused = lock(&self.0);
        refused.held = refused.held.saturating_sub(1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Budget;
    use crate::protection::class::Class;

    fn charged(seconds: u32) -> Charged {
        let budget = Budget { requests: 10.try_into().unwrap(), seconds: seconds.try_into().unwrap() };
        Charged { class: Class::Send, budget, left: 0, wait: Some(Duration::from_millis(100)) }
    }

    #[test]
    fn who_keeps_on_is_answered_later_and_then_cut_off_and_who_stops_is_forgiven() {
        let (mut refused, begun) = (Refused::default(), Instant::now());
        for number in 1..=FORGIVEN {
            assert_eq!(refused.next("zgomot", &charged(1), begun), Manner::AtOnce, "{number}");
        }
        for number in 1..=MOST_HELD {
            assert_eq!(refused.next("zgomot", &charged(1), begun), Manner::Later(HELD_BACK), "{number}");
        }
        assert_eq!(refused.next("zgomot", &charged(1), begun), Manner::Closing);
        refused.held = 0;
        let next = begun + Duration::from_secs(1);
        assert_eq!(refused.next("zgomot", &charged(1), next), Manner::Later(HELD_BACK), "it kept on all the window");
        refused.count = 3;
        let later = next + Duration::from_secs(5);
        assert_eq!(refused.next("zgomot", &charged(1), later), Manner::AtOnce, "a quiet window is forgiven");
    }

    #[tokio::test]
    async fn a_refusal_that_is_given_up_is_held_no_longer() {
        let patience = Arc::new(Patience::default());
        for _ in 0..FORGIVEN {
            assert!(!patience.refuse("zgomot", &charged(3_600)).await);
        }
        let held = tokio::spawn({
            let patience = Arc::clone(&patience);
            async move { patience.refuse("zgomot", &charged(3_600)).await }
        });
        while lock(&patience.of("zgomot")).held == 0 {
            tokio::task::yield_now().await;
        }
        held.abort();
        assert!(held.await.is_err());
        assert_eq!(lock(&patience.of("zgomot")).held, 0);
    }
}
