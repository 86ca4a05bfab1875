//! What a call counts that makes several requests: the first was admitted, each further one takes a permit of its own.

use std::sync::Arc;

use async_trait::async_trait;
use connectors_contract::permits::{Permits, under};

use super::{Call, Later};
use crate::clock::{Clock, Timestamp};
use crate::db::Db;
use crate::hub::Hub;
use crate::lookup::freshness;
use crate::quota::{self, Full, Scope, TakePermits, Wanted};

/// So long a request waits for its turn; the longest pause that still leaves the call its own time.
const PATIENCE: i64 = 10;

/// Makes a call of an engine, and counts every request in it against the rates over all calls. `admitted` says whether the
/// call itself was counted by [`super::admit`]; quotas for a message or a subject count calls, not requests.
pub async fn counted<T>(hub: &Hub, call: &Call<'_>, admitted: bool, made: impl Future<Output = T>) -> T {
    let mut rates = quota::rates(hub, call);
    rates.retain(|(key, _)| key.scope == Scope::Calls);
    if rates.is_empty() {
        return made.await;
    }
    let wanted = Wanted { rates, now: Timestamp::default() };
    let words = (0..wanted.rates.len()).map(|which| {
        let full = Full { which, at: Timestamp::default() };
        Later::quota(hub, call, &wanted, full)
    });
    let further = Further {
        words: words.collect(),
        db: hub.db.clone(),
        permits: Arc::clone(&hub.verbs.permits),
        clock: Arc::clone(&hub.clock),
        wanted,
    };
    under(Arc::new(further), admitted, made).await
}

struct Further {
    db: Db,
    permits: Arc<TakePermits>,
    clock: Arc<dyn Clock>,
    wanted: Wanted,
    /// What is said of each rate that is full.
    words: Vec<String>,
}

#[async_trait]
impl Permits for Further {
    async fn take(&self) -> Result<(), String> {
        let end = self.clock.now().plus_seconds(PATIENCE);
        loop {
            let now = self.clock.now();
            let wanted = Wanted { now, ..self.wanted.clone() };
            let taken = self.db.write(&self.permits, wanted).await;
            match taken.map_err(|_| "cota nu poate fi numărată acum; cererea nu a plecat".to_owned())? {
                Ok(()) => return Ok(()),
                Err(full) if full.at <= end => tokio::time::sleep(freshness::age(now, full.at)).await,
                Err(full) => {
                    return Err(format!("{}; se reia la {}", self.words[full.which], full.at.to_romanian_hour(now)));
                }
            }
        }
    }
}
