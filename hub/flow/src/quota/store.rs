//! The SQL of quotas.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use connectors_contract::manifest::{Rate, Window};

use crate::clock::Timestamp;
use crate::db::{Db, DbError, Tx, Value, WriteVerb};
use crate::params;

use super::{Full, Key, Scope, Used, Wanted};

/// Counters that no longer count are taken away about so often, in microseconds.
const SWEEP: i64 = 60_000_000;

/// Takes permits, all that a call needs or none.
#[derive(Default)]
pub struct TakePermits {
    swept_at: AtomicI64,
}

impl WriteVerb for TakePermits {
    type Item = Wanted;
    type Output = Result<(), Full>;
    const ORDER: u16 = 85;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Wanted]) -> Result<Vec<Self::Output>, DbError> {
        let mut counters = read(tx, items).await?;
        let outputs = items.iter().map(|wanted| take(&mut counters, wanted)).collect();
        write(tx, &counters).await?;
        let now = items.iter().map(|wanted| wanted.now.0).max().unwrap_or_default();
        if now - self.swept_at.load(Ordering::Relaxed) > SWEEP {
            self.swept_at.store(now, Ordering::Relaxed);
            // Another node may be at a counter just now: it is left for the next time, not waited for.
            let sql = if tx.is_postgres() { SWEEP_AMONG_NODES } else { SWEEP_ALONE };
            tx.execute_each(sql, vec![params![now]]).await?;
        }
        Ok(outputs)
    }
}

const SWEEP_ALONE: &str = "delete from quota_use where over_at < $1";
const SWEEP_AMONG_NODES: &str = "delete from quota_use where ctid in
    (select ctid from quota_use where over_at < $1 for update skip locked)";

/// Counters by what they belong to: what was used, and whether that changed.
type Counters<'a> = BTreeMap<(&'a Key, Window), (Used, bool)>;

fn take<'a>(counters: &mut Counters<'a>, wanted: &'a Wanted) -> Result<(), Full> {
    let mut held: Option<Full> = None;
    for (which, (key, rate)) in wanted.rates.iter().enumerate() {
        let (used, _) = &counters[&(key, rate.per)];
        if let Some(at) = used.full_until(*rate, 1, wanted.now) {
            // The one that holds longest is told: before it, coming again is in vain.
            held = held.filter(|full| full.at >= at).or(Some(Full { which, at }));
        }
    }
    if let Some(full) = held {
        return Err(full);
    }
    let mut counted: Vec<(&Key, Window)> = Vec::new();
    for (key, rate) in &wanted.rates {
        // Two rates over one window share a counter.
        if !counted.contains(&(key, rate.per)) {
            counted.push((key, rate.per));
            let (used, changed) = counters.get_mut(&(key, rate.per)).expect("every wanted counter was read");
            used.take(rate.per, 1, wanted.now);
            *changed = true;
        }
    }
    Ok(())
}

/// Reads the counters of all items and keeps them for this transaction, always in the same order, so that nodes wait for
/// each other and never in a circle.
async fn read<'a>(tx: &mut Tx<'_>, items: &'a [Wanted]) -> Result<Counters<'a>, DbError> {
    let mut counters = Counters::new();
    for (key, rate) in items.iter().flat_map(|wanted| &wanted.rates) {
        counters.entry((key, rate.per)).or_default();
    }
    let sql = "insert into quota_use (system, address, operation, scope, about, per, used, over_at)
               values ($1, $2, $3, $4, $5, $6, '', 0)
               on conflict (system, address, operation, scope, about, per) do update set over_at = quota_use.over_at
               returning used";
    let sets = counters.keys().map(|(key, per)| place(key, *per)).collect();
    let answers = tx.query_each(sql, sets).await?;
    for ((used, _), rows) in counters.values_mut().zip(answers) {
        if let Some(mut row) = rows.into_iter().next() {
            *used = Used::parse(&row.take::<String>("used")?);
        }
    }
    Ok(counters)
}

async fn write(tx: &mut Tx<'_>, counters: &Counters<'_>) -> Result<(), DbError> {
    let sql = "update quota_use set used = $7, over_at = $8
               where system = $1 and address = $2 and operation = $3 and scope = $4 and about = $5 and per = $6";
    let changed = counters.iter().filter(|(_, (_, changed))| *changed);
    let set = |((key, per), (used, _)): (&(&Key, Window), &(Used, bool))| {
        let mut set = place(key, *per);
        set.extend(params![used.to_text(), used.over_at(*per).0]);
        set
    };
    let sets: Vec<Vec<Value>> = changed.map(set).collect();
    if !sets.is_empty() {
        tx.execute_each(sql, sets).await?;
    }
    Ok(())
}

fn place(key: &Key, per: Window) -> Vec<Value> {
    params![&key.place.system, &key.place.address, &key.operation, key.scope.as_str(), &key.about, word(per)]
}

const fn word(per: Window) -> &'static str {
    match per {
        Window::Second => "s",
        Window::Minute => "min",
        Window::Hour => "h",
        Window::Day => "day",
    }
}

/// How far a rate over all calls is used.
#[derive(Debug, Clone)]
pub struct Use {
    /// The system.
    pub system: String,
    /// Its address, where channels bring their own.
    pub address: String,
    /// The lookup operation; empty for the whole system.
    pub operation: String,
    per: String,
    used: Used,
}

impl Use {
    /// How much of a rate is left, where this counter is the rate's.
    #[must_use]
    pub fn left(&self, rate: Rate, now: Timestamp) -> Option<u64> {
        (self.per == word(rate.per)).then(|| self.used.left(rate, now))
    }
}

/// The counters over all calls.
///
/// # Errors
/// The database does not answer.
pub async fn in_use(db: &Db) -> Result<Vec<Use>, DbError> {
    let sql = "select system, address, operation, per, used from quota_use where scope = $1
               order by system, address, operation, per";
    let rows = db.query(sql, params![Scope::Calls.as_str()]).await?;
    let read = |mut row: crate::db::Row| {
        Ok(Use {
            system: row.take("system")?,
            address: row.take("address")?,
            operation: row.take("operation")?,
            per: row.take("per")?,
            used: Used::parse(&row.take::<String>("used")?),
        })
    };
    rows.into_iter().map(read).collect()
}
