//! The same question asked at once is put to the register once.
//!
//! Within one process; two nodes may both ask. Nothing is kept: an answer that landed is for those who were waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

/// Questions that are being asked, by digest.
#[derive(Debug)]
pub struct Flights<T>(Mutex<HashMap<[u8; 32], Arc<OnceCell<T>>>>);

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Flights<T> {
    /// Asks, or waits for whoever asks the same already. Where that one is dropped, another one of those who wait asks.
    pub async fn share(&self, question: [u8; 32], ask: impl Future<Output = T>) -> T {
        let flight = Arc::clone(self.0.lock().expect("no holder panics").entry(question).or_default());
        let landed = flight.get_or_init(|| ask).await.clone();
        let mut under_way = self.0.lock().expect("no holder panics");
        if under_way.get(&question).is_some_and(|held| Arc::ptr_eq(held, &flight)) {
            under_way.remove(&question);
        }
        landed
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn fifty_who_ask_the_same_at_once_ask_once_and_the_next_asks_again() {
        let (flights, asked) = (Flights::default(), AtomicUsize::new(0));
        let ask = || async {
            tokio::task::yield_now().await;
            asked.fetch_add(1, Ordering::SeqCst) + 1
        };
        let told = join_all((0..50).map(|_| flights.share([7; 32], ask()))).await;
        assert_eq!(told, vec![1; 50]);
        assert_eq!(flights.share([7; 32], ask()).await, 2);
        assert!(flights.0.lock().unwrap().is_empty(), "nothing is kept");
    }
}
