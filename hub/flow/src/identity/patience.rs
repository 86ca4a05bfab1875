//! Patience with wrong passwords: attempts are counted before they are looked at, so that many at once are counted too.
//!
//! Three counts: of a login from an address, of a login from everywhere, and of an address. The pause grows with each failure and
//! has an end: a stranger can slow a person down, never lock it out. Who signs in with a passkey or a provider does not wait
//! for what others did to the password.

use openssl::sha::sha256;
use serde_json::json;

use crate::audit::{self, AuditEvent, Kind};
use crate::clock::Timestamp;
use crate::db::{DbError, Tx, WriteVerb};
use crate::params;

/// After so long without a failure everything is forgotten, in seconds.
const FORGOTTEN_AFTER: i64 = 24 * 3600;

/// What is counted: failures that cost nothing, and the longest pause after more, in seconds.
#[derive(Debug, Clone, Copy)]
struct Bound {
    free: i64,
    longest: i64,
}

/// A login from one address.
const PAIR: Bound = Bound { free: 5, longest: 15 * 60 };
/// A login from everywhere: short, because it holds the person too.
const LOGIN: Bound = Bound { free: 20, longest: 30 };
/// An address, behind which a whole town hall may sit.
const ADDRESS: Bound = Bound { free: 50, longest: 15 * 60 };

impl Bound {
    /// The pause after so many failures, in seconds.
    const fn pause(self, failures: i64) -> i64 {
        let over = failures - self.free;
        if over <= 0 {
            return 0;
        }
        let pause = 1_i64 << (if over < 20 { over } else { 20 });
        if pause < self.longest { pause } else { self.longest }
    }
}

/// Somebody tries to prove itself.
#[derive(Debug, Clone)]
pub struct Attempt {
    names: [String; 3],
    at: Timestamp,
}

impl Attempt {
    /// An attempt at a login from an address. Neither is kept, only digests.
    #[must_use]
    pub fn of(login: &str, address: &str, at: Timestamp) -> Self {
        let name =
            |kind: &str, one: &str, other: &str| hex::encode(sha256(format!("{kind}\0{one}\0{other}").as_bytes()));
        Self { names: [name("pair", login, address), name("login", login, ""), name("address", "", address)], at }
    }

    /// The counts that a success takes back: those of its login. An address stays counted, else one good account would hide the
    /// guessing at all others.
    #[must_use]
    pub fn forgiven(&self) -> Vec<String> {
        self.names[..2].to_vec()
    }
}

/// Counts an attempt, or answers when one will be looked at again.
pub struct TakeAttempt;

impl WriteVerb for TakeAttempt {
    type Item = Attempt;
    /// `Some`: not before then; nothing was counted.
    type Output = Option<Timestamp>;
    const ORDER: u16 = 60;

    async fn run(&self, tx: &mut Tx<'_>, items: &[Attempt]) -> Result<Vec<Option<Timestamp>>, DbError> {
        let mut answers = Vec::with_capacity(items.len());
        // One after the other: the second attempt of a set must see the first.
        for attempt in items {
            answers.push(take(tx, attempt).await?);
        }
        Ok(answers)
    }
}

async fn take(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<Option<Timestamp>, DbError> {
    let mut counts = [0; 3];
    let mut wait = None;
    for (name, count) in attempt.names.iter().zip(&mut counts) {
        // The row is made and held first, so that two nodes count one after the other.
        let sql = "insert into sign_in_failure (name, count, last_at, not_before) values ($1, 0, $2, 0)
                   on conflict (name) do update set name = excluded.name returning count, last_at, not_before";
        let mut rows = tx.query(sql, params![name, attempt.at.0]).await?;
        let Some(row) = rows.first_mut() else { continue };
        let (failures, last, until): (i64, i64, i64) =
            (row.take("count")?, row.take("last_at")?, row.take("not_before")?);
        *count = if Timestamp(last).plus_seconds(FORGOTTEN_AFTER) < attempt.at { 0 } else { failures };
        if until > attempt.at.0 {
            wait = wait.max(Some(Timestamp(until)));
        }
    }
    if wait.is_some() {
        return Ok(wait);
    }
    let row = |((name, count), bound): ((&String, i64), Bound)| {
        params![name, count + 1, attempt.at.0, attempt.at.plus_seconds(bound.pause(count + 1)).0]
    };
    let rows = attempt.names.iter().zip(counts).zip([PAIR, LOGIN, ADDRESS]).map(row).collect();
    let sql = "update sign_in_failure set count = $2, last_at = $3, not_before = $4 where name = $1";
    tx.execute_each(sql, rows).await?;
    let counted = ["login-and-address", "login", "address"].into_iter().zip(counts).zip([PAIR, LOGIN, ADDRESS]);
    let paused = counted.filter(|((_, count), bound)| bound.pause(count + 1) > 0).map(|((what, count), bound)| {
        let details = json!({"counted": what, "attempts": count + 1, "seconds": bound.pause(count + 1)});
        AuditEvent::of_hub(Kind::SignInPaused, attempt.at, "sign-in").with(details)
    });
    audit::append(tx, &paused.collect::<Vec<_>>()).await?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_and_has_an_end() {
        let pauses: Vec<i64> = (1..=16).map(|failures| PAIR.pause(failures)).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(LOGIN.pause(1_000_000), 30);
        assert_eq!(ADDRESS.pause(50), 0);
    }

    #[test]
    fn a_success_does_not_forgive_the_address() {
        let attempt = Attempt::of("ana", "192.0.2.1", Timestamp(0));
        assert_eq!(attempt.forgiven().len(), 2);
        assert!(!attempt.forgiven().contains(&attempt.names[2]));
        assert_ne!(Attempt::of("a", "b", Timestamp(0)).names[0], Attempt::of("b", "a", Timestamp(0)).names[0]);
    }
}
